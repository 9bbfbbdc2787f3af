//! What `hook explain` says, against what happens. The judge is a program of its own, built of
//! `tests/windows/probe.c` and named by the variable `MSIPCTL_PROBE`: it repeats MicroSIP's steps by the calls of
//! Windows, and writes down what a program sees that is started so.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use msipctl_core::event::{
    Call, Event, Explanation, Facts, ITSELF, Target, Verb, arguments, explain, split,
};
use winini::profile::Profile;
use winini::{Document, Encoding};

use crate::probe::Record;
use crate::runner::{Folder, program, say, started, utf16};

/// Programs as they stand written at the beginning of a command. `{plain}`, `{space}` and so on are copies of the
/// probe; `{bare}` is one without its ending, and `{torn}` a path whose part in front of the blank is another copy.
const PROGRAMS: &[&str] = &[
    "{plain}",
    "  {plain}",
    "\"{plain}\"",
    "\"\"{plain}\"",
    "'{plain}'",
    "{bare}",
    "\"{bare}\"",
    "{space}",
    "\"{space}\"",
    "\"\"{space}\"\"",
    "\"{characters}\"",
    "\"{torn}\"",
    "{torn}",
    "\"{odd}\"",
];

/// What stands behind them.
const ARGUMENTS: &[&str] = &[
    "",
    " end",
    "  two   words  ",
    " \"a b\" end",
    " \"\\\"a b\\\"\" end",
    " \"\\\"Grüße 電話\\\"\" end",
    " a\\\\\\\"b \\\\\"c d\\\\\" end",
    " \"\" a \"\" b \"\"",
    " \"a\"\"b c\"\"",
    " \"\"\"a b\"\"\" \"\"\"\" c",
    " \"a\\\\\" b\\ \\\\c \\\" d",
    " \"open to the end",
    " \" blanks \" \" go  \"",
    " %PATH% {number} %1 & | < > ^",
    " \u{a0}a\u{a0} b\u{2003}",
    " 'a b' {long}",
];

/// Whole commands beside these.
const LINES: &[&str] = &[
    "\"  {plain} end  \"",
    "'{plain} end'",
    "\"\"{space}\" end\"",
    "\"{space}\"end of it",
    "\"{torn}",
    "{missing} end",
    "\" \t \"",
];

/// Returns all commands.
fn written() -> Vec<String> {
    let both = PROGRAMS
        .iter()
        .flat_map(|program| ARGUMENTS.iter().map(move |arguments| format!("{program}{arguments}")));
    both.chain(LINES.iter().map(|line| (*line).to_owned())).collect()
}

const CALLERS: &[&str] = &[
    "4930123456",
    "",
    "  49  30 ",
    "a\"b c\" \"d",
    "\\ x\\\" \\\\\"y z\\\\",
    "& calc | more <in >out ^& \"&calc\"",
    "%PATH% %1 %%",
    "Jürgen 電話 🎉",
    "--help /? -x",
];

/// Where the copies are.
struct Copies {
    folder: Folder,
}

impl Copies {
    /// Returns `None` where there is no probe.
    fn new() -> Option<Self> {
        let probe = program("MSIPCTL_PROBE", "explain", "probe program")?;
        let copies = Self { folder: Folder::new() };
        for (name, path) in COPIES {
            if *name != "missing" {
                let path = copies.folder.file(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::copy(&probe, path).unwrap();
            }
        }
        fs::copy(&probe, copies.folder.file("My.exe")).unwrap();
        Some(copies)
    }

    /// Puts paths into a line.
    fn line(&self, line: &str) -> String {
        let mut line = line.replace("{long}", &"long ".repeat(50));
        for (name, path) in COPIES {
            let path = self.folder.file(path).to_str().unwrap().to_owned();
            line = line.replace(&format!("{{{name}}}"), &path);
        }
        let bare = self.folder.file("plain").join("probe");
        line.replace("{bare}", bare.to_str().unwrap())
    }

    /// Lets the probe work, and returns what it wrote.
    fn records(&self, args: &[&str]) -> Vec<Record> {
        let out = self.folder.file("out.txt");
        let mut command = Command::new(self.folder.file("plain").join("probe.exe"));
        command.args(args).env("PROBE_OUT", &out).env_remove("PROBE_SEEN");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = started(|| command.status());
        assert!(status.success(), "{status}");
        let text = fs::read_to_string(out).unwrap();
        text.lines().map(Record::parse).collect()
    }
}

const COPIES: &[(&str, &str)] = &[
    ("plain", r"plain\probe.exe"),
    ("space", r"with a space\the probe.exe"),
    ("characters", r"Jürgen Größe\電話.exe"),
    ("torn", r"My Hooks\probe.exe"),
    // Wine puts PATH in the place of `%PATH%` here. Windows is documented to do so only when it is asked to
    // (SEE_MASK_DOENVSUBST), and MicroSIP does not ask.
    ("odd", r"a & b %NONE% ^(1)\it's.exe"),
    ("missing", r"plain\none.exe"),
];

fn to_digits(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("{unit:04x}"));
    units.collect::<String>() + "-"
}

