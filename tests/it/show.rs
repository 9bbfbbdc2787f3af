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
    insta::assert_snapshot!(show(&[]), @r"
    MicroSIP.ini (ascii)

    [settings]
       2  AA          = 0  (duplicate in line 3, never read)
       4  EC          = yes  (read as off)
       5  VAD         = 2x  (read as on)
       6  OnCallEnd   = Log,C:\a.csv
       7  xNotes      = 1  (not read by (newest): unknown key)
       8  videoVP9    = 1
       9  disableH264 = 1  (not read by (newest): removed after 3.15.6)
      10  EM          = 1  (not read by (newest): only the fork litkinger 3.20.5 reads it)

    [Account1]
      12  password = ***
      13  label    = A

    [Dialed]
      15  0 = 4930

    [msipctl]
      17  OnCallEnd = call-log
    ");
}

#[test]
fn show_flags_keys_that_the_version_ignores() {
    insta::assert_snapshot!(show(&["settings", "--microsip", "3.15.6"]), @r"
    MicroSIP.ini (ascii, for MicroSIP 3.15.6)

    [settings]
       2  AA          = 0  (duplicate in line 3, never read; not read by 3.15.6: added in 3.18.5)
       4  EC          = yes  (read as off)
       5  VAD         = 2x  (read as off)
       6  OnCallEnd   = Log,C:\a.csv
       7  xNotes      = 1  (not read by 3.15.6: unknown key)
       8  videoVP9    = 1  (not read by 3.15.6: added in 3.21.3)
       9  disableH264 = 1
      10  EM          = 1  (not read by 3.15.6: only the fork litkinger 3.20.5 reads it)
    ");
}

#[test]
fn show_flags_truncated_values() {
    let ini = format!("[Settings]\r\nuserAgent={}\r\n", "x".repeat(300));
    let out = Folder::with(ini).on_ini(&["show"]).code(0).out();
    let read = "x".repeat(255);
    assert!(
        out.contains(&format!("= {read}  (truncated; the file has a longer value)\n")),
        "{out}"
    );
}

#[test]
fn show_all_lists_every_key_with_its_description() {
    insta::assert_snapshot!(show(&["Account1", "--all", "--microsip", "3.14.5"]), @"
    MicroSIP.ini (ascii, for MicroSIP 3.14.5)

    [Account1]
      12  password            = ***
            Password, in plain text or encrypted by MicroSIP. MicroSIP encrypts a plain-text
            password in place when it loads the account. Anyone can decrypt the encrypted form.
      13  label               = A
            Account name in menus and in the title bar.
          server               (not set)
            SIP server to register with. If empty, MicroSIP uses the domain.
          proxy                (not set)
            Outbound SIP proxy. Newer versions accept several, separated by spaces.
          domain               (not set)
            SIP domain. Without it, MicroSIP ignores this account and all accounts after it.
          username             (not set)
            SIP user name. If empty, MicroSIP opens the account dialog at startup, and the next save
            clears the password.
          passwordSize         (not set)
            Length of a password in the oldest encrypted form.
          authID               (not set)
            Login (authentication ID), if it differs from the user name.
          displayName          (not set)
            Name that other parties see.
          dialingPrefix        (not set; not read by 3.14.5: added in 3.19.18)
            Prefix that MicroSIP adds to dialed phone numbers of more than three digits.
          dialPlan             (not set)
            Rules that rewrite dialed numbers, separated by vertical bars. MicroSIP doesn't dial a
            number that matches no rule.
          hideCID             = 0  (default)
            Whether MicroSIP hides your own number: 0 or 1, and since 3.22.5 also `soft` or `hard`.
          voicemailNumber      (not set)
            Voicemail number. If set, MicroSIP also asks the server for waiting messages.
          SRTP                 (not set)
            Media encryption: off (empty), `optional`, or `mandatory`, since 3.22.0 also
            `dtls-sdes`, and since 3.22.3 also `dtls`.
          transport            (not set)
            SIP transport: `udp`, `tcp`, or `tls`. If the key is set but empty, MicroSIP uses UDP
            and TCP.
          publicAddr           (not set)
            Public address to announce. If empty, MicroSIP detects it.
          registerRefresh     = 300  (default)
            Seconds between registrations. 0 or less means 300, and the minimum is 10.
          keepAlive           = 15  (default)
            Seconds between packets that keep the NAT mapping open. 0 or less means 15. Since
            3.22.3, MicroSIP reads 1 as 2.
          publish             = 0  (default)
            Whether MicroSIP publishes your presence.
          ICE                 = 0  (default)
            Whether MicroSIP uses ICE.
          allowRewrite        = 0  (default)
            Whether MicroSIP can replace the address in its headers with the one that the server
            sees.
          disableSessionTimer = 0  (default)
            Whether SIP session timers are off.
          STUN                 (not set)
            STUN server of the account. Later versions use one `STUN` list in `[Settings]` for all
            accounts.
          Not read by 3.14.5: added in 3.18.5: voicemailNumber, disableSessionTimer
          Not read by 3.14.5: added in 3.19.27: dialPlan, hideCID, registerRefresh, keepAlive
    ");
    insta::assert_snapshot!(show(&["Global", "--all"]), @"
    MicroSIP.ini (ascii)

    [Global]  (not in the file)
          version           (not set)
            Version that last wrote the file, updated at each start. Versions 3.22.4 to 3.22.15
            store it here or in `[Settings]`.
          checkUpdatesTime = 0  (default)
            Time of the last update check, as Unix time. Versions 3.22.4 to 3.22.15 store it here or
            in `[Settings]`.
          instance          (not set)
            Written by official builds of 3.22.4 and later. Its meaning is unknown.
    ");
    insta::assert_snapshot!(show(&["settings.volumering", "--all"]), @"
    MicroSIP.ini (ascii)

    [settings]
          volumeRing = 100  (default)
            Ringtone volume in percent.
    ");
    insta::assert_snapshot!(show(&["Account7.domain", "--all"]), @"
    MicroSIP.ini (ascii)

    [Account7]  (not in the file)
          domain  (not set)
            SIP domain. Without it, MicroSIP ignores this account and all accounts after it.
    ");
    insta::assert_snapshot!(show(&["Dialed", "--all"]), @"
    MicroSIP.ini (ascii)

    [Dialed]
      15  0 = 4930
            A dialed number, newest first. MicroSIP always rewrites the whole section.
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
