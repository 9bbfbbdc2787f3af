//! Thousands of files checked and audited, each against a bare program that only opens and reads them.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::process::{compile, time};
use super::{Pairs, fleet, milliseconds};

/// How many files there are, unless `MSIPCTL_BENCH_FILES` says.
const FILES: usize = 20_000;

const THREADS: &str = "2";

const PAIRS: usize = 15;

/// What the files are held against: a value, and constraints. One file in eight drifts.
const POLICY: &str = "[Settings]\nsingleMode = true\nupdatesInterval = { one_of = [\"\", \"never\"] }\n\
    rtpPortMin = { min = 0, max = 65535 }\nAA = { one_of = [\"0\", \"1\"] }\n\
    [Account1]\ndomain = { present = true }\nusername = { matches = \"^.+$\" }\n";

pub(super) fn check(program: &Path, folder: &Path) -> io::Result<()> {
    measure("check", "1.5", program, folder, &["check", "--exit-zero"])
}

pub(super) fn audit(program: &Path, folder: &Path) -> io::Result<()> {
    let policy = folder.join("policy.toml");
    fs::write(&policy, POLICY)?;
    let policy = policy.to_string_lossy().into_owned();
    measure("audit", "1.4", program, folder, &["audit", "--exit-zero", &policy])
}

fn measure(name: &str, want: &str, program: &Path, folder: &Path, args: &[&str]) -> io::Result<()> {
    let floor = compile(name, include_str!("read.rs"), folder)?;
    let files = std::env::var("MSIPCTL_BENCH_FILES").ok().and_then(|text| text.parse().ok());
    let files = files.unwrap_or(FILES);
    let work = folder.join("fleet");
    for file in 0..files {
        let folder = work.join(format!("desk{file:06}"));
        fs::create_dir_all(&folder)?;
        let path = folder.join("MicroSIP.ini");
        fs::write(&path, fleet::file(file))?;
        // Who else may read a file with a password is nothing that is measured here.
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    let ours = || {
        let mut command = Command::new(program);
        command.args(args).arg("-i").arg(work.join("*").join("MicroSIP.ini"));
        command.args(["--jobs", THREADS]);
        command
    };
    let floor = || {
        let mut command = Command::new(&floor);
        command.arg(&work).arg(THREADS);
        command
    };
    let mut pairs = Pairs::default();
    // The first pair finds the files in memory for those that follow.
    time(floor())?;
    time(ours())?;
    for _ in 0..PAIRS {
        pairs.push(time(ours())?, time(floor())?);
    }
    fs::remove_dir_all(&work)?;
    let each = |times| {
        let (least, middle, _) = milliseconds(times);
        let each = middle * 1e3 / files as f64;
        format!("{middle:.0} ms ({least:.0} at best), {each:.1} us a file")
    };
    println!(
        "{name} of {files} UTF-16LE files of 8 KB, {THREADS} threads: msipctl {}; floor {}; ratio {:.2} (want <= {want}), {PAIRS} pairs",
        each(&pairs.ours),
        each(&pairs.floor),
        pairs.ratio(),
    );
    Ok(())
}
