//! How close msipctl comes to the minimum that its work can cost. `cargo bench` prints one table.
//!
//! - `get`, `set`, and `diff` as entire processes, against bare programs (`benches/floor/`) that make the same
//!   system calls and nothing else. Both run in turns, and the ratio is the median of the ratios of the pairs,
//!   so that a machine whose speed changes slows both equally.
//! - The start of `msipctl-engine`, and a `set` through Ansible's module path that finds nothing to change, against an empty
//!   program that reads the same arguments file. Build it first: `cargo build --release -p msipctl-engine`.
//! - `apply` of one key to 5,000 files on 2 threads, with each file flushed and in batches, each against a bare program.
//! - `check`, `plan`, `audit`, and `show` of 20,000 files on 2 threads, against a bare program that only opens and reads
//!   them. The files differ from each other, and the sets have findings or drift in every file.
//! - `report merge` of the reports of 10,000 PCs on 2 threads, against a bare program that only lists, opens, and reads them,
//!   and its peak of memory for 10,000 and 40,000 PCs.
//! - A visit of every section, key, and value of 50 MB in MB/s, and of the same text as UTF-16LE against only decoding it.
//!
//! Timings aren't tests: a missed limit doesn't fail the bench. A row that can't be true does: output that doesn't match
//! the files, or a time that is shorter than reading them.
//!
//! The system calls of the two sides, beyond those of any process:
//!
//! - `get`: open, statx, read, read (finds the end), close, write. The floor makes the same.
//! - `set`, the floor's in the order of the program's:
//!   1. read to plan: open, statx, read, read, close
//!   2. resolve the path: one readlink per folder
//!   3. lock: open (O_EXCL), flock, statx, statx (is the lock still the one named?)
//!   4. read what is locked: open, statx, read, read, close
//!   5. backup: open (O_EXCL), write, fsync, rename, close
//!   6. its list: open and flock of the lock, open, statx, read, write, fsync, close, close
//!   7. flush of the folder: open, fsync, close
//!   8. new file: open (O_EXCL), write, fchown, fchmod, fsync, statx (is the old one still what was
//!      read?), rename, close
//!   9. flush of the folder: open, fsync, close
//!   10. unlink of the backup that expired, unlink of the lock, close, write of the report
//!
//! msipctl makes a few more. By design: it lists the extended attributes of the old file and the new one
//! (llistxattr, flistxattr), draws the name of the run (getrandom), and asks whether its output is a
//! terminal (ioctl). For its size: it loads libm, of which minijinja calls `pow` (openat, newfstatat, read,
//! four mmap, mprotect, close), and asks for more memory (brk). Where `strace` is installed, the calls of
//! both are counted and the differences named.
//!
//! `cargo static-bench` measures programs that load no libraries, on both sides.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints")]
#![expect(clippy::disallowed_methods, reason = "a bench makes files and starts programs")]

use std::hint::black_box;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use winini::profile::Profile;
use winini::{Document, Encoding};

#[cfg(unix)]
#[path = "floor/edits.rs"]
mod edits;
#[cfg(unix)]
#[path = "floor/fleet.rs"]
mod fleet;
#[cfg(unix)]
#[path = "floor/merge.rs"]
mod merge;
#[cfg(unix)]
#[path = "floor/reading.rs"]
mod reading;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("floor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    #[cfg(unix)]
    process::run()?;
    #[cfg(not(unix))]
    println!("get, set: not measured, the bare programs make Unix calls");
    if is_selected("visit") {
        library()?;
    }
    Ok(())
}

/// Returns whether a row is measured: `cargo bench -- NAME` selects `get`, `set`, `diff`, `engine`, `apply`, `check`, `plan`, `audit`,
/// `merge`, `show`, or `visit`.
fn is_selected(name: &str) -> bool {
    let mut named =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    named.peek().is_none() || named.any(|argument| argument == name)
}

/// Times of two sides, run in turns.
#[derive(Default)]
struct Pairs {
    ours: Vec<Duration>,
    floor: Vec<Duration>,
}

impl Pairs {
    fn push(&mut self, ours: Duration, floor: Duration) {
        self.ours.push(ours);
        self.floor.push(floor);
    }

