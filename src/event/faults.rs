//! What keeps a command from starting what it names.

use std::fmt;

use super::launch::{arguments, launch, read_back, saved};
use super::split_path::split_paths;
use crate::schema::{self, Version};

/// Something wrong with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// MicroSIP starts the part of a path in front of its first blank.
    TornProgram {
        /// What it starts.
        starts: String,
    },
    /// Windows drops the first and the last quote as a pair, though they are none.
    LostQuotes {
        /// What is left.
        read: String,
    },
    /// A path among the arguments has a space that no quotes hold when the program starts.
    TornArgument {
        /// The argument as it was meant.
        argument: String,
        /// Whether nothing else can have been meant, such as a folder and a file in two arguments.
        is_certain: bool,
    },
    /// It works until a MicroSIP before 3.21.6 saves it, which drops its quotes.
    LostWhenSaved,
    /// MicroSIP cuts it off.
    TooLong {
        /// Its length in UTF-16 units.
        units: usize,
    },
    /// MicroSIP from 3.21.6 on saves it in quotes, with which it is too long to be read whole.
    CutWhenSaved {
        /// Its length in UTF-16 units, without those quotes.
        units: usize,
    },
}

/// The longest command that is read, in UTF-16 units.
pub(super) const LIMIT: usize = 255;

/// Endings by which the end of a program's path is known.
const PROGRAMS: [&str; 11] =
    [".exe", ".bat", ".cmd", ".com", ".vbs", ".lnk", ".ps1", ".py", ".js", ".ahk", ".wsf"];

/// Programs that run scripts, named without ending.
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

impl Fault {
    /// Returns its name as a rule.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TornProgram { .. } => "torn-program",
            Self::LostQuotes { .. } => "lost-quotes",
            Self::TornArgument { .. } => "torn-argument",
            Self::LostWhenSaved => "lost-when-saved",
            Self::TooLong { .. } => "cut-off",
            Self::CutWhenSaved { .. } => "cut-when-saved",
        }
    }

    /// Says whether the command starts something else than it names, or with other arguments.
    pub fn is_torn(&self) -> bool {
        matches!(
            self,
            Self::TornProgram { .. }
                | Self::LostQuotes { .. }
                | Self::TornArgument { is_certain: true, .. }
        )
    }

    /// Says whether the command may also be as it was meant.
    pub fn is_guess(&self) -> bool {
        matches!(self, Self::TornArgument { is_certain: false, .. })
    }

    /// Says whether the command cannot do what it says.
    pub fn is_fatal(&self) -> bool {
        self.is_torn() || matches!(self, Self::TooLong { .. })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornProgram { starts } => {
                write!(f, "the path is torn at its blank, MicroSIP starts `{starts}`")
            }
            Self::LostQuotes { read } => {
                write!(f, "Windows drops the first and the last quote, `{read}` is left")
            }
            Self::TornArgument { argument, is_certain } => {
                // Its parts are not masked any more where they stand apart.
                let argument = schema::mask("Settings", "", argument);
                let parts: Vec<_> =
                    arguments(&argument).iter().map(|it| format!("`{it}`")).collect();
                let parts = listed(&parts);
                match is_certain {
                    true => write!(
                        f,
                        "the argument `{argument}` is split at the space: the program receives {parts}"
                    ),
                    false => write!(
                        f,
                        "`{argument}` may be one path that is split at the space: the program receives {parts}"
                    ),
                }
            }
            Self::LostWhenSaved => f.write_str(
                "MicroSIP before 3.21.6 saves it without its quotes, and it is torn then",
            ),
            Self::TooLong { units } => {
                write!(f, "it has {units} UTF-16 units, MicroSIP cuts it off at {LIMIT}")
            }
            Self::CutWhenSaved { units } => write!(
                f,
                "it has {units} UTF-16 units, and two more when MicroSIP has saved it in quotes: its end \
                 can be lost"
            ),
        }
    }
}

/// Finds what is wrong with a command as it stands written, for a version.
///
/// # Example
///
/// ```
/// use msipctl::event::faults;
/// use msipctl::schema::Version;
///
/// assert!(faults(r#""C:\My Hooks\a.bat" end"#, Version::NEWEST).is_empty());
/// let faults = faults(r#""C:\My Hooks\a.bat""#, Version::NEWEST);
/// assert_eq!(
///     faults[0].to_string(),
///     r"the path is torn at its blank, MicroSIP starts `C:\My`",
/// );
/// ```
pub fn faults(written: &str, microsip: Version) -> Vec<Fault> {
    let value = read_back(written);
    let mut faults = Vec::new();
    let units = value.encode_utf16().count();
    if units > LIMIT {
        faults.push(Fault::TooLong { units });
    } else if units + 2 > LIMIT && !saved("", microsip).is_empty() {
        faults.push(Fault::CutWhenSaved { units });
    }
    let Some(started) = launch(value, "", microsip) else { return faults };
    if has_lost_quotes(written, value) {
        faults.push(Fault::LostQuotes { read: value.to_owned() });
    } else if is_torn(&started.program, value.trim()) {
        faults.push(Fault::TornProgram { starts: started.program });
    } else {
        let torn = split_paths(value.trim())
            .into_iter()
            .map(|path| Fault::TornArgument { argument: path.path, is_certain: path.is_certain });
        faults.extend(torn);
        let before = Version::new(3, 21, 3);
        let later = saved(value, before);
        if microsip <= before && read_back(&later) != value {
            faults.push(Fault::LostWhenSaved);
        }
    }
    faults
}

