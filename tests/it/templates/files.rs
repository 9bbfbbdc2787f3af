//! Integrations, and the commands that write files: `template copy` and `template new`.

use std::fs;
use std::path::Path;

use msipctl_core::hook::{Catalogue, Integration, Template};

use super::names_in;
use crate::runner::{Folder, Run};

fn copy(folder: &Folder, args: &[&str], code: i32) -> Run {
    folder.run(&[&["template", "copy"], args].concat()).code(code)
}

#[test]
fn integration_catalog_matches_the_folders() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join("integration");
    assert_eq!(names_in(&folder), Integration::names().collect::<Vec<_>>());
    for name in Integration::names() {
        let integration = Integration::find(name).unwrap().unwrap();
        let mut names: Vec<_> = integration.files().iter().map(|file| file.name.as_str()).collect();
        names.push("integration.ini");
        names.sort_unstable();
        assert_eq!(names_in(&folder.join(name)), names);
        for file in integration.files() {
            let bytes = fs::read(folder.join(name).join(&file.name)).unwrap();
            assert_eq!(bytes, file.text.as_bytes(), "{}", file.name);
        }
    }
}

#[test]
fn template_copy_writes_files_with_values_filled_in() {
    let folder = Folder::new();
    let args = ["home-assistant", "ha/own", "--with", "number=*8401", "--with", r"folder=D:\My HA"];
    let run = copy(&folder, &args, 0);
    assert_eq!(
        run.out().replace('\\', "/"),
        "ha/own/configuration.yaml: written\nha/own/microsip_dial.bat: written\n"
    );
    assert!(run.err().starts_with("note: next: add the content of this configuration.yaml"));
    let yaml = String::from_utf8(folder.read("ha/own/configuration.yaml")).unwrap();
    let commands: Vec<_> = yaml.lines().filter(|line| line.contains("command_o")).collect();
    assert_eq!(
        commands,
        [
            r#"      command_on: '"D:\My HA\microsip_dial.bat" *8401'"#,
            r#"      command_off: '"D:\My HA\microsip_dial.bat" hangup'"#,
        ]
    );
    let shipped = Integration::find("home-assistant").unwrap().unwrap();
    let batch =
        shipped.files()[1].text.replace("{{ msipctl }}", r"C:\Program Files\msipctl\msipctl.exe");
    assert_eq!(folder.read("ha/own/microsip_dial.bat"), batch.as_bytes());

    // Done again, nothing is touched.
    let before = folder.state();
    let run = copy(&folder, &args, 0);
    assert_eq!(run.out().matches(": unchanged").count(), 2);
    assert_eq!(folder.state(), before);
}

#[test]
fn template_copy_does_not_overwrite_files_without_force() {
    let folder = Folder::new();
    copy(&folder, &["home-assistant", ".", "--with", "number=1"], 0);
    folder.write("microsip_dial.bat", "mine");
    let before = folder.state();
    let args = ["home-assistant", ".", "--with", "number=2"];
    let run = copy(&folder, &args, 2);
    assert_eq!(run.out(), "");
    assert!(run.err().contains("configuration.yaml: file already exists with different content"));
    assert!(run.err().contains("hint: nothing was written; to replace it"), "{}", run.err());
    assert_eq!(folder.state(), before);

    let run = copy(&folder, &[&args[..], &["--force"]].concat(), 0);
    assert_eq!(run.out().matches(": replaced").count(), 2);
    let backups = folder.files_below(".msipctl");
    assert!(backups.iter().any(|(_, bytes)| bytes == b"mine"));
}

#[test]
fn template_copy_rejects_unsafe_values() {
    let folder = Folder::new();
    for number in ["1 2", "1&calc", "\"", "%PATH%", "1'", "!x!", "1\n2", "", &"1".repeat(65)] {
        let run = copy(&folder, &["home-assistant", ".", "--with", &format!("number={number}")], 2);
        assert!(run.err().contains("parameter `number`"), "{}", run.err());
    }
    for path in [r"C:\100%\m.exe", r#"C:\a"b\m.exe"#, r"C:\a&b\m.exe", "m.exe", r"C:\m.bat"] {
        let run = copy(&folder, &["batch-dialer", ".", "--with", &format!("msipctl={path}")], 2);
        assert!(run.err().contains("invalid value for parameter `msipctl`"), "{}", run.err());
    }
    let run = copy(&folder, &["batch-dialer", ".", "--with", "number=1"], 2);
    assert!(
        run.err()
            .contains("unknown parameter `number` for template `batch-dialer`: expected `msipctl`"),
        "{}",
        run.err()
    );
    assert!(folder.names().is_empty());
}

