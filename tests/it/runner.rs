//! Runs the program as a user would: in a fresh folder, with an empty environment.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

/// The folder for journals of runs over several files, relative to the test folder.
pub(crate) const RUNS: &str = ".runs";

/// The folder for pending plans, relative to the test folder.
pub(crate) const PENDING: &str = ".pending";

/// A fresh folder to run the program in.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Creates a folder with a MicroSIP.ini of these bytes.
    pub(crate) fn with(bytes: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write("MicroSIP.ini", bytes);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.file(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap()
    }

    /// Returns the bytes of MicroSIP.ini.
    pub(crate) fn ini(&self) -> Vec<u8> {
        self.read("MicroSIP.ini")
    }

    /// Lists all names in the folder, in order; a folder ends in a slash, and its content isn't listed.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap());
        let mut names: Vec<_> = entries
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                if entry.file_type().unwrap().is_dir() { name + "/" } else { name }
            })
            .collect();
        names.sort();
        names
    }

    /// Records everything in the folder and below: bytes, times, and identities.
    pub(crate) fn state(&self) -> BTreeMap<PathBuf, State> {
        let mut state = BTreeMap::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
                let metadata = entry.metadata().unwrap();
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
                // Windows lets no other process read a lock file.
                let bytes = metadata.is_file().then(|| match fs::read(entry.path()) {
                    Err(error) if cfg!(windows) && error.raw_os_error() == Some(32) => None,
                    bytes => Some(bytes.unwrap()),
                });
                let bytes = bytes.flatten();
                let modified = metadata.modified().unwrap();
                state.insert(entry.path(), State { bytes, modified, inode: inode(&metadata) });
            }
        }
        state
    }

    /// Returns the files in a folder, which may be missing.
    pub(crate) fn files_below(&self, name: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let folder = self.file(name);
        let files = self.state().into_iter().filter(|(path, _)| path.starts_with(&folder));
        files.filter_map(|(path, state)| Some((path, state.bytes?))).collect()
    }

    /// Prepares the program with these arguments.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare_command(args);
        // On Windows, a launcher starts the running program; elsewhere, the installed one.
        if cfg!(windows) && args.starts_with(&["hook", "add"]) {
            if !args.contains(&"--msipctl") {
                command.args(["--msipctl", r"C:\Program Files\msipctl\msipctl.exe"]);
            }
            if !args.contains(&"--launcher-ini") {
                command.args(["--launcher-ini", "none"]);
            }
        }
        command
    }

    /// Prepares the program with only these arguments.
    pub(crate) fn bare_command(&self, args: &[&str]) -> Command {
        self.program_command(env!("CARGO_BIN_EXE_msipctl"), args)
    }

    /// Prepares one of the programs with these arguments.
    pub(crate) fn program_command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.path()).env_clear().env("HOME", self.path());
        command.env("MSIPCTL_RUNS", self.file(RUNS));
        command.env("MSIPCTL_PENDING", self.file(PENDING));
        // Without it, Windows programs find no libraries.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command
    }

    /// Runs the program on MicroSIP.ini: the arguments, then `-i MicroSIP.ini`.
    pub(crate) fn on_ini(&self, args: &[&str]) -> Run {
        self.run(&[args, &["-i", "MicroSIP.ini"]].concat())
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_as(args, |_| ())
    }

    /// Runs the program after further preparation.
    pub(crate) fn run_as(&self, args: &[&str], prepare: impl Fn(&mut Command)) -> Run {
        let output = started(|| {
            let mut command = self.command(args);
            prepare(&mut command);
            command.output()
        });
        Run { output, folder: self.path().display().to_string() }
    }
}

