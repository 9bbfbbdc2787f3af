//! What the `console` blocks of all pages show is what the program prints.
//!
//! - `$ cat NAME` shows a file, which is created if it doesn't exist. `$ msipctl …` is followed by what it prints, stdout before
//!   stderr. `> NAME` at the end of a command writes stdout to a file.
//! - `$ cargo run --release -- …` is `msipctl …`, and `$ cargo test` isn't run again.
//! - `> msipctl …` is a command on Windows, without a file: it runs on MicroSIP.ini, which is a copy of examples/MicroSIP.ini
//!   unless the page shows another one, and prints the path that the file has there.
//! - The blocks of one `##` section share a folder, which is called `/srv/pcs`. A page with Windows commands has one folder.
//! - Any name of a run in a command means the newest run. What needs Windows itself is in `text` blocks.
//!
//! With MSIPCTL_UPDATE=1, the test rewrites what it finds below each command. Lines that only differ in a time or a name stay.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use msipctl_core::store::RunId;

use super::{PATIENCE, all_pages, is_time, is_update, rewrite, words};
use crate::runner::{Folder, without_times};

/// How pages call the folder in which the commands of a section run.
const SHOWN_FOLDER: &str = "/srv/pcs";
/// How pages call the file of a user on Windows.
const WINDOWS_INI: &str = r"C:\Users\Ann\AppData\Roaming\MicroSIP\MicroSIP.ini";
const WINDOWS_PROGRAM: &str = r"C:\Program Files\msipctl\msipctlw.exe";
/// The time, the backup, and the run that new lines show.
const SHOWN_TIME: &str = "2026-11-23T09:01:02.343Z";
const SHOWN_DATE: &str = "2026-11-23 09:01:02";
const SHOWN_BACKUP: &str = ".20261123T090102Z-9f3c01d2";
const SHOWN_RUN: &str = "20261123T090102Z-9f3c";

#[test]
fn console_blocks_show_what_the_program_prints() {
    let mut commands = 0;
    let mut stale = Vec::new();
    for (path, text) in all_pages() {
        let page = run_page(&text, &mut commands);
        if page == text {
            continue;
        }
        if is_update() {
            rewrite(&path, |_| page.clone());
            continue;
        }
        let (old, new): (Vec<_>, Vec<_>) = (text.lines().collect(), page.lines().collect());
        let line = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        let near = |lines: &[&str]| lines[line..lines.len().min(line + 8)].join("\n");
        let (old, new) = (near(&old), near(&new));
        stale.push(format!("{}:{}\nshown:\n{old}\nprinted:\n{new}\n", path.display(), line + 1));
    }
    assert!(
        stale.is_empty(),
        "{}\nto update: MSIPCTL_UPDATE=1 cargo test --test it -- pages",
        stale.join("\n")
    );
    assert!(commands > 25, "{commands}");
}

/// Runs the commands of a page, and returns the page as it should be.
fn run_page(text: &str, commands: &mut usize) -> String {
    let is_windows_page = text.contains("\n> msipctl ");
    let mut folder = Folder::new();
    let mut page = String::new();
    let mut is_code = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        page += &format!("{line}\n");
        if line == "```console" {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            for step in steps(&block) {
                *commands += 1;
                page += &format!("{}\n", step[0]);
                for line in run_step(&folder, step[0], &step[1..]) {
                    page += &format!("{line}\n");
                }
            }
            page += "```\n";
        } else if line.starts_with("```") {
            is_code = !is_code;
        } else if line.starts_with("## ") && !is_code && !is_windows_page {
            folder = Folder::new();
        }
    }
    page
}

