//! Files that MicroSIP can't read as msipctl does: every command warns, `audit` fails, and no command writes such a file.

use crate::runner::{Folder, utf16};

const TEXT: &str = "[Settings]\r\naccountId=1\r\nAA=0\r\n[Account1]\r\ndomain=a\r\nusername=1\r\n";
const POLICY: &str = "[Settings]\nAA = 0\n";

/// Returns the file in an encoding, with bytes after it.
fn with(text: Vec<u8>, after: &[u8]) -> Vec<u8> {
    [text, after.to_vec()].concat()
}

/// Files whose values are lost for MicroSIP, or which msipctl can only guess.
fn rejected() -> Vec<(&'static str, Vec<u8>)> {
    let wide = utf16(TEXT);
    vec![
        ("only NUL", vec![0; 4096]),
        ("only NUL, odd", vec![0; 511]),
        ("only NUL after a BOM", with(b"\xff\xfe".to_vec(), &[0; 510])),
        ("NUL within a line", TEXT.replace("domain=a", "domain=\0a").into_bytes()),
        ("NUL between lines", TEXT.replace("[Account1]", "\0\0\0[Account1]").into_bytes()),
        ("UTF-16 without BOM, truncated", wide[2..wide.len() - 1].to_vec()),
        ("UTF-16 after ASCII", with(TEXT.as_bytes().to_vec(), &wide)),
        ("UTF-32", {
            let units = TEXT.chars().flat_map(|character| u32::from(character).to_le_bytes());
            [0xff, 0xfe, 0, 0].into_iter().chain(units).collect()
        }),
    ]
}

/// Files that an edit repairs, as nothing is lost by that.
fn repaired() -> Vec<(&'static str, Vec<u8>)> {
    let wide = utf16(TEXT);
    let big: Vec<u8> = wide.chunks(2).flat_map(|unit| [unit[1], unit[0]]).collect();
    vec![
        ("NUL at the end", with(TEXT.as_bytes().to_vec(), &[0; 100])),
        ("NUL at the end of UTF-16", with(wide.clone(), &[0; 512])),
        ("NUL at the end of UTF-16, odd", with(wide.clone(), &[0; 511])),
        (
            "NUL at the end of UTF-8",
            with(TEXT.replace("domain=a", "domain=\u{e4}").into(), &[0; 9]),
        ),
        ("UTF-8 BOM", format!("\u{feff}{TEXT}").into_bytes()),
        ("UTF-8 BOM alone", b"\xef\xbb\xbf".to_vec()),
        ("UTF-16 without BOM", wide[2..].to_vec()),
        ("UTF-16BE", big.clone()),
        ("UTF-16BE without BOM", big[2..].to_vec()),
    ]
}