    /// Returns the median of the ratios of the pairs.
    fn ratio(&self) -> f64 {
        let pairs = self.ours.iter().zip(&self.floor);
        median(pairs.map(|(ours, floor)| ours.as_secs_f64() / floor.as_secs_f64()))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn milliseconds(times: &[Duration]) -> (f64, f64, f64) {
    let times = || times.iter().map(|time| time.as_secs_f64() * 1e3);
    let (least, most) = (times().fold(f64::MAX, f64::min), times().fold(0.0, f64::max));
    (least, median(times()), most)
}

const LIBRARY_RUNS: usize = 9;
const TEXT_BYTES: usize = 50_000_000;

/// Measures how fast every section, key, and value of a large document is visited.
fn library() -> io::Result<()> {
    let (text, entries) = text(TEXT_BYTES);
    let megabytes = text.len() as f64 / 1e6;
    let utf8 = text.as_bytes();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (mut narrow, mut wide) = (Pairs::default(), Pairs::default());
    for _ in 0..LIBRARY_RUNS {
        let began = Instant::now();
        let lines = memchr::memchr_iter(b'\n', utf8).count();
        let scanned = began.elapsed();
        assert!(lines > entries);
        narrow.push(visit(utf8, Encoding::Utf8 { bom: false }, entries)?, scanned);
        let visited = visit(&utf16, Encoding::Utf16Le { bom: false }, entries)?;
        let began = Instant::now();
        let decoded = encoding_rs::UTF_16LE.decode_without_bom_handling(&utf16);
        wide.push(visited, began.elapsed());
        assert_eq!(decoded.0.len(), text.len());
    }
    let speed = |megabytes, times| {
        let (least, middle, most) = milliseconds(times);
        let speed = |time| 1e3 * megabytes / time;
        (speed(most), speed(middle), speed(least))
    };
    let (least, middle, most) = speed(megabytes, &narrow.ours);
    println!(
        "visit of {entries} entries in UTF-8, {megabytes:.0} MB, {LIBRARY_RUNS} runs: median {middle:.0} MB/s, {least:.0} to {most:.0} (limit >= 500)",
    );
    let (_, visited, _) = speed(2.0 * megabytes, &wide.ours);
    let (_, decoded, _) = speed(2.0 * megabytes, &wide.floor);
    println!(
        "visit of {entries} entries in UTF-16LE, {:.0} MB: median {visited:.0} MB/s, only decoding {decoded:.0} MB/s, ratio {:.2} (limit >= 0.6)",
        2.0 * megabytes,
        1.0 / wide.ratio(),
    );
    match narrow.ratio() >= 1.0 {
        true => Ok(()),
        false => Err(io::Error::other("visiting can't be faster than one pass over the bytes")),
    }
}

/// Times parsing a document and visiting every section, key, and value. Copying the bytes before and freeing the document
/// after don't count.
fn visit(bytes: &[u8], encoding: Encoding, expected: usize) -> io::Result<Duration> {
    let bytes = bytes.to_vec();
    let began = Instant::now();
    let document = Document::parse(bytes, encoding);
    let (mut entries, mut length) = (0, 0);
    for section in Profile::new(&document).sections() {
        length += black_box(section.name()).len();
        for entry in section.entries() {
            length += black_box(entry.key()).len() + black_box(entry.value()).len();
            entries += 1;
        }
    }
    let took = began.elapsed();
    match entries == expected && length > expected {
        true => Ok(took),
        false => Err(io::Error::other(format!("{entries} entries of {expected} were visited"))),
    }
}

/// Returns at least `length` bytes of text as a softphone writes it, and its number of entries.
fn text(length: usize) -> (String, usize) {
    let mut text = String::with_capacity(length + 100);
    let mut entries = 0;
    while text.len() < length {
        if entries % 40 == 0 {
            text.push_str(&format!("\r\n[Account{}]\r\n", entries / 40));
        }
        text.push_str(&format!("parameter{}=sip:value-{entries}@example.com\r\n", entries % 40));
        entries += 1;
    }
    (text, entries)
}

#[cfg(unix)]
mod process {
    use std::collections::BTreeMap;
    use std::fs::{self, File};
    use std::io::{self, Write};
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant, SystemTime};

    use super::fleet::{self, Set};
    use super::{Pairs, edits, merge, milliseconds, reading};

    /// Measures one row with a program in a folder.
    type Measure = fn(&Path, &Path) -> io::Result<()>;

    const ROWS: [(&str, Measure); 10] = [
        ("get", get),
        ("set", set),
        ("diff", diff),
        ("engine", engine),
        ("apply", edits::apply),
        ("check", |program, folder| reading::command("check", program, folder)),
        ("plan", |program, folder| reading::command("plan", program, folder)),
        ("audit", |program, folder| reading::command("audit", program, folder)),
        ("merge", merge::merge),
        ("show", |program, folder| reading::command("show", program, folder)),
    ];

    const MSIPCTL: &str = env!("CARGO_BIN_EXE_msipctl");
    const GET_PAIRS: usize = 200;
    const SET_PAIRS: usize = 60;
    const DIFF_PAIRS: usize = 60;
    const ENGINE_PAIRS: usize = 200;

    /// Runs before the measurement, until the first backup expires: from then on, every `set` does the same. msipctl
    /// removes obsolete lines from its list only in the 84th run, which isn't measured.
    const SET_WARM_UP: usize = 21;

    /// Set by `cargo bench`. The dynamic loader searches each folder in it for each library of a program.
    const LIBRARIES: &str = "LD_LIBRARY_PATH";

    /// About as long as a line of msipctl's list of backups.
    pub(super) const LIST_LINE: &str = "480";

    pub(super) fn run() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let program = folder.path().join("msipctl");
        install(Path::new(MSIPCTL), &program)?;
        for (name, measure) in ROWS {
            if super::is_selected(name) {
                measure(&program, folder.path())?;
            }
        }
        Ok(())
    }

