//! Detects problems that keep a command from starting the program that it names.

use super::hazard::{Hazard, Part, hazard};
use super::installed::SETTINGS;
use super::launch::{arguments, launch, read_back, saved};
use super::split_path::{SplitPath, split_paths};
use crate::diagnostic::{Code, Prose, Severity};
use microsip_schema::Version;

/// The maximum length of a command that MicroSIP reads, in UTF-16 code units.
pub(super) const LIMIT: usize = 255;

/// Extensions that mark the end of a program path.
const PROGRAMS: [&str; 11] =
    [".exe", ".bat", ".cmd", ".com", ".vbs", ".lnk", ".ps1", ".py", ".js", ".ahk", ".wsf"];

/// Programs that run scripts, without their extension.
const RUNNERS: [&str; 18] = [
    "autohotkey",
    "bash",
    "cmd",
    "cscript",
    "java",
    "javaw",
    "mshta",
    "node",
    "perl",
    "php",
    "powershell",
    "pwsh",
    "py",
    "python",
    "python3",
    "pythonw",
    "ruby",
    "wscript",
];

/// Returns the problems of a written command in a version.
///
/// # Example
///
/// ```
/// use msipctl_core::diagnostic::Code;
/// use msipctl_core::event::launch_hazards;
/// use microsip_schema::Version;
///
/// assert!(launch_hazards(r#""C:\My Hooks\a.bat" end"#, Version::NEWEST).is_empty());
/// let hazards = launch_hazards(r#""C:\My Hooks\a.bat""#, Version::NEWEST);
/// assert_eq!(hazards[0].code(), Code::SplitProgramPath);
/// assert_eq!(hazards[0].message().argument("program"), Some(r"C:\My"));
/// assert_eq!(
///     hazards[0].message().to_string(),
///     r"the program path is split at the space: MicroSIP starts `C:\My`",
/// );
/// ```
pub fn launch_hazards(written: &str, microsip: Version) -> Vec<Hazard> {
    const DIRECTIVES: &str =
        "use a directive, which has no such limit; to list templates, run `msipctl template list`";
    let value = read_back(written);
    let mut hazards = Vec::new();
    let mut add = |code, message, help: &'static str| {
        hazards.push(hazard(code, Part::COMMAND, message).with_help(help));
    };
    let units = value.encode_utf16().count();
    if units > LIMIT {
        let message = message!(
            "the command has {units} UTF-16 code units, but MicroSIP reads only {limit}",
            units,
            limit = LIMIT
        );
        add(Code::CommandTooLong, message, DIRECTIVES);
    } else if units + 2 > LIMIT && !saved("", microsip).is_empty() {
        let message = message!(
            "the command has {units} UTF-16 code units, and MicroSIP may truncate it when it saves it with two quotes",
            units
        );
        add(Code::CommandTooLongWhenSaved, message, DIRECTIVES);
    }
    let Some(started) = launch(value, "", microsip) else { return hazards };
    if has_lost_quotes(written, value) {
        let message = message!(
            "Windows strips the first and last quote, which leaves `{read}`",
            read = value
        );
        let help = "remove the quotes around words without spaces, or end the line with an argument without quotes";
        add(Code::CommandQuotesStripped, message, help);
    } else if is_split(&started.program, value.trim()) {
        let message = message!(
            "the program path is split at the space: MicroSIP starts `{program}`",
            program = started.program
        );
        let help = r#"put the program in quotes, and end the line with an argument without quotes: "C:\a b\x.exe" call-end"#;
        add(Code::SplitProgramPath, message, help);
    } else {
        let before = Version::new(3, 21, 3);
        let later = saved(value, before);
        let is_lost = microsip <= before && read_back(&later) != value;
        hazards.extend(split_paths(value.trim()).into_iter().map(|path| split(value, &path)));
        if is_lost {
            let message = message!(
                "MicroSIP before 3.21.6 saves the command without its quotes, and then splits it at the spaces"
            );
            let help = r#"end the line with an argument without quotes: "C:\a b\x.exe" call-end"#;
            hazards.push(hazard(Code::BreaksWhenSaved, Part::COMMAND, message).with_help(help));
        }
    }
    hazards
}