/// Splits a block at its commands.
fn steps<'b>(block: &'b [&'b str]) -> impl Iterator<Item = &'b [&'b str]> {
    let is_command = |line: &str| line.starts_with("$ ") || line.starts_with("> msipctl ");
    assert!(block.first().is_some_and(|line| is_command(line)), "no command: {block:?}");
    block.chunk_by(move |_, next| !is_command(next))
}

/// Returns the lines that belong below a command: those that are shown if they say the same.
fn run_step(folder: &Folder, command: &str, shown: &[&str]) -> Vec<String> {
    let (prompt, command) = command.split_once(' ').unwrap();
    match command.split_once(' ') {
        Some(("cat", name)) => cat(folder, name, shown),
        Some(("msipctl", args)) => run(folder, args, shown, prompt == ">"),
        Some(("cargo", "test")) => Vec::new(),
        Some(("cargo", args)) => {
            let args = args.strip_prefix("run --release -- ");
            run(folder, args.unwrap_or_else(|| panic!("{command}")), shown, false)
        }
        _ => panic!("{command}"),
    }
}

/// Creates a file that is shown, or reads it.
fn cat(folder: &Folder, name: &str, shown: &[&str]) -> Vec<String> {
    let path = folder.file(name);
    if path.exists() {
        let text = String::from_utf8(folder.read(name)).unwrap();
        return text.lines().map(str::to_owned).collect();
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    folder.write(name, shown.iter().map(|line| format!("{line}\r\n")).collect::<String>());
    shown.iter().map(|line| (*line).to_owned()).collect()
}

fn run(folder: &Folder, command: &str, shown: &[&str], is_windows: bool) -> Vec<String> {
    let (command, file) = match command.split_once(" > ") {
        Some((command, file)) => (command, Some(file)),
        None => (command, None),
    };
    for (name, is_needed) in [
        ("examples/MicroSIP.ini", command.contains("examples/")),
        ("MicroSIP.ini", is_windows && takes_file(command)),
    ] {
        if is_needed && !folder.file(name).exists() {
            fs::create_dir_all(folder.file(name).parent().unwrap()).unwrap();
            folder.write(name, fs::read("examples/MicroSIP.ini").unwrap());
        }
    }
    let mut words = words(command);
    if is_windows && takes_file(command) {
        words.extend(["-i".to_owned(), "MicroSIP.ini".to_owned()]);
        if command.starts_with("hook add ") {
            words.extend(["--msipctl".to_owned(), WINDOWS_PROGRAM.to_owned()]);
        }
    }
    let is_run = |word: &str| word.parse::<RunId>().is_ok();
    if words.iter().any(|word| is_run(word)) {
        let newest = newest(folder);
        words.iter_mut().filter(|word| is_run(word)).for_each(|word| word.clone_from(&newest));
    }
    let args: Vec<_> = words.iter().map(String::as_str).collect();
    let print = || {
        let run = folder.run(&args);
        let printed = match file {
            Some(file) => {
                folder.write(file, run.json().to_string());
                run.err()
            }
            None => run.out() + &run.err(),
        };
        if is_windows { on_windows(&printed) } else { printed }
    };
    let expected: Vec<_> = shown.iter().map(|line| masked(line)).collect();
    let is_expected = |printed: &str| printed.lines().map(masked).eq(expected.iter().cloned());
    let begin = Instant::now();
    let mut printed = print();
    // `hook run` returns before its work is done.
    let patience = if is_update() { Duration::from_secs(2) } else { PATIENCE };
    while words.starts_with(&["hook".to_owned(), "log".to_owned()])
        && !is_expected(&printed)
        && begin.elapsed() < patience
    {
        sleep(Duration::from_millis(20));
        printed = print();
    }
    merged(&printed, shown)
}

/// Tells whether a command reads MicroSIP.ini.
fn takes_file(command: &str) -> bool {
    let others = ["template ", "explain ", "hook log", "hook listen", "--version", "schema "];
    !others.iter().any(|other| command.starts_with(other)) && !command.contains(" -i ")
}

/// Changes what is printed about MicroSIP.ini to what it would be on a user's PC.
fn on_windows(printed: &str) -> String {
    printed.replace("MicroSIP.ini:", &format!("{WINDOWS_INI}:")).replace(", not checked here", "")
}

/// Returns the printed lines; of those that a page shows with another time or name, what it shows.
fn merged(printed: &str, shown: &[&str]) -> Vec<String> {
    let mut rest = shown;
    let mut lines = Vec::new();
    for line in printed.lines() {
        let masked_line = masked(line);
        let same = rest.iter().position(|shown| masked(shown) == masked_line);
        lines.push(match same {
            Some(position) => {
                let line = rest[position].to_owned();
                rest = &rest[position + 1..];
                line
            }
            None => {
                let line = without_date(line).replace("[DATE]", SHOWN_DATE);
                let line = line.replace("[FOLDER]", SHOWN_FOLDER).replace(".[TIME]", SHOWN_BACKUP);
                match line.split_at_checked(SHOWN_TIME.len()) {
                    Some((time, rest)) if is_time(time) => format!("{SHOWN_TIME}{rest}"),
                    _ => line.replace("[TIME]", SHOWN_RUN),
                }
            }
        });
    }
    lines
}

/// Returns the name of the newest run.
fn newest(folder: &Folder) -> String {
    let list = folder.run(&["backup", "list", "--runs", "--format", "json"]).code(0).json();
    let runs = list["runs"].as_array().unwrap().iter();
    runs.map(|run| run["run"].as_str().unwrap()).max().unwrap().to_owned()
}

/// Masks the date in a line about a run or a backup, such as `2026-11-23 09:01:02 UTC`.
fn without_date(line: &str) -> String {
    let masked = || {
        let (before, after) = line.split_once(" UTC ")?;
        let start = before.len().checked_sub(SHOWN_DATE.len())?;
        let is_alike = before
            .get(start..)?
            .bytes()
            .zip(SHOWN_DATE.bytes())
            .all(|(one, other)| one.is_ascii_digit() && other.is_ascii_digit() || one == other);
        is_alike.then(|| format!("{}[DATE] UTC {after}", &before[..start]))
    };
    masked().unwrap_or_else(|| line.to_owned())
}

/// Masks times of day, dates, the folder, and the names of backups and runs in a line.
fn masked(line: &str) -> String {
    if line.starts_with("  backup ") {
        return "  backup [NAME]".to_owned();
    }
    let line = without_date(&without_times(&line.replace(SHOWN_FOLDER, "[FOLDER]")));
    match line.split_at_checked(SHOWN_TIME.len()) {
        Some((time, rest)) if is_time(time) => format!("[TIME]{rest}"),
        _ => line,
    }
}

#[test]
fn shown_line_is_kept_when_only_times_and_names_differ() {
    let printed = "[FOLDER]/a: changed\n  backup a.[TIME]\nnew [TIME]\nat 2027-01-02 03:04:05 UTC  a\nat 2027-01-02 03:04:05 UTC  b\n";
    let kept = "at 2025-01-01 00:00:00 UTC  a";
    let shown = ["/srv/pcs/a: changed", "  backup a.20250101T000000Z-00000000", "old", kept];
    let new = ["new 20261123T090102Z-9f3c", kept, "at 2026-11-23 09:01:02 UTC  b"];
    let expected = [&shown[..2], &new].concat();
    assert_eq!(merged(printed, &shown), expected);
    assert!(Path::new("examples/MicroSIP.ini").exists());
}
