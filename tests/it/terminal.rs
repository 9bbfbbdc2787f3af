//! Text from outside, full of characters that steer a terminal, put to every command: none of them comes out raw.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::runner::{Folder, started};

/// The page that lists all commands; a test of its own compares it with what the program takes.
const CLI: &str = include_str!("../../docs/cli.md");

/// Controls (7 and 8 bits wide), marks that change the direction, separators, and characters that nobody sees.
/// They stand in values, keys, and sections.
const HOSTILE: &str = "\u{1b}[35m\u{1b}P0;pwned\u{7}\u{9b}35m\u{c}\u{8}\u{7f}\u{85}\u{200e}\u{200f}\u{61c}\u{202a}\
                       \u{202e}\u{2066}\u{2069}\u{2028}\u{2029}\u{200b}\u{2060}\u{feff}\u{ad}\u{fffe}end";

/// The same for a file's name or an argument, which can have line ends.
const HOSTILE_LINE: &str =
    "x\r\nerror: forged\u{1b}[35m\u{9b}35m\u{c}\u{202e}\u{2067}\u{2028}\u{200b}";

/// The folder with the ini. Its name is as short as one may be with all of that.
const DIR: &str =
    "d\n\r\u{1b}[35m\u{9b}35m\u{c}\u{8}\u{7f}\u{202e}\u{2066}\u{2028}\u{200b}\u{61c}\u{feff}";

/// One run of a command.
struct Case {
    args: Vec<String>,
    /// What comes before it, in the same folder.
    before: Vec<Vec<String>>,
    /// Whether a pipe gets the text as it is, because it is data.
    is_data: bool,
    /// Whether it shows nothing of what it was given.
    is_silent: bool,
}

fn case(args: &[&str]) -> Case {
    Case { args: filled(args), before: Vec::new(), is_data: false, is_silent: false }
}

impl Case {
    fn after(mut self, args: &[&str]) -> Self {
        self.before.push(filled(args));
        self
    }

    /// Says that it shows nothing of what it was given; that it does so is checked.
    fn silent(self) -> Self {
        Self { is_silent: true, ..self }
    }

    fn with_data(self) -> Self {
        Self { is_data: true, ..self }
    }
}

/// Puts paths and texts in the place of their names.
fn filled(args: &[&str]) -> Vec<String> {
    let fill = |arg: &&str| {
        arg.replace("INI", &format!("{DIR}/MicroSIP.ini"))
            .replace("DIR", DIR)
            .replace("TEXT", HOSTILE)
            .replace("LINE", HOSTILE_LINE)
            .replace("SHORT", "1\u{1b}[35m\u{202e}")
    };
    args.iter().map(fill).collect()
}