    /// Copies a program, as an installation does. A file that a linker just wrote is in memory in single pages, each of
    /// which costs time at every start until the file is read from the disk again.
    fn install(from: &Path, to: &Path) -> io::Result<()> {
        let bytes = fs::read(from)?;
        File::options().write(true).create_new(true).mode(0o755).open(to)?.write_all(&bytes)
    }

    fn get(program: &Path, folder: &Path) -> io::Result<()> {
        let floor = compile("get", include_str!("floor/get.rs"), folder)?;
        let path = file(&folder.join("read"))?;
        let ours = || {
            let mut command = Command::new(program);
            command.args(["get", "Settings.AA", "-i"]).arg(&path);
            command
        };
        let floor = || {
            let mut command = Command::new(&floor);
            command.arg(&path);
            command
        };
        for mut command in [ours(), floor()] {
            let answer = command.output()?.stdout;
            if answer != b"1\n" {
                return Err(io::Error::other(format!("{command:?} answers {answer:?}")));
            }
        }
        let mut pairs = Pairs::default();
        for _ in 0..GET_PAIRS {
            pairs.push(time(ours())?, time(floor())?);
        }
        report("get", &pairs);
        count(&ours(), &floor(), folder)
    }

    fn set(program: &Path, folder: &Path) -> io::Result<()> {
        let floor = compile("set", include_str!("floor/set.rs"), folder)?;
        let (our_file, floor_file) = (file(&folder.join("ours"))?, file(&folder.join("bare"))?);
        let ours = |run: usize| {
            let mut command = Command::new(program);
            command.args(["set", ["Settings.AA=0", "Settings.AA=1"][run % 2], "-i"]);
            command.arg(&our_file);
            command
        };
        let floor = |run: usize| {
            let mut command = Command::new(&floor);
            command.arg(&floor_file).arg(run.to_string()).arg(LIST_LINE);
            command
        };
        let mut pairs = Pairs::default();
        for run in 0..SET_WARM_UP + SET_PAIRS {
            // A file that was just changed would be compared byte by byte, because clocks tick slowly.
            age(&our_file)?;
            age(&floor_file)?;
            let (ours, floor) = (time(ours(run))?, time(floor(run))?);
            if run >= SET_WARM_UP {
                pairs.push(ours, floor);
            }
        }
        report("set", &pairs);
        age(&our_file)?;
        let run = SET_WARM_UP + SET_PAIRS;
        count(&ours(run), &floor(run), folder)
    }

