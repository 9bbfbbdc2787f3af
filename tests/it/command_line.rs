//! Command lines as users type them: files as arguments, keys without sections, names of other tools.

use crate::runner::{Folder, Run};

const INI: &str =
    "[Settings]\r\nAA=0\r\ncmdCallEnd=C:\\a.exe\r\n[Account1]\r\ndomain=sip.example\r\n";

fn folder() -> Folder {
    Folder::with(INI)
}

/// Runs a command line, and checks that its output is that of another one.
#[track_caller]
fn same(args: &[&str], as_typed: &[&str], code: i32) -> Run {
    let (one, other) = (folder(), folder());
    let expected = one.run(as_typed).code(code);
    let run = other.run(args).code(code);
    assert_eq!(run.out(), expected.out(), "{args:?}");
    assert_eq!(run.err(), expected.err(), "{args:?}");
    assert_eq!(one.ini(), other.ini(), "{args:?}");
    run
}

#[test]
fn files_are_accepted_as_arguments_of_every_command() {
    for (args, code) in [
        (&["check"][..], 1),
        (&["show"], 0),
        (&["show", "Account1"], 0),
        (&["get", "Settings.AA"], 0),
        (&["set", "Settings.AA=1", "--no-backup"], 0),
        (&["unset", "Settings.AA", "--no-backup"], 0),
        (&["hook", "list"], 0),
        (&["hook", "explain"], 0),
        (&["hook", "explain", "call-end"], 0),
        (&["hook", "test", "call-end", "--print"], 0),
        (&["hook", "add", "call-log", "--on", "call-start", "--with", "file=C:\\x.csv", "-n"], 0),
        (&["hook", "remove", "--all", "-n"], 0),
        (&["hook", "remove", "call-log", "-n"], 0),
        (&["capture"], 0),
        (&["backup", "list"], 0),
        (&["backup", "verify"], 0),
        (&["backup", "prune"], 0),
        (&["backup", "restore"], 2),
        (&["undo"], 2),
    ] {
        let flag = [args, &["-i", "MicroSIP.ini"]].concat();
        same(&[args, &["MicroSIP.ini"]].concat(), &flag, code);
        same(
            &[args, &["./MicroSIP.ini"]].concat(),
            &[args, &["-i", "./MicroSIP.ini"]].concat(),
            code,
        );
    }
    // A file can also come first.
    same(&["get", "MicroSIP.ini", "AA"], &["get", "AA", "-i", "MicroSIP.ini"], 0);
}

#[test]
fn files_are_accepted_after_a_policy() {
    for command in ["plan", "apply", "audit"] {
        let folder = folder();
        folder.write("p.toml", "[Settings]\nAA = 0\n");
        folder.run(&[command, "p.toml", "MicroSIP.ini"]).code(0);
        let run = folder.run(&[command, "p.toml", "missing.ini"]).code(2);
        assert!(run.err().contains("missing.ini"), "{}", run.err());
    }
    let folder = folder();
    folder.write("plan.json", "{}");
    let err = folder.run(&["apply", "plan.json", "MicroSIP.ini"]).code(2).err();
    assert!(err.contains("lists its own files"), "{err}");
}

#[test]
fn folder_argument_selects_the_files_in_it() {
    let folder = folder();
    std::fs::create_dir_all(folder.file("pcs/one")).unwrap();
    folder.write("pcs/one/MicroSIP.ini", INI);
    let run = folder.run(&["get", "AA", "pcs"]).code(0);
    assert_eq!(run.out(), "0\n");
    let run = folder.run(&["check", "pcs/*/MicroSIP.ini"]).code(1);
    let out = run.out().replace('\\', "/");
    assert!(out.contains("pcs/one/MicroSIP.ini"), "{out}");
}

#[test]
fn name_that_is_also_a_file_is_a_name() {
    let folder = folder();
    folder.write("Settings", INI);
    let run = folder.run(&["show", "Settings", "MicroSIP.ini"]).code(0);
    assert!(run.err().contains("did you mean `-i Settings`?"), "{}", run.err());
    assert!(run.out().contains("cmdCallEnd"), "{}", run.out());
}

