//! Failures: each is one line on stdout, stderr is empty, and the exit code is 1.

use super::{ENGINES, line, run};
use crate::runner::Folder;

/// A text that an error could repeat: the name of a user in a path.
const USER: &str = "Erika.Mustermann";

/// Creates a folder with everything that the command lines need.
fn folder() -> Folder {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n[Account1]\r\nusername=1\r\n");
    std::fs::create_dir(folder.file(USER)).unwrap();
    let name = |name: &str| format!("{USER}/{name}");
    folder.write(&name("MicroSIP.ini"), "[Settings]\r\nAA=0\r\n");
    folder.write("p.toml", "[Settings]\nAA = true\n");
    folder.write(&name("broken.toml"), "[Settings\nAA = Erika.Mustermann\n");
    folder.write(&name("key.toml"), "[Settings]\nAA = 7\nautoAnswer = \"Erika.Mustermann\"\n");
    folder.write(
        &name("hook.toml"),
        "[[hook]]\ntemplate = \"Erika.Mustermann\"\non = [\"call-end\"]\n",
    );
    folder.write(&name("loop.toml"), "extends = \"loop.toml\"\n");
    folder.write(&name("secret.toml"), "[Account1]\npassword = { env = \"ERIKA_MUSTERMANN\" }\n");
    folder.write(&name("file.toml"), "[Account1]\npassword = { file = \"gone.txt\" }\n");
    folder.write(&name("column.toml"), "[Account1]\nusername = \"{{ row.Mustermann }}\"\n");
    folder.write(&name("constraint.toml"), "[Settings]\nAA = { max = 0, one_of = 1 }\n");
    folder.write(&name("empty.csv"), "ini,site\n");
    folder.write(&name("wrong.csv"), "host,site\nErika,Mustermann\n");
    folder.write(&name("pcs.csv"), "ini,site\nMicroSIP.ini,Mustermann\n");
    folder.write(&name("plan.json"), "{\"schema_version\": 99}");
    folder.write(&name("odd.json"), "Erika.Mustermann");
    let occupied = "[Settings]\r\ncmdCallEnd=C:\\Users\\Erika.Mustermann\\x.exe\r\n";
    folder.write(&name("occupied.ini"), occupied);
    folder.write(&name("occupied.toml"), "[[hook]]\ntemplate = \"http-event\"\non = [\"call-end\"]\nwith = { url = \"https://x.example\" }\n");
    folder
}

/// Command lines that fail, each without the program and the engine. `U/` is the folder with the name of the user.
const FAILING: &[&[&str]] = &[
    // Arguments.
    &["audit"],
    &["apply"],
    &["audit", "p.toml", "MicroSIP.ini", "--no-such-flag"],
    &["audit", "p.toml", "MicroSIP.ini", "--exit-zero"],
    &["audit", "p.toml", "MicroSIP.ini", "--list", "drifted"],
    &["audit", "p.toml", "MicroSIP.ini", "--list", "Erika.Mustermann"],
    &["audit", "p.toml", "MicroSIP.ini", "--format", "json"],
    &["audit", "p.toml", "MicroSIP.ini", "--format", "Erika.Mustermann"],
    &["audit", "p.toml", "MicroSIP.ini", "-v"],
    &["audit", "p.toml", "MicroSIP.ini", "--jobs", "0"],
    &["audit", "p.toml", "MicroSIP.ini", "--microsip", "Erika.Mustermann"],
    &["apply", "p.toml", "MicroSIP.ini", "--diff"],
    &["apply", "p.toml", "MicroSIP.ini", "--dry-run"],
    &["apply", "p.toml", "MicroSIP.ini", "--limit", "1"],
    &["apply", "p.toml", "MicroSIP.ini", "--max-failures", "1"],
    &["apply", "p.toml", "MicroSIP.ini", "--detailed-exitcode"],
    &["apply", "p.toml", "MicroSIP.ini", "--format", "ndjson"],
    &["apply", "p.toml", "MicroSIP.ini", "-vv"],
    &["apply", "p.toml", "MicroSIP.ini", "--if-running", "Erika.Mustermann"],
    &["apply", "p.toml", "MicroSIP.ini", "--engine", "rmm"],
    &["apply", "--resume", "20261124T091500Z-9f3c"],
    &["apply", "--resume", "Erika.Mustermann"],
    &["Erika.Mustermann", "p.toml"],
    &["set", "Settings.AA=1", "MicroSIP.ini"],
    // Policies and plans.
    &["audit", "U/gone.toml", "MicroSIP.ini"],
    &["audit", "U", "MicroSIP.ini"],
    &["audit", "U/broken.toml", "MicroSIP.ini"],
    &["apply", "U/broken.toml", "MicroSIP.ini"],
    &["audit", "U/key.toml", "MicroSIP.ini"],
    &["audit", "U/hook.toml", "MicroSIP.ini"],
    &["audit", "U/loop.toml", "MicroSIP.ini"],
    &["audit", "U/constraint.toml", "MicroSIP.ini"],
    &["audit", "U/column.toml", "MicroSIP.ini"],
    &["apply", "U/secret.toml", "MicroSIP.ini"],
    &["apply", "U/file.toml", "MicroSIP.ini"],
    &["apply", "U/gone.json"],
    &["apply", "U/plan.json"],
    &["apply", "U/odd.json"],
    &["apply", "U/plan.json", "MicroSIP.ini"],
    &["audit", "p.toml", "--template-dir", "U/gone"],
    // Files.
    &["audit", "p.toml", "p.toml"],
    &["audit", "p.toml", "--inventory", "U/gone.csv"],
    &["audit", "p.toml", "--inventory", "U/empty.csv"],
    &["apply", "p.toml", "--inventory", "U/wrong.csv"],
    &["audit", "p.toml", "--inventory", "U/pcs.csv", "--compare-to", "U/gone.json"],
    &["audit", "p.toml", "--inventory", "U/pcs.csv", "--compare-to", "U/odd.json"],
    &["audit", "p.toml", "U/MicroSIP.ini", "-o", "U/MicroSIP.ini"],
    &["audit", "p.toml", "U/MicroSIP.ini", "-o", "U/gone/report.html"],
    &["audit", "p.toml", "U/gone.ini", "--require"],
    &["apply", "p.toml", "U/gone.ini", "U/none/*.ini", "--require"],
    &["apply", "U/occupied.toml", "U/occupied.ini"],
];

