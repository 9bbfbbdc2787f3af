//! Work that grows with the square of a file: four times as much input takes about four times as much CPU time.
//!
//! CPU time is compared with itself, so that neither a slow machine nor a busy one matters.

#[cfg(unix)]
use std::process::Command;

use crate::runner::Folder;

/// How much input the smaller run has; the larger one has four times as much.
#[cfg(unix)]
const SIZE: usize = 4_000;

/// A run with four times the input takes less than this many times the CPU time. Sixteen times would be quadratic.
#[cfg(unix)]
const MAX_RATIO: f64 = 10.0;

/// CPU time that is mostly the start of the program, in seconds.
#[cfg(unix)]
const START: f64 = 0.1;

/// Returns the CPU time of a run in seconds.
#[cfg(unix)]
fn cpu_time(folder: &Folder, args: &[&str]) -> f64 {
    // The shell reports the time of what it ran, and of nothing else.
    let script = "\"$@\" >/dev/null 2>err; code=$?; times; exit $code";
    let program = env!("CARGO_BIN_EXE_msipctl");
    let all = [&["-c", script, "sh", program][..], args].concat();
    let mut command: Command = folder.program_command("sh", &all);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&folder.read("err")).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{args:?}: {:?}: {said}", output.status);
    let times = String::from_utf8(output.stdout).unwrap();
    // The second line is about the children: user, then system, each as `0m1.230s`.
    let line = times.lines().nth(1).unwrap();
    let seconds = |time: &str| {
        let (minutes, seconds) = time.split_once('m').unwrap();
        let seconds = seconds.trim_end_matches('s').replace(',', ".");
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    };
    line.split_whitespace().map(seconds).sum()
}

/// Checks that commands take time in proportion to what `make` makes.
#[cfg(unix)]
#[track_caller]
fn check(make: impl Fn(usize) -> String, commands: &[&[&str]]) {
    let of = |count: usize| {
        let folder = Folder::with(make(count));
        folder.write("other.ini", make(count).replace("=1\n", "=2\n"));
        folder.write("golden.ini", make(count));
        folder
    };
    check_folders(&of(SIZE), &of(4 * SIZE), commands);
}

/// Checks that commands take time in proportion to what is in two folders; the second one has four times as much.
#[cfg(unix)]
#[track_caller]
fn check_folders(small: &Folder, large: &Folder, commands: &[&[&str]]) {
    for command in commands {
        let (one, four) = (cpu_time(small, command), cpu_time(large, command));
        assert!(
            four < MAX_RATIO * one.max(START),
            "{command:?}: {SIZE} take {one:.2} s, {} take {four:.2} s",
            4 * SIZE
        );
    }
}

#[cfg(unix)]
const CHECK: &[&str] = &["check", "-i", "MicroSIP.ini"];
#[cfg(unix)]
const CAPTURE: &[&str] = &["capture", "--all", "-i", "MicroSIP.ini"];
#[cfg(unix)]
const AUDIT: &[&str] = &["audit", "golden.ini", "-i", "MicroSIP.ini"];
#[cfg(unix)]
const AUDIT_OTHER: &[&str] = &["audit", "golden.ini", "-i", "other.ini"];
#[cfg(unix)]
const PLAN: &[&str] = &["plan", "golden.ini", "-i", "other.ini"];
#[cfg(unix)]
const SHOW: &[&str] = &["show", "-i", "MicroSIP.ini"];
#[cfg(unix)]
const DIFF: &[&str] = &["diff", "MicroSIP.ini", "other.ini"];

#[cfg(unix)]
fn lines(head: &str, count: usize, line: impl Fn(usize) -> String) -> String {
    let lines: String = (0..count).map(line).collect();
    format!("{head}{lines}")
}

