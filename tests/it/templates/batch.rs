//! The batch files, run by cmd.exe with hostile numbers: whatever these hold, nothing is started but the dialler.
//!
//! The judge is the probe in the place of msipctl.exe. Wine's cmd is a judge in part: of what a line starts and of how
//! an argument is handed on, as far as it reads lines as Windows does.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use crate::probe::Record;
use crate::runner::{Folder, program, started};

/// How the arguments stand on a line of cmd.exe.
const HOSTILE: &[&str] = &[
    "\"1&calc\"",
    "\"1 2\"",
    "1 2",
    "\"%%PATH%%\"",
    "\"",
    "\"1|calc\"",
    "\"1^&calc\"",
    "\"1<2\"",
    "\"/c calc\"",
    "\"--program C:\\calc.exe\"",
    "",
];

/// What the variable can hold beside that, where no line is read.
const VARIABLE: &[&str] =
    &["1\"&calc&\"", "\" & calc", "1 & calc", "^\"&calc", "%PATH%", "1\" --program \"C:\\calc.exe"];

/// A folder with an integration, its dialler a probe; `calc` is a batch file that leaves a mark.
struct Desk {
    folder: Folder,
    place: PathBuf,
    file: &'static str,
}

impl Desk {
    fn new(integration: &'static str, file: &'static str) -> Option<Self> {
        let probe = program("MSIPCTL_PROBE", "batch files", "probe program")?;
        let folder = Folder::new();
        let place = folder.file("Zo\u{eb} \u{dc}nal").join("My Dialler & more");
        fs::create_dir_all(&place).unwrap();
        let target = place.to_str().unwrap();
        let with: &[&str] =
            if integration == "home-assistant" { &["--with", "number=1"] } else { &[] };
        folder.run(&[&["template", "copy", integration, target], with].concat()).code(0);
        fs::copy(&probe, place.join("msipctl.exe")).unwrap();
        fs::write(place.join("calc.bat"), "@echo ran> ran.txt\r\n").unwrap();
        Some(Self { folder, place, file })
    }

    /// Runs the file from another one, as people do, and returns what the dialler saw.
    fn run(&self, argument: &str, variable: Option<&str>) -> Option<Vec<String>> {
        let out = self.folder.file("out.txt");
        let _ = fs::remove_file(&out);
        let line = format!("@echo off\r\ncall \"%~dp0{}\" {argument}\r\n", self.file);
        fs::write(self.place.join("outer.bat"), line).unwrap();
        let status = started(|| {
            let mut command = std::process::Command::new("cmd.exe");
            command.args(["/c", "outer.bat"]).current_dir(&self.place).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.env("PROBE_OUT", &out).env("PROBE_SEEN", "1").env_remove("MICROSIP_NUMBER");
            if let Some(variable) = variable {
                command.env("MICROSIP_NUMBER", variable);
            }
            command.status()
        });
        let said = format!("{argument} {variable:?}: {status}");
        assert!(!self.place.join("ran.txt").exists(), "calc was run: {said}");
        let text = fs::read_to_string(&out).ok()?;
        assert_eq!(text.lines().count(), 1, "{said}");
        Some(Record::parse(text.trim_end()).texts[1..].to_vec())
    }
}

fn check(integration: &'static str, file: &'static str) {
    let Some(desk) = Desk::new(integration, file) else { return };
    for number in ["4930123456", "+49-30_1.2@pbx:5060", "*8401#", "sip:a@b"] {
        let expected = ["phone", "dial", "--", number].map(str::to_owned).to_vec();
        assert_eq!(desk.run(&format!("\"{number}\""), None), Some(expected.clone()));
        assert_eq!(desk.run("", Some(number)), Some(expected));
    }
    // None of them even reaches the dialler.
    for argument in HOSTILE {
        assert_eq!(desk.run(argument, None), None, "{argument}");
    }
    for variable in VARIABLE {
        assert_eq!(desk.run("", Some(variable)), None, "{variable}");
    }
}

#[test]
fn home_assistant_batch_file_starts_only_msipctl() {
    check("home-assistant", "microsip_dial.bat");
    let Some(desk) = Desk::new("home-assistant", "microsip_dial.bat") else { return };
    assert_eq!(desk.run("hangup", None), Some(vec!["phone".to_owned(), "hangup".to_owned()]));
}

#[test]
fn batch_dialer_starts_only_msipctl() {
    check("batch-dialer", "dial.bat");
}