#[test]
fn failing_command_lines_are_silent_and_exit_with_1() {
    let folder = folder();
    let before = folder.ini();
    for (number, args) in FAILING.iter().enumerate() {
        let args: Vec<_> = args.iter().map(|arg| arg.replace("U/", &format!("{USER}/"))).collect();
        let args: Vec<_> = args.iter().map(|arg| if arg == "U" { USER } else { arg }).collect();
        let error = run(&folder, &args, ENGINES[number % 3], 1);
        assert!(error.starts_with("Error; "), "{args:?}: {error}");
        assert!(error.ends_with("; for details, run the command without --engine"), "{error}");
        for personal in ["Erika", "Mustermann", "MUSTERMANN", "/", "\\", ".toml", ".csv", ".json"] {
            assert!(!error.contains(personal), "{args:?}: {error}");
        }
    }
    assert_eq!(folder.ini(), before);
}

#[test]
fn invalid_engines_are_silent_as_well() {
    let folder = folder();
    for args in [
        &["audit", "p.toml", "MicroSIP.ini", "--engine"][..],
        &["audit", "p.toml", "MicroSIP.ini", "--engine", "Erika.Mustermann"],
        &["audit", "p.toml", "MicroSIP.ini", "--engine="],
        &["apply", "--engine=Erika.Mustermann", "p.toml"],
        &["--engine", "intune"],
    ] {
        let error = line(&folder.run(args).code(1));
        assert!(error.starts_with("Error; the command line is invalid: "), "{args:?}: {error}");
        assert!(!error.contains("Erika"), "{error}");
    }
    // Without an engine, the error is on stderr.
    let run = folder.run(&["audit", "p.toml", "MicroSIP.ini", "--require"]).code(2);
    assert!(run.err().contains("--engine <ENGINE>"), "{}", run.err());
}

#[test]
fn errors_name_their_reason() {
    let folder = folder();
    let error = |args: &[&str]| run(&folder, args, "intune", 1);
    for (args, expected) in [
        (&["audit", "gone.toml", "MicroSIP.ini"][..], "the policy can't be read or is invalid"),
        (
            &["audit", "p.toml", "MicroSIP.ini", "--nope"],
            "the command line is invalid: unknown argument",
        ),
        (
            &["audit", "p.toml", "MicroSIP.ini", "--jobs", "0"],
            "the command line is invalid: invalid value of --jobs",
        ),
        (
            &["audit", "p.toml", "--inventory", "gone.csv"],
            "the inventory can't be read or is invalid",
        ),
    ] {
        let line = error(args);
        assert!(line.contains(&format!("; {expected}; ")), "{args:?}: {line}");
    }
    let secret = format!("{USER}/secret.toml");
    let line = error(&["apply", &secret, "MicroSIP.ini"]);
    insta::assert_snapshot!(line, @"Error; a secret isn't available; nothing was written; for details, run the command without --engine");
    let occupied = format!("{USER}/occupied.toml");
    let line = error(&["apply", &occupied, &format!("{USER}/occupied.ini"), "MicroSIP.ini"]);
    insta::assert_snapshot!(crate::runner::without_times(&line), @"Error; 1 of 2 files failed: the event already has a command; 1 of 2 files changed; hooks: http-event (1 event); run [TIME] for details, run the command without --engine");
}

#[cfg(target_os = "linux")]
#[test]
fn closed_or_full_output_does_not_change_the_exit_code() {
    use std::process::Stdio;

    let folder = folder();
    let args = ["audit", "p.toml", "MicroSIP.ini", "--engine", "intune"];
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for args in [&args[..], &["audit", "--engine", "intune"]] {
        let mut command = folder.command(args);
        let output = command.stdout(full()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    }
}

#[cfg(unix)]
#[test]
fn system_errors_are_named_without_the_text_of_the_system() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    std::fs::create_dir(folder.file("folder.ini")).unwrap();
    let error = run(&folder, &["audit", "p.toml", "-i", "folder.ini"], "intune", 1);
    assert!(error.starts_with("Error; 1 of 1 file failed: the path isn't a file; "), "{error}");
    let read_only = std::fs::Permissions::from_mode(0o444);
    std::fs::set_permissions(folder.file("MicroSIP.ini"), read_only).unwrap();
    let error = run(&folder, &["apply", "p.toml", "MicroSIP.ini"], "intune", 1);
    assert!(
        error
            .starts_with("Error; 1 of 1 file failed: the file is read-only; nothing was written; "),
        "{error}"
    );
}
