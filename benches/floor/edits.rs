//! Applying a policy of one key to thousands of files, flushing each or in batches, both against a bare program.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::process::{LIST_LINE, age, compile, time};
use super::{Pairs, milliseconds};

/// The number of files, unless `MSIPCTL_BENCH_FILES` overrides it.
const FILES: usize = 5000;

/// The approximate length of each file in bytes.
const BYTES: usize = 8192;

const THREADS: &str = "2";

/// The number of files that `store` puts in place together.
const TOGETHER: &str = "256";

/// The number of measurements of each of the four, in turns.
const ROUNDS: usize = 5;

/// Measures both. Each run has its own files, which were never written before.
pub(super) fn apply(program: &Path, folder: &Path) -> io::Result<()> {
    let floor = compile("apply", include_str!("apply.rs"), folder)?;
    let files = std::env::var("MSIPCTL_BENCH_FILES").ok().and_then(|text| text.parse().ok());
    let files = files.unwrap_or(FILES);
    let work = folder.join("fleet");
    let policy = folder.join("policy.toml");
    fs::write(&policy, "[Settings]\nAA = true\n")?;
    let ours = |durability: &str| {
        let mut command = Command::new(program);
        command.arg("apply").arg(&policy).args(["--jobs", THREADS, "--durability", durability]);
        for file in 0..files {
            command.arg("-i").arg(work.join(file.to_string()).join("MicroSIP.ini"));
        }
        command.env("MSIPCTL_RUNS", work.join("runs"));
        command
    };
    let floor = |together: &str| {
        let mut command = Command::new(&floor);
        command.arg(&work).args([&files.to_string(), THREADS, LIST_LINE, together]);
        command
    };
    let run = |command: Command| {
        make(&work, files)?;
        let took = time(command);
        fs::remove_dir_all(&work)?;
        took
    };
    let (mut full, mut batch) = (Pairs::default(), Pairs::default());
    let mut both = Pairs::default();
    for _ in 0..ROUNDS {
        full.push(run(ours("full"))?, run(floor("0"))?);
        batch.push(run(ours("batch"))?, run(floor(TOGETHER))?);
        both.ours.extend(full.ours.last());
        both.floor.extend(batch.ours.last());
    }
    for (name, pairs) in [("full", &full), ("batch", &batch)] {
        let rate = |times| {
            let (_, middle, _) = milliseconds(times);
            format!("{middle:.0} ms, {:.0} files/s", files as f64 / middle * 1e3)
        };
        println!(
            "apply to {files} files of 8 KB, {THREADS} threads, {name}: msipctl {}; floor {}; ratio {:.2} (want <= 1.3), {} pairs",
            rate(&pairs.ours),
            rate(&pairs.floor),
            pairs.ratio(),
            pairs.ours.len(),
        );
    }
    println!("  a batch is {:.1} times as fast as a flush for each", both.ratio());
    Ok(())
}

/// Creates the files, and waits until they are on disk, so that the measured program doesn't have to.
fn make(work: &Path, files: usize) -> io::Result<()> {
    let mut text = "\u{feff}[Settings]\r\naccountId=1\r\nAA=0\r\n".to_owned();
    while text.len() < BYTES / 2 {
        text.push_str("audioRingDevice=Speakers (Example Audio Device)\r\n");
    }
    let bytes: Vec<_> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for file in 0..files {
        let folder = work.join(file.to_string());
        fs::create_dir_all(&folder)?;
        let path = folder.join("MicroSIP.ini");
        fs::write(&path, &bytes)?;
        // A file that was just changed would be compared byte by byte, because clocks tick slowly.
        age(&path)?;
    }
    Command::new("sync").status().map(drop)
}