/// Makes a folder with files that hold such text wherever text can be.
fn world() -> Folder {
    let folder = Folder::new();
    std::fs::create_dir(folder.file(DIR)).unwrap();
    let path = |name: &str| format!("{DIR}/{name}");
    let ini = format!(
        "; {HOSTILE}\r\n[Settings]\r\nAA=1\r\nAA={HOSTILE}\r\nDND=yes{HOSTILE}\r\nringingSound=C:\\{HOSTILE}.wav\r\n\
         nosuchkey{HOSTILE}={HOSTILE}\r\ncmdCallStart=C:\\{HOSTILE} x\\a.exe {HOSTILE}\r\n\
         cmdCallEnd=\"C:\\msipctl.exe\" hook run call-end\r\nOnCallEnd=Log,{HOSTILE}\r\n\
         OnCallEnd.2=CopyData,{HOSTILE},1,<n>%number%</n>{HOSTILE}\r\n\
         ; msipctl: ignore no-such-rule {HOSTILE}\r\nautoAnswer={HOSTILE}\r\n\
         [Section{HOSTILE}]\r\nkey{HOSTILE}={HOSTILE}\r\nno equals {HOSTILE}\r\n[Account1]\r\nlabel={HOSTILE}\r\n\
         domain={HOSTILE}\r\nusername={HOSTILE}\r\npassword=secret{HOSTILE}\r\n"
    );
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(ini.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    folder.write(&path("MicroSIP.ini"), utf16);
    folder.write(&path("other.ini"), ini.replace("AA=1", "AA=0").replace("label=", "label=x"));
    // More than are listed one by one.
    std::fs::create_dir(folder.file("many")).unwrap();
    for number in 0..11 {
        folder.write(&format!("many/{number}{HOSTILE_LINE}.ini"), &ini);
    }
    folder.write(&path("broken.toml"), format!("[Settings{HOSTILE}\nx = {HOSTILE}"));
    // TOML takes no control characters raw.
    let toml: String =
        HOSTILE.chars().map(|character| format!("\\U{:08x}", u32::from(character))).collect();
    let unknown = "\u{202e}\u{200b}\u{2028}";
    folder.write(
        &path("policy.toml"),
        format!("[Settings]\nAA = \"0\"\n\"key{unknown}\" = \"{unknown}\"\nautoAnswer = \"{unknown}\"\n[Account1]\nlabel = \"{toml}\"\n"),
    );
    folder.write(&path("good.toml"), "[Account1]\nlabel = \"a\u{202e}\u{2066}\u{200b}\u{2028}\"\n");
    folder.write(
        &path("inventory.csv"),
        format!("path,site\n\"{DIR}/MicroSIP.ini\",\"{HOSTILE}\"\n\"{DIR}/{HOSTILE_LINE}.ini\",\"{HOSTILE}\"\n"),
    );
    folder.write(
        &path("template.ini"),
        format!(
            "[template]\nsummary={HOSTILE}\nevents=call-end\n[parameter.w{HOSTILE}]\nsummary={HOSTILE}\nexample={HOSTILE}\n\
             [Settings]\n{{{{ event.directive }}}}=CopyData,{{{{ w }}}},1,{HOSTILE}<n>%number%</n>\n"
        ),
    );
    folder
}

/// Every command, with text from outside in each way that it takes.
fn cases() -> Vec<(&'static str, Case)> {
    let none = "LINE.ini";
    let mut cases = vec![
        ("locate", case(&["locate", "--root", "DIR"])),
        ("locate", case(&["locate", "--root", "LINE"])),
        ("show", case(&["show", "-i", "INI"])),
        ("show", case(&["show", "-i", "INI", "--all", "--reveal"])),
        ("show", case(&["show", "SectionTEXT.keyTEXT", "-i", "INI"])),
        ("show", case(&["show", "LINE.LINE", "-i", "INI"])),
        ("get", case(&["get", "SectionTEXT.keyTEXT", "-i", "INI"]).with_data()),
        ("get", case(&["get", "SectionTEXT.keyTEXT", "-i", "INI", "-i", "DIR/other.ini"])),
        ("get", case(&["get", "LINE.LINE", "-i", "INI"])),
        (
            "set",
            case(&[
                "set",
                "Settings.labelTEXT=TEXT",
                "Account1.label=TEXT",
                "-i",
                "INI",
                "--force",
            ]),
        ),
        ("set", case(&["set", "Account1.label=TEXT", "-i", "INI", "--force", "--diff", "-vv"])),
        ("set", case(&["set", "LINE", "-i", "INI"]).silent()),
        ("set", case(&["set", "A.B=LINE", "-i", "INI", "--force"])),
        ("unset", case(&["unset", "SectionTEXT", "Settings.nosuchkeyTEXT", "-i", "INI", "--diff"])),
        ("unset", case(&["unset", "LINE", "-i", "INI"])),
        ("check", case(&["check", "-i", "INI", "--select", "all"])),
        ("check", case(&["check", "-i", "INI", "-i", "DIR/other.ini", "-i", none])),
        ("check", case(&["check", "-i", "INI", "--fix", "--unsafe-fixes", "--diff", "--dry-run"])),
        ("check", case(&["check", "-i", "INI", "--select", "LINE"])),
        ("plan", case(&["plan", "DIR/good.toml", "-i", "INI", "--diff"])),
        ("plan", case(&["plan", "DIR/policy.toml", "-i", "INI"])),
        ("plan", case(&["plan", "DIR/broken.toml", "-i", "INI"])),
        ("plan", case(&["plan", "DIR/good.toml", "--inventory", "DIR/inventory.csv"])),
        ("plan", case(&["plan", "DIR/good.toml", "-i", "INI", "--output", "DIR/plan.json"])),
        ("apply", case(&["apply", "DIR/good.toml", "-i", "INI", "-v"])),
        (
            "apply",
            case(&["apply", "DIR/plan.json"]).after(&[
                "plan",
                "DIR/good.toml",
                "-i",
                "INI",
                "--output",
                "DIR/plan.json",
            ]),
        ),
        ("apply", case(&["apply", "LINE", "-i", "INI"])),
        ("apply", case(&["apply", "--resume", "LINE"])),
        ("audit", case(&["audit", "DIR/good.toml", "-i", "INI"])),
        ("audit", case(&["audit", "DIR/other.ini", "-i", "INI"])),
        ("audit", case(&["audit", "DIR/policy.toml", "--inventory", "DIR/inventory.csv"])),
        (
            "report merge",
            case(&["report", "merge", "audits"]).after(&[
                "audit",
                "DIR/good.toml",
                "-i",
                "INI",
                "-o",
                "audits/",
            ]),
        ),
        ("report merge", case(&["report", "merge", "LINE"])),
        ("set", case(&["set", "Account1.label=TEXT", "-i", "many/*.ini", "--force"])),
        ("check", case(&["check", "-i", "many/*.ini"])),
        ("check", case(&["check", "-i", "many/*.ini", "--unsafe-fixes"])),
        ("plan", case(&["plan", "DIR/good.toml", "-i", "many/*.ini", "-i", none])),
        ("apply", case(&["apply", "DIR/good.toml", "-i", "many/*.ini", "-i", none])),
        ("audit", case(&["audit", "DIR/good.toml", "-i", "many/*.ini", "-i", none])),
        ("audit", case(&["audit", "DIR/good.toml", "-i", "many/*.ini", "--list", "drifted"])),
        ("audit", case(&["audit", "DIR/good.toml", "-i", "INI", "--output", "LINE/x"])),
        ("check", case(&["check", "-i", "INI", "--output", "LINE/x"])),
        ("diff", case(&["diff", "INI", "many/*.ini"])),
        ("diff", case(&["diff", "DIR", "many/*.ini"])),
        ("hook list", case(&["hook", "list", "--missing", "call-ring", "-i", "many/*.ini"])),
        ("hook list", case(&["hook", "list", "--missing", "LINE", "-i", "INI"])),
        ("capture", case(&["capture", "--all", "-i", "INI", "-i", "DIR/other.ini"]).with_data()),
        ("explain", case(&["explain", "LINE"])),
        ("diff", case(&["diff", "INI", "DIR/other.ini"])),
        ("diff", case(&["diff", "INI", "DIR/other.ini", "--text"])),
        ("diff", case(&["diff", "INI", "LINE"])),
        (
            "hook add",
            case(&[
                "hook",
                "add",
                "copy-data",
                "--on",
                "call-answer",
                "--with",
                "window=TEXT",
                "-i",
                "INI",
                "--diff",
            ]),
        ),
        (
            "hook add",
            case(&[
                "hook",
                "add",
                "copy-data",
                "--on",
                "call-answer",
                "--with",
                "window=LINE",
                "-i",
                "INI",
            ])
            .silent(),
        ),
        ("hook add", case(&["hook", "add", "LINE", "--on", "call-end", "-i", "INI"])),
        ("hook add", case(&["hook", "add", "copy-data", "--on", "LINE", "-i", "INI"])),
        ("hook explain", case(&["hook", "explain", "-i", "INI", "--caller", "TEXT"])),
        (
            "hook explain",
            case(&["hook", "explain", "call-end", "--line", "C:\\TEXT x\\a.exe TEXT"]),
        ),
        ("hook list", case(&["hook", "list", "-i", "INI"])),
        ("hook list", case(&["hook", "list", "-i", "INI", "-i", "DIR/other.ini"])),
        ("hook listen", case(&["hook", "listen", "--window", "LINE", "--timeout", "LINE"])),
        (
            "hook log",
            case(&["hook", "log"])
                .after(&["hook", "run", "--now", "--ini", "INI", "call-end", "LINE"]),
        ),
        ("hook remove", case(&["hook", "remove", "--on", "call-end", "-i", "INI", "--diff"])),
        ("hook remove", case(&["hook", "remove", "LINE", "-i", "INI"])),
        ("hook run", case(&["hook", "run", "--now", "--ini", "INI", "LINE"])),
        ("hook run", case(&["hook", "run", "--LINE"]).silent()),
        (
            "hook test",
            case(&["hook", "test", "call-start", "-i", "INI", "--caller", "TEXT", "--print"]),
        ),
        ("hook test", case(&["hook", "test", "LINE", "-i", "INI"])),
        ("template list", case(&["template", "list", "LINE"])),
        ("template show", case(&["template", "show", "DIR/template.ini"])),
        ("template show", case(&["template", "show", "LINE"])),
        ("template copy", case(&["template", "copy", "toast-script", "DIR/sub"])),
        (
            "template copy",
            case(&["template", "copy", "python-receiver", "DIR", "--with", "window=LINE"]).silent(),
        ),
        ("template new", case(&["template", "new", "LINE"])),
        ("template check", case(&["template", "check", "DIR/template.ini"])),
        ("template check", case(&["template", "check", "LINE"])),
        ("capture", case(&["capture", "--all", "-i", "INI"]).with_data()),
        ("capture", case(&["capture", "-i", none])),
        (
            "backup list",
            case(&["backup", "list", "-i", "INI"]).after(&["set", "Settings.AA=0", "-i", "INI"]),
        ),
        ("backup list", case(&["backup", "list", "-i", "LINE"]).silent()),
        ("show", case(&["show", "LINE.ini"])),
        ("get", case(&["get", "LINE/x", "a.b"])),
        ("check", case(&["check", "LINE"])),
        ("backup create", case(&["backup", "create", "-i", "INI"])),
        ("backup create", case(&["backup", "create", "-i", none])),
        (
            "backup restore",
            case(&["backup", "restore", "-i", "INI"]).after(&["set", "Settings.AA=0", "-i", "INI"]),
        ),
        ("undo", case(&["undo", "INI"]).after(&["set", "Settings.AA=0", "-i", "INI"])),
        ("undo", case(&["undo", "--run", "LINE"])),
        ("backup restore", case(&["backup", "restore", "--run", "LINE"])),
        ("backup restore", case(&["backup", "restore", "--id", "LINE", "-i", "INI"])),
        (
            "backup prune",
            case(&["backup", "prune", "--keep", "1", "-i", "INI"])
                .after(&["set", "Settings.AA=0", "-i", "INI"])
                .after(&["set", "Settings.DND=0", "-i", "INI"]),
        ),
        ("backup prune", case(&["backup", "prune", "--keep", "LINE", "-i", "INI"])),
        (
            "backup verify",
            case(&["backup", "verify", "-i", "INI"]).after(&["set", "Settings.AA=0", "-i", "INI"]),
        ),
        ("backup verify", case(&["backup", "verify", "-i", "LINE"]).silent()),
        ("phone dial", case(&["phone", "dial", "LINE"])),
        ("phone transfer", case(&["phone", "transfer", "LINE"])),
        ("phone dtmf", case(&["phone", "dtmf", "SHORT"])),
        ("phone account", case(&["phone", "account", "LINE"])),
        ("phone status", case(&["phone", "status", "LINE"])),
        ("engine get", case(&["engine", "get", "LINE"])),
        ("engine test", case(&["engine", "test", "LINE"])),
        ("engine set", case(&["engine", "set", "LINE"])),
        ("dsc get", case(&["dsc", "get", "LINE"])),
        ("dsc test", case(&["dsc", "test", "LINE"])),
        ("dsc set", case(&["dsc", "set", "LINE"])),
        ("dsc delete", case(&["dsc", "delete", "LINE"])),
        ("dsc export", case(&["dsc", "export", "LINE"])),
        ("dsc schema", case(&["dsc", "schema", "LINE"])),
        ("dsc manifest", case(&["dsc", "manifest", "-o", "LINE/x"])),
        ("dsc manifest", case(&["dsc", "manifest", "--for", "LINE"])),
        ("report push", case(&["report", "push", "http://127.0.0.1:9/", "LINE"])),
        ("report push", case(&["report", "push", "http://LINE/", "INI"])),
        ("report push", case(&["report", "push", "http://127.0.0.1:9/", "INI", "--retries", "0"])),
        ("audit", case(&["audit", "DIR/good.toml", "-i", "INI", "--send", "ndjson:LINE/x"])),
        ("audit", case(&["audit", "DIR/good.toml", "-i", "INI", "--send", "LINE"])),
        ("schema", case(&["schema", "LINE"])),
        ("status", case(&["status", "--discard", "LINE"])),
        ("completions", case(&["completions", "LINE"])),
        ("man", case(&["man", "LINE"])),
        ("", case(&["LINE"])),
        ("", case(&["get", "a.b", "--format", "LINE"])),
    ];
    for (command, order) in [
        ("phone answer", "answer"),
        ("phone hangup", "hangup"),
        ("phone decline", "decline"),
        ("phone show", "show"),
        ("phone hide", "hide"),
        ("phone exit", "exit"),
    ] {
        cases.push((command, case(&["phone", order, "--program", "C:\\LINE\\MicroSIP.exe"])));
        cases.push((command, case(&["phone", order, "--microsip", "LINE"])));
    }
    // What no command takes.
    for command in commands() {
        let path: Vec<_> = command.split(' ').collect();
        if command != "hook run" {
            cases.push((command, case(&[&path[..], &["--LINE"]].concat())));
        }
    }
    cases
}

/// Lists all commands that do something.
fn commands() -> Vec<&'static str> {
    let all: Vec<_> = CLI.lines().filter_map(|line| line.strip_prefix("## msipctl ")).collect();
    let is_group = |name: &&&str| {
        !all.iter()
            .any(|other| other.strip_prefix(**name).is_some_and(|rest| rest.starts_with(' ')))
    };
    all.iter().filter(is_group).copied().collect()
}