/// Creates the hazard of a split path.
fn split(value: &str, path: &SplitPath) -> Hazard {
    let argument = path.path.as_str();
    // Text before the argument, such as an option, can make the argument a secret.
    let is_secret =
        value.contains(argument) && !microsip_schema::mask(SETTINGS, "", value).contains(argument);
    // The separate parts wouldn't be masked.
    let masked = microsip_schema::mask(SETTINGS, "", argument);
    let parts = arguments(&masked);
    let parts = Prose(listed(&parts));
    let message = match path.is_certain {
        _ if is_secret => message!("an argument is split at the space"),
        true => message!(
            "the argument `{argument}` is split at the space: the program receives {parts}",
            argument = masked,
            parts
        ),
        false => message!(
            "`{argument}` may be one path that is split at the space: the program receives {parts}",
            argument = masked,
            parts
        ),
    };
    let example = if is_secret { r"C:\my x\a.py" } else { argument };
    let example = microsip_schema::mask(SETTINGS, "", example.trim_matches('\''));
    let help = format!(
        r#"write `"\"{example}\""`, because MicroSIP keeps escaped quotes, or use a folder without spaces"#
    );
    let split = hazard(Code::SplitArgument, Part::COMMAND, message).with_help(help);
    if path.is_certain { split } else { split.with_severity(Severity::Info) }
}

/// Returns whether a command can't work as written: MicroSIP starts another program, passes other arguments, or truncates
/// the command.
pub fn is_fatal(hazard: &Hazard) -> bool {
    match hazard.code() {
        Code::SplitProgramPath | Code::CommandQuotesStripped | Code::CommandTooLong => true,
        // The other commands could be intended.
        Code::SplitArgument => hazard.severity() == Severity::Error,
        _ => false,
    }
}

/// Returns whether Windows stripped two quotes that aren't a pair. Then a single quote is directly after the path of a
/// program.
fn has_lost_quotes(written: &str, value: &str) -> bool {
    let was_dropped = written.trim_matches(winini::WHITESPACE) != value;
    let quote = value.find('"').filter(|_| !value.starts_with('"'));
    was_dropped && quote.is_some_and(|quote| ends_as_program(&value[..quote]))
}

/// Returns whether a program path was meant to continue after the space where it ends: it has no program extension, and
/// one follows before any text that begins a new argument.
fn is_split(program: &str, value: &str) -> bool {
    let is_path = program.as_bytes().get(1..3) == Some(b":\\") || program.starts_with(r"\\");
    if value.starts_with('"') || !is_path || ends_as_program(program) || is_runner(program) {
        return false;
    }
    let rest = &value[program.len()..];
    let words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    let mut path = words.take_while(|word| !word.starts_with(['"', '/', '-']) && !is_rooted(word));
    path.any(|word| ends_as_program(word.trim_end_matches('"')))
}

/// Returns the intended program of a command, as Windows reads it, if its path is split and only one program is possible:
/// exactly one of the spaces where the path can end comes after a program extension.
///
/// # Example
///
/// ```
/// use msipctl_core::event::meant_program;
///
/// assert_eq!(meant_program(r"C:\My Hooks\a.bat end"), Some(r"C:\My Hooks\a.bat"));
/// assert_eq!(meant_program(r"C:\My Hooks\a.exe b.bat"), None);
/// assert_eq!(meant_program(r"C:\hooks\a.bat end"), None);
/// ```
pub fn meant_program(value: &str) -> Option<&str> {
    let value = value.trim();
    let program = value.split([' ', '\t']).next()?;
    if !is_split(program, value) {
        return None;
    }
    let mut ends = Vec::new();
    let mut end = program.len();
    loop {
        let rest_of_value = &value[end..];
        let word = rest_of_value.trim_start_matches([' ', '\t']);
        if word.is_empty() || word.starts_with(['"', '/', '-']) || is_rooted(word) {
            break;
        }
        end += rest_of_value.len() - word.len() + word.find([' ', '\t']).unwrap_or(word.len());
        if ends_as_program(&value[..end]) {
            ends.push(end);
        }
    }
    match ends.as_slice() {
        [end] if !value[..*end].contains('"') => Some(&value[..*end]),
        _ => None,
    }
}

/// Returns the words of a command, as Windows reads it, with each path that is certainly split rejoined to one word. Returns
/// `None` if no path is split, or if the program reads its arguments as code, so that quotes don't help.
///
/// # Example
///
/// ```
/// use msipctl_core::event::rejoined;
///
/// let words = rejoined(r"powershell.exe -File C:\Users\Rep One\b.ps1 start").unwrap();
/// assert_eq!(words, ["powershell.exe", "-File", r"C:\Users\Rep One\b.ps1", "start"]);
/// assert_eq!(rejoined(r"powershell.exe -File C:\Users\b.ps1 start"), None);
/// ```
pub fn rejoined(value: &str) -> Option<Vec<String>> {
    super::split_path::rejoined(value.trim())
}

