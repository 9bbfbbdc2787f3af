//! Writing on Windows: marks and names of files, files that others have open, many writers at once.

use std::fs::{self, OpenOptions};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::runner::{Folder, say, started, utf16};
use msipctl_core::event::Launcher;

const PLAIN: &str = "[Settings]\r\nAA=0\r\n";
const EDITED: &str = "[Settings]\r\nAA=1\r\n";

const FILE_ATTRIBUTE_HIDDEN: u32 = 0x2;
const FILE_ATTRIBUTE_SYSTEM: u32 = 0x4;
const FILE_ATTRIBUTE_TEMPORARY: u32 = 0x100;

/// Sets a key in the file at `path`, below the folder.
fn set(folder: &Folder, path: &Path) -> crate::runner::Run {
    folder.run(&["set", "Settings.AA=1", "-i", path.to_str().unwrap()])
}

fn check(path: &Path, folder: &Folder) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, utf16(PLAIN)).unwrap();
    set(folder, path).code(0);
    assert_eq!(fs::read(path).unwrap(), utf16(EDITED), "{}", path.display());
    let names = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(names, 2, "the file and its backups");
}

#[test]
fn paths_with_spaces_and_non_ascii_characters_are_edited() {
    let folder = Folder::new();
    check(&folder.file(r"Grüße 你好 😀 & (1)\Micro SIP é.ini"), &folder);
}

#[test]
fn verbatim_paths_longer_than_260_characters_are_edited() {
    let folder = Folder::new();
    let mut path = folder.path().to_owned();
    (0..6).for_each(|_| path.push("a folder with a rather long name, once more and once more"));
    path.push("MicroSIP.ini");
    assert!(path.as_os_str().len() > 300);
    let path = PathBuf::from(format!(r"\\?\{}", path.display()));
    check(&path, &folder);
}

#[test]
fn plain_paths_longer_than_260_characters_are_edited() {
    let folder = Folder::new();
    let mut path = folder.path().to_owned();
    (0..6).for_each(|_| path.push("another folder with a rather long name, once more and again"));
    path.push("MicroSIP.ini");
    fs::create_dir_all(format!(r"\\?\{}", path.parent().unwrap().display())).unwrap();
    fs::write(format!(r"\\?\{}", path.display()), PLAIN).unwrap();
    set(&folder, &path).code(0);
    assert_eq!(fs::read(format!(r"\\?\{}", path.display())).unwrap(), EDITED.as_bytes());
}

#[test]
fn hidden_attribute_is_kept_when_edited() {
    let folder = Folder::with(PLAIN);
    let path = folder.file("MicroSIP.ini");
    let marks = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    msipctl_windows::set_attributes(&path, marks).unwrap();
    // Not every file system below Wine can mark a file; then there is nothing to keep.
    let before = fs::metadata(&path).unwrap().file_attributes();
    set(&folder, &path).code(0);
    let after = fs::metadata(&path).unwrap().file_attributes();
    assert_eq!(after & marks, before & marks);
    assert_eq!(after & FILE_ATTRIBUTE_TEMPORARY, 0);
    assert_eq!(folder.ini(), EDITED.as_bytes());
}

#[test]
fn read_only_file_is_not_edited() {
    let folder = Folder::with(PLAIN);
    let path = folder.file("MicroSIP.ini");
    let mut marks = fs::metadata(&path).unwrap().permissions();
    marks.set_readonly(true);
    fs::set_permissions(&path, marks.clone()).unwrap();
    let error = set(&folder, &path).code(3).err();
    assert!(error.contains("is marked read-only"), "{error}");
    assert_eq!(folder.ini(), PLAIN.as_bytes());
    #[expect(clippy::permissions_set_readonly_false, reason = "Windows knows no other")]
    marks.set_readonly(false);
    fs::set_permissions(&path, marks).unwrap();
    assert_eq!(folder.names(), ["MicroSIP.ini"]);
}

