//! The scripts and tasks in `integrations/windows`: their bytes, their XML, and the command lines that they run.

use std::fs;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::line;
use crate::runner::Folder;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations").join("windows")
}

/// Returns the files with an extension, each with its path below the folder.
fn files(extension: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The order of elements in the schema of Task Scheduler. An element that isn't listed is invalid in these tasks.
const ORDER: &[(&str, &[&str])] = &[
    ("Task", &["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]),
    ("RegistrationInfo", &["Date", "Author", "Version", "Description", "URI"]),
    ("Triggers", &["LogonTrigger", "SessionStateChangeTrigger", "CalendarTrigger"]),
    (
        "LogonTrigger",
        &[
            "Repetition",
            "StartBoundary",
            "EndBoundary",
            "ExecutionTimeLimit",
            "Enabled",
            "UserId",
            "Delay",
        ],
    ),
    ("SessionStateChangeTrigger", &["Enabled", "StateChange", "UserId", "Delay"]),
    (
        "CalendarTrigger",
        &[
            "Repetition",
            "StartBoundary",
            "EndBoundary",
            "ExecutionTimeLimit",
            "Enabled",
            "RandomDelay",
            "ScheduleByDay",
        ],
    ),
    ("ScheduleByDay", &["DaysInterval"]),
    ("Principals", &["Principal"]),
    ("Principal", &["UserId", "LogonType", "GroupId", "RunLevel"]),
    (
        "Settings",
        &[
            "MultipleInstancesPolicy",
            "DisallowStartIfOnBatteries",
            "StopIfGoingOnBatteries",
            "AllowHardTerminate",
            "StartWhenAvailable",
            "RunOnlyIfNetworkAvailable",
            "Enabled",
            "Hidden",
            "ExecutionTimeLimit",
            "Priority",
        ],
    ),
    ("Actions", &["Exec"]),
    ("Exec", &["Command", "Arguments", "WorkingDirectory"]),
];

/// Returns the elements of a task: each with its path and its text.
///
/// # Errors
///
/// If the text isn't well-formed XML, or an element isn't where the schema has it.
fn elements_of(xml: &str) -> Result<Vec<(String, String)>, String> {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut texts = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => {
                let name = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                if let Some((parent, last)) = open.last_mut() {
                    let order = ORDER.iter().find(|(of, _)| of == parent);
                    let order = order.ok_or_else(|| format!("<{parent}> has elements"))?.1;
                    let index = order.iter().position(|it| *it == name);
                    let index = index.ok_or_else(|| format!("<{name}> in <{parent}>"))?;
                    if index + 1 < *last {
                        return Err(format!("<{name}> comes too late in <{parent}>"));
                    }
                    *last = index + 1;
                } else if name != "Task" {
                    return Err(format!("the root is <{name}>"));
                }
                open.push((name, 0));
                texts.push(String::new());
            }
            Event::Text(text) => {
                let text = text.decode().map_err(|error| error.to_string())?;
                if let Some(last) = texts.last_mut() {
                    last.push_str(text.trim());
                }
            }
            Event::End(_) => {
                let path: Vec<_> = open.iter().map(|(name, _)| name.as_str()).collect();
                found.push((path.join("/"), texts.pop().unwrap_or_default()));
                open.pop();
            }
            Event::Eof if open.is_empty() => return Ok(found),
            Event::Eof => return Err("an element isn't closed".to_owned()),
            Event::Decl(_) => {}
            other => return Err(format!("{other:?}")),
        }
    }
}

fn decoded(bytes: &[u8]) -> String {
    assert_eq!(bytes[..2], [0xff, 0xfe], "no UTF-16LE BOM");
    let units = bytes[2..].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    assert_eq!(bytes.len() % 2, 0);
    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
}

#[test]
fn tasks_are_valid_for_task_scheduler() {
    let tasks = files("xml");
    let names: Vec<_> = tasks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["tasks/apply-pending-system.xml", "tasks/apply-pending.xml", "tasks/apply-policy.xml"]
    );
    for (name, bytes) in &tasks {
        let xml = decoded(bytes);
        assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n"), "{name}");
        assert_eq!(xml.matches('\n').count(), xml.matches("\r\n").count(), "{name}");
        let elements = elements_of(&xml).unwrap_or_else(|error| panic!("{name}: {error}"));
        let value = |path: &str| {
            let found = elements.iter().find(|(of, _)| of.ends_with(path));
            found.map(|(_, text)| text.as_str()).unwrap_or_default()
        };
        assert!(value("RegistrationInfo/URI").starts_with(r"\msipctl\"), "{name}");
        // The context of the actions is the ID of the principal.
        let id = |tag: &str| xml.split(tag).nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(id("<Principal id=\""), id("<Actions Context=\""), "{name}");
        assert_eq!(value("Principal/RunLevel"), "LeastPrivilege", "{name}");
        let is_system = name.contains("system");
        assert_eq!(value("Principal/UserId"), if is_system { "S-1-5-18" } else { "" }, "{name}");
        assert_eq!(
            value("Principal/GroupId"),
            if is_system { "" } else { "S-1-5-32-545" },
            "{name}"
        );
        assert_eq!(value("Settings/MultipleInstancesPolicy"), "IgnoreNew", "{name}");
        assert_eq!(value("Settings/StopIfGoingOnBatteries"), "false", "{name}");
        assert_eq!(value("Triggers/LogonTrigger/Enabled"), "true", "{name}");
        let (program, delay, limit) = match name.contains("pending") {
            // It waits for MicroSIP, which can take all day.
            true => ("msipctlw.exe", "", "PT0S"),
            false => ("msipctl.exe", "PT1M", "PT10M"),
        };
        assert_eq!(value("Exec/Command"), format!(r"%ProgramFiles%\msipctl\{program}"), "{name}");
        assert_eq!(value("LogonTrigger/Delay"), delay, "{name}");
        assert_eq!(value("Settings/ExecutionTimeLimit"), limit, "{name}");
        if name.contains("pending") {
            assert_eq!(value("Exec/Arguments"), "pending run", "{name}");
        }

        // The check does find what Task Scheduler rejects.
        assert!(elements_of(&xml.replacen("</Settings>", "", 1)).is_err(), "{name}");
        assert!(elements_of(&xml.replace("RunLevel", "RunLevels")).is_err(), "{name}");
        let (from, to) = (xml.find("  <Settings>").unwrap(), xml.find("  <Actions").unwrap());
        let moved = [
            &xml[..xml.find("  <Principals>").unwrap()],
            &xml[from..to],
            &xml[xml.find("  <Principals>").unwrap()..from],
            &xml[to..],
        ]
        .concat();
        assert!(elements_of(&moved).unwrap_err().contains("comes too late"), "{name}");
    }
}

#[test]
fn scripts_are_ascii_with_windows_line_endings() {
    let scripts = [files("ps1"), files("cmd")].concat();
    assert!(scripts.len() >= 9, "{}", scripts.len());
    for (name, bytes) in scripts {
        assert!(bytes.is_ascii() && !bytes.contains(&b'\t'), "{name}");
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.ends_with("\r\n"), "{name}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{name}");
        // Without it, 32-bit PowerShell looks for the program in the wrong folder.
        if name.ends_with(".ps1") {
            assert!(text.contains("$env:ProgramW6432"), "{name}");
            assert!(
                text.contains("if (Test-Path -LiteralPath $program")
                    || text.contains("-not (Test-Path -LiteralPath $program"),
                "{name}"
            );
        }
    }
}

/// Returns the arguments of each msipctl command in a text, with `p.toml` as policy.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let starts = ["& $program ", "msipctl.exe\" ", "<Arguments>"];
    let lines = text.lines().filter_map(|line| {
        let line = starts.iter().find_map(|start| line.split_once(start))?.1;
        if line.starts_with("exit ") {
            return None;
        }
        let end = line.find([')', '>', '<']).unwrap_or(line.len());
        Some(line[..end].trim().to_owned())
    });
    let arguments = |line: String| {
        let mut words: Vec<String> = Vec::new();
        for (index, part) in line.split('"').enumerate() {
            match index % 2 {
                0 => words.extend(part.split_whitespace().map(str::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        let is_policy = |word: &String| word == "$policy" || word.ends_with("company.toml");
        words.into_iter().map(move |word| if is_policy(&word) { "p.toml".to_owned() } else { word })
    };
    lines.map(|line| arguments(line).collect()).collect()
}

#[test]
fn scripts_run_command_lines_that_work() {
    let texts = |extension| {
        files(extension).into_iter().map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
    };
    let tasks = files("xml").into_iter().map(|(name, bytes)| (name, decoded(&bytes)));
    let mut engines = Vec::new();
    for (name, text) in texts("ps1").chain(texts("cmd")).chain(tasks) {
        let commands = command_lines(&text);
        assert_eq!(commands.len(), 1, "{name}: {commands:?}");
        let args: Vec<_> = commands[0].iter().map(String::as_str).collect();
        let folder = Folder::with("[Settings]\r\nAA=0\r\n");
        folder.write("p.toml", "[Settings]\nAA = true\n");
        match args[..] {
            ["--version"] => {
                assert!(folder.run(&args).code(0).out().starts_with("msipctl "), "{name}");
            }
            // Only msipctlw has this command.
            ["pending", "run"] => assert!(text.contains("msipctlw.exe"), "{name}"),
            [command @ ("audit" | "apply"), "p.toml", "--engine", engine] => {
                let code = i32::from(command == "audit" && engine != "sccm");
                let args = [&args[..], &["-i", "MicroSIP.ini"]].concat();
                let line = line(&folder.run(&args).code(code));
                let state = if command == "audit" { "NonCompliant; " } else { "Changed; " };
                assert!(line.starts_with(state), "{name}: {line}");
                engines.push(engine.to_owned());
            }
            _ => panic!("{name}: {args:?}"),
        }
    }
    engines.sort();
    engines.dedup();
    assert_eq!(engines, ["intune", "rmm", "sccm"]);
}