#[cfg(unix)]
#[test]
fn commands_take_linear_time_for_many_keys() {
    let keys = |count| lines("[Settings]\n", count, |index| format!("k{index}=1\n"));
    check(keys, &[CHECK, CAPTURE, AUDIT, AUDIT_OTHER, PLAN, SHOW, DIFF]);
    // The other file lacks every second key.
    let gaps = |count| lines("[Settings]\n", count, |index| format!("k{index}=1\n"));
    let folder = |count: usize| {
        let folder = Folder::with(gaps(count));
        folder.write("golden.ini", gaps(count));
        let half = |index: usize| {
            if index.is_multiple_of(2) { format!("k{index}=1\n") } else { String::new() }
        };
        folder.write("other.ini", lines("[Settings]\n", count, half));
        folder
    };
    check_folders(&folder(SIZE), &folder(4 * SIZE), &[PLAN]);
}

#[cfg(unix)]
#[test]
fn commands_take_linear_time_for_many_sections() {
    let sections = |count| lines("", count, |index| format!("[s{index}]\na=1\n"));
    check(sections, &[CHECK, CAPTURE, AUDIT, AUDIT_OTHER, SHOW, DIFF]);
}

#[cfg(unix)]
#[test]
fn commands_take_linear_time_for_duplicates() {
    let keys = |count| lines("[Settings]\n", count, |_| "AA=1\n".to_owned());
    check(keys, &[CHECK, CAPTURE, AUDIT, SHOW]);
    let sections = |count| lines("", count, |_| "[Settings]\nAA=1\n".to_owned());
    check(sections, &[CHECK, CAPTURE, AUDIT, SHOW]);
}

#[cfg(unix)]
#[test]
fn commands_take_linear_time_for_many_accounts() {
    let account = |index: usize| {
        let index = index + 1;
        format!("[Account{index}]\nusername=u{index}\ndomain=d\npassword=p{index}\n")
    };
    let accounts = |count| lines("[Settings]\naccountId=1\n", count, account);
    check(accounts, &[CHECK, CAPTURE, AUDIT, SHOW]);
}

#[cfg(unix)]
#[test]
fn commands_take_linear_time_for_many_directives() {
    let head = "[Settings]\ncmdCallEnd=\"C:\\x\\msipctl.exe\" hook run call-end\n";
    let directive = |index: usize| format!("OnCallEnd.{}=Log,C:\\a.csv\n", index + 2);
    let directives = |count| lines(head, count, directive);
    check(directives, &[CAPTURE, AUDIT, SHOW, &["hook", "list", "-i", "MicroSIP.ini"]]);
}

#[cfg(unix)]
#[test]
fn check_takes_linear_time_for_many_suppressions() {
    let names = |count| {
        let names: Vec<_> = (0..count).map(|index| format!("name{index}")).collect();
        format!("[Settings]\n; msipctl: ignore {} r\nxA=1\n", names.join(","))
    };
    check(names, &[CHECK]);
    let comment = "; msipctl: ignore unknown-key r\n";
    check(|count| lines("[Settings]\n", count, |_| comment.to_owned()), &[CHECK]);
    let file = "; msipctl: ignore-file unknown-key r\n";
    let many = |count| {
        let comments = lines("", count, |_| file.to_owned());
        lines(&format!("{comments}[Settings]\n"), count, |index| format!("x{index}=1\n"))
    };
    check(many, &[CHECK]);
    let each = |index: usize| format!("{comment}x{index}=1\n");
    check(|count| lines("[Settings]\n", count, each), &[CHECK]);
}

#[cfg(unix)]
#[test]
fn commands_take_linear_time_for_long_values() {
    let fields =
        |count: usize| format!("[Settings]\nOnCallEnd=Run,C:\\a.exe{}\n", ",x".repeat(count));
    check(fields, &[CHECK, CAPTURE, SHOW]);
}

