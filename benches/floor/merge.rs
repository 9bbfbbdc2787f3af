//! `report merge` of the reports of 10,000 PCs, against a bare program that only lists, opens, and reads the same files.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::process::{compile, time};
use super::{Pairs, milliseconds};

#[path = "../../tests/it/merge/desks.rs"]
mod desks;

use desks::{AS_OF, Desks};

const THREADS: &str = "2";

const PAIRS: usize = 11;

/// Highest ratio to the bare reader that the project accepts.
const LIMIT: f64 = 3.0;

/// Less time than the bare reader needs can't be true.
const MIN_RATIO: f64 = 0.9;

/// The numbers of PCs whose peaks of memory are compared.
const PCS: [usize; 2] = [10_000, 40_000];

/// The highest peak of memory that the project accepts, and how much it may grow, in MiB.
const MAX_MEMORY: f64 = 100.0;
const MAX_GROWTH: f64 = 3.0;

pub(crate) fn merge(program: &Path, folder: &Path) -> io::Result<()> {
    let floor = compile("read_reports", include_str!("read_reports.rs"), folder)?;
    let mut memory = Vec::new();
    for (index, number) in PCS.into_iter().enumerate() {
        let (reports, desks) = write(&folder.join(format!("reports{number}")), number)?;
        let ours = || {
            let mut command = Command::new(program);
            command.args(["report", "merge", "--exit-zero", "--as-of", AS_OF, "--jobs", THREADS]);
            command.args(["--format", "json"]).arg(&reports);
            command
        };
        memory.push(checked(ours(), &desks)?);
        if index > 0 {
            continue;
        }
        let floor = || {
            let mut command = Command::new(&floor);
            command.arg(&reports).arg(THREADS);
            command
        };
        time(floor())?;
        let mut pairs = Pairs::default();
        for _ in 0..PAIRS {
            let mut ours = ours();
            ours.stderr(Stdio::null());
            pairs.push(time(ours)?, time(floor())?);
        }
        let ((least, middle, most), ratio) = (milliseconds(&pairs.ours), pairs.ratio());
        let (_, bare, _) = milliseconds(&pairs.floor);
        println!(
            "report merge of {} reports of {number} PCs on {THREADS} threads, {PAIRS} pairs: median {middle:.0} ms, {least:.0} to {most:.0}; bare reader {bare:.0} ms, ratio {ratio:.2} (limit <= {LIMIT})",
            desks.files.len()
        );
        if ratio < MIN_RATIO {
            return Err(io::Error::other("merging can't be faster than reading"));
        }
    }
    let (few, many) = (memory[0], memory[1]);
    println!(
        "report merge, peak memory: {few:.1} MiB for {} PCs, {many:.1} MiB for {} (limit <= {MAX_MEMORY}, growth {:.1}, limit <= {MAX_GROWTH})",
        PCS[0],
        PCS[1],
        many - few
    );
    Ok(())
}

/// Writes the reports of a number of PCs.
fn write(folder: &Path, number: usize) -> io::Result<(PathBuf, Desks)> {
    let desks = desks::desks(number);
    for (path, bytes) in &desks.files {
        let path = folder.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)?;
    }
    Ok((folder.to_owned(), desks))
}

/// Checks the counts in the report of a merge, and returns the peak of memory in MiB. The system shows the peak while the
/// program runs, so it's read while the output comes.
fn checked(mut command: Command, desks: &Desks) -> io::Result<f64> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut output = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    let (mut text, mut part, mut peak) = (Vec::new(), vec![0; 16 * 1024], 0.0);
    loop {
        peak = peak_of(child.id()).unwrap_or(peak);
        match output.read(&mut part)? {
            0 => break,
            length => text.extend(&part[..length]),
        }
    }
    child.wait()?;
    let report: serde_json::Value = serde_json::from_slice(&text).map_err(io::Error::other)?;
    let summary = &report["summary"];
    for (name, expected) in [
        ("files", desks.hosts),
        ("hosts", desks.hosts),
        ("drifted", desks.drifted),
        ("broken", desks.broken),
        ("superseded", desks.superseded),
        ("silent", desks.silent),
    ] {
        if summary[name] != expected {
            return Err(io::Error::other(format!("{name} isn't {expected}: {summary}")));
        }
    }
    match peak > 0.0 {
        true => Ok(peak),
        false => Err(io::Error::other("the peak of memory is unknown")),
    }
}

/// Returns the peak of memory of a process so far, in MiB.
fn peak_of(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes / 1024.0)
}
