//! What the templates that run something start on Windows, from a folder with a blank and a name that is not ASCII.
//! The judge is the probe of `tests/windows/probe.c` in the place of the program: it writes down its arguments.

use std::fs;
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::probe::Record;
use crate::runner::{Folder, program, started};

/// The longest that anything here takes.
const PATIENCE: Duration = Duration::from_secs(40);

const CALLERS: &[&str] = &[
    "4930123456",
    "",
    "+49 30 \"x\" & calc %PATH% ^ | <in >out",
    "-Command \u{2013}File /c calc",
    "a\\\" \\\\\" b\\",
    "Zo\u{eb} \u{1f4de}, \"b\"",
];

/// The letters of a caller that a shell gets.
fn harmless(caller: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || " +-_.:@/#*".contains(*character);
    caller.chars().filter(kept).collect()
}

/// Copies the probe to each of these names in an awkward folder; `None` where there is no probe.
fn tools(folder: &Folder, names: &[&str]) -> Option<PathBuf> {
    let probe = program("MSIPCTL_PROBE", "templates", "probe program")?;
    let tools = folder.file("Zo\u{eb} \u{dc}nal").join("My Tools, 100%");
    fs::create_dir_all(&tools).unwrap();
    for name in names {
        fs::copy(&probe, tools.join(name)).unwrap();
    }
    Some(tools)
}

/// Puts a template on incoming calls, lets a call come, and returns the arguments that the probe saw.
fn arguments(folder: &Folder, template: &str, with: &[String], caller: &str) -> Vec<String> {
    folder.write("MicroSIP.ini", "[Settings]\r\n");
    let with: Vec<_> = with.iter().flat_map(|with| ["--with", with.as_str()]).collect();
    let args = ["hook", "add", template, "--on", "incoming-call"];
    folder.on_ini(&[&args[..], &with].concat()).code(0);

    let out = folder.file("out.txt");
    let _ = fs::remove_file(&out);
    let args = ["hook", "run", "--ini", "MicroSIP.ini", "incoming-call"];
    let status = started(|| {
        let mut command = folder.command(&args);
        // As ShellExecuteEx hands it over.
        command.raw_arg(caller).env("LOCALAPPDATA", folder.path());
        command.env("PROBE_OUT", &out).env("PROBE_SEEN", "1").status()
    });
    assert!(status.success(), "{status}");
    let begin = Instant::now();
    loop {
        let text = fs::read_to_string(&out).unwrap_or_default();
        if let Some(line) = text.strip_suffix('\n') {
            let record = Record::parse(line);
            assert_eq!(record.kind, "seen");
            return record.texts[1..].to_vec();
        }
        let journal = folder.file("msipctl").join("hooks.ndjson");
        let is_time = begin.elapsed() > PATIENCE;
        assert!(!is_time, "{template} started nothing: {:?}", fs::read_to_string(journal));
        sleep(Duration::from_millis(20));
    }
}

/// Writes `NAME=PATH` for a parameter.
fn path(name: &str, folder: &Path, file: &str) -> String {
    format!("{name}={}", folder.join(file).to_str().unwrap())
}

#[test]
fn started_programs_receive_the_caller_id_as_one_argument() {
    let folder = Folder::new();
    let names = ["a tool.exe", "powershell.exe", "pyw.exe", "AutoHotkey64.exe"];
    let Some(tools) = tools(&folder, &names) else { return };
    let script = |name: &str| tools.join(name).to_str().unwrap().to_owned();
    let (ps1, py, ahk) = (script("a b.ps1"), script("a b.py"), script("a b.ahk"));
    let file = |shown: String| {
        let options = ["-NoProfile", "-NonInteractive", "-WindowStyle", "Hidden"];
        let rest = ["-ExecutionPolicy", "RemoteSigned", "-File", &ps1, "incoming-call"];
        let shown = format!("number={shown}");
        let words = options.into_iter().chain(rest).chain([shown.as_str()]);
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    for caller in CALLERS {
        let got = |template, with: &[String]| arguments(&folder, template, with, caller);

        let seen = got("run-program", &[path("program", &tools, "a tool.exe")]);
        assert_eq!(seen, ["incoming-call", caller]);

        let powershell = path("powershell", &tools, "powershell.exe");
        let with = [path("script", &tools, "a b.ps1"), powershell];
        for template in ["powershell-file", "toast"] {
            assert_eq!(got(template, &with), file(harmless(caller)), "{template}");
        }

        let with = [path("script", &tools, "a b.py"), path("python", &tools, "pyw.exe")];
        assert_eq!(got("python-script", &with), [&py, "incoming-call", caller]);

        let autohotkey = path("autohotkey", &tools, "AutoHotkey64.exe");
        let with = [path("script", &tools, "a b.ahk"), autohotkey];
        let expected = ["/force", "/ErrorStdOut=UTF-8", &ahk, "incoming-call", caller];
        assert_eq!(got("autohotkey", &with), expected);
    }
}

#[test]
fn native_command_argument_with_spaces_arrives_intact() {
    let folder = Folder::new();
    let Some(tools) = tools(&folder, &["a tool.exe"]) else { return };
    let (program, script) = (tools.join("a tool.exe"), tools.join("my hooks\\a b.py"));
    folder.write("MicroSIP.ini", "[Settings]\r\n");
    let with =
        [path("program", &tools, "a tool.exe"), path("argument", &tools, "my hooks\\a b.py")];
    let args = ["hook", "add", "native-command", "--on", "call-end"];
    let with: Vec<_> = with.iter().flat_map(|with| ["--with", with.as_str()]).collect();
    folder.on_ini(&[&args[..], &with].concat()).code(0);

    // `hook test` starts it as MicroSIP does.
    let out = folder.file("out.txt");
    let args = ["hook", "test", "call-end", "--caller", "4930 123", "-i", "MicroSIP.ini"];
    let output =
        started(|| folder.command(&args).env("PROBE_OUT", &out).env("PROBE_SEEN", "1").output());
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&out).unwrap();
    let seen = Record::parse(text.trim_end());
    let script = script.to_str().unwrap();
    assert_eq!(seen.texts[1..], [script, "call-end", "4930", "123"], "{}", program.display());
}
