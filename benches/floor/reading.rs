//! Commands that read thousands of files, each against a bare program that only opens and reads them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::{self, Set};
use super::process::{compile, time};
use super::{Pairs, milliseconds};

/// Number of files, unless `MSIPCTL_BENCH_FILES` overrides it.
const FILES: usize = 20_000;

const THREADS: &str = "2";

const PAIRS: usize = 15;

/// Fewer pairs for rows that take seconds.
const SLOW_PAIRS: usize = 5;

/// The bare program opens and reads the same files. Less time than that can't be true; the margin is the noise of a
/// shared machine.
const MIN_RATIO: f64 = 0.9;

/// One row of the table: a command over one set of files.
struct Row {
    command: &'static str,
    set: Set,
    /// Arguments after the command; `POLICY` means the path of the policy.
    args: &'static [&'static str],
    /// Highest ratio to the bare reader that the project accepts.
    limit: f64,
    pairs: usize,
    /// Checks the JSON summary of a run, so that a row never times a run that did something else.
    expect: fn(&serde_json::Value, usize) -> bool,
}

const POLICY: &str = "POLICY";

const ROWS: [Row; 9] = [
    Row {
        command: "check",
        set: Set::Clean,
        args: &["--exit-zero"],
        limit: 3.0,
        pairs: PAIRS,
        expect: no_findings,
    },
    Row {
        command: "check",
        set: Set::Uniform,
        args: &["--exit-zero"],
        limit: 3.0,
        pairs: PAIRS,
        expect: no_findings,
    },
    Row {
        command: "check",
        set: Set::Findings,
        args: &["--exit-zero"],
        limit: 5.0,
        pairs: SLOW_PAIRS,
        expect: two_findings,
    },
    Row {
        command: "plan",
        set: Set::Clean,
        args: &[POLICY],
        limit: 5.0,
        pairs: PAIRS,
        expect: nothing_changes,
    },
    Row {
        command: "plan",
        set: Set::Drift,
        args: &[POLICY],
        limit: 5.0,
        pairs: SLOW_PAIRS,
        expect: all_change,
    },
    Row {
        command: "audit",
        set: Set::Clean,
        args: &[POLICY, "--exit-zero"],
        limit: 2.5,
        pairs: PAIRS,
        expect: all_comply,
    },
    Row {
        command: "audit",
        set: Set::Uniform,
        args: &[POLICY, "--exit-zero"],
        limit: 2.5,
        pairs: PAIRS,
        expect: all_comply,
    },
    Row {
        command: "audit",
        set: Set::Drift,
        args: &[POLICY, "--exit-zero"],
        limit: 2.5,
        pairs: PAIRS,
        expect: all_drift,
    },
    Row {
        command: "show",
        set: Set::Clean,
        args: &["--format", "ndjson"],
        limit: 15.0,
        pairs: SLOW_PAIRS,
        expect: |_, _| true,
    },
];

fn count(summary: &serde_json::Value, name: &str) -> Option<usize> {
    summary[name].as_u64().and_then(|count| usize::try_from(count).ok())
}

fn findings(summary: &serde_json::Value) -> usize {
    ["errors", "warnings", "infos"].iter().filter_map(|level| count(summary, level)).sum()
}

fn no_findings(summary: &serde_json::Value, _: usize) -> bool {
    findings(summary) == 0
}

fn two_findings(summary: &serde_json::Value, files: usize) -> bool {
    findings(summary) == Set::Findings.findings() * files
}

fn nothing_changes(summary: &serde_json::Value, files: usize) -> bool {
    count(summary, "unchanged") == Some(files)
}

fn all_change(summary: &serde_json::Value, _: usize) -> bool {
    count(summary, "unchanged") == Some(0) && count(summary, "failed") == Some(0)
}

fn all_comply(summary: &serde_json::Value, files: usize) -> bool {
    count(summary, "in_sync") == Some(files)
}

fn all_drift(summary: &serde_json::Value, files: usize) -> bool {
    count(summary, "drifted") == Some(files)
}

/// Measures the rows of one command.
pub(super) fn command(name: &str, program: &Path, folder: &Path) -> io::Result<()> {
    let floor = compile("read", include_str!("read.rs"), folder)?;
    let policy = folder.join("policy.toml");
    fs::write(&policy, fleet::POLICY)?;
    ROWS.iter()
        .filter(|row| row.command == name)
        .try_for_each(|row| row.measure(program, &floor, &policy, folder))
}

impl Row {
    fn measure(
        &self,
        program: &Path,
        floor: &Path,
        policy: &Path,
        folder: &Path,
    ) -> io::Result<()> {
        let files = std::env::var("MSIPCTL_BENCH_FILES").ok().and_then(|text| text.parse().ok());
        let files = files.unwrap_or(FILES);
        let work = folder.join("fleet");
        write(&work, files, self.set)?;
        let ours = || {
            let mut command = Command::new(program);
            command.arg(self.command).env("SIP_PASSWORD", "my password!");
            for arg in self.args {
                match *arg {
                    POLICY => command.arg(policy),
                    arg => command.arg(arg),
                };
            }
            command.arg("-i").arg(work.join("*").join("MicroSIP.ini")).args(["--jobs", THREADS]);
            command
        };
        let bare = || {
            let mut command = Command::new(floor);
            command.arg(&work).arg(THREADS);
            command
        };
        self.check(ours(), files)?;
        let mut pairs = Pairs::default();
        // The first pair brings the files into memory for those that follow.
        time(bare())?;
        time(ours())?;
        for _ in 0..self.pairs {
            pairs.push(time(ours())?, time(bare())?);
        }
        fs::remove_dir_all(&work)?;
        let each = |times| {
            let (least, middle, _) = milliseconds(times);
            let each = middle * 1e3 / files as f64;
            format!("{middle:.0} ms ({least:.0} at best), {each:.1} us per file")
        };
        println!(
            "{} of {files} files of 8 KB, {}, {THREADS} threads: msipctl {}; bare reader {}; ratio {:.2} (limit {}), {} pairs",
            self.command,
            self.set.description(),
            each(&pairs.ours),
            each(&pairs.floor),
            pairs.ratio(),
            self.limit,
            self.pairs,
        );
        match pairs.ratio() >= MIN_RATIO {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "`{}` can't be faster than a program that only reads its files",
                self.command
            ))),
        }
    }

    /// Runs the command once more for its JSON, and compares the summary with what the files should result in.
    fn check(&self, mut command: Command, files: usize) -> io::Result<()> {
        if !self.args.contains(&"--format") {
            command.args(["--format", "ndjson"]);
        }
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let last = text.lines().last().unwrap_or_default();
        let summary: serde_json::Value = serde_json::from_str(last)?;
        let rows = text.lines().count() - 1;
        let is_complete = self.command != "show" || rows == files;
        match (self.expect)(&summary["summary"], files) && is_complete {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "`{}` of {files} files ({}) gives {last}\n{}",
                self.command,
                self.set.description(),
                String::from_utf8_lossy(&output.stderr),
            ))),
        }
    }
}

/// Writes the files of a set, each to a separate folder.
fn write(work: &Path, files: usize, set: Set) -> io::Result<()> {
    for number in 0..files {
        let folder = work.join(format!("desk{number:06}"));
        fs::create_dir_all(&folder)?;
        let path: PathBuf = folder.join("MicroSIP.ini");
        let bytes = fleet::file(number, set);
        assert!(bytes.len().abs_diff(fleet::BYTES) < 1024, "{} bytes", bytes.len());
        fs::write(&path, bytes)?;
        // A password that other users can read would be one more finding.
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(())
}