/// Says whether an outer pair of quotes was dropped that was none: then a lone quote stands right
/// behind the path of a program.
fn has_lost_quotes(written: &str, value: &str) -> bool {
    let was_dropped = written.trim_matches(crate::profile::WHITESPACE) != value;
    let quote = value.find('"').filter(|_| !value.starts_with('"'));
    was_dropped && quote.is_some_and(|quote| ends_as_program(&value[..quote]))
}

/// Says whether a program was meant to go on behind the blank where it ends: it is a path without a
/// program's ending, and one comes later on before anything that begins a new argument.
fn is_torn(program: &str, value: &str) -> bool {
    let is_path = program.as_bytes().get(1..3) == Some(b":\\") || program.starts_with(r"\\");
    if value.starts_with('"') || !is_path || ends_as_program(program) || is_runner(program) {
        return false;
    }
    let rest = &value[program.len()..];
    let words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    let mut path = words.take_while(|word| !word.starts_with(['"', '/', '-']) && !is_rooted(word));
    path.any(|word| ends_as_program(word.trim_end_matches('"')))
}

/// Returns the program that was meant by a command as it is read, if its path is torn and can only have been one: of
/// the blanks at which it may go on, just one comes behind a program's ending.
///
/// # Example
///
/// ```
/// use msipctl::event::meant_program;
///
/// assert_eq!(meant_program(r"C:\My Hooks\a.bat end"), Some(r"C:\My Hooks\a.bat"));
/// assert_eq!(meant_program(r"C:\My Hooks\a.exe b.bat"), None);
/// assert_eq!(meant_program(r"C:\hooks\a.bat end"), None);
/// ```
pub fn meant_program(value: &str) -> Option<&str> {
    let value = value.trim();
    let program = value.split([' ', '\t']).next()?;
    if !is_torn(program, value) {
        return None;
    }
    let mut ends = Vec::new();
    let mut end = program.len();
    loop {
        let behind = &value[end..];
        let word = behind.trim_start_matches([' ', '\t']);
        if word.is_empty() || word.starts_with(['"', '/', '-']) || is_rooted(word) {
            break;
        }
        end += behind.len() - word.len() + word.find([' ', '\t']).unwrap_or(word.len());
        if ends_as_program(&value[..end]) {
            ends.push(end);
        }
    }
    match ends.as_slice() {
        [end] if !value[..*end].contains('"') => Some(&value[..*end]),
        _ => None,
    }
}

/// Returns the words of a command as it is read, each path that is certainly split at a space as one word. `None` if there
/// is none, or if the program takes its arguments for code, so that quotes don't hold one together.
///
/// # Example
///
/// ```
/// use msipctl::event::rejoined;
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

/// Says whether a path without ending leads to a program that runs the script behind it.
fn is_runner(path: &str) -> bool {
    let name = path.rsplit('\\').next().unwrap_or(path);
    RUNNERS.iter().any(|runner| runner.eq_ignore_ascii_case(name))
}

fn ends_as_program(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    PROGRAMS.iter().any(|ending| text.ends_with(ending))
}

/// Lists texts: `a`, `b`, and `c`.
fn listed(texts: &[String]) -> String {
    match texts {
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
        let found = faults(written, Version::NEWEST);
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{written}");
    }

    #[test]
    fn what_works_has_no_fault() {
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
    fn what_is_torn_is_found() {
        check(r"C:\My Hooks\a.bat", &[r"the path is torn at its blank, MicroSIP starts `C:\My`"]);
        check(
            r#""C:\Users\Ann B\a.bat""#,
            &[r"the path is torn at its blank, MicroSIP starts `C:\Users\Ann`"],
        );
        check(
            r#""C:\py.exe" "C:\h.py""#,
            &[r#"Windows drops the first and the last quote, `C:\py.exe" "C:\h.py` is left"#],
        );
        check(
            r#""C:\Py 3\python.exe" "C:\my x\h.py" start"#,
            &[
                r"the argument `C:\my x\h.py` is split at the space: the program receives `C:\my` and `x\h.py`",
            ],
        );
        check(
            &format!(r"C:\a.exe {}", "x".repeat(250)),
            &["it has 259 UTF-16 units, MicroSIP cuts it off at 255"],
        );
    }

    #[test]
    fn the_quotes_it_is_saved_in_need_room() {
        let found = |units: usize, version| faults(&"x".repeat(units), version);
        assert_eq!(found(253, Version::NEWEST), []);
        assert_eq!(found(254, Version::NEWEST), [Fault::CutWhenSaved { units: 254 }]);
        assert_eq!(found(255, Version::NEWEST), [Fault::CutWhenSaved { units: 255 }]);
        assert_eq!(found(255, Version::new(3, 21, 3)), []);
        assert_eq!(found(256, Version::NEWEST), [Fault::TooLong { units: 256 }]);
    }

    #[test]
    fn the_doubled_quotes_are_lost_by_older_versions() {
        let written = r#"""C:\Users\Ann B\a.bat"""#;
        assert_eq!(faults(written, Version::new(3, 20, 1)), [Fault::LostWhenSaved]);
        assert_eq!(faults(written, Version::new(3, 21, 6)), []);
    }

    proptest! {
        #[test]
        fn no_text_panics(written: String) {
            let _ = faults(&written, Version::NEWEST);
        }

        #[test]
        fn near_quotings_do_not_panic(written in r#"[ "\\Ca:.exé]{0,30}"#) {
            let _ = faults(&written, Version::NEWEST);
        }
    }
}
