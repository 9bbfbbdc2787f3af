//! Passwords: what can't be verified, whose they are, where they come from, and accounts that are not written.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::runner::{Folder, Run};

/// What MicroSIP makes of a password of seven characters.
const STORED: &str = "0123456789abcdef0123456789abcdef0123456789abcdef";

fn with_password(folder: &Folder, args: &[&str]) -> Run {
    folder.run_as(args, |command: &mut Command| _ = command.env("PASSWORD", "hunter2"))
}

fn account(lines: &str) -> Folder {
    Folder::with(format!("[Settings]\r\nAA=0\r\n[Account1]\r\n{lines}"))
}

fn ini(folder: &Folder) -> String {
    String::from_utf8(folder.ini()).unwrap()
}

#[test]
fn password_is_written_when_the_policy_changes_the_account_identity() {
    for (key, before, after) in [
        ("username", "204", "\"205\""),
        ("domain", "a.example.com", "\"b.example.com\""),
        ("server", "a.example.com", "{ absent = true }"),
        ("server", "a.example.com", "\"b.example.com\""),
    ] {
        let lines = format!("{key}={before}\r\npassword={STORED}\r\n");
        let folder = account(&lines);
        let policy = format!("[Account1]\npassword = {{ env = \"PASSWORD\" }}\n{key} = {after}\n");
        folder.write("p.toml", policy);
        let files = ["p.toml", "-i", "MicroSIP.ini"];
        let audit = with_password(&folder, &[&["audit", "--format", "json"], &files[..]].concat());
        let audit = audit.code(1).json();
        assert_eq!(audit["files"][0]["drift"].as_array().unwrap().len(), 2, "{key}: {audit:#}");
        assert_eq!(audit["summary"]["unverified"], 0);
        let run = with_password(&folder, &[&["apply"], &files[..]].concat()).code(0);
        assert!(run.out().contains("Account1.password = *** -> ***"), "{}", run.out());
        assert!(ini(&folder).contains("password=hunter2\r\n"), "{}", ini(&folder));
        with_password(&folder, &[&["audit"], &files[..]].concat()).code(0);
        // Where nothing of the account changes, an encrypted password stays.
        let kept = ini(&folder).replace("hunter2", STORED);
        folder.write("MicroSIP.ini", &kept);
        let run = with_password(&folder, &[&["apply"], &files[..]].concat()).code(0);
        assert!(run.out().contains("1 password not verified"), "{}", run.out());
        assert_eq!(ini(&folder), kept);
    }
    // Another account's username is no reason.
    let folder =
        account(&format!("username=204\r\npassword={STORED}\r\n[Account2]\r\nusername=1\r\n"));
    folder.write("p.toml", "[Account1]\npassword = { env = \"PASSWORD\" }\nlabel = \"x\"\n[Account2]\nusername = \"2\"\n");
    with_password(&folder, &["apply", "p.toml", "-i", "MicroSIP.ini"]).code(0);
    assert!(ini(&folder).contains(STORED));
}

#[test]
fn password_with_force_is_always_written() {
    let folder = account(&format!("username=204\r\npassword={STORED}\r\n"));
    folder.write("p.toml", "[Account1]\npassword = { env = \"PASSWORD\", force = true }\n");
    let files = ["p.toml", "-i", "MicroSIP.ini"];
    with_password(&folder, &[&["audit"], &files[..]].concat()).code(1);
    with_password(&folder, &[&["apply"], &files[..]].concat()).code(0);
    assert!(ini(&folder).contains("password=hunter2\r\n"), "{}", ini(&folder));
    let run = with_password(&folder, &[&["apply"], &files[..]].concat()).code(0);
    assert!(run.out().ends_with("unchanged\n"), "{}", run.out());
    // A golden file has no force.
    let folder = account(&format!("username=204\r\npassword={STORED}\r\n"));
    folder.write("golden.ini", "[Account1]\r\npassword=hunter2\r\n");
    let run = folder.run(&["apply", "golden.ini", "-i", "MicroSIP.ini"]).code(0);
    assert!(run.out().contains("1 password not verified"), "{}", run.out());
}

