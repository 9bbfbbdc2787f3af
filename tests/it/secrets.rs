//! A planted secret shows up in nothing that is printed, and in no manifest.

use crate::runner::{Folder, Run, utf16};

const SECRET: &str = "Tr0ub4dor";

/// A file with the secret in every place where one can stand.
const PLANTED: &str = "\
; password=Tr0ub4dor\r\n\
; msipctl: ignore split-program-path,token=Tr0ub4dor password=Tr0ub4dor\r\n\
;password=Tr0ub4dor\r\n\
[Settings]\r\n\
password=Tr0ub4dor\r\n\
apiPassword=Tr0ub4dor\r\n\
crmToken=Tr0ub4dor\r\n\
usersDirectory=https://ann:Tr0ub4dor@example.com/dir?user=ann&password=Tr0ub4dor\r\n\
cmdCallEnd=C:\\x.exe --password=Tr0ub4dor\r\n\
cmdCallBusy=C:\\x y.exe --password=Tr0ub4dor\r\n\
cmdOutgoingCall=C:\\x.exe {password=Tr0ub4dor}\r\n\
OnCallRing=SendMessage,token=Tr0ub4dor\r\n\
OnCallStart=Http,POST,http://ann:Tr0ub4dor@example.com/?token=Tr0ub4dor\r\n\
rtpPortMin=9\r\nrtpPortMax=8\r\n\
  ; pass: user=ann password=Tr0ub4dor end\r\n\
[Account0]\r\npassword = \"Tr0ub4dor\"\r\n\
[Account1]\r\nlabel=A\r\npassword=Tr0ub4dor\r\npassword=Tr0ub4dor\r\nPASSWORD=Tr0ub4dor\r\n\
[Account1]\r\npassword=Tr0ub4dor\r\n";

fn planted() -> Folder {
    let folder = Folder::with(utf16(PLANTED));
    folder.write("plain.ini", PLANTED);
    folder.write("other.ini", PLANTED.replace(SECRET, "other"));
    folder.write("none.ini", "[Settings]\r\nAA=0\r\n");
    folder
}

#[track_caller]
fn check_bytes(folder: &Folder, what: &str) {
    for (path, bytes) in folder.files_below(".msipctl") {
        if path.ends_with("manifest.ndjson") {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(SECRET), "{what}: the manifest says {text}");
        }
    }
}

/// Runs a command in every format, talking and not, and expects no secret in what it prints.
#[track_caller]
fn check(args: &[&str]) {
    let formats = match args.contains(&"--format") {
        true => Vec::new(),
        false => ["human", "json", "ndjson"].map(|format| ["--format", format, "-vv"]).to_vec(),
    };
    let runs = formats.iter().map(|flags| [args, &flags[..]].concat()).chain([args.to_vec()]);
    for args in runs {
        let folder = planted();
        let run = folder.run(&args);
        let everything = run.everything();
        let text = String::from_utf8_lossy(&everything);
        let what = args.join(" ").replace(SECRET, "SECRET");
        assert!(!text.contains(SECRET), "`{what}` prints: {text}");
        assert!(!text.contains("panicked"), "`{what}` prints: {text}");
        check_bytes(&folder, &what);
    }
}

/// Runs a command on each of the planted files.
#[track_caller]
fn check_on_ini(args: &[&str]) {
    for ini in ["MicroSIP.ini", "plain.ini"] {
        check(&[args, &["-i", ini]].concat());
    }
    check(&[args, &["-i", "MicroSIP.ini", "-i", "missing.ini"]].concat());
}

#[test]
fn reading_commands_do_not_reveal_secrets() {
    check_on_ini(&["show"]);
    check_on_ini(&["show", "--all"]);
    check_on_ini(&["show", "Account1"]);
    check_on_ini(&["show", "Account1.password"]);
    check_on_ini(&["show", "Settings.usersDirectory"]);
    check_on_ini(&["check"]);
    for format in ["sarif", "junit", "github", "markdown"] {
        check_on_ini(&["check", "--select", "all", "--format", format]);
    }
    check_on_ini(&["hook", "list"]);
    check_on_ini(&["hook", "explain"]);
    check(&["hook", "explain", "--line", "C:\\x.exe --password=Tr0ub4dor"]);
    for key in ["Account0.password", "Account1.PASSWORD", "Settings.password"] {
        check_on_ini(&["get", key]);
        check_on_ini(&["get", key, "--raw"]);
    }
    for key in ["apiPassword", "crmToken", "usersDirectory", "cmdCallEnd"] {
        check_on_ini(&["get", &format!("Settings.{key}")]);
        check_on_ini(&["get", &format!("Settings.{key}"), "--raw"]);
    }
}

