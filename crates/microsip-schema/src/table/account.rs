//! `[AccountN]`: one SIP account each, `[Account0]` the local one.

use super::row::{any, choice, from, list, number, secret, switch, text};
use crate::key::Key;
use crate::kind::Switch;
use crate::section::Section;
use crate::version::Version;

const V3_22_0: Version = Version::new(3, 22, 0);
const V3_22_3: Version = Version::new(3, 22, 3);
const V3_22_5: Version = Version::new(3, 22, 5);

const IN: Section = Section::Account;
/// The least and the most number that MicroSIP holds.
const MIN: i64 = i32::MIN as i64;
const MAX: i64 = i32::MAX as i64;

pub(super) const KEYS: &[Key] = &[
    text(IN, "label").from(3, 14, 5)
        .about("Name of the account in menus and in the title."),
    text(IN, "server").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("SIP server to register with; empty stands for the domain."),
    list(IN, "proxy").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)]).sensitive()
        .about("Outbound SIP proxy; newer versions take several with spaces between."),
    text(IN, "domain").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("SIP domain. An account without one does not exist, and no account behind it is seen."),
    text(IN, "username").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("SIP user name. Empty opens the account dialog at the start, and the next save clears the password."),
    secret(IN, "password").from(3, 12, 1).limits(&[(Version::new(3, 18, 5), 1040)])
        .about("Password, plain or as MicroSIP encrypted it. A plain one is encrypted in place when the account is loaded; both can be read by anyone."),
    number(IN, "passwordSize", 0, MAX).from(3, 12, 1).up_to(3, 21, 3)
        .about("Length of the oldest form of an encrypted password."),
    text(IN, "authID").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("Login, where it is not the user name."),
    text(IN, "displayName").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("Name that others see."),
    text(IN, "dialingPrefix").from(3, 19, 18)
        .about("Put in front of dialled phone numbers of more than three digits."),
    text(IN, "dialPlan").from(3, 19, 27).sensitive()
        .about("Rules that rewrite dialled numbers, with bars between. A number that no rule fits is not dialled at all."),
    choice(IN, "hideCID", &[any(""), any("0"), any("1"), from("soft", V3_22_5), from("hard", V3_22_5)]).default_is("0").from(3, 19, 27)
        .about("Hides the own number: 0 or 1, and from 3.22.5 on also soft or hard."),
    text(IN, "voicemailNumber").from(3, 18, 5)
        .about("Number of the voice mail; setting it also asks the server for waiting messages."),
    choice(IN, "SRTP", &[any(""), any("optional"), any("mandatory"), from("dtls-sdes", V3_22_0), from("dtls", V3_22_3)]).from(3, 12, 1)
        .about("Media encryption: off (empty), optional or mandatory, from 3.22.0 on also dtls-sdes, and from 3.22.3 on dtls."),
    choice(IN, "transport", &[any(""), any("udp"), any("tcp"), any("tls")]).default_is("udp").earlier_defaults(&[(Version::new(3, 19, 27), "")]).from(3, 12, 1)
        .about("SIP transport: udp, tcp or tls; present and empty takes UDP and TCP."),
    text(IN, "publicAddr").from(3, 12, 1)
        .about("Address told to others; empty finds it out."),
    number(IN, "registerRefresh", MIN, MAX).default_is("300").from(3, 19, 27)
        .about("Seconds between registrations; 0 or less stands for 300, and the least is 10."),
    number(IN, "keepAlive", MIN, MAX).default_is("15").from(3, 19, 27)
        .about("Seconds between packets that keep the NAT open; 0 or less stands for 15. From 3.22.3 on, 1 is read as 2."),
    switch(IN, "publish", Switch::ExactlyOne).default_is("0").from(3, 12, 1)
        .about("Publishes the own presence."),
    switch(IN, "ICE", Switch::ExactlyOne).default_is("0").from(3, 12, 1)
        .about("Uses ICE."),
    switch(IN, "allowRewrite", Switch::ExactlyOne).default_is("0").from(3, 12, 1)
        .about("Lets the program put the address that the server sees into its headers."),
    switch(IN, "disableSessionTimer", Switch::ExactlyOne).default_is("0").from(3, 18, 5)
        .about("Switches SIP session timers off."),
    list(IN, "STUN").from(3, 12, 1).up_to(3, 14, 5)
        .about("STUN server of the account, before there was one for all."),
];
