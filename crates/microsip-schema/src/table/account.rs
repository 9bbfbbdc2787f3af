//! `[AccountN]`: one SIP account each. `[Account0]` is the local account.

use super::row::{any, choice, from, list, number, secret, switch, text};
use crate::key::Key;
use crate::kind::Switch;
use crate::section::Section;
use crate::version::Version;

const V3_22_0: Version = Version::new(3, 22, 0);
const V3_22_3: Version = Version::new(3, 22, 3);
const V3_22_5: Version = Version::new(3, 22, 5);

const IN: Section = Section::Account;
/// The minimum and maximum integer that MicroSIP stores.
const MIN: i64 = i32::MIN as i64;
const MAX: i64 = i32::MAX as i64;

pub(super) const KEYS: &[Key] = &[
    text(IN, "label").from(3, 14, 5)
        .about("Account name in menus and in the title bar."),
    text(IN, "server").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("SIP server to register with. If empty, MicroSIP uses the domain."),
    list(IN, "proxy").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)]).sensitive()
        .about("Outbound SIP proxy. Newer versions accept several, separated by spaces."),
    text(IN, "domain").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("SIP domain. Without it, MicroSIP ignores this account and all accounts after it."),
    text(IN, "username").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("SIP user name. If empty, MicroSIP opens the account dialog at startup, and the next save clears the password."),
    secret(IN, "password").from(3, 12, 1).limits(&[(Version::new(3, 18, 5), 1040)])
        .about("Password, in plain text or encrypted by MicroSIP. MicroSIP encrypts a plain-text password in place when it loads the account. Anyone can decrypt the encrypted form."),
    number(IN, "passwordSize", 0, MAX).from(3, 12, 1).up_to(3, 21, 3)
        .about("Length of a password in the oldest encrypted form."),
    text(IN, "authID").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("Login (authentication ID), if it differs from the user name."),
    text(IN, "displayName").from(3, 12, 1).limits(&[(Version::new(3, 21, 4), 1040)])
        .about("Name that other parties see."),
    text(IN, "dialingPrefix").from(3, 19, 18)
        .about("Prefix that MicroSIP adds to dialed phone numbers of more than three digits."),
    text(IN, "dialPlan").from(3, 19, 27).sensitive()
        .about("Rules that rewrite dialed numbers, separated by vertical bars. MicroSIP doesn't dial a number that matches no rule."),
    choice(IN, "hideCID", &[any(""), any("0"), any("1"), from("soft", V3_22_5), from("hard", V3_22_5)]).default_is("0").from(3, 19, 27)
        .about("Whether MicroSIP hides your own number: 0 or 1, and since 3.22.5 also `soft` or `hard`."),
    text(IN, "voicemailNumber").from(3, 18, 5)
        .about("Voicemail number. If set, MicroSIP also asks the server for waiting messages."),
    choice(IN, "SRTP", &[any(""), any("optional"), any("mandatory"), from("dtls-sdes", V3_22_0), from("dtls", V3_22_3)]).from(3, 12, 1)
        .about("Media encryption: off (empty), `optional`, or `mandatory`, since 3.22.0 also `dtls-sdes`, and since 3.22.3 also `dtls`."),
    choice(IN, "transport", &[any(""), any("udp"), any("tcp"), any("tls")]).default_is("udp").earlier_defaults(&[(Version::new(3, 19, 27), "")]).from(3, 12, 1)
        .about("SIP transport: `udp`, `tcp`, or `tls`. If the key is set but empty, MicroSIP uses UDP and TCP."),
    text(IN, "publicAddr").from(3, 12, 1)
        .about("Public address to announce. If empty, MicroSIP detects it."),
    number(IN, "registerRefresh", MIN, MAX).default_is("300").from(3, 19, 27)
        .about("Seconds between registrations. 0 or less means 300, and the minimum is 10."),
    number(IN, "keepAlive", MIN, MAX).default_is("15").from(3, 19, 27)
        .about("Seconds between packets that keep the NAT mapping open. 0 or less means 15. Since 3.22.3, MicroSIP reads 1 as 2."),
    switch(IN, "publish", Switch::ExactlyOne).default_is("0").from(3, 12, 1)
        .about("Whether MicroSIP publishes your presence."),
    switch(IN, "ICE", Switch::ExactlyOne).default_is("0").from(3, 12, 1)
        .about("Whether MicroSIP uses ICE."),
    switch(IN, "allowRewrite", Switch::ExactlyOne).default_is("0").from(3, 12, 1)
        .about("Whether MicroSIP can replace the address in its headers with the one that the server sees."),
    switch(IN, "disableSessionTimer", Switch::ExactlyOne).default_is("0").from(3, 18, 5)
        .about("Whether SIP session timers are off."),
    list(IN, "STUN").from(3, 12, 1).up_to(3, 14, 5)
        .about("STUN server of the account. Later versions use one `STUN` list in `[Settings]` for all accounts."),
];
