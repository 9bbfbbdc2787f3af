//! What `show` prints.

use microsip_schema::Version;

use crate::runner::Folder;

const INI: &str = "[settings]\r\nAA=0\r\naa=1\r\nEC=yes\r\nVAD=2x\r\nOnCallEnd=Log,C:\\a.csv\r\nxNotes=1\r\n\
                   videoVP9=1\r\ndisableH264=1\r\nEM=1\r\n\
                   [Account1]\r\npassword=hunter2\r\nlabel=A\r\n\
                   [Dialed]\r\n0=4930\r\n\
                   [msipctl]\r\nOnCallEnd=call-log\r\n";

#[track_caller]
fn show(args: &[&str]) -> String {
    Folder::with(INI)
        .on_ini(&[&["show"], args].concat())
        .code(0)
        .out()
        .replace(&Version::NEWEST.to_string(), "(newest)")
}

#[test]
fn show_prints_values_as_microsip_reads_them() {
    insta::assert_snapshot!(show(&[]), @r#"
    MicroSIP.ini (ascii)

    [settings]
    AA = 0  (line 2; also in line 3, never read)
    EC = yes  (line 4; read as off)
    VAD = 2x  (line 5; read as on)
    OnCallEnd = Log,C:\a.csv  (line 6)
    xNotes = 1  (line 7; not read by (newest): no key of MicroSIP's)
    videoVP9 = 1  (line 8)
    disableH264 = 1  (line 9; not read by (newest): only up to 3.15.6)
    EM = 1  (line 10; not read by (newest): only by the fork litkinger 3.20.5)

    [Account1]
    password = ***  (line 12)
    label = A  (line 13)

    [Dialed]
    0 = 4930  (line 15)

    [msipctl]
    OnCallEnd = call-log  (line 17)
    "#);
}

#[test]
fn show_flags_keys_that_the_version_ignores() {
    insta::assert_snapshot!(show(&["settings", "--microsip", "3.15.6"]), @r#"
    MicroSIP.ini (ascii, for MicroSIP 3.15.6)

    [settings]
    AA = 0  (line 2; also in line 3, never read; not read by 3.15.6: only from 3.18.5 on)
    EC = yes  (line 4; read as off)
    VAD = 2x  (line 5; read as off)
    OnCallEnd = Log,C:\a.csv  (line 6)
    xNotes = 1  (line 7; not read by 3.15.6: no key of MicroSIP's)
    videoVP9 = 1  (line 8; not read by 3.15.6: only from 3.21.3 on)
    disableH264 = 1  (line 9)
    EM = 1  (line 10; not read by 3.15.6: only by the fork litkinger 3.20.5)
    "#);
}

#[test]
fn show_flags_truncated_values() {
    let ini = format!("[Settings]\r\nuserAgent={}\r\n", "x".repeat(300));
    let out = Folder::with(ini).on_ini(&["show"]).code(0).out();
    let read = "x".repeat(255);
    assert!(
        out.contains(&format!("= {read}  (line 2; longer in the file, cut off here)\n")),
        "{out}"
    );
}

#[test]
fn show_all_lists_every_key_with_its_description() {
    insta::assert_snapshot!(show(&["Account1", "--all", "--microsip", "3.14.5"]), @"
    MicroSIP.ini (ascii, for MicroSIP 3.14.5)

    [Account1]
    password = ***  (line 12)
        Password, plain or as MicroSIP encrypted it. A plain one is encrypted in place when the
        account is loaded; both can be read by anyone.
    label = A  (line 13)
        Name of the account in menus and in the title.
    server  (not set)
        SIP server to register with; empty stands for the domain.
    proxy  (not set)
        Outbound SIP proxy; newer versions take several with spaces between.
    domain  (not set)
        SIP domain. An account without one does not exist, and no account behind it is seen.
    username  (not set)
        SIP user name. Empty opens the account dialog at the start, and the next save clears the
        password.
    passwordSize  (not set)
        Length of the oldest form of an encrypted password.
    authID  (not set)
        Login, where it is not the user name.
    displayName  (not set)
        Name that others see.
    dialingPrefix  (not set; not read by 3.14.5: only from 3.19.18 on)
        Put in front of dialled phone numbers of more than three digits.
    dialPlan  (not set; not read by 3.14.5: only from 3.19.27 on)
        Rules that rewrite dialled numbers, with bars between. A number that no rule fits is not
        dialled at all.
    hideCID = 0  (default; not read by 3.14.5: only from 3.19.27 on)
        Hides the own number: 0 or 1, and from 3.22.5 on also soft or hard.
    voicemailNumber  (not set; not read by 3.14.5: only from 3.18.5 on)
        Number of the voice mail; setting it also asks the server for waiting messages.
    SRTP  (not set)
        Media encryption: off (empty), optional or mandatory, from 3.22.0 on also dtls-sdes, and
        from 3.22.3 on dtls.
    transport  (not set)
        SIP transport: udp, tcp or tls; present and empty takes UDP and TCP.
    publicAddr  (not set)
        Address told to others; empty finds it out.
    registerRefresh = 300  (default; not read by 3.14.5: only from 3.19.27 on)
        Seconds between registrations; 0 or less stands for 300, and the least is 10.
    keepAlive = 15  (default; not read by 3.14.5: only from 3.19.27 on)
        Seconds between packets that keep the NAT open; 0 or less stands for 15. From 3.22.3 on, 1
        is read as 2.
    publish = 0  (default)
        Publishes the own presence.
    ICE = 0  (default)
        Uses ICE.
    allowRewrite = 0  (default)
        Lets the program put the address that the server sees into its headers.
    disableSessionTimer = 0  (default; not read by 3.14.5: only from 3.18.5 on)
        Switches SIP session timers off.
    STUN  (not set)
        STUN server of the account, before there was one for all.
    ");
    insta::assert_snapshot!(show(&["Global", "--all"]), @"
    MicroSIP.ini (ascii)

    [Global]  (not in the file)
    version  (not set)
        Version that wrote the file last; overwritten at each start. Versions 3.22.4 to 3.22.15 keep
        it here or in [Settings].
    checkUpdatesTime = 0  (default)
        When updates were last looked for, as Unix time. Versions 3.22.4 to 3.22.15 keep it here or
        in [Settings].
    instance  (not set)
        Written by official programs of 3.22.4 and later; what it means is not known.
    ");
    insta::assert_snapshot!(show(&["settings.volumering", "--all"]), @"
    MicroSIP.ini (ascii)

    [settings]
    volumeRing = 100  (default)
        Volume of the ring tone in per cent.
    ");
    insta::assert_snapshot!(show(&["Account7.domain", "--all"]), @"
    MicroSIP.ini (ascii)

    [Account7]  (not in the file)
    domain  (not set)
        SIP domain. An account without one does not exist, and no account behind it is seen.
    ");
    insta::assert_snapshot!(show(&["Dialed", "--all"]), @"
    MicroSIP.ini (ascii)

    [Dialed]
    0 = 4930  (line 15)
        A dialled number, newest first. The section is written anew as a whole.
    ");
}

#[test]
fn show_all_lists_every_known_key_once_per_section() {
    use microsip_schema::{Section, Since, keys};
    let document = Folder::with(INI).on_ini(&["show", "--all", "--format", "json"]).code(0).json();
    let sections = document["files"][0]["sections"].as_array().unwrap();
    let names: Vec<_> = sections.iter().map(|it| it["name"].as_str().unwrap()).collect();
    let expected =
        ["settings", "Account1", "Dialed", "msipctl", "Global", "Calls", "Contacts", "Shortcuts"];
    assert_eq!(names, expected);
    for section in sections {
        let name = section["name"].as_str().unwrap();
        let Some(part) = Section::of(name) else { continue };
        let rows = section["keys"].as_array().unwrap();
        let own = keys().filter(|key| key.section() == part);
        for key in own.filter(|key| matches!(key.since(), Since::Version(_))) {
            let is_it = |row: &&serde_json::Value| {
                let found = microsip_schema::find(name, row["key"].as_str().unwrap());
                found == Some(key) || row["key"] == key.name()
            };
            let found: Vec<_> = rows.iter().filter(is_it).collect();
            let [row] = found[..] else { panic!("{name}.{}: {found:?}", key.name()) };
            assert_eq!(row["description"], key.description());
            if row["set"] == false {
                assert_eq!(row["value"], row["default"]);
                assert!(row["line"].is_null());
            }
        }
    }
}

#[test]
fn show_reports_unknown_names_as_not_set() {
    for name in ["Account7.nix", "Nowhere", "Nowhere.x"] {
        let run = Folder::with(INI).on_ini(&["show", name, "--all"]).code(1);
        assert_eq!(run.err(), format!("note: `{name}` is not set\n"));
    }
    let run = Folder::with(INI).on_ini(&["show", "Account01", "--all"]).code(1);
    assert_eq!(run.err(), "note: `Account01` is not set; did you mean `Account1`?\n");
    Folder::with(INI).on_ini(&["show", "Settings.DND"]).code(1);
}