/// The disks, asked without msipctl.
struct Disk;

impl Facts for Disk {
    fn target(&self, path: &str) -> Option<Target> {
        let path = Path::new(path);
        Some(match fs::metadata(path) {
            Err(_) => Target::Missing,
            Ok(found) if found.is_dir() => Target::Folder,
            Ok(_) => Target::File { writable_by_others: None },
        })
    }
}

/// Says what is explained otherwise than it happened.
fn disagreement(
    explained: &Explanation,
    starts: &Record,
    seen: &Record,
    own: &Path,
) -> Option<String> {
    let program = explained.program.as_deref().unwrap_or_default();
    let program = if program == ITSELF { own.to_str().unwrap() } else { program };
    if starts.texts != [program, &explained.parameters] {
        return Some("the start".to_owned());
    }
    match seen.kind.as_str() {
        "failed" => explained.starts.then(|| "whether it starts".to_owned()),
        "seen" => {
            let (parameters, words) = seen.texts.split_first().unwrap();
            let is_so = explained.starts
                && *parameters == explained.parameters
                && words == explained.arguments.as_slice();
            (!is_so).then(|| "the arguments".to_owned())
        }
        other => Some(format!("a record `{other}`")),
    }
}

#[test]
fn explained_launch_matches_the_actual_launch() {
    let Some(copies) = Copies::new() else { return };
    let lines: Vec<_> = written().iter().map(|line| copies.line(line)).collect();
    assert!(lines.len() >= 200, "{}", lines.len());
    let mut callers: Vec<_> = CALLERS.iter().map(|caller| (*caller).to_owned()).collect();
    callers.push("long \"".repeat(300));

    let mut ini = "[Settings]\r\n".to_owned();
    for (index, line) in lines.iter().enumerate() {
        ini.push_str(&format!("line{index}={line}\r\n"));
    }
    copies.folder.write("hooks.ini", utf16(&ini));
    let mut table = String::new();
    for index in 0..lines.len() {
        for caller in &callers {
            table.push_str(&format!("line{index} {}\n", to_digits(caller)));
        }
    }
    copies.folder.write("table.txt", table);
    let (hooks, table) = (copies.folder.file("hooks.ini"), copies.folder.file("table.txt"));
    let args = ["--start", hooks.to_str().unwrap(), table.to_str().unwrap()];
    let records = copies.records(&args);

    let document = Document::parse(fs::read(&hooks).unwrap(), Encoding::Utf16Le { bom: true });
    let profile = Profile::new(&document);
    let own = copies.folder.file("plain").join("probe.exe");
    let mut records = records.iter();
    let mut disagreements = Vec::new();
    let (mut agreements, mut excluded, mut nothing) = (0, 0, Vec::new());
    for (index, line) in lines.iter().enumerate() {
        let mut is_started = false;
        let entry = profile.entry("Settings", &format!("line{index}")).unwrap();
        for caller in &callers {
            let written = entry.written();
            let call = Call { caller, ..Call::new(Event::CallEnd, &written) };
            let explained = explain(&call, &Disk);
            let (starts, seen) = (records.next().unwrap(), records.next().unwrap());
            assert_eq!(starts.kind, "starts", "{written} {caller}");
            is_started |= seen.kind == "seen";
            // Wine puts quotes round it all the same and starts what stands in front of the first one. No file
            // of Windows can have such a name, and what it does then was not reported.
            if starts.texts[0].contains('"') {
                excluded += 1;
                continue;
            }
            match disagreement(&explained, starts, seen, &own) {
                None => agreements += 1,
                Some(what) => disagreements.push(format!(
                    "{what}: {written} {caller:?}\n{explained:?}\n{starts:?}\n{seen:?}"
                )),
            }
        }
        if !is_started {
            nothing.push(line);
        }
    }
    assert!(records.next().is_none());
    say(&format!(
        "explain: {} lines x {} callers, {agreements} agreements, {} disagreements; \
         {excluded} with a quote in the program's name not put to it, {} lines start nothing",
        lines.len(),
        callers.len(),
        disagreements.len(),
        nothing.len()
    ));
    let shown = disagreements.iter().take(5).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(disagreements.is_empty(), "{shown}");
    assert_eq!(agreements + excluded, lines.len() * callers.len());
    assert!(agreements >= 200 * callers.len(), "{excluded} not put to it");
    // Else the probe would agree because it never saw anything.
    assert!(nothing.len() < lines.len() / 3, "{nothing:?}");
}

