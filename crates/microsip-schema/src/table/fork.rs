//! Keys that only forks of MicroSIP read, and keys seen in files that nothing seen reads.

use super::row::{list, number, secret, switch, text};
use crate::key::Key;
use crate::kind::Switch;
use crate::section::Section;

/// The most that MicroSIP holds.
const MAX: i64 = i32::MAX as i64;

pub(super) const KEYS: &[Key] = &[
    switch(Section::Settings, "EM", Switch::NonZero)
        .default_is("1")
        .of_fork("litkinger 3.20.5")
        .about("State of an extra button."),
    switch(Section::Account, "AVPF", Switch::NonZero)
        .default_is("0")
        .of_fork("litkinger 3.20.5")
        .about("Uses the media profile with feedback."),
    text(Section::Account, "autoTransferExtension")
        .of_fork("pgvee 3.14.0")
        .about("Number that calls are transferred to by themselves."),
    switch(Section::Account, "enableAutoTransfer", Switch::NonZero)
        .default_is("0")
        .of_fork("pgvee 3.14.0")
        .about("Transfers calls by themselves."),
    switch(Section::Settings, "ziberNodeAuto", Switch::NonZero)
        .default_is("1")
        .of_fork("ZiberLTD 3.15.6")
        .about("Chooses a node by itself."),
    text(Section::Settings, "ziberNodeIP").of_fork("ZiberLTD 3.15.6").about("Address of the node."),
    text(Section::Settings, "ziberEthereumPublicKey")
        .of_fork("ZiberLTD 3.15.6")
        .about("Public key for the node."),
    text(Section::Settings, "clientApiHost")
        .default_is("http://127.0.0.1:3000")
        .of_fork("eXqusic92 3.22.3")
        .about("Address of a companion service."),
    text(Section::Settings, "language")
        .of_fork("XANDER-CAGE 3.22.3")
        .about("Language of the windows, as a code of at most 15 letters."),
    switch(Section::Settings, "policySeeded", Switch::NonZero)
        .default_is("0")
        .of_fork("alexlael 3.22.3")
        .about("Marks that fixed values were written at the first start."),
    text(Section::Settings, "defaultserver")
        .of_fork("Loxysoft LSPhone 3.19")
        .about("Server that new accounts begin with."),
    text(Section::Settings, "defaultproxy")
        .of_fork("Loxysoft LSPhone 3.19")
        .about("Proxy that new accounts begin with."),
    text(Section::Settings, "defaultdomain")
        .of_fork("Loxysoft LSPhone 3.19")
        .about("Domain that new accounts begin with."),
    number(Section::Account, "port", 0, 65535)
        .of_fork("Loxysoft LSPhone, nirzaf SmartPABX, MrsZ Microtalk-NG")
        .about("Local port of the account."),
    text(Section::Account, "apiLogin")
        .of_fork("nirzaf SmartPABX 3.19.10")
        .about("Login at a web service."),
    secret(Section::Account, "apiPassword")
        .of_fork("nirzaf SmartPABX 3.19.10")
        .about("Password at a web service."),
    number(Section::Account, "Country", 0, MAX)
        .default_is("0")
        .of_fork("MrsZ Microtalk-NG 2016")
        .about("Prefix of the country."),
    text(Section::Account, "profile")
        .of_fork("MrsZ Microtalk-NG 2016")
        .about("Name of a provider's set of values."),
    text(Section::Settings, "telnumjoy1")
        .of_fork("Blup1980 3.20.1")
        .about("Number that button 1 of a joystick dials."),
    text(Section::Settings, "telnumjoy2")
        .of_fork("Blup1980 3.20.1")
        .about("Number that button 2 of a joystick dials."),
    text(Section::Settings, "telnumjoy3")
        .of_fork("Blup1980 3.20.1")
        .about("Number that button 3 of a joystick dials."),
    text(Section::Settings, "telnumjoy4")
        .of_fork("Blup1980 3.20.1")
        .about("Number that button 4 of a joystick dials."),
    text(Section::Settings, "callAudioMode")
        .of_fork("AvrumFeldman 3.22.16")
        .about("What the sound of other programs does during a call."),
    list(Section::Settings, "callAudioApps")
        .of_fork("AvrumFeldman 3.22.16")
        .about("Programs that callAudioMode is about."),
    text(Section::Settings, "allowedPC")
        .about("Stands in one provider's template; no source seen reads it."),
    text(Section::Settings, "desktopLink")
        .about("Stands in one provider's template; no source seen reads it."),
    text(Section::Settings, "saveUserContacts")
        .about("Stands in one provider's template; no source seen reads it."),
    number(Section::Account, "ListenPort", 0, 65535)
        .about("Stands in hand-made templates; no source seen reads it in an account."),
];