/// Says whether a character must never come out raw. Line ends and tabs are the program's own.
fn is_forbidden(character: char) -> bool {
    let number = u32::from(character);
    character.is_control() && !matches!(character, '\n' | '\t')
        || matches!(number, 0x61c | 0xad | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfffe)
}

/// Takes out the styles that msipctl and what draws for it use; the colour 35 is none of them.
fn without_styles(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = behind
            .find(|character: char| !character.is_ascii_digit() && character != ';')
            .unwrap_or(0);
        let numbers = &behind[..end];
        match behind[end..].strip_prefix('m') {
            Some(after) if numbers.split(';').all(|number| number != "35") => rest = after,
            _ => {
                plain.push('\u{1b}');
                rest = behind;
            }
        }
    }
    plain + rest
}

/// Checks that nothing raw came out, and that no line was forged.
#[track_caller]
fn check(what: &str, out: &str) {
    let text = without_styles(out);
    if let Some(found) = text.chars().find(|character| is_forbidden(*character)) {
        let line = text.lines().find(|line| line.contains(found)).unwrap_or_default();
        panic!("{what}: raw U+{:04X} in {line:?}", u32::from(found));
    }
    assert!(
        !text.lines().any(|line| line.starts_with("error: forged")),
        "{what}: a forged line in {text}"
    );
}