#[test]
fn misread_files_fail_audits_and_cause_warnings_when_read() {
    for (name, bytes) in rejected().into_iter().chain(repaired()) {
        let folder = Folder::with(&bytes);
        folder.write("p.toml", POLICY);
        for command in [&["show"][..], &["hook", "list"], &["diff", "MicroSIP.ini"]] {
            let run = match command[0] {
                "diff" => folder.run(&["diff", "MicroSIP.ini", "MicroSIP.ini"]),
                _ => folder.on_ini(command),
            };
            assert!(run.err().contains("warning: "), "{name}: {command:?}: {}", run.err());
        }
        let get = folder.on_ini(&["get", "Settings.AA"]);
        assert!(get.err().contains("warning: "), "{name}: {}", get.err());
        let audit = folder.on_ini(&["audit", "p.toml"]).code(2);
        assert!(audit.err().contains("hint: run `msipctl"), "{name}: {}", audit.err());
        // One of several files is failed, and the others are audited.
        folder.write("b.ini", utf16(TEXT));
        let several = folder.run(&["audit", "p.toml", "-i", "MicroSIP.ini", "-i", "b.ini"]);
        several.code(4);
        let checked = folder.on_ini(&["check", "--format", "json"]).code(1).json();
        assert!(!checked["files"][0]["findings"].as_array().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn writing_commands_reject_misread_files() {
    for (name, bytes) in rejected() {
        let folder = Folder::with(&bytes);
        folder.write("p.toml", "[Settings]\nAA = 1\n");
        let before = folder.state();
        for command in [
            &["set", "Settings.AA=1"][..],
            &["set", "Account2.domain=b"],
            &["apply", "p.toml"],
            &["hook", "add", "log", "--event", "call-end", "--with", "file=C:\\a.csv"],
        ] {
            let run = folder.on_ini(command);
            assert!(run.err().contains("error: "), "{name}: {command:?}: {}", run.err());
            assert_eq!(folder.state(), before, "{name}: {command:?}");
        }
        let set = folder.on_ini(&["set", "Settings.AA=1"]).code(2);
        assert!(set.err().contains("nothing was written"), "{name}: {}", set.err());
        assert!(set.err().contains("`msipctl check --fix`"), "{name}: {}", set.err());
    }
}

#[test]
fn check_fix_writes_a_readable_file_and_keeps_a_backup() {
    for (name, bytes) in rejected().into_iter().chain(repaired()) {
        let folder = Folder::with(&bytes);
        folder.on_ini(&["check", "--unsafe-fixes", "--exit-zero"]).code(0);
        assert_ne!(folder.ini(), bytes, "{name}");
        let show = folder.on_ini(&["show"]).code(0);
        assert_eq!(show.err(), "", "{name}");
        folder.on_ini(&["set", "Settings.AA=1"]).code(0);
        // The first backup is the file as it was.
        let backups = folder.files_below(".msipctl");
        assert!(backups.iter().any(|(_, backup)| *backup == bytes), "{name}: {backups:?}");
    }
}

#[test]
fn check_fix_replaces_a_file_of_nul_characters() {
    let folder = Folder::with([0; 4096]);
    let run = folder.on_ini(&["set", "Settings.AA=1"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: MicroSIP.ini: the file holds only NUL characters, so its settings are lost; nothing was written
    hint: run `msipctl backup restore` to restore a backup, or `msipctl check --fix` to create a new file
    ");
    let run = folder.on_ini(&["check", "--fix"]).code(0);
    assert!(run.out().contains("nul-in-text"), "{}", run.out());
    assert_eq!(folder.ini(), utf16("[Settings]\r\n"));
    folder.on_ini(&["backup", "restore"]).code(0);
    assert_eq!(folder.ini(), [0; 4096]);
}

#[test]
fn edit_repairs_a_file_when_no_data_is_lost() {
    for (name, bytes) in repaired() {
        let folder = Folder::with(&bytes);
        let run = folder.on_ini(&["set", "Settings.AA=1"]).code(0);
        assert!(!run.err().is_empty(), "{name}");
        let show = folder.on_ini(&["show"]).code(0);
        assert_eq!(show.err(), "", "{name}");
        assert_eq!(folder.on_ini(&["get", "Settings.AA"]).code(0).out(), "1\n", "{name}");
    }
    let folder = Folder::with(with(TEXT.into(), &[0; 9]));
    let run = folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    insta::assert_snapshot!(run.err(), @"warning: MicroSIP.ini: removed the NUL characters at the end of the file, where lines may be missing; compare it with a backup");
    assert_eq!(folder.ini(), TEXT.replace("AA=0", "AA=1").as_bytes());
}

#[test]
fn encoding_keep_rejects_files_microsip_misreads() {
    for (name, bytes) in rejected().into_iter().chain(repaired()) {
        // No value of it is read otherwise.
        if name == "UTF-8 BOM alone" {
            continue;
        }
        let folder = Folder::with(&bytes);
        let before = folder.state();
        let run = folder.on_ini(&["set", "Settings.AA=1", "--encoding", "keep"]).code(2);
        assert!(run.err().contains("nothing was written"), "{name}: {}", run.err());
        assert_eq!(folder.state(), before, "{name}");
    }
}

#[test]
fn harmless_nul_character_in_utf16_is_a_warning() {
    let folder = Folder::with(utf16(&TEXT.replace("domain=a", "domain=a\0b")));
    folder.write("p.toml", POLICY);
    folder.on_ini(&["audit", "p.toml"]).code(0);
    let run = folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    assert!(run.err().contains("line 5 holds a NUL character"), "{}", run.err());
}

#[test]
fn readable_files_are_neither_repaired_nor_reported() {
    let ansi = b"[Account1]\r\ndomain=\xe4\r\n".to_vec();
    for bytes in [TEXT.as_bytes().to_vec(), utf16(TEXT), ansi, b"\xff\xfe".to_vec(), Vec::new()] {
        let folder = Folder::with(&bytes);
        folder.write("p.toml", "[Settings]\n");
        assert_eq!(folder.on_ini(&["show"]).code(0).err(), "");
        folder.on_ini(&["set", "Settings.accountId=1"]).code(0);
    }
}

#[test]
fn edit_warns_when_an_account_would_be_lost() {
    let lost = "warning: MicroSIP.ini: no account is active";
    let folder = Folder::with(utf16("[Settings]\r\nAA=0\r\n"));
    let run = folder.on_ini(&["set", "Account1.domain=a", "Account1.username=1"]).code(0);
    assert!(run.err().contains(lost), "{}", run.err());
    assert!(run.err().contains("Settings.accountId"), "{}", run.err());
    // It was so before.
    assert_eq!(folder.on_ini(&["set", "Settings.AA=1"]).code(0).err(), "");
    assert_eq!(folder.on_ini(&["set", "Settings.accountId=1"]).code(0).err(), "");
    let run = folder.on_ini(&["unset", "Settings.accountId"]).code(0);
    assert!(run.err().contains(lost), "{}", run.err());

    let folder = Folder::with(utf16("[Settings]\r\ndomain=old\r\n"));
    folder.write("p.toml", "[Account1]\ndomain = \"new\"\nusername = \"1\"\n");
    let run = folder.on_ini(&["apply", "p.toml"]).code(0);
    insta::assert_snapshot!(run.err(), @"warning: MicroSIP.ini: MicroSIP overwrites `[Account1]` with the account in `[Settings]` at its next start because `accountId` isn't set; set `Settings.accountId`, for example to `1`");
    let check = folder.on_ini(&["check", "--select", "account-overwritten-at-start"]).code(1);
    assert!(check.out().contains("error[account-overwritten-at-start]"), "{}", check.out());
}
