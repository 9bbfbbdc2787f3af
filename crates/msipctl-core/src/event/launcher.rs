//! The launcher: the command that makes MicroSIP start msipctl on an event.

use super::kind::Event;
use super::launch::split;
use super::path::is_full;

/// The maximum length of a command that every MicroSIP reads, in UTF-16 code units: 255 without the quotes in which
/// 3.21.6 and newer save it.
const LIMIT: usize = 253;

/// A command that starts msipctl, such as `"C:\Program Files\msipctl\msipctl.exe" hook run incoming-call`.
///
/// Its form keeps its meaning when MicroSIP processes it. The program is in quotes and the line ends with an argument
/// without quotes, so Windows finds no outer pair of quotes to strip. No other word contains a space, so splitting and
/// joining the words changes nothing.
///
/// # Example
///
/// ```
/// use msipctl_core::event::{Launcher, Event};
///
/// let launcher = Launcher::new(r"C:\tools\msipctl.exe", Event::CallEnd)?;
/// assert_eq!(launcher.value(), r#""C:\tools\msipctl.exe" hook run call-end"#);
/// assert_eq!(Launcher::parse(&launcher.value()), Some(launcher));
/// # Ok::<(), msipctl_core::event::LauncherError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launcher {
    program: String,
    event: Event,
    ini: Option<String>,
}

/// Why a launcher can't be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LauncherError {
    /// MicroSIP couldn't start the program at this path.
    #[error(
        "invalid program path `{program}`, which {reason}: expected a full Windows path such as C:\\Program Files\\msipctl\\msipctl.exe"
    )]
    Program {
        /// The path.
        program: String,
        /// The problem.
        reason: &'static str,
    },
    /// A command can't contain the path of the MicroSIP.ini.
    #[error("invalid path of MicroSIP.ini `{ini}`, which {reason}: expected a full Windows path")]
    Ini {
        /// The path.
        ini: String,
        /// The problem.
        reason: &'static str,
    },
    /// MicroSIP would truncate the command.
    #[error("the command has {units} UTF-16 code units: expected at most {LIMIT}")]
    TooLong {
        /// The length of the command.
        units: usize,
    },
}

impl Launcher {
    /// Creates the launcher of an event.
    ///
    /// # Errors
    ///
    /// [`LauncherError`] for a program that isn't a full Windows path, and for a command of more than 253 UTF-16 code
    /// units.
    pub fn new(program: impl Into<String>, event: Event) -> Result<Self, LauncherError> {
        let program = program.into();
        match path_problem(&program) {
            Some(reason) => Err(LauncherError::Program { program, reason }),
            None => Self { program, event, ini: None }.measured(),
        }
    }

    /// Adds the path of the MicroSIP.ini with the directives, which is needed if there is more than one.
    ///
    /// # Errors
    ///
    /// Like [`Launcher::new`].
    pub fn with_ini(self, ini: impl Into<String>) -> Result<Self, LauncherError> {
        let ini = ini.into();
        match path_problem(&ini) {
            Some(reason) => Err(LauncherError::Ini { ini, reason }),
            None => Self { ini: Some(ini), ..self }.measured(),
        }
    }

    /// Returns the value of the key of the event, as Windows must read it.
    pub fn value(&self) -> String {
        let Self { program, event, ini } = self;
        match ini {
            None => format!("\"{program}\" hook run {event}"),
            // Escaped quotes leave one pair of quotes after MicroSIP joins the words.
            Some(ini) if ini.contains(' ') => {
                format!("\"{program}\" hook run --ini \"\\\"{ini}\\\"\" {event}")
            }
            Some(ini) => format!("\"{program}\" hook run --ini {ini} {event}"),
        }
    }

    /// Recognizes a launcher in a command, as Windows reads it: a program with the arguments to run an event. The name of
    /// the program doesn't matter, because users rename programs.
    pub fn parse(value: &str) -> Option<Self> {
        let words = split(value);
        let (program, rest) = words.split_first()?;
        let rest: Vec<_> = rest.iter().map(String::as_str).collect();
        let (ini, event) = match rest.as_slice() {
            ["hook", "run", event] => (None, event),
            ["hook", "run", "--ini", ini, event] => (Some(ini.trim_matches('"').to_owned()), event),
            _ => return None,
        };
        let event = event.parse().ok()?;
        Some(Self { program: program.clone(), event, ini })
    }

    /// Returns the path of msipctl.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Returns the event.
    pub fn event(&self) -> Event {
        self.event
    }