fn prepared(folder: &Folder, args: &[String]) -> Command {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = folder.command(&args);
    command.env("MSIPCTL_HOOK_LOG", folder.file("journal.ndjson")).stdin(Stdio::null());
    command
}

/// Runs what comes before, and returns the folder.
fn ready(case: &Case) -> Folder {
    let folder = world();
    for args in &case.before {
        started(|| prepared(&folder, args).output());
    }
    if case.args.contains(&"verify".to_owned()) && folder.file(DIR).join(".msipctl").is_dir() {
        folder.write(&format!("{DIR}/.msipctl/MicroSIP.ini.{HOSTILE_LINE}.bak"), "stray");
    }
    folder
}

fn piped(folder: &Folder, args: &[String]) -> String {
    let output = started(|| prepared(folder, args).output());
    assert!(output.status.code().is_some_and(|code| code < 100), "{args:?}: {output:?}");
    String::from_utf8([output.stdout, b"\n".to_vec(), output.stderr].concat()).unwrap()
}

#[test]
fn every_command_has_a_terminal_test_case() {
    let with_case: BTreeSet<_> = cases()
        .iter()
        .filter(|(_, case)| !case.args.iter().any(|arg| arg.starts_with("--x\r")))
        .map(|(name, _)| *name)
        .collect();
    let missing: Vec<_> = commands().into_iter().filter(|name| !with_case.contains(name)).collect();
    assert!(missing.is_empty(), "a command without a case here: {missing:?}");
    assert!(commands().len() > 30, "{:?}", commands());
}

