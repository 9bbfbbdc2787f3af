//! Hooks that can't work, and values that no template filled in: `check` and `hook explain` say why and what to write.

use serde_json::Value;

use crate::runner::Folder;

/// Returns the findings of `check` as `rule: severity: message`, and those of `hook explain` as `rule: message`.
fn found(folder: &Folder) -> (Vec<String>, Vec<String>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let run = folder.on_ini(&["check", "--format", "json", "--select", "hooks"]).json();
    let findings = run["files"][0]["findings"].as_array().unwrap().iter();
    let checked = findings.map(|it| {
        format!("{}: {}: {}", text(&it["rule"]), text(&it["severity"]), text(&it["message"]))
    });
    let run = folder.on_ini(&["hook", "explain", "--format", "json"]).json();
    let hooks = run["hooks"].as_array().unwrap().iter();
    let dangers = hooks.flat_map(|hook| hook["findings"].as_array().unwrap());
    let explained = dangers.map(|it| format!("{}: {}", text(&it["rule"]), text(&it["message"])));
    (checked.collect(), explained.collect())
}

/// Checks that both commands report a rule for a command, with the same message.
#[track_caller]
fn check_agree(command: &str, rule: &str, message: &str) {
    let folder = Folder::with(format!("[Settings]\r\ncmdCallEnd={command}\r\n"));
    let (checked, explained) = found(&folder);
    let expected = format!("`cmdCallEnd`: {message}");
    let is_it = |it: &&String| it.starts_with(rule) && it.ends_with(&expected);
    assert_eq!(checked.iter().filter(is_it).count(), 1, "{command}: {checked:#?}");
    let (rule, _) = rule.split_once(':').unwrap_or((rule, ""));
    assert!(explained.contains(&format!("{rule}: {message}")), "{command}: {explained:#?}");
}

#[test]
fn split_script_paths_are_reported_with_the_received_arguments() {
    for (before, path, receives) in [
        (
            "powershell.exe -NoProfile -File",
            r"C:\Users\Rep One\b.ps1",
            r"`C:\Users\Rep` and `One\b.ps1`",
        ),
        (r"C:\Python\python.exe", r"D:\My Hooks\b.py", r"`D:\My` and `Hooks\b.py`"),
        ("wscript.exe //B", r"\\srv\my share\b.vbs", r"`\\srv\my` and `share\b.vbs`"),
        ("cscript.exe", r"C:\a b c\d.js", r"`C:\a`, `b`, and `c\d.js`"),
        ("cmd.exe /c", r"C:\My Hooks\b.bat", r"`C:\My` and `Hooks\b.bat`"),
        ("node.exe", r"C:\My script.js", r"`C:\My` and `script.js`"),
        ("php.exe", r".\my hooks\b.php", r"`.\my` and `hooks\b.php`"),
        ("java.exe -jar", r"C:\My App\b.jar", r"`C:\My` and `App\b.jar`"),
        ("rundll32.exe", r"C:\My App\b.dll,Entry", r"`C:\My` and `App\b.dll,Entry`"),
        ("mshta.exe", r"C:\My App\b.hta", r"`C:\My` and `App\b.hta`"),
        ("AutoHotkey.exe", r"C:\My App\b.ahk", r"`C:\My` and `App\b.ahk`"),
        ("wsl.exe", "/mnt/c/my hooks/b.sh", "`/mnt/c/my` and `hooks/b.sh`"),
        (r"C:\any\tool.exe", r"%APPDATA%\My Hooks\b.txt", r"`%APPDATA%\My` and `Hooks\b.txt`"),
    ] {
        let message =
            format!("the argument `{path}` is split at the space: the program receives {receives}");
        check_agree(&format!("{before} {path} start"), "split-argument", &message);
    }
}