#[test]
fn unverified_passwords_are_reported_by_every_command_and_format() {
    let folder = account("");
    folder.write("p.toml", "[Account1]\nusername = \"204\"\npassword = { env = \"PASSWORD\" }\n");
    for number in 0..12 {
        folder.write(
            &format!("{number:02}.ini"),
            format!("[Account1]\r\nusername=204\r\npassword={STORED}\r\n"),
        );
    }
    let phrase = "12 passwords not verified";
    for format in ["human", "sarif", "github", "markdown", "html"] {
        let files = ["audit", "p.toml", "-i", "0?.ini", "-i", "1?.ini", "--format", format];
        let out = with_password(&folder, &files).code(0).out();
        assert!(out.contains(phrase), "{format}: {out}");
    }
    let files = ["-i", "0?.ini", "-i", "1?.ini"];
    let junit =
        with_password(&folder, &[&["audit", "p.toml", "--format", "junit"], &files[..]].concat());
    assert_eq!(junit.code(0).out().matches("1 password not verified").count(), 12);
    let audit =
        with_password(&folder, &[&["audit", "p.toml", "--format", "json"], &files[..]].concat());
    let audit = audit.code(0).json();
    assert_eq!(audit["summary"]["unverified"], 12);
    assert_eq!(audit["files"][0]["unverified"], 1);
    // The user names are verified, the passwords aren't.
    assert_eq!(audit["summary"]["score"], 100.0);
    for command in ["plan", "apply"] {
        let run = with_password(&folder, &[&[command, "p.toml"], &files[..]].concat()).code(0);
        assert!(run.out().contains(phrase), "{command}: {}", run.out());
        let json = [&[command, "p.toml", "--format", "json"], &files[..]].concat();
        let json = with_password(&folder, &json).code(0).json();
        assert_eq!(json["summary"]["unverified"], 12, "{command}");
        assert_eq!(json["files"][0]["unverified"], 1, "{command}");
        let one = with_password(&folder, &[command, "p.toml", "-i", "00.ini"]).code(0);
        assert!(one.out().contains("1 password not verified"), "{command}: {}", one.out());
    }
    // A saved plan says so as well.
    let folder = account(&format!("username=204\r\npassword={STORED}\r\n"));
    folder.write("p.toml", "[Account1]\nlabel = \"x\"\npassword = { env = \"PASSWORD\" }\n");
    with_password(&folder, &["plan", "p.toml", "-i", "MicroSIP.ini", "-o", "plan.json"]).code(0);
    let run = folder.run(&["apply", "plan.json"]).code(0);
    assert!(run.out().contains("1 password not verified"), "{}", run.out());
}

#[test]
fn password_that_looks_encrypted_is_rejected_by_every_command() {
    for hex in ["1234567890123456", STORED, &STORED.to_uppercase()[..32]] {
        let folder = account("username=204\r\npassword=other\r\n");
        let before = folder.ini();
        let set = format!("Account1.password={hex}");
        let run = folder.on_ini(&["set", &set]).code(2);
        assert!(run.err().contains("invalid password for `Account1.password`"), "{}", run.err());
        assert!(!run.err().contains(hex), "{}", run.err());
        folder.write("p.toml", format!("[Account1]\npassword = \"{hex}\"\n"));
        for command in ["plan", "apply", "audit"] {
            let run = folder.on_ini(&[command, "p.toml"]).code(2);
            assert!(
                run.err().contains("invalid password for `Account1.password`"),
                "{}",
                run.err()
            );
        }
        folder.write("q.toml", "[Account1]\npassword = { env = \"HEX\" }\n");
        let run =
            folder.run_as(&["apply", "q.toml", "-i", "MicroSIP.ini"], |it| _ = it.env("HEX", hex));
        assert!(run.code(2).err().contains("invalid password for"));
        assert_eq!(folder.ini(), before);
        // Who knows better can write it, and an old MicroSIP takes it as it is.
        folder.on_ini(&["set", &set, "--force"]).code(0);
        assert!(ini(&folder).contains(hex));
        folder.write(
            "p.toml",
            format!("[Account1]\npassword = {{ value = \"{hex}\", force = true }}\n"),
        );
        folder.on_ini(&["apply", "p.toml"]).code(0);
        let capture = folder.on_ini(&["capture"]).code(0);
        let is_stored = hex == STORED;
        assert_eq!(
            capture.err().contains("the file has an encrypted password"),
            is_stored,
            "{}",
            capture.err()
        );
        assert_eq!(
            capture.err().contains("may decrypt to garbage"),
            !is_stored,
            "{}",
            capture.err()
        );
        assert!(
            !capture.out().contains("force") && !capture.out().contains(hex),
            "{}",
            capture.out()
        );
        let check =
            folder.on_ini(&["check", "--select", "hex-password-misread", "--exit-zero"]).out();
        assert_eq!(check.contains("hex-password-misread"), !is_stored, "{check}");
    }
    let folder = account("password=123456789012345\r\n");
    folder.on_ini(&["set", "Account1.password=12345678901234567"]).code(0);
}