fn is_rooted(word: &str) -> bool {
    word.as_bytes().get(1..3) == Some(b":\\") || word.starts_with(r"\\")
}

/// Returns whether a path without an extension leads to a program that runs the script after it.
fn is_runner(path: &str) -> bool {
    let name = path.rsplit('\\').next().unwrap_or(path);
    RUNNERS.iter().any(|runner| runner.eq_ignore_ascii_case(name))
}

fn ends_as_program(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    PROGRAMS.iter().any(|extension| text.ends_with(extension))
}

/// Formats a list of texts, each in backticks: `a`, `b`, and `c`.
fn listed(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| format!("`{text}`")).collect();
    match texts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [others @ .., last] => format!("{}, and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(written: &str, expected: &[&str]) {
        let found = launch_hazards(written, Version::NEWEST);
        let found: Vec<_> = found.iter().map(|hazard| hazard.message().to_string()).collect();
        assert_eq!(found, expected, "{written}");
    }

    #[test]
    fn working_commands_have_no_hazards() {
        for written in [
            "",
            "\"\"",
            r"C:\hooks\a.bat",
            r#""C:\hooks\a.bat""#,
            r"C:\hooks\a.bat call end",
            r"C:\hooks\script end",
            r#""C:\My Hooks\a.bat" end"#,
            r#"""C:\My Hooks\a.bat" end""#,
            r#"""C:\Users\Ann B\a.bat"""#,
            r#""C:\Py 3\py.exe" "\"C:\my x\h.py\"" end"#,
            r#"powershell.exe -File C:\x\a.ps1"#,
            r"C:\bin\tool /run C:\x\a.bat",
            r"C:\Python39\Python scripts\a.py",
            "notepad",
        ] {
            check(written, &[]);
        }
    }

    #[test]
    fn split_and_truncated_commands_are_hazards() {
        check(
            r"C:\My Hooks\a.bat",
            &[r"the program path is split at the space: MicroSIP starts `C:\My`"],
        );
        check(
            r#""C:\Users\Ann B\a.bat""#,
            &[r"the program path is split at the space: MicroSIP starts `C:\Users\Ann`"],
        );
        check(
            r#""C:\py.exe" "C:\h.py""#,
            &[r#"Windows strips the first and last quote, which leaves `C:\py.exe" "C:\h.py`"#],
        );
        check(
            r#""C:\Py 3\python.exe" "C:\my x\h.py" start"#,
            &[
                r"the argument `C:\my x\h.py` is split at the space: the program receives `C:\my` and `x\h.py`",
            ],
        );
        check(
            &format!(r"C:\a.exe {}", "x".repeat(250)),
            &["the command has 259 UTF-16 code units, but MicroSIP reads only 255"],
        );
    }

    #[test]
    fn length_hazard_includes_the_quotes_added_on_save() {
        let found = |units: usize, version| -> Vec<(Code, String)> {
            let hazards = launch_hazards(&"x".repeat(units), version).into_iter();
            let units = |hazard: &Hazard| hazard.message().argument("units").unwrap().to_owned();
            hazards.map(|hazard| (hazard.code(), units(&hazard))).collect()
        };
        assert_eq!(found(253, Version::NEWEST), []);
        assert_eq!(
            found(254, Version::NEWEST),
            [(Code::CommandTooLongWhenSaved, "254".to_owned())]
        );
        assert_eq!(
            found(255, Version::NEWEST),
            [(Code::CommandTooLongWhenSaved, "255".to_owned())]
        );
        assert_eq!(found(255, Version::new(3, 21, 3)), []);
        assert_eq!(found(256, Version::NEWEST), [(Code::CommandTooLong, "256".to_owned())]);
    }

    #[test]
    fn doubled_quotes_are_a_hazard_before_3_21_6() {
        let written = r#"""C:\Users\Ann B\a.bat"""#;
        let codes = |version| -> Vec<_> {
            launch_hazards(written, version).iter().map(Hazard::code).collect()
        };
        assert_eq!(codes(Version::new(3, 20, 1)), [Code::BreaksWhenSaved]);
        assert_eq!(codes(Version::new(3, 21, 6)), []);
    }

    proptest! {
        #[test]
        fn finding_hazards_in_any_text_does_not_panic(written: String) {
            let _ = launch_hazards(&written, Version::NEWEST);
        }

        #[test]
        fn finding_hazards_in_malformed_quotes_does_not_panic(written in r#"[ "\\Ca:.exé]{0,30}"#) {
            let _ = launch_hazards(&written, Version::NEWEST);
        }
    }
}