/// Starts a program, and retries if that fails, as it does under Wine now and then under load.
pub(crate) fn started<T>(mut start: impl FnMut() -> io::Result<T>) -> T {
    const ERROR_INTERNAL_ERROR: i32 = 1359;
    for _ in 0..9 {
        match start() {
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(ERROR_INTERNAL_ERROR) => {
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            started => return started.unwrap(),
        }
    }
    start().unwrap()
}

/// Copies a program that is started afterward. Another process writes the copy: if this one did, a program that another
/// test starts in the meantime would keep the copy open for writing until it runs itself, and the copy couldn't be
/// started.
#[cfg(unix)]
pub(crate) fn copy_program(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    use std::os::unix::fs::PermissionsExt;

    let copied = Command::new("cp").args([from.as_ref(), to.as_ref()]).status().unwrap();
    assert!(copied.success(), "cp: {copied}");
    fs::set_permissions(to, fs::Permissions::from_mode(0o755)).unwrap();
}

/// One file or folder on disk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    bytes: Option<Vec<u8>>,
    modified: SystemTime,
    inode: u64,
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// The result of a run.
pub(crate) struct Run {
    output: Output,
    folder: String,
}

impl Run {
    /// Checks the exit code, and returns the run.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        let code = self.output.status.code();
        assert_eq!(code, Some(expected), "stdout: {}\nstderr: {}", self.out(), self.err());
        self
    }

    /// Checks that the command failed, and returns the run.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        let code = self.output.status.code();
        assert!(code.is_some_and(|code| code > 0), "{code:?}: {}{}", self.out(), self.err());
        self
    }

    /// Returns stdout, with paths and times masked.
    pub(crate) fn out(&self) -> String {
        self.masked(&self.output.stdout)
    }

    /// Returns stderr, with paths and times masked.
    pub(crate) fn err(&self) -> String {
        self.masked(&self.output.stderr)
    }

    /// Returns the unchanged texts of stdout and stderr, and the exit code.
    pub(crate) fn streams(&self) -> (String, String, i32) {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let Output { status, stdout, stderr } = &self.output;
        (text(stdout), text(stderr), status.code().unwrap())
    }

    /// Returns the unchanged output.
    pub(crate) fn everything(&self) -> Vec<u8> {
        [self.output.stdout.as_slice(), self.output.stderr.as_slice()].concat()
    }

    /// Returns stdout as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.output.stdout).unwrap()
    }

    fn masked(&self, bytes: &[u8]) -> String {
        let text = str::from_utf8(bytes).unwrap().replace(&self.folder, "[FOLDER]");
        without_times(&if cfg!(windows) { with_slashes(&text) } else { text })
    }
}

/// Masks names of backups and runs, which start with a time: 20261123T034501...
pub(crate) fn without_times(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(found) = rest.find(is_time_at(rest)) {
        masked.push_str(&rest[..found]);
        masked.push_str("[TIME]");
        let end = rest[found..]
            .find(|character: char| character.is_whitespace() || "\"`:".contains(character));
        rest = &rest[found + end.unwrap_or(rest.len() - found)..];
    }
    masked + rest
}

/// Writes the paths below the folder as they are on other systems.
fn with_slashes(text: &str) -> String {
    let mut parts = text.split("[FOLDER]");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end =
            part.find(|character: char| " :\"`\r\n".contains(character)).unwrap_or(part.len());
        let (path, rest) = part.split_at(end);
        shown.push_str(&format!("[FOLDER]{}{rest}", path.replace('\\', "/")));
    }
    shown
}

/// Finds the start of a time of the form 20261123T034501.
fn is_time_at(text: &str) -> impl FnMut(char) -> bool + '_ {
    let mut offset = 0;
    move |character| {
        let bytes = &text.as_bytes()[offset..];
        let is_time = bytes.len() >= 15
            && bytes[..8].iter().all(u8::is_ascii_digit)
            && bytes[8] == b'T'
            && bytes[9..15].iter().all(u8::is_ascii_digit);
        offset += character.len_utf8();
        is_time
    }
}

/// Prints something that is visible even if the test passes: what was counted, or not run.
pub(crate) fn say(text: &str) {
    // Bypasses the capture of `println!`.
    io::Write::write_all(&mut io::stderr(), format!("{text}\n").as_bytes()).unwrap();
}

/// Returns the program in a variable, or reports that `tests` aren't run. A path that starts with `/` is one of Wine's
/// host system.
#[cfg(windows)]
pub(crate) fn program(variable: &str, tests: &str, what: &str) -> Option<PathBuf> {
    let Some(path) = std::env::var_os(variable) else {
        assert!(std::env::var_os("CI").is_none(), "{variable} isn't set, so there is no {what}");
        say(&format!("not run: {tests} (no {what})"));
        return None;
    };
    let text = path.to_string_lossy();
    let path = if text.starts_with('/') { format!("Z:{text}") } else { text.into_owned() };
    assert!(path.ends_with(".exe"), "{path} isn't a program");
    // In a command, a slash would be read as the start of an argument.
    Some(PathBuf::from(path.replace('/', "\\")))
}

/// Text as MicroSIP writes it: UTF-16LE with BOM.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

/// Holds the lock of a file, as another msipctl does while it writes.
pub(crate) fn locked(folder: &Folder, name: &str) -> File {
    let path = folder.file(&name.replace("MicroSIP.ini", ".MicroSIP.ini.msipctl-lock"));
    let file = File::create(path).unwrap();
    file.lock().unwrap();
    file
}