#[test]
fn arguments_are_split_like_shell32_does() {
    let Some(copies) = Copies::new() else { return };
    const COUNT: usize = 20_000;
    let mut seed = 88_172_645_463_325_252_u64;
    let mut next = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 33) % below
    };
    let lines: Vec<String> = (0..COUNT)
        .map(|_| {
            (0..=next(18)).map(|_| char::from(b"\"\"\"\"\\\\\\ \tab"[next(11) as usize])).collect()
        })
        .collect();
    let table: String = lines.iter().map(|line| to_digits(line) + "\n").collect();
    copies.folder.write("lines.txt", table);
    let table = copies.folder.file("lines.txt");
    let records = copies.records(&["--split", table.to_str().unwrap()]);
    assert_eq!(records.len(), COUNT);
    let mut otherwise = 0;
    for (line, record) in lines.iter().zip(&records) {
        assert_eq!(split(line), record.texts, "{line:?}");
        let (_, words) = record.texts.split_first().unwrap();
        let behind = line.strip_prefix('"').and_then(|quoted| quoted.split_once('"'));
        otherwise += usize::from(behind.is_some_and(|(_, rest)| arguments(rest) != words));
    }
    // Else the two ways to split would be one.
    assert!(otherwise > 100, "{otherwise}");
    say(&format!("explain: {COUNT} lines split as CommandLineToArgvW does, 0 disagreements"));
}

#[test]
fn hook_explain_prints_the_library_result() {
    let Some(copies) = Copies::new() else { return };
    for (index, line) in written().iter().enumerate().step_by(11) {
        let line = copies.line(line);
        let caller = CALLERS[index % CALLERS.len()];
        let explained = explain(&Call { caller, ..Call::new(Event::CallEnd, &line) }, &Disk);
        let args = ["hook", "explain", "call-end", "--format", "json"];
        let given = [format!("--line={line}"), format!("--caller={caller}")];
        let given: Vec<_> = args.into_iter().chain(given.iter().map(String::as_str)).collect();
        let document = copies.folder.run(&given).code(0).json();
        let hook = &document["hooks"][0];
        assert_eq!(hook["program"].as_str(), explained.program.as_deref(), "{line}");
        assert_eq!(hook["parameters"], *explained.parameters, "{line}");
        assert_eq!(hook["arguments"], serde_json::json!(explained.arguments), "{line}");
        assert_eq!(hook["starts"], explained.starts, "{line}");
        assert_eq!(hook["verb"].as_str(), explained.verb.map(Verb::name), "{line}");
        let rules: Vec<_> = explained.hazards.iter().map(|it| it.code().name()).collect();
        let told = hook["findings"].as_array().unwrap();
        let told: Vec<_> = told.iter().map(|danger| danger["rule"].as_str().unwrap()).collect();
        assert_eq!(told, rules, "{line}");
    }
}