#[cfg(unix)]
#[test]
fn hostile_text_is_escaped_in_a_pipe() {
    let mut wrong = Vec::new();
    for (name, case) in cases().iter().filter(|(_, case)| !case.is_data) {
        let out = piped(&ready(case), &case.args);
        check(&format!("{name} {:?}", case.args), &out);
        if out.contains("\\u{") == case.is_silent {
            wrong.push(format!("{name} {:?}: {out}", case.args));
        }
    }
    assert!(wrong.is_empty(), "is_silent is wrong of {wrong:#?}");
}

#[cfg(unix)]
#[test]
fn hostile_text_is_escaped_with_colors_forced() {
    for (name, case) in
        cases().iter().filter(|(_, case)| !case.is_data && !case.args.contains(&"run".to_owned()))
    {
        let args = [case.args.clone(), vec!["--color".to_owned(), "always".to_owned()]].concat();
        check(&format!("{name} {args:?}"), &piped(&ready(case), &args));
    }
}

#[cfg(unix)]
#[test]
fn hostile_text_is_escaped_in_every_format() {
    for format in ["json", "ndjson", "sarif", "junit", "github", "markdown", "html"] {
        for (name, case) in cases() {
            let is_for_findings =
                matches!(name, "check" | "audit" | "report merge" | "template check");
            if matches!(name, "hook run" | "completions" | "man" | "schema" | "")
                || !is_for_findings && !format.ends_with("json")
            {
                continue;
            }
            let args = [case.args.clone(), vec!["--format".to_owned(), format.to_owned()]].concat();
            check(&format!("{name} {args:?}"), &piped(&ready(&case), &args));
        }
    }
}