    /// Compares the files of two users, which differ in most accounts, numbers, and window positions.
    fn diff(program: &Path, folder: &Path) -> io::Result<()> {
        let floor = compile("diff", include_str!("floor/diff.rs"), folder)?;
        let work = folder.join("diff");
        fs::create_dir(&work)?;
        for number in 0..=DIFF_PAIRS {
            fs::write(work.join(number.to_string()), fleet::file(number, Set::Clean))?;
        }
        let command = |program: &Path, number: usize| {
            let mut command = Command::new(program);
            command.args([work.join(number.to_string()), work.join((number + 1).to_string())]);
            command
        };
        let ours = |number: usize| {
            let mut command = Command::new(program);
            command.args(["diff", "--exit-zero"]);
            command.args([work.join(number.to_string()), work.join((number + 1).to_string())]);
            command
        };
        let printed = ours(0).output()?.stdout;
        if !String::from_utf8_lossy(&printed).contains("Account1.username") {
            return Err(io::Error::other("`diff` doesn't show the changed user name"));
        }
        let mut pairs = Pairs::default();
        for number in 0..DIFF_PAIRS {
            pairs.push(time(ours(number))?, time(command(&floor, number))?);
        }
        report("diff", &pairs);
        count(&ours(0), &command(&floor, 0), folder)
    }

    /// Measures the small program that engines transfer, next to `msipctl`.
    fn engine(_: &Path, folder: &Path) -> io::Result<()> {
        const LIMIT: f64 = 1.5;
        let built = Path::new(MSIPCTL).with_file_name("msipctl-engine");
        if !built.is_file() {
            println!("engine: not measured, run `cargo build --release -p msipctl-engine` first");
            return Ok(());
        }
        let floor = compile("engine", include_str!("floor/engine.rs"), folder)?;
        // The name under which Ansible transfers a module.
        let program = folder.join("AnsiballZ_microsip_ini");
        install(&built, &program)?;
        let path = file(&folder.join("engine"))?;
        let state = format!(
            "{{\"path\": \"{}\", \"settings\": [{{\"section\": \"Settings\", \"key\": \"AA\", \"value\": \"1\"}}], \
             \"_ansible_module_name\": \"msipctl.microsip.microsip_ini\", \"_ansible_check_mode\": false}}",
            path.display()
        );
        let arguments = folder.join("arguments");
        fs::write(&arguments, state)?;
        for (name, argument) in [("engine start", Path::new("version")), ("engine set", &arguments)]
        {
            let command = |program: &Path| {
                let mut command = Command::new(program);
                command.arg(argument);
                command
            };
            let answer = command(&program).output()?;
            let text = String::from_utf8_lossy(&answer.stdout).into_owned();
            if !answer.status.success()
                || name == "engine set" && !text.contains("\"changed\":false")
            {
                return Err(io::Error::other(format!("{name} answers {text}")));
            }
            let mut pairs = Pairs::default();
            for _ in 0..ENGINE_PAIRS {
                pairs.push(time(command(&program))?, time(command(&floor))?);
            }
            report_limit(name, &pairs, LIMIT);
            count(&command(&program), &command(&floor), folder)?;
        }
        Ok(())
    }

    /// Creates a folder with a file of 4 KB as MicroSIP writes it.
    fn file(folder: &Path) -> io::Result<PathBuf> {
        let mut text = "\u{feff}[Settings]\r\naccountId=1\r\nsingleMode=1\r\nAA=1\r\n".to_owned();
        while text.len() < 2048 {
            text.push_str("audioRingDevice=Speakers (Example Audio Device)\r\n");
        }
        fs::create_dir(folder)?;
        let path = folder.join("MicroSIP.ini");
        fs::write(&path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())?;
        Ok(path)
    }

    pub(super) fn age(path: &Path) -> io::Result<()> {
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(path)?.set_modified(long_ago)
    }