    /// Returns the path of the MicroSIP.ini, if specified.
    pub fn ini(&self) -> Option<&str> {
        self.ini.as_deref()
    }

    fn measured(self) -> Result<Self, LauncherError> {
        let units = self.value().encode_utf16().count();
        if units > LIMIT { Err(LauncherError::TooLong { units }) } else { Ok(self) }
    }
}

/// Returns why a command can't contain a path.
fn path_problem(path: &str) -> Option<&'static str> {
    if path.contains('"') {
        Some("contains a quote")
    } else if path.chars().any(char::is_control) {
        Some("contains a control character")
    } else if !is_full(path) {
        Some("isn't a full path")
    } else if path.ends_with(['\\', '/']) {
        Some("names a folder")
    } else if path.trim_end() != path {
        Some("ends with a space")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{arguments, launch, read_back, saved};
    use microsip_schema::Version;
    use proptest::prelude::*;

    #[test]
    fn launcher_is_rejected_when_microsip_could_not_start_it() {
        let error = |program: &str| Launcher::new(program, Event::CallEnd).unwrap_err().to_string();
        assert!(error("msipctl.exe").contains("`msipctl.exe`, which isn't a full path"));
        assert!(error(r"C:\tools\").contains("names a folder"));
        assert!(error("C:\\a\"b.exe").contains("contains a quote"));
        assert!(error("C:\\a\nb.exe").contains("contains a control character"));
        let long = format!(r"C:\{}\msipctl.exe", "x".repeat(240));
        assert!(error(&long).ends_with("expected at most 253"));
    }

    #[test]
    fn launchers_are_recognized_with_any_quoting() {
        for value in [
            r"C:\x\msipctl.exe hook run call-end",
            r#""D:\My Tools\MSIPCTL.EXE" hook run call-end"#,
            r#""C:\x\msipctl.exe" hook run --ini C:\y\MicroSIP.ini call-end"#,
        ] {
            assert_eq!(
                Launcher::parse(value).map(|it| it.event()),
                Some(Event::CallEnd),
                "{value}"
            );
        }
        for value in ["", r"C:\x\msipctl.exe", "msipctl hook run x"] {
            assert_eq!(Launcher::parse(value), None, "{value}");
        }
    }

    const VERSIONS: [Version; 5] = [
        Version::new(3, 19, 10),
        Version::new(3, 21, 3),
        Version::new(3, 21, 6),
        Version::new(3, 22, 3),
        Version::NEWEST,
    ];

    proptest! {
        #[test]
        fn launcher_is_unchanged_after_microsip_reads_and_saves_it(
            program in r"[A-Z]:\\[\pL\pN ._()%&'-]{0,40}\\msipctl\.exe",
            ini in prop::option::of(r"[A-Z]:\\[\pL\pN ._()%&'-]{0,20}\.ini"),
            event in prop::sample::select(Event::ALL.to_vec()),
            caller: String,
        ) {
            let launcher = Launcher::new(program.clone(), event);
            let launcher = match ini {
                Some(ini) => launcher.and_then(|launcher| launcher.with_ini(ini)),
                None => launcher,
            };
            let Ok(launcher) = launcher else { return Ok(()) };
            let value = launcher.value();
            prop_assert!(value.encode_utf16().count() <= LIMIT);
            prop_assert_eq!(read_back(&value), &value);
            prop_assert_eq!(Launcher::parse(&value), Some(launcher.clone()));
            for version in VERSIONS {
                let mut written = value.clone();
                for _ in 0..3 {
                    prop_assert_eq!(read_back(&written), &value);
                    written = saved(read_back(&written), version);
                }
                let started = launch(&value, &caller, version).unwrap();
                prop_assert_eq!(&started.program, &program);
                let own = match launcher.ini() {
                    Some(ini) if ini.contains(' ') => format!("hook run --ini \"{ini}\" {event}"),
                    Some(ini) => format!("hook run --ini {ini} {event}"),
                    None => format!("hook run {event}"),
                };
                prop_assert_eq!(&started.parameters, &format!("{own} {caller}"));
                let mut seen = vec!["hook".to_owned(), "run".to_owned()];
                seen.extend(launcher.ini().into_iter().flat_map(|ini| ["--ini".to_owned(), ini.to_owned()]));
                seen.push(event.name().to_owned());
                prop_assert_eq!(arguments(&own), seen);
            }
        }
    }
}