#[test]
fn diff_does_not_reveal_secrets() {
    for (before, after) in [("plain.ini", "other.ini"), ("none.ini", "MicroSIP.ini")] {
        check(&["diff", before, after]);
        check(&["diff", after, before]);
        check(&["diff", "--text", before, after]);
        check(&["diff", "--text", after, before]);
    }
}

/// Runs a command on more files than are listed one by one.
#[track_caller]
fn check_on_many(args: &[&str], formats: &[&str]) {
    let folder = planted();
    std::fs::create_dir(folder.file("many")).unwrap();
    for number in 0..12 {
        folder.write(&format!("many/{number}.ini"), PLANTED.replace("=A", &format!("={number}")));
    }
    folder.write("p.toml", "[Account1]\nlabel = \"B\"\npassword = \"Tr0ub4dor2\"\n");
    for format in formats {
        let args = [args, &["--format", format]].concat();
        let text = folder.run(&args).everything();
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains(SECRET), "{args:?} prints: {text}");
        assert!(!text.contains("panicked"), "{args:?} prints: {text}");
        assert!(text.contains("many"), "{args:?} prints nothing of the files: {text}");
    }
}

#[test]
fn runs_over_many_files_do_not_reveal_secrets() {
    let plain = &["human", "json", "ndjson"];
    let all = &["human", "json", "ndjson", "sarif", "junit", "github", "markdown"];
    check_on_many(&["check", "-i", "many/*.ini", "--select", "all"], all);
    check_on_many(&["check", "-i", "many/*.ini", "--unsafe-fixes", "-n"], all);
    check_on_many(&["plan", "p.toml", "-i", "many/*.ini"], plain);
    check_on_many(&["audit", "p.toml", "-i", "many/*.ini"], all);
    check_on_many(&["audit", "p.toml", "-i", "many/*.ini", "--list", "drifted"], &["human"]);
    check_on_many(&["apply", "p.toml", "-i", "many/*.ini"], plain);
    check_on_many(&["set", "Account1.password=Tr0ub4dor3", "-i", "many/*.ini"], plain);
    check_on_many(&["unset", "Account1", "-i", "many/*.ini"], plain);
    check_on_many(&["diff", "other.ini", "many/*.ini", "--all"], plain);
    check_on_many(&["diff", "other.ini", "many/*.ini", "--text"], plain);
    check_on_many(&["hook", "list", "--missing", "incoming-call", "-i", "many/*.ini"], plain);
}

#[test]
fn set_does_not_reveal_secrets() {
    for more in [&[][..], &["--diff"], &["--dry-run", "--diff"]] {
        let set = |wish: &str| {
            check_on_ini(&[&["set", &wish.replace('@', SECRET)], more].concat());
            check(&[&["set", &wish.replace('@', SECRET), "-i", "other.ini"], more].concat());
            check(&[&["set", &wish.replace('@', SECRET), "-i", "none.ini"], more].concat());
        };
        set("Account1.password=@");
        set("Account1.password=@2");
        set("Settings.usersDirectory=http://x/?password=@");
    }
    check(&["set", "Account3.password=Tr0ub4dor", "-i", "new.ini", "--create", "--diff"]);
    check(&["set", "Own.password=Tr0ub4dor", "-i", "none.ini", "--force", "--diff"]);
}

#[test]
fn unset_does_not_reveal_secrets() {
    check_on_ini(&["unset", "Account1.password"]);
    check_on_ini(&["unset", "Account1.password", "Settings.usersDirectory", "--diff"]);
    check_on_ini(&["unset", "Account1", "--diff"]);
    check_on_ini(&["unset", "Settings", "--diff", "--dry-run"]);
    check_on_ini(&["set", "Account1.password=new", "--diff"]);
    check_on_ini(&["set", "Account1.password=", "--diff"]);
    check_on_ini(&["set", "Account1.label=B", "--diff", "--encoding", "utf-16le"]);
}

const ADD: [&str; 7] =
    ["hook", "add", "call-log", "--on", "incoming-call,call-end", "--with", r"file=C:\calls.csv"];

#[test]
fn hook_add_and_remove_do_not_reveal_secrets() {
    check_on_ini(&ADD);
    for more in ["--diff", "--replace", "--chain", "--dry-run"] {
        check_on_ini(&[&ADD[..], &[more]].concat());
        check_on_ini(&[&ADD[..], &[more, "--diff"]].concat());
    }
    let http = "url=http://ann:Tr0ub4dor@example.com/?token=Tr0ub4dor";
    let add = ["hook", "add", "http-event", "--on", "call-start", "--with", http];
    check_on_ini(&add);
    check_on_ini(&[&add[..], &["--diff"]].concat());
    check_on_ini(&["hook", "remove", "--all", "--diff"]);
}