#[test]
fn suggested_quotes_work_in_every_version() {
    let command = r"powershell.exe -NoProfile -File C:\Users\Rep One\b.ps1 start";
    let folder = Folder::with(format!("[Settings]\r\ncmdCallEnd={command}\r\n"));
    let run = folder.on_ini(&["check", "--select", "split-argument"]).code(1);
    assert!(run.out().contains(r#"write `"\"C:\Users\Rep One\b.ps1\""`"#), "{}", run.out());
    folder.on_ini(&["check", "--fix", "--select", "split-argument"]).code(1);
    folder.on_ini(&["check", "--unsafe-fixes", "--select", "split-argument"]).code(0);
    let fixed = r#"powershell.exe -NoProfile -File "\"C:\Users\Rep One\b.ps1\"" start"#;
    assert_eq!(folder.ini(), format!("[Settings]\r\ncmdCallEnd={fixed}\r\n").as_bytes());
    for version in ["3.19.10", "3.21.3", "3.21.6", "3.22.16"] {
        let args = ["hook", "explain", "call-end", "--line", fixed, "--microsip", version];
        let args = [&args[..], &["--caller", "4930", "--format", "json"]].concat();
        let row = &folder.run(&args).code(0).json()["hooks"][0];
        let arguments = row["arguments"].as_array().unwrap().iter();
        let arguments: Vec<_> = arguments.map(|it| it.as_str().unwrap()).collect();
        assert_eq!(arguments, ["-NoProfile", "-File", r"C:\Users\Rep One\b.ps1", "start", "4930"]);
    }
}

#[test]
fn separate_arguments_are_not_reported() {
    for command in [
        r"powershell.exe -File C:\a.ps1 D:\b.txt",
        r"C:\tool.exe C:\hooks\script end",
        r"C:\tool.exe C:\in D:\out",
        r"C:\tool.exe C:\in https://example.com/a/b.html",
        r#"C:\tool.exe "C:\dir" out\b.txt"#,
        r#"powershell.exe -Command "& 'C:\My Hooks\a.ps1'""#,
    ] {
        let folder = Folder::with(format!("[Settings]\r\ncmdCallEnd={command}\r\n"));
        let (checked, _) = found(&folder);
        assert!(
            !checked.iter().any(|it| it.starts_with("split-argument")),
            "{command}: {checked:?}"
        );
    }
    // A folder and a file may be two arguments, and only a person can tell.
    let folder = Folder::with("[Settings]\r\ncmdCallEnd=robocopy.exe C:\\src D:\\dst file.txt\r\n");
    let (checked, _) = found(&folder);
    assert!(checked.iter().any(|it| it.starts_with("split-argument: info")), "{checked:?}");
}

#[test]
fn unknown_placeholders_are_reported() {
    for placeholder in [
        "%s",
        "%1",
        "%number%",
        "%callerid%",
        "%CallerID%",
        "{number}",
        "$1",
        "${number}",
        "[number]",
        "<number>",
        "#number#",
    ] {
        let message = format!(
            "MicroSIP doesn't replace `{placeholder}` and passes it as it is; it appends the caller ID to the end of \
             the command, after a space"
        );
        let command = format!("curl.exe \"https://x.example/?n={placeholder}\"");
        check_agree(&command, "unknown-placeholder: error", &message);
        check_agree(
            &format!("C:\\a.exe {placeholder} x"),
            "unknown-placeholder: warning",
            &message,
        );
    }
}

#[test]
fn unknown_placeholder_finding_suggests_a_working_directive() {
    let folder = Folder::with("[Settings]\r\ncmdCallEnd=curl.exe \"https://x.example/?n=%s\"\r\n");
    let out = folder.on_ini(&["check", "--select", "unknown-placeholder"]).code(1).out();
    assert!(
        out.contains("`msipctl hook add http-event` or `open-url` writes `OnCallEnd`"),
        "{out}"
    );
    let folder = Folder::with("[Settings]\r\ncmdOutgoingCall=curl.exe https://x.example/?n=%s\r\n");
    let out = folder.on_ini(&["check", "--select", "unknown-placeholder"]).code(1).out();
    assert!(out.contains("write `{number}`, which MicroSIP replaces"), "{out}");
}

#[test]
fn hook_add_rejects_commands_that_check_reports() {
    let before = "[Settings]\r\nAA=0\r\n";
    let program = r"program=C:\x\a.exe";
    for with in [
        [program, "argument=%callerid%"],
        [program, "argument=n=%s"],
        [program, "argument={number}"],
        [program, r"argument=%APPDATA%\a.txt"],
        [r"program=C:\{{ dir }}\a.exe", "word=x"],
    ] {
        let folder = Folder::with(before);
        let args = [
            "hook",
            "add",
            "native-command",
            "--on",
            "call-end",
            "--with",
            with[0],
            "--with",
            with[1],
        ];
        let run = folder.on_ini(&args).code(2);
        assert!(run.err().contains("MicroSIP doesn't"), "{with:?}: {}", run.err());
        assert_eq!(folder.ini(), before.as_bytes());
    }
}

#[test]
fn native_commands_written_by_hook_add_have_no_findings() {
    for argument in [
        r"C:\My Hooks\a b.ps1",
        r"C:\My file.txt",
        "two words",
        r"--log=C:\My Logs\a.log",
        "*8#",
        "100%",
    ] {
        let folder = Folder::with("[Settings]\r\nAA=0\r\n");
        let with = format!("argument={argument}");
        let args = [
            "hook",
            "add",
            "native-command",
            "--on",
            "call-end",
            "--with",
            r"program=C:\My Tools\a.exe",
            "--with",
            &with,
        ];
        folder.on_ini(&args).code(0);
        let (checked, _) = found(&folder);
        let is_new = |it: &&String| it.starts_with("torn") || it.starts_with("placeholder");
        assert_eq!(checked.iter().filter(is_new).count(), 0, "{argument}: {checked:?}");
    }
}

#[test]
fn template_check_reports_unknown_placeholders_and_split_paths() {
    let folder = Folder::new();
    folder.write(
        "crm.ini",
        "[template]\nsummary=s\nevents=call-end\n\n[Settings]\n{{ event.key }}=powershell.exe -File C:\\My Hooks\\a.ps1 $1\n",
    );
    let out = folder.run(&["template", "check", "crm.ini"]).code(1).out();
    assert!(out.contains("error[template-split-command]"), "{out}");
    assert!(out.contains("error[template-unknown-placeholder]"), "{out}");
}

#[test]
fn unfilled_placeholders_are_reported_with_their_severity() {
    let text = "[Settings]\r\naccountId=1\r\nrtpPortMin=@PORT@\r\n[Account1]\r\nlabel={{ row.label }}\r\n\
                domain=@PBX_HOST@\r\nusername=$ramal\r\npassword={{ hunter2 }}\r\nserver=<ip>\r\n";
    let folder = Folder::with(text);
    let run = folder.on_ini(&["check", "--select", "unfilled-placeholder"]).code(1);
    assert!(!run.out().contains("hunter2"), "{}", run.out());
    let json =
        folder.on_ini(&["check", "--select", "unfilled-placeholder", "--format", "json"]).json();
    let findings = json["files"][0]["findings"].as_array().unwrap().iter();
    let found: Vec<_> = findings
        .map(|it| {
            format!(
                "{}: {}: {}",
                it["line"],
                it["severity"].as_str().unwrap(),
                it["message"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "3: error: `rtpPortMin` contains the placeholder `@PORT@`, which was never replaced",
            "5: warning: `label` contains the placeholder `{{ row.label }}`, which was never replaced",
            "6: error: `domain` contains the placeholder `@PBX_HOST@`, which was never replaced",
            "7: error: `username` contains the placeholder `$ramal`, which was never replaced",
            "8: warning: `password` is a placeholder that was never replaced",
            "9: error: `server` contains the placeholder `<ip>`, which was never replaced",
        ]
    );
}

#[test]
fn known_placeholders_are_not_reported() {
    let text = "[Settings]\r\nusersDirectory=https://x/?u=%s&p=%s&s=%s&d={domain}&v={version}\r\n\
                cmdOutgoingCall=C:\\a.exe {number} {callid} {md5_password}\r\nfeatureCodeBT=##\r\nfeatureCodeCP=*8#\r\n\
                recordingPath=%USERPROFILE%\\r\r\n[Account1]\r\npassword=a{b}$c%d%\r\nlabel=Sales [EU] 100%\r\n";
    let folder = Folder::with(text);
    let json = folder.on_ini(&["check", "--format", "json"]).json();
    let findings = json["files"][0]["findings"].as_array().unwrap();
    let is_new = |it: &&Value| {
        ["unfilled-placeholder", "unknown-placeholder"].contains(&it["rule"].as_str().unwrap())
    };
    assert_eq!(findings.iter().filter(is_new).count(), 0, "{findings:#?}");
}