#[test]
fn every_integration_can_be_listed_shown_and_copied() {
    let folder = Folder::new();
    let listed = folder.run(&["template", "list", "--format", "json"]).code(0).json();
    for name in Integration::names() {
        let rows = listed["templates"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        assert_eq!(
            (&row["kind"], &row["error"]),
            (&"integration".into(), &serde_json::Value::Null)
        );
        let shown = folder.run(&["template", "show", name]).code(0).out();
        let integration = Integration::find(name).unwrap().unwrap();
        let values = integration.parameters().iter().filter(|it| it.required);
        let values = values.map(|it| format!("{}={}", it.name, it.example.as_deref().unwrap()));
        let values: Vec<_> = values.collect();
        let with: Vec<_> = values.iter().flat_map(|with| ["--with", with]).collect();
        copy(&folder, &[&[name, name], &with[..]].concat(), 0);
        for file in integration.files() {
            assert!(shown.contains(&format!("== {} ==", file.name)));
            assert!(shown.contains(file.text.replace('\r', "").trim_end()), "{shown}");
            assert!(folder.file(name).join(&file.name).is_file());
        }
    }
}

#[test]
fn hook_template_is_copied_unchanged() {
    let folder = Folder::new();
    copy(&folder, &["send-message", "own"], 0);
    let shipped = Catalogue::shipped();
    assert_eq!(
        folder.read("own/send-message.ini"),
        shipped.text("send-message").unwrap().as_bytes()
    );
    let err = copy(&folder, &["send-message", "own", "--with", "window=x"], 2).err();
    assert!(err.contains("`--with` doesn't apply to a hook template"), "{err}");
    let err = copy(&folder, &["home-asistant", "own"], 2).err();
    assert!(err.contains("did you mean `home-assistant`?"), "{err}");
    let folder = Folder::with("[Settings]\r\n");
    let err = folder.on_ini(&["hook", "add", "toast-script", "--on", "call-end"]).code(2).err();
    assert!(err.contains("`toast-script` is an integration: expected a hook template"), "{err}");
}

#[test]
fn template_new_creates_a_working_template_without_overwriting() {
    let folder = Folder::new();
    for action in [
        "run",
        "send-message",
        "post-message",
        "copy-data",
        "open",
        "http",
        "log",
        "udp",
        "command",
    ] {
        let name = format!("my-{action}");
        let args = ["template", "new", &name, "--action", action, "--dir", "own"];
        let run = folder.run(&args).code(0);
        assert!(run.out().replace('\\', "/").starts_with(&format!("own/{name}.ini: written")));
        assert!(run.err().contains("--template-dir own"), "{}", run.err());

        let text = String::from_utf8(folder.read(&format!("own/{name}.ini"))).unwrap();
        let template = Template::parse(&name, &text).unwrap();
        let required = template.parameters().iter().filter(|it| it.required);
        let with = required.map(|it| format!("{}={}", it.name, it.example.as_deref().unwrap()));
        let with: Vec<_> = with.collect();
        let with: Vec<_> = with.iter().flat_map(|with| ["--with", with]).collect();
        folder.write("MicroSIP.ini", "[Settings]\r\n");
        let args = ["hook", "add", &name, "--on", "call-end", "--template-dir", "own"];
        folder.on_ini(&[&args[..], &with].concat()).code(0);

        let before = folder.state();
        let run =
            folder.run(&["template", "new", &name, "--dir", "own", "--action", action]).code(2);
        assert!(run.err().contains(&format!("{name}.ini: file already exists")), "{}", run.err());
        assert!(run.err().contains("hint: "));
        assert_eq!(folder.state(), before);
    }
}

#[test]
fn template_new_writes_to_the_user_config_folder() {
    let folder = Folder::new();
    let run = |args: &[&str]| {
        let mut command = folder.command(args);
        command
            .env("APPDATA", folder.file("roaming"))
            .env("XDG_CONFIG_HOME", folder.file("roaming"));
        let output = crate::runner::started(|| command.output());
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), output.stderr)
    };
    let (code, _, stderr) = run(&["template", "new", "call-note"]);
    assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&stderr));
    let (code, stdout, _) = run(&["template", "list"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("call-note"), "{stdout}");
    assert!(folder.file("roaming").join("msipctl/templates/call-note.ini").is_file());
    let (code, _, stderr) = run(&["template", "new", "../x"]);
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(code == Some(2) && stderr.contains("invalid template name `../x`"), "{stderr}");
}

/// The receiver for Python is read by Python, where there is one; what it says to Windows is judged there.
#[cfg(unix)]
#[test]
fn python_receiver_compiles() {
    let folder = Folder::new();
    copy(&folder, &["python-receiver", "."], 0);
    let mut command = std::process::Command::new("python3");
    command.args(["-m", "py_compile", "receiver.py"]).current_dir(folder.path());
    match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            crate::runner::say("not run: the Python receiver is read by Python (no python3)");
        }
        output => {
            let output = output.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let mut command = std::process::Command::new("python3");
            let output = command.arg(folder.file("receiver.py")).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.contains("work only on Windows"), "{said}");
        }
    }
}