/// Runs commands one after another, and expects no secret in what any of them prints.
#[track_caller]
fn check_all(folder: &Folder, commands: &[&[&str]]) {
    for args in commands {
        for format in ["human", "json", "ndjson"] {
            let run: Run = folder.on_ini(&[args, &["--format", format, "-vv"][..]].concat());
            let text = String::from_utf8_lossy(&run.everything()).into_owned();
            assert!(!text.contains(SECRET), "{args:?} prints: {text}");
        }
    }
    check_bytes(folder, "after all");
}

#[test]
fn existing_hooks_do_not_reveal_secrets() {
    let folder = planted();
    let http = "url=http://ann:Tr0ub4dor@example.com/?token=Tr0ub4dor";
    check_all(
        &folder,
        &[
            &[&ADD[..], &["--chain"]].concat(),
            &["hook", "add", "http-event", "--on", "call-start", "--with", http],
            &["hook", "list"],
            &["show"],
            &["check"],
            &["hook", "remove", "--all", "--diff"],
        ],
    );
}

#[test]
fn backup_commands_do_not_reveal_secrets() {
    let folder = planted();
    check_all(
        &folder,
        &[
            &["set", "Account1.password=Tr0ub4dor7"],
            &["backup", "create"],
            &["backup", "list"],
            &["backup", "verify"],
            &["backup", "restore", "--dry-run"],
            &["backup", "restore"],
            &["backup", "restore", "--force"],
            &["backup", "prune", "--keep", "1"],
        ],
    );
}

#[test]
fn errors_do_not_reveal_secrets() {
    let wish = "Account1.password=Tr0ub4dor";
    check(&["set", wish, "--no-such-flag", "-i", "plain.ini"]);
    check(&["set", wish, "-i", "missing.ini"]);
    check(&["set", wish]);
    check(&["set", wish, "-i", "plain.ini", "--format", "nope"]);
    check(&["set", wish, "--microsip", "x", "-i", "plain.ini"]);
    check(&["set", "Account1.password=Tr0ub4dor\nx", "-i", "plain.ini"]);
    check(&["set", "Account1.password=Tr0ub4dor\u{416}", "-i", "plain.ini", "--encoding", "keep"]);
    check(&["set", "Account1.password", SECRET, "-i", "plain.ini"]);
    check(&["set", "Account1.password", "=", SECRET, "-i", "plain.ini"]);
    check(&["set", "Account1.password=", SECRET, "-i", "plain.ini"]);
    check(&["set", "Account1.passwort=Tr0ub4dor", "-i", "plain.ini"]);
    check(&["set", "password=Tr0ub4dor", "-i", "plain.ini"]);
    check(&["set", "Acount1.password=Tr0ub4dor", "-i", "plain.ini"]);
    check(&["set", "Settings.password=Tr0ub4dor", "Settings.AA=2", "-i", "plain.ini"]);
    check_on_ini(&["get", wish]);
    check_on_ini(&["show", wish]);
    check_on_ini(&["unset", wish]);
    check_on_ini(&["unset", wish, "Account1.label"]);
    let long = format!("Account1.password={}", SECRET.repeat(100));
    check(&["set", &long, "-i", "plain.ini"]);
    let outgoing = ["hook", "add", "call-log", "--on", "outgoing-call,call-busy", "--chain"];
    check_on_ini(&[&outgoing[..], &["--with", r"file=C:\calls.csv"]].concat());
    let native = ["hook", "add", "native-command", "--on", "call-end", "--replace", "--with"];
    check_on_ini(&[&native[..], &["program=C:\\a.exe password=Tr0ub4dor"]].concat());
    check_on_ini(&[&native[..], &["program=a.exe password=Tr0ub4dor"]].concat());
    check(&["hook", "add", "http-event", "--on", "call-end", "--with", SECRET, "-i", "plain.ini"]);
}

#[test]
fn reveal_shows_secrets() {
    let folder = planted();
    let reveal = |args: &[&str]| folder.on_ini(&[args, &["--reveal"]].concat()).code(0).out();
    assert_eq!(reveal(&["get", "Account1.password"]), "Tr0ub4dor\n");
    assert_eq!(reveal(&["get", "Account0.password", "--raw"]), "\"Tr0ub4dor\"\n");
    assert!(reveal(&["show"]).contains(SECRET));
    let diff = folder.run(&["diff", "plain.ini", "other.ini", "--reveal"]).code(1).out();
    assert!(diff.contains(SECRET));
}