/// Runs `set` with something on standard input.
fn set_with_input(folder: &Folder, args: &[&str], input: &[u8]) -> (Option<i32>, String) {
    let mut command = folder.command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn secret_is_read_from_environment_file_or_stdin() {
    let folder = account("label=hunter2\r\n");
    folder.write("a.txt", "\u{feff}hunter2\r\n");
    folder.write("b.txt", "hunter2\n\n");
    folder.write("empty.txt", "\n");
    let command = |source: &'static str| -> Vec<String> {
        [
            "set",
            "--secret",
            &format!("account1.password={source}"),
            "-i",
            "MicroSIP.ini",
            "--diff",
            "-vv",
        ]
        .map(str::to_owned)
        .into()
    };
    let run = |source: &'static str, input: &[u8]| {
        let args = command(source);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        set_with_input(&folder, &args, input)
    };
    for (source, input) in
        [("file:a.txt", ""), ("-", "hunter2"), ("-", "hunter2\n"), ("-", "hunter2\r\n")]
    {
        folder.write("MicroSIP.ini", "[Account1]\r\nlabel=hunter2\r\n");
        let (code, text) = run(source, input.as_bytes());
        assert_eq!(code, Some(0), "{text}");
        assert!(!text.contains("hunter2") && text.contains("password=***"), "{text}");
        assert!(ini(&folder).ends_with("password=hunter2\r\n"), "{}", ini(&folder));
    }
    folder.write("MicroSIP.ini", "[Account1]\r\n");
    let args = command("env:PASSWORD");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    with_password(&folder, &args).code(0);
    assert!(ini(&folder).ends_with("password=hunter2\r\n"), "{}", ini(&folder));
    // The command that a manifest records has the name only.
    let list = folder.on_ini(&["backup", "list", "--format", "json"]).code(0).json();
    let commands: Vec<_> =
        list["backups"].as_array().unwrap().iter().map(|it| &it["command"]).collect();
    assert!(commands.iter().all(|it| **it == json!("set Account1.password")), "{commands:?}");

    let before = folder.ini();
    for (source, input, expected) in [
        ("env:NO_SUCH", "", "environment variable `NO_SUCH` not found"),
        ("file:gone.txt", "", "gone.txt: file not found"),
        ("file:empty.txt", "", "the secret for `account1.password` is empty"),
        ("file:b.txt", "", "has a line break or a NUL character"),
        ("-", "", "the secret for `account1.password` is empty"),
        ("-", "a\nb\n", "has a line break or a NUL character"),
        ("-", "1234567890123456\n", "invalid password for `account1.password`"),
        ("hunter2", "", "expected `env:NAME`, `file:PATH`, or `-`"),
    ] {
        let (code, text) = run(source, input.as_bytes());
        assert_eq!(code, Some(2), "{source}: {text}");
        assert!(text.contains(expected) && !text.contains("hunter2"), "{source}: {text}");
        assert_eq!(folder.ini(), before);
    }
    let (code, text) = set_with_input(
        &folder,
        &[
            "set",
            "--secret",
            "Account1.password=-",
            "--secret",
            "Account2.password=-",
            "-i",
            "MicroSIP.ini",
        ],
        b"x",
    );
    assert_eq!(code, Some(2));
    assert!(text.contains("standard input can hold only one secret"), "{text}");
    folder.on_ini(&["set"]).code(2);
}