#[cfg(unix)]
#[test]
fn get_writes_the_exact_value_to_pipes_and_json() {
    let folder = world();
    let args =
        |format: &str| filled(&["get", "SectionTEXT.keyTEXT", "-i", "INI", "--format", format]);
    let output = started(|| prepared(&folder, &args("human")).output());
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{HOSTILE}\n"));
    let output = started(|| prepared(&folder, &args("json")).output());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["files"][0]["value"], HOSTILE);
    assert_eq!(json["files"][0]["path"], format!("{DIR}/MicroSIP.ini"));
}

#[cfg(target_os = "linux")]
mod pty {
    use std::fs::{File, OpenOptions};
    use std::io::Read as _;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    /// Runs the program on a terminal of its own, and returns all that the terminal was given.
    fn on_terminal(folder: &Folder, args: &[String]) -> String {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let end = || OpenOptions::new().read(true).write(true).open(&name).unwrap();
        let mut command = prepared(folder, args);
        command.env("TERM", "xterm-256color");
        command.stdin(end()).stdout(end()).stderr(end());
        let mut child = started(|| command.spawn());
        // Only the program holds the terminal's other end from now on.
        drop(command);
        let mut seen = Vec::new();
        let mut terminal = File::from(terminal);
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = terminal.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..length]);
        }
        assert!(child.wait().unwrap().code().is_some_and(|code| code < 100), "{args:?}");
        // The terminal itself writes each line end so.
        let seen = String::from_utf8(seen).unwrap().replace("\r\n", "\n");
        // The progress line clears itself so.
        seen.replace("\r\u{1b}[2K", "")
    }

    #[test]
    fn hostile_text_is_escaped_on_a_terminal() {
        let (mut colored, mut wrong) = (0, Vec::new());
        for (name, case) in cases() {
            let out = on_terminal(&ready(&case), &case.args);
            check(&format!("{name} {:?}", case.args), &out);
            if out.contains("\\u{") == case.is_silent {
                wrong.push(format!("{name} {:?}: {out}", case.args));
            }
            colored += usize::from(out.contains("\u{1b}["));
        }
        assert!(wrong.is_empty(), "is_silent is wrong of {wrong:#?}");
        assert!(colored > 30, "{colored} cases are shown with colors, so these were no terminals");
    }
}