#[cfg(unix)]
#[test]
fn audit_takes_linear_time_for_a_policy_of_many_keys() {
    let keys = |count| lines("[Settings]\n", count, |index| format!("k{index}=1\n"));
    let policy = |count| {
        let key = |index: usize| format!("k{index} = {{ value = \"2\", force = true }}\n");
        lines("[Settings]\n", count, key)
    };
    let one_line = |count| {
        let key = |index: usize| format!("k{index} = {{ value = \"2\", force = true }}, ");
        lines("Settings = { ", count, key) + "AA = true }\n"
    };
    for policy in [&policy as &dyn Fn(usize) -> String, &one_line] {
        let of = |count: usize| {
            let folder = Folder::with(keys(count));
            folder.write("p.toml", policy(count));
            folder
        };
        let run = |count| cpu_time(&of(count), &["audit", "p.toml", "-i", "MicroSIP.ini"]);
        let (one, four) = (run(SIZE), run(4 * SIZE));
        assert!(four < MAX_RATIO * one.max(START), "{one:.2} s, {four:.2} s");
    }
}

#[test]
fn suppression_of_too_many_rules_is_one_finding() {
    let names: Vec<_> = (0..50_000).map(|index| format!("name{index}")).collect();
    let text = format!("[Settings]\n; msipctl: ignore {} r\nxA=1\n", names.join(","));
    let folder = Folder::with(text);
    let args = ["check", "-i", "MicroSIP.ini", "--format", "json"];
    let report = folder.run(&args).code(1).json();
    let rules: Vec<_> = report["files"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["rule"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(rules, ["suppression-of-unknown-rule", "unknown-key"]);
    let message = report["files"][0]["findings"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("too many rules: 50000 of at most 256"), "{message}");
}

#[test]
fn oversized_inputs_are_rejected_with_their_limit() {
    let folder = Folder::with("[Settings]\nAA=0\n");
    folder.write("p.toml", "[Settings]\nAA = true\n");
    let large = |name: &str, length: u64| {
        std::fs::File::create(folder.file(name)).unwrap().set_len(length).unwrap();
    };
    const MIB: u64 = 1024 * 1024;
    large("large.toml", 5 * MIB);
    large("large.csv", 17 * MIB);
    large("large.json", 129 * MIB);
    large("large.ini", 9 * MIB);
    for (args, limit, hint) in [
        (&["plan", "large.toml", "-i", "MicroSIP.ini"][..], 4 * MIB, "split the policy into files"),
        (&["plan", "large.ini", "-i", "MicroSIP.ini"], 8 * MIB, "configured phone"),
        (&["plan", "p.toml", "--inventory", "large.csv"], 16 * MIB, "split the inventory"),
        (
            &["check", "-i", "MicroSIP.ini", "--baseline", "large.json"],
            128 * MIB,
            "one report for each part",
        ),
        (&["check", "-i", "MicroSIP.ini", "--config", "large.toml"], MIB, "msipctl.toml"),
        (
            &["audit", "p.toml", "-i", "MicroSIP.ini", "--compare-to", "large.json"],
            128 * MIB,
            "one report for each part",
        ),
        (&["apply", "large.json"], 128 * MIB, "one plan for each part"),
        (&["template", "check", "large.ini"], 32 * 1024, "check that this is a template"),
    ] {
        let run = folder.run(args).code(2);
        let said = run.err();
        assert!(said.contains(&format!("expected at most {limit}")), "{args:?}: {said}");
        assert!(said.contains(hint), "{args:?}: {said}");
    }
}

#[test]
fn inventories_with_too_many_fields_are_rejected() {
    let folder = Folder::with("[Settings]\nAA=0\n");
    folder.write("p.toml", "[Settings]\nAA = true\n");
    for (text, expected) in [
        (
            format!("ini{}\n", ",a".repeat(300)),
            "the inventory has 301 columns: expected at most 256",
        ),
        (format!("ini,{}\n", "a".repeat(300)), "has 300 bytes: expected at most 128"),
        (format!("ini\n{}", "a,b,c,d,e,f,g,h\n".repeat(130_000)), "more than 1000000 values"),
    ] {
        folder.write("i.csv", text);
        let run = folder.run(&["plan", "p.toml", "--inventory", "i.csv"]).code(2);
        assert!(run.err().contains(expected), "{}", run.err());
    }
}