/// Holds the file open, lets others share it as `share` says.
fn held(path: &Path, share: u32) -> fs::File {
    OpenOptions::new().read(true).share_mode(share).open(path).unwrap()
}

#[test]
fn file_locked_by_another_program_is_not_read_or_edited() {
    let folder = Folder::with(PLAIN);
    let path = folder.file("MicroSIP.ini");
    let holder = held(&path, 0);
    let error = folder.on_ini(&["get", "Settings.AA"]).code(3).err();
    assert!(error.contains("close the program that has the file open"), "{error}");
    set(&folder, &path).code(3);
    drop(holder);
    assert_eq!(folder.names(), ["MicroSIP.ini"]);
    assert_eq!(folder.ini(), PLAIN.as_bytes());
}

#[test]
fn file_opened_for_reading_by_another_program_is_not_replaced() {
    const FILE_SHARE_READ: u32 = 1;
    let folder = Folder::with(PLAIN);
    let path = folder.file("MicroSIP.ini");
    let holder = held(&path, FILE_SHARE_READ);
    let error = set(&folder, &path).code(3).err();
    assert!(error.contains("can't replace the file"), "{error}");
    drop(holder);
    assert_eq!(folder.ini(), PLAIN.as_bytes());
    // No temporary file, neither ours nor one of the system's own.
    let mut names = folder.names();
    names.retain(|name| name != ".msipctl/");
    assert_eq!(names, ["MicroSIP.ini"]);
    set(&folder, &path).code(0);
    assert_eq!(folder.ini(), EDITED.as_bytes());
}

#[test]
fn edit_succeeds_when_the_file_is_released_in_time() {
    let folder = Folder::with(PLAIN);
    let path = folder.file("MicroSIP.ini");
    let holder = held(&path, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(700) {
                thread::yield_now();
            }
            drop(holder);
        });
        set(&folder, &path).code(0);
    });
    assert_eq!(folder.ini(), EDITED.as_bytes());
}