#[test]
fn secret_for_any_key_is_masked_and_combines_with_other_values() {
    let folder = account("");
    let args = [
        "set",
        "Account1.label=x",
        "--secret",
        "Account1.proxy=env:PASSWORD",
        "--secret",
        "Settings.AA=env:PASSWORD",
    ];
    let run = with_password(&folder, &[&args[..], &["-i", "MicroSIP.ini"]].concat()).code(2);
    assert!(!run.err().contains("hunter2"), "{}", run.err());
    let run =
        with_password(&folder, &[&args[..4], &["-i", "MicroSIP.ini", "--diff"]].concat()).code(0);
    assert!(run.out().contains("label=x") && !run.out().contains("hunter2"), "{}", run.out());
    assert!(ini(&folder).contains("proxy=hunter2\r\n"));
}

const GUARDED: &str = "\
[Settings]
AA = true
[Account1]
domain = { one_of = [\"a.example.com\", \"b.example.com\"] }
label = { matches = \"^Desk\" }
username = \"204\"
password = { env = \"PASSWORD\" }
[Account2]
username = \"9\"
";

#[test]
fn account_is_not_written_when_a_guard_is_not_met() {
    let ini_of = |domain: &str, label: &str| {
        format!(
            "[Settings]\r\nAA=0\r\n[Account1]\r\ndomain={domain}\r\nlabel={label}\r\npassword=old\r\n"
        )
    };
    let folder = Folder::new();
    folder.write("p.toml", GUARDED);
    for (domain, label, reason) in [
        (
            "c.example.com",
            "Desk 4",
            "`Account1.domain` is `c.example.com`, expected a.example.com or b.example.com (p.toml:4:1)",
        ),
        (
            "a.example.com",
            "Lobby",
            "`Account1.label` is `Lobby`, expected text that matches `^Desk` (p.toml:5:1)",
        ),
    ] {
        folder.write("MicroSIP.ini", ini_of(domain, label));
        let plan =
            with_password(&folder, &["plan", "p.toml", "-i", "MicroSIP.ini", "--format", "json"])
                .code(0)
                .json();
        let expected = json!([{ "section": "Account1", "reason": reason }]);
        assert_eq!(plan["files"][0]["blocked"], expected, "{plan:#}");
        let run = with_password(&folder, &["apply", "p.toml", "-i", "MicroSIP.ini"]).code(3);
        assert!(run.out().contains(&format!("`[Account1]` skipped: {reason}")), "{}", run.out());
        // The rest of the file is.
        let expected =
            ini_of(domain, label).replace("AA=0", "AA=1") + "[Account2]\r\nusername=9\r\n";
        assert_eq!(ini(&folder), expected);
        let again =
            with_password(&folder, &["apply", "p.toml", "-i", "MicroSIP.ini", "--format", "json"])
                .code(3);
        let again = again.json();
        assert_eq!(
            (&again["files"][0]["state"], &again["summary"]["blocked"]),
            (&json!("unchanged"), &json!(1))
        );
    }
    folder.write("MicroSIP.ini", ini_of("b.example.com", "Desk 4"));
    with_password(&folder, &["apply", "p.toml", "-i", "MicroSIP.ini"]).code(0);
    assert!(ini(&folder).contains("password=hunter2") && ini(&folder).contains("username=204"));
    // An account that is as wanted otherwise is not written anyway.
    folder.write("q.toml", "[Account1]\ndomain = { one_of = [\"x\"] }\nusername = \"204\"\n");
    folder.run(&["apply", "q.toml", "-i", "MicroSIP.ini"]).code(0);
}

#[test]
fn guarded_accounts_of_many_files_are_counted_and_grouped() {
    let folder = Folder::new();
    folder.write("p.toml", "[Account1]\ndomain = { one_of = [\"a\"] }\nusername = \"1\"\n");
    for number in 0..12 {
        let domain = if number < 3 { "b" } else { "a" };
        folder.write(&format!("{number:02}.ini"), format!("[Account1]\r\ndomain={domain}\r\n"));
    }
    let files = ["p.toml", "-i", "0?.ini", "-i", "1?.ini"];
    let plan = folder.run(&[&["plan", "-o", "plan.json"], &files[..]].concat()).code(0).out();
    let blocked = plan.lines().find(|line| line.starts_with("`[Account1]` skipped: ")).unwrap();
    assert!(blocked.contains("`Account1.domain` is `b`"), "{plan}");
    assert!(blocked.ends_with(" (3 files: 00.ini, 01.ini, 02.ini)"), "{plan}");
    assert!(plan.contains("9 would change, 3 unchanged, 0 failed; 3 accounts skipped"), "{plan}");
    let run = folder.run(&[&["apply"], &files[..]].concat()).code(4);
    assert!(
        run.out().contains("9 changed, 3 unchanged, 0 failed; 3 accounts skipped"),
        "{}",
        run.out()
    );
    let audit = folder.run(&[&["audit", "--format", "json"], &files[..]].concat()).code(1).json();
    assert_eq!(audit["summary"]["drifted"], 3);
}

#[test]
fn guard_reason_contains_no_secret() {
    let folder = account("domain=hunter2\r\n");
    folder.write(
        "p.toml",
        "[Account1]\ndomain = { one_of = [\"a\"] }\npassword = { env = \"PASSWORD\" }\n",
    );
    let run = with_password(&folder, &["apply", "p.toml", "-i", "MicroSIP.ini"]).code(3);
    assert!(run.out().contains("`Account1.domain` is `***`"), "{}", run.out());
    assert!(!String::from_utf8(run.everything()).unwrap().contains("hunter2"));
}

#[test]
fn empty_column_fails_the_file_and_writes_nothing() {
    for (key, value) in [
        ("username", "\"{{ row.ext }}\""),
        ("username", "\"1{{ row.ext }}\""),
        ("domain", "\"{{ row.ext | lower }}.example.com\""),
        ("server", "\"{{ row.ext }}\""),
        ("password", "{ row = \"ext\" }"),
        ("password", "\"x{{ row.ext }}\""),
        ("username", "\"{{ row.ext or row.alt }}\""),
    ] {
        let folder = Folder::new();
        folder.write(
            "p.toml",
            format!("[Settings]\nAA = true\n[Account1]\nlabel = \"x\"\n{key} = {value}\n"),
        );
        folder.write("a.ini", "[Settings]\r\n");
        folder.write("b.ini", "[Settings]\r\n");
        folder.write("pcs.csv", "ini,ext,alt\na.ini,,\nb.ini,204,1\n");
        for command in ["plan", "apply"] {
            let run = folder.run(&[command, "p.toml", "--inventory", "pcs.csv"]).code(4);
            let err = run.err();
            assert!(err.contains("pcs.csv:2: a.ini: p.toml:5:"), "{err}");
            let names_column = err.contains("column `ext` is empty in the row at pcs.csv:2");
            assert!(names_column || value.contains(" or "), "{err}");
            assert!(err.contains(&format!("`Account1.{key}`")), "{err}");
        }
        assert_eq!(folder.read("a.ini"), b"[Settings]\r\n");
        assert_ne!(folder.read("b.ini"), b"[Settings]\r\n");
    }
    let run = |policy: &str, value: &str| {
        let folder = account("");
        folder.write("p.toml", policy);
        folder.write("pcs.csv", "ini,ext,alt\nMicroSIP.ini,,204\n");
        folder.write("empty.txt", "\n");
        let run = folder.run_as(&["apply", "p.toml", "--inventory", "pcs.csv"], |it| {
            _ = it.env("EMPTY", value);
        });
        (run, ini(&folder))
    };
    // What decides itself may, and so may keys without which an account is complete.
    let (done, text) = run(
        "[Account1]\nusername = \"{{ row.ext or row.alt }}\"\ndisplayName = \"{{ row.ext }}\"\n",
        "",
    );
    done.code(0);
    assert!(text.contains("username=204\r\ndisplayName=\r\n"), "{text}");
    let (done, text) =
        run("[Account1]\nusername = { value = \"{{ row.ext }}\", force = true }\n", "");
    done.code(0);
    assert!(text.contains("username=\r\n"), "{text}");
    for policy in [
        "[Account1]\npassword = { env = \"EMPTY\" }\n",
        "[Account1]\npassword = { file = \"empty.txt\" }\n",
    ] {
        let (failed, text) = run(policy, "");
        assert!(
            failed.code(2).err().contains("is empty: expected a value for `Account1.password`")
        );
        assert!(!text.contains("password"), "{text}");
    }
}