    /// Compiles a bare program, linked like msipctl, unless an earlier row did.
    pub(super) fn compile(name: &str, source: &str, folder: &Path) -> io::Result<PathBuf> {
        let folder = folder.join("floors");
        fs::create_dir_all(&folder)?;
        let installed = folder.join(name);
        if installed.is_file() {
            return Ok(installed);
        }
        let (from, to) = (folder.join(format!("{name}.rs")), folder.join(format!("{name}.linked")));
        fs::write(&from, source)?;
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut command = Command::new(compiler);
        command.args(["--edition", "2024", "-C", "opt-level=3", "-C", "panic=abort"]);
        command.args(["-C", "strip=symbols", "-o"]).arg(&to).arg(&from);
        if cfg!(target_feature = "crt-static") {
            command.args(["-C", "target-feature=+crt-static"]);
        }
        if !is_position_independent(Path::new(MSIPCTL))? {
            command.args(["-C", "relocation-model=static"]);
        }
        match command.status()?.success() {
            true => install(&to, &installed).map(|()| installed),
            false => Err(io::Error::other(format!("{command:?} failed"))),
        }
    }

    /// Reads the type in the header of an ELF file: 2 is a program at a fixed address, unlike all others.
    fn is_position_independent(program: &Path) -> io::Result<bool> {
        let bytes = fs::read(program)?;
        Ok(!(bytes.starts_with(b"\x7fELF") && bytes.get(16) == Some(&2)))
    }

    pub(super) fn time(mut command: Command) -> io::Result<Duration> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).env_remove(LIBRARIES);
        let began = Instant::now();
        let status = command.status()?;
        let took = began.elapsed();
        match status.success() {
            true => Ok(took),
            false => Err(io::Error::other(format!("{command:?} failed"))),
        }
    }

    fn report(name: &str, pairs: &Pairs) {
        report_limit(name, pairs, 1.3);
    }

    fn report_limit(name: &str, pairs: &Pairs, limit: f64) {
        let side = |times| {
            let (least, middle, most) = milliseconds(times);
            format!("{middle:.3} ms ({least:.3} to {most:.3})")
        };
        println!(
            "{name}: msipctl {}, floor {}, ratio {:.2} (want <= {limit}), {} pairs",
            side(&pairs.ours),
            side(&pairs.floor),
            pairs.ratio(),
            pairs.ours.len(),
        );
    }

    /// Prints how many system calls both make, and which kinds differ in number.
    fn count(ours: &Command, floor: &Command, folder: &Path) -> io::Result<()> {
        let (Some(ours), Some(floor)) = (calls(ours, folder)?, calls(floor, folder)?) else {
            println!("  system calls: not counted, no strace");
            return Ok(());
        };
        let sum = |calls: &BTreeMap<String, i64>| calls.values().sum::<i64>();
        let mut more = String::new();
        let names: std::collections::BTreeSet<_> = ours.keys().chain(floor.keys()).collect();
        for name in names {
            let number = |calls: &BTreeMap<String, i64>| calls.get(name).copied().unwrap_or(0);
            let difference = number(&ours) - number(&floor);
            if difference != 0 {
                more.push_str(&format!(" {name} {difference:+}"));
            }
        }
        println!("  system calls: msipctl {}, floor {};{more}", sum(&ours), sum(&floor));
        Ok(())
    }

    /// Counts the system calls of a run by name. `None` if strace is missing or can't trace.
    fn calls(command: &Command, folder: &Path) -> io::Result<Option<BTreeMap<String, i64>>> {
        let log = folder.join("calls");
        let mut strace = Command::new("strace");
        strace.arg("-o").arg(&log).arg(command.get_program()).args(command.get_args());
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if !strace.env_remove(LIBRARIES).status().is_ok_and(|status| status.success()) {
            return Ok(None);
        }
        let mut calls = BTreeMap::new();
        for (name, _) in fs::read_to_string(log)?.lines().filter_map(|line| line.split_once('(')) {
            *calls.entry(name.to_owned()).or_default() += 1;
        }
        Ok(Some(calls))
    }
}