#[test]
fn twenty_concurrent_programs_keep_all_edits() {
    let folder = Folder::with("[Settings]\r\n");
    let children: Vec<_> = (0..20)
        .map(|number| {
            let wish = format!("Settings.key{number:02}=1");
            let args = ["set", &wish, "--force", "-i", "MicroSIP.ini"];
            started(|| folder.command(&args).stdout(std::process::Stdio::null()).spawn())
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
    }
    let text = String::from_utf8(folder.ini()).unwrap();
    let mut keys: Vec<_> = text.lines().skip(1).collect();
    keys.sort_unstable();
    let expected: Vec<_> = (0..20).map(|number| format!("key{number:02}=1")).collect();
    assert_eq!(keys, expected);
    assert_eq!(folder.names(), [".msipctl/", "MicroSIP.ini"]);
}

/// The drive of the file as a share: `\\localhost\C$\...`. Wine serves none.
#[test]
fn file_on_a_network_share_is_edited() {
    let folder = Folder::with(PLAIN);
    let path = folder.file("MicroSIP.ini").display().to_string();
    let share = format!(r"\\localhost\{}$\{}", &path[..1], &path[3..]);
    if fs::metadata(&share).is_err() {
        say("not run: a share (this system has none of its own drives)");
        let error = set(&folder, Path::new(&share)).code(2).err();
        assert!(error.contains(r"\\localhost\"), "{error}");
        return;
    }
    set(&folder, Path::new(&share)).code(0);
    assert_eq!(folder.ini(), EDITED.as_bytes());
}

/// Windows redirects the profile calls for a file by its name alone, so a name of its own disturbs no other test.
#[test]
fn file_redirected_to_the_registry_is_reported() {
    const NAME: &str = "Redirected.ini";
    let key = format!(r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\IniFileMapping\{NAME}");
    let reg = |args: &[&str]| {
        let output = started(|| Command::new("reg.exe").args(args).output());
        assert!(output.status.success(), "{args:?}: {output:?}");
    };
    reg(&["add", &key, "/f"]);
    let folder = Folder::new();
    folder.write(NAME, utf16(PLAIN));
    folder.write("Other.ini", utf16(PLAIN));
    let redirected = folder.run(&["check", "-i", NAME]);
    let other = folder.run(&["check", "-i", "Other.ini"]);
    reg(&["delete", &key, "/f"]);
    assert!(redirected.code(1).out().contains("error[redirected-to-registry]"));
    assert!(!other.out().contains("redirected-to-registry"));
}

/// Adds a hook to a file, by a relative path. `launcher_ini` is the value of the flag.
fn add_hook(folder: &Folder, launcher_ini: &str) {
    let args = ["hook", "add", "call-log", "--on", "call-end", "--with", r"file=C:\a.csv"];
    let files = ["--no-backup", "-i", "d01/MicroSIP.ini", "--launcher-ini", launcher_ini];
    folder.run(&[&args[..], &files].concat()).code(0);
}

/// Returns the path that the launcher in the file names.
fn path_in_launcher(folder: &Folder) -> String {
    let text = String::from_utf8(folder.read("d01/MicroSIP.ini")).unwrap();
    let command = text.lines().find_map(|line| line.strip_prefix("cmdCallEnd=")).unwrap();
    Launcher::parse(command).unwrap().ini().unwrap().to_owned()
}

#[test]
fn launcher_names_the_file_without_the_prefix_of_verbatim_paths() {
    let folder = Folder::new();
    fs::create_dir(folder.file("d01")).unwrap();
    folder.write("d01/MicroSIP.ini", PLAIN);
    let path = dunce::canonicalize(folder.file("d01/MicroSIP.ini")).unwrap();
    add_hook(&folder, "auto");
    assert_eq!(path_in_launcher(&folder), path.display().to_string());
}

#[test]
fn launcher_in_another_spelling_of_the_path_complies_with_the_policy() {
    let folder = Folder::new();
    let with = "with = { file = 'C:\\a.csv' }";
    folder.write(
        "p.toml",
        format!("[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\n{with}\n"),
    );
    fs::create_dir(folder.file("d01")).unwrap();
    let path = dunce::canonicalize(folder.path()).unwrap().join(r"d01\MicroSIP.ini");
    let plain = path.display().to_string();
    let spellings = [
        plain.clone(),
        plain.to_uppercase(),
        plain.replace('\\', "/"),
        plain.replace(r"\d01\", r"\d01\.\..\d01\"),
        format!(r"\\?\{plain}"),
    ];
    for ini in ["auto"].into_iter().chain(spellings.iter().map(String::as_str)) {
        folder.write("d01/MicroSIP.ini", PLAIN);
        add_hook(&folder, ini);
        let named = if ini == "auto" { &plain } else { ini };
        assert_eq!(path_in_launcher(&folder), named);
        let before = folder.read("d01/MicroSIP.ini");
        for files in ["d01/MicroSIP.ini", "d*", &plain] {
            folder.run(&["audit", "p.toml", "-i", files]).code(0);
            folder.run(&["apply", "p.toml", "-i", files]).code(0);
        }
        add_hook(&folder, "auto");
        assert_eq!(folder.read("d01/MicroSIP.ini"), before, "{ini}");
        let check = folder.run(&["check", "-i", "d01/MicroSIP.ini"]).out();
        assert!(!check.contains("launcher-for-wrong-file"), "{check}");
    }
    folder.write("d01/MicroSIP.ini", PLAIN);
    add_hook(&folder, &plain.replace("d01", "d02"));
    let audit = folder.run(&["audit", "p.toml", "-i", "d*"]).code(1).out();
    assert!(audit.contains("its launcher is missing or different"), "{audit}");
    let check = folder.run(&["check", "-i", "d01/MicroSIP.ini"]).out();
    assert!(check.contains("launcher-for-wrong-file"), "{check}");
}
