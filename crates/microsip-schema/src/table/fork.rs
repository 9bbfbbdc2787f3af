//! Keys that only forks of MicroSIP read, and keys found in files that no known source reads.

use super::row::{list, number, secret, switch, text};
use crate::key::Key;
use crate::kind::Switch;
use crate::section::Section;

/// The maximum integer that MicroSIP stores.
const MAX: i64 = i32::MAX as i64;

pub(super) const KEYS: &[Key] = &[
    switch(Section::Settings, "EM", Switch::NonZero)
        .default_is("1")
        .of_fork("litkinger 3.20.5")
        .about("State of an extra button."),
    switch(Section::Account, "AVPF", Switch::NonZero)
        .default_is("0")
        .of_fork("litkinger 3.20.5")
        .about("Whether the account uses the media profile with feedback (AVPF)."),
    text(Section::Account, "autoTransferExtension")
        .of_fork("pgvee 3.14.0")
        .about("Number to transfer calls to automatically."),
    switch(Section::Account, "enableAutoTransfer", Switch::NonZero)
        .default_is("0")
        .of_fork("pgvee 3.14.0")
        .about("Whether calls are transferred automatically."),
    switch(Section::Settings, "ziberNodeAuto", Switch::NonZero)
        .default_is("1")
        .of_fork("ZiberLTD 3.15.6")
        .about("Whether the program chooses a node automatically."),
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
        .about("Language of the user interface, as a code of at most 15 characters."),
    switch(Section::Settings, "policySeeded", Switch::NonZero)
        .default_is("0")
        .of_fork("alexlael 3.22.3")
        .about("Whether fixed values were written at the first start."),
    text(Section::Settings, "defaultserver")
        .of_fork("Loxysoft LSPhone 3.19")
        .about("Default server for new accounts."),
    text(Section::Settings, "defaultproxy")
        .of_fork("Loxysoft LSPhone 3.19")
        .about("Default proxy for new accounts."),
    text(Section::Settings, "defaultdomain")
        .of_fork("Loxysoft LSPhone 3.19")
        .about("Default domain for new accounts."),
    number(Section::Account, "port", 0, 65535)
        .of_fork("Loxysoft LSPhone, nirzaf SmartPABX, MrsZ Microtalk-NG")
        .about("Local port of the account."),
    text(Section::Account, "apiLogin")
        .of_fork("nirzaf SmartPABX 3.19.10")
        .about("Login for a web service."),
    secret(Section::Account, "apiPassword")
        .of_fork("nirzaf SmartPABX 3.19.10")
        .about("Password for a web service."),
    number(Section::Account, "Country", 0, MAX)
        .default_is("0")
        .of_fork("MrsZ Microtalk-NG 2016")
        .about("Country prefix."),
    text(Section::Account, "profile")
        .of_fork("MrsZ Microtalk-NG 2016")
        .about("Name of a provider's set of values."),
    text(Section::Settings, "telnumjoy1")
        .of_fork("Blup1980 3.20.1")
        .about("Number that joystick button 1 dials."),
    text(Section::Settings, "telnumjoy2")
        .of_fork("Blup1980 3.20.1")
        .about("Number that joystick button 2 dials."),
    text(Section::Settings, "telnumjoy3")
        .of_fork("Blup1980 3.20.1")
        .about("Number that joystick button 3 dials."),
    text(Section::Settings, "telnumjoy4")
        .of_fork("Blup1980 3.20.1")
        .about("Number that joystick button 4 dials."),
    text(Section::Settings, "callAudioMode")
        .of_fork("AvrumFeldman 3.22.16")
        .about("How the program handles the audio of other programs during a call."),
    list(Section::Settings, "callAudioApps")
        .of_fork("AvrumFeldman 3.22.16")
        .about("Programs that `callAudioMode` applies to."),
    text(Section::Settings, "allowedPC")
        .about("Found in one provider's template. No known source reads it."),
    text(Section::Settings, "desktopLink")
        .about("Found in one provider's template. No known source reads it."),
    text(Section::Settings, "saveUserContacts")
        .about("Found in one provider's template. No known source reads it."),
    number(Section::Account, "ListenPort", 0, 65535)
        .about("Found in handmade templates. No known source reads it in an account."),
];