#[test]
fn rest_of_a_split_password_is_not_repeated_as_a_file() {
    let run =
        folder().run(&["set", "Account1.password=a", "b/hunter2", "-i", "MicroSIP.ini"]).code(2);
    assert!(!run.err().contains("hunter2"), "{}", run.err());
}

#[test]
fn keys_work_without_a_section_when_one_section_has_them() {
    same(&["get", "AA", "MicroSIP.ini"], &["get", "Settings.AA", "-i", "MicroSIP.ini"], 0);
    let folder = folder();
    folder.run(&["set", "singlemode=0", "MicroSIP.ini", "--no-backup"]).code(0);
    assert!(String::from_utf8(folder.ini()).unwrap().contains("\r\nsingleMode=0\r\n"));
    folder.run(&["unset", "singleMode", "MicroSIP.ini", "--no-backup"]).code(0);
    assert_eq!(folder.ini(), INI.as_bytes());
}

#[test]
fn ambiguous_and_misspelled_keys_suggest_full_names() {
    let err =
        |args: &[&str], code| folder().run(&[args, &["MicroSIP.ini"]].concat()).code(code).err();
    insta::assert_snapshot!(err(&["get", "domain"], 2), @"
    error: `domain` is a key of each account: expected `SECTION.KEY`
    hint: use `Account1.domain`
    ");
    insta::assert_snapshot!(err(&["set", "singleMod=1"], 2), @"
    error: missing section in `singleMod`: expected `SECTION.KEY`
    hint: did you mean `Settings.singleMode`?
    ");
    insta::assert_snapshot!(err(&["get", "Setings.AA"], 1), @"note: `Setings.AA` is not set; did you mean `Settings.AA`?");
    insta::assert_snapshot!(err(&["unset", "Setings.AA"], 0), @"note: `Setings.AA` is not set; did you mean `Settings.AA`?");
    insta::assert_snapshot!(err(&["unset", "Setings"], 0), @"note: `Setings` is not set; did you mean `Settings`?");
    insta::assert_snapshot!(err(&["show", "Acount1"], 1), @"note: `Acount1` is not set; did you mean `Account1`?");
    insta::assert_snapshot!(err(&["hook", "explain", "incoming-cal"], 2), @"
    error: unknown event `incoming-cal`; did you mean `incoming-call`?
    hint: to select a file, pass `-i incoming-cal`
    ");
}

#[test]
fn command_names_of_other_tools_lead_to_the_right_command() {
    for (typed, command) in [
        (&["validate", "MicroSIP.ini"][..], "check"),
        (&["lint", "MicroSIP.ini"], "check"),
        (&["restore"], "backup restore"),
        (&["rollback"], "backup restore"),
        (&["list"], "show"),
        (&["inject"], "hook add"),
        (&["hook", "install"], "hook add"),
        (&["backup", "rollback"], "backup restore"),
    ] {
        let err = folder().run(typed).code(2).err();
        assert!(err.contains(&format!("tip: run `msipctl {command}`")), "{typed:?}: {err}");
        assert_eq!(err.matches("tip:").count(), 1, "{typed:?}: {err}");
        let json = folder().run(&[typed, &["--format", "json"]].concat()).code(2);
        let error: serde_json::Value = serde_json::from_str(&json.err()).unwrap();
        assert_eq!(error["error"]["hint"], format!("run `msipctl {command}`"), "{error}");
    }
}

#[test]
fn misspelled_commands_suggest_only_the_most_similar_one() {
    for (typed, similar) in [("chek", "check"), ("plna", "plan"), ("captur", "capture")] {
        let err = folder().run(&[typed]).code(2).err();
        assert!(err.contains(&format!("tip: a similar subcommand exists: '{similar}'\n")), "{err}");
    }
}

#[test]
fn flags_of_other_tools_lead_to_the_right_flag() {
    for (typed, tip) in [
        (&["check", "MicroSIP.ini", "--json"][..], "pass `--format json`"),
        (
            &["check", "--version", "3.19"],
            "to check for a MicroSIP version, pass `--microsip VERSION`",
        ),
        (&["set", "AA=1", "--preview"], "pass `--dry-run`"),
        (&["hook", "add", "call-log", "--event", "call-end"], "pass `--on EVENT`"),
        (&["apply", "--policy", "p.toml"], "the policy is an argument: `msipctl apply POLICY`"),
        (
            &["--file", "MicroSIP.ini", "check"],
            "to select a file, pass `-i FILE` after the command",
        ),
    ] {
        let err = folder().run(typed).code(2).err();
        assert!(err.contains(&format!("tip: {tip}\n")), "{typed:?}: {err}");
        assert_eq!(err.matches("tip:").count(), 1, "{typed:?}: {err}");
    }
    // A command that writes nothing has no dry run.
    let err = folder().run(&["show", "--preview"]).code(2).err();
    assert!(!err.contains("--dry-run"), "{err}");
}

#[test]
fn unknown_file_flags_suggest_the_file_flag() {
    for flag in ["--file", "--path=x", "-f", "--input"] {
        let err = folder().run(&["check", flag, "MicroSIP.ini"]).code(2).err();
        assert!(err.contains("tip: to select a file, pass `-i FILE`"), "{flag}: {err}");
        assert_eq!(err.matches("tip:").count(), 1, "{flag}: {err}");
        assert!(!err.contains("--fail-on") && !err.contains("--fix"), "{flag}: {err}");
    }
    let err = folder().run(&["MicroSIP.ini"]).code(2).err();
    assert!(err.contains("run `msipctl show FILE` or `msipctl check FILE`"), "{err}");
    let err = folder().run(&["locate", "./disk"]).code(2).err();
    assert!(err.contains("did you mean `--root DIR`?"), "{err}");
}

#[test]
fn hook_add_accepts_all_events_and_patterns() {
    let keys = |on: &str| {
        let folder = folder();
        let args =
            ["hook", "add", "call-log", "--with", "file=C:\\x.csv", "MicroSIP.ini", "--chain"];
        folder.run(&[&args[..], &["--on", on]].concat()).code(0);
        let ini = String::from_utf8(folder.ini()).unwrap();
        let settings = ini.split("[Account1]").next().unwrap().to_owned();
        let keys = settings.lines().filter(|line| line.starts_with("On") && line.contains("Log,"));
        keys.filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(keys("all").len(), 8);
    assert_eq!(keys("*ing-call"), ["OnOutgoingCall", "OnIncomingCall"]);
    let err =
        folder().run(&["hook", "add", "call-log", "--on", "sms-*", "MicroSIP.ini"]).code(2).err();
    assert!(err.contains("sms-*"), "{err}");
    let help = folder().run(&["hook", "add", "--help"]).code(0).out();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for event in msipctl_core::event::Event::ALL {
        assert!(help.contains(event.name()), "{event}");
    }
}

#[test]
fn formats_in_help_are_those_that_the_command_supports() {
    for (command, formats) in [
        (&["show"][..], "human, json, ndjson]"),
        (&["check"], "human, json, ndjson, sarif, junit, github, markdown, html]"),
        (&["audit"], "human, json, ndjson, sarif, junit, github, markdown, html]"),
        (&["hook", "list"], "human, json, ndjson]"),
    ] {
        let help = folder().run(&[command, &["-h"]].concat()).code(0).out();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(&format!("[possible values: {formats}")), "{help}");
    }
    let err = folder().run(&["--format", "sarif", "show", "MicroSIP.ini"]).code(2).err();
    insta::assert_snapshot!(err, @"
    error: this command doesn't support `--format sarif`: expected `human`, `json`, `ndjson`
    hint: run the command with `--help` to list its formats
    ");
    folder().run(&["--format", "sarif", "check", "MicroSIP.ini"]).code(1);
    folder().run(&["hook", "list", "--format", "html", "MicroSIP.ini"]).code(2);
}

#[test]
fn create_makes_missing_folders() {
    let folder = Folder::new();
    let path = "Ann/MicroSIP/MicroSIP.ini";
    folder.run(&["set", "Settings.AA=1", path, "--create", "-n"]).code(0);
    assert!(!folder.file("Ann").exists());
    let err = folder.run(&["set", "Settings.AA=1", path]).code(2).err();
    assert!(err.contains(path), "{err}");
    folder.run(&["set", "Settings.AA=1", path, "--create"]).code(0);
    assert_eq!(folder.run(&["get", "AA", path]).code(0).out(), "1\n");
}

#[cfg(unix)]
#[test]
fn create_fails_when_a_file_is_in_place_of_a_folder() {
    let folder = Folder::new();
    folder.write("Ann", "text");
    folder.run(&["set", "Settings.AA=1", "Ann/MicroSIP.ini", "--create"]).code(2);
    assert_eq!(folder.read("Ann"), b"text");
}

#[test]
fn undo_restores_the_last_change() {
    let folder = folder();
    folder.run(&["set", "AA=1", "MicroSIP.ini"]).code(0);
    folder.run(&["undo", "MicroSIP.ini", "-n"]).code(0);
    assert_ne!(folder.ini(), INI.as_bytes());
    folder.run(&["undo", "MicroSIP.ini"]).code(0);
    assert_eq!(folder.ini(), INI.as_bytes());
}

#[test]
fn last_run_is_undone_without_its_name() {
    let folder = folder();
    folder.write("other.ini", INI);
    let err = folder.run(&["undo", "--run", "last"]).code(2).err();
    assert!(err.starts_with("error: no run to undo"), "{err}");
    let both = ["MicroSIP.ini", "other.ini"];
    folder.run(&[&["set", "AA=1"][..], &both].concat()).code(0);
    folder.run(&[&["set", "AA=2", "--force"][..], &both].concat()).code(0);
    folder.run(&["backup", "restore", "--run", "last"]).code(0);
    for name in both {
        assert_eq!(folder.read(name), INI.replace("AA=0", "AA=1").as_bytes());
    }
    // An undone run isn't the last one.
    folder.run(&["undo", "--run", "last"]).code(0);
    assert_eq!(folder.ini(), INI.as_bytes());
    folder.run(&["set", "AA=1", "other.ini"]).code(0);
    folder.run(&["undo", "--run", "last", "other.ini"]).code(0);
    assert_eq!(folder.read("other.ini"), INI.as_bytes());
}

#[test]
fn runs_are_listed_newest_first_with_a_date() {
    let folder = folder();
    folder.write("other.ini", INI);
    for value in ["AA=1", "DND=1"] {
        folder.run(&["set", value, "MicroSIP.ini", "other.ini"]).code(0);
    }
    let out = folder.run(&["backup", "list", "--runs"]).code(0).out();
    let lines: Vec<_> = out.lines().collect();
    assert!(lines.len() == 2 && lines[0].ends_with("set Settings.DND"), "{out}");
    let is_dated = |line: &&str| {
        line.split("  ").nth(1).is_some_and(|date| date.len() == 23 && date.ends_with(" UTC"))
    };
    assert!(lines.iter().all(is_dated), "{out}");
    let backups = folder.run(&["backup", "list", "MicroSIP.ini"]).code(0).out();
    assert_eq!(backups.lines().count(), 2, "{backups}");
    assert!(backups.lines().all(|line| is_dated(&line)), "{backups}");
}

#[test]
fn prune_lists_old_backups_without_deleting_them_in_a_dry_run() {
    let folder = folder();
    for value in ["AA=1", "AA=0", "AA=1"] {
        folder.run(&["set", value, "MicroSIP.ini"]).code(0);
    }
    let before = folder.files_below(".msipctl");
    let preview = folder.run(&["backup", "prune", "--keep", "1", "-n", "MicroSIP.ini"]).code(0);
    assert_eq!(preview.out().lines().count(), 2);
    assert_eq!(preview.err(), "note: would delete 2 backups\n");
    assert_eq!(folder.files_below(".msipctl"), before);
    let pruned = folder.run(&["backup", "prune", "--keep", "1", "MicroSIP.ini"]).code(0);
    assert_eq!(pruned.out(), preview.out());
    assert_eq!(pruned.err(), "note: deleted 2 backups\n");
}

#[test]
fn man_page_titles_name_the_command() {
    let title = |command: &[&str]| {
        let page = folder().run(&[&["man"], command].concat()).code(0).out();
        page.lines().find(|line| line.starts_with(".TH")).unwrap().to_owned()
    };
    let version = env!("CARGO_PKG_VERSION");
    let expected = |name: &str| format!(".TH {name} 1  \"msipctl {version}\" \"msipctl manual\"");
    assert_eq!(title(&[]), expected("MSIPCTL"));
    assert_eq!(title(&["hook", "add"]), expected("MSIPCTL-HOOK-ADD"));
}
