//! Parses the command line with which a launcher starts msipctl, and keeps the caller ID unchanged.

use super::launch::next_word;

/// The command line of `hook run`.
///
/// The caller ID comes from the network. It's all text after the event and the single space that ends it, byte for
/// byte, and it's never an option. The options of msipctl are before the event.
///
/// # Example
///
/// ```
/// use msipctl_core::event::Invocation;
///
/// let line = r#""C:\x\msipctl.exe" hook run --ini "C:\a b\MicroSIP.ini" call-end --ini  "x" & calc"#;
/// let invocation = Invocation::parse(line).unwrap();
/// assert_eq!(invocation.ini.as_deref(), Some(r"C:\a b\MicroSIP.ini"));
/// assert_eq!(invocation.event, "call-end");
/// assert_eq!(invocation.caller, r#"--ini  "x" & calc"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The file with the directives, if specified.
    pub ini: Option<String>,
    /// Whether this is the second start, which runs the directives.
    pub now: bool,
    /// The process that started the first start, which passes it to the second one.
    pub parent: Option<u32>,
    /// The name of the event, as written.
    pub event: String,
    /// The caller ID.
    pub caller: String,
}

impl Invocation {
    /// The option of the second start.
    pub const NOW: &'static str = "--now";

    /// The option that tells the second start which process started the first one.
    pub const PARENT: &'static str = "--parent";

    /// Parses a complete command line as Windows passes it. Returns `None` if it isn't
    /// `PROGRAM hook run [--ini PATH] EVENT [CALLER]`.
    pub fn parse(line: &str) -> Option<Self> {
        let after_program = match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map_or("", |(_, rest)| rest),
            None => &line[line.find([' ', '\t']).unwrap_or(line.len())..],
        };
        let mut rest = after_program;
        Self::read(|| {
            let (word, after) = next_word(rest)?;
            rest = after;
            Some(word)
        })
        .map(|read| {
            let caller = rest.strip_prefix([' ', '\t']).unwrap_or(rest).to_owned();
            Self { caller, ..read }
        })
    }

    /// Parses the arguments of a command line without the program, on systems that pass separate arguments. The arguments
    /// after the event, joined with spaces, are the caller ID.
    pub fn of_arguments(words: &[String]) -> Option<Self> {
        let mut rest = words.iter();
        let read = Self::read(|| rest.next().cloned())?;
        let caller: Vec<_> = rest.map(String::as_str).collect();
        Some(Self { caller: caller.join(" "), ..read })
    }

    /// Reads up to the event.
    fn read(mut next: impl FnMut() -> Option<String>) -> Option<Self> {
        if (next()?.as_str(), next()?.as_str()) != ("hook", "run") {
            return None;
        }
        let mut read = Self {
            ini: None,
            now: false,
            parent: None,
            event: String::new(),
            caller: String::new(),
        };
        loop {
            let word = next()?;
            match word.as_str() {
                Self::NOW => read.now = true,
                Self::PARENT => read.parent = Some(next()?.parse().ok()?),
                "--ini" => read.ini = Some(next()?),
                _ if word.starts_with("--ini=") => {
                    read.ini = Some(word["--ini=".len()..].to_owned());
                }
                _ if word.starts_with('-') => return None,
                _ => return Some(Self { event: word, ..read }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Launcher, launch};
    use microsip_schema::Version;
    use proptest::prelude::*;

    /// Returns the command line that ShellExecuteEx creates.
    fn line(program: &str, parameters: &str) -> String {
        format!("\"{program}\" {parameters}")
    }

    #[track_caller]
    fn check(parameters: &str, expected: Option<(Option<&str>, &str, &str)>) {
        let found = Invocation::parse(&line(r"C:\a b\m.exe", parameters));
        let found =
            found.as_ref().map(|it| (it.ini.as_deref(), it.event.as_str(), it.caller.as_str()));
        assert_eq!(found, expected, "{parameters}");
    }

    #[test]
    fn text_after_the_event_is_the_caller_id() {
        check("hook run call-end", Some((None, "call-end", "")));
        check("hook run call-end ", Some((None, "call-end", "")));
        check("hook run call-end  ", Some((None, "call-end", " ")));
        check("hook run call-end --now --ini x", Some((None, "call-end", "--now --ini x")));
        check("hook run call-end -- x", Some((None, "call-end", "-- x")));
        check("hook run --ini=a.ini call-end x", Some((Some("a.ini"), "call-end", "x")));
        check(r#"hook run call-end "a"" \" b"#, Some((None, "call-end", r#""a"" \" b"#)));
    }

    #[test]
    fn other_command_lines_are_not_hook_invocations() {
        for parameters in
            ["", "hook", "hook run", "hook run --ini", "hook run --parent x y", "hook add x"]
        {
            check(parameters, None);
        }
    }

    #[test]
    fn arguments_are_joined_when_the_command_line_is_unavailable() {
        let words = ["hook", "run", "--now", "--parent", "7", "call-end", "--ini", "a  b", ""];
        let found = Invocation::of_arguments(&words.map(str::to_owned)).unwrap();
        assert_eq!((found.now, found.parent), (true, Some(7)));
        assert_eq!((found.ini, found.caller.as_str()), (None, "--ini a  b "));
    }

    proptest! {
        #[test]
        fn parsing_any_command_line_does_not_panic(line: String) {
            let _ = Invocation::parse(&line);
        }

        #[test]
        fn caller_id_round_trips_through_any_launcher(
            program in r"[A-Z]:\\[\pL\pN ._()%&'-]{0,40}\\msipctl\.exe",
            ini in prop::option::of(r"[A-Z]:\\[\pL\pN ._()%&'-]{0,20}\.ini"),
            event in prop::sample::select(Event::ALL.to_vec()),
            caller in prop_oneof![r#"[ \t"\\'&|%^a1-]{0,12}"#, "[^\0]{0,20}"],
        ) {
            let launcher = Launcher::new(program, event);
            let launcher = match &ini {
                Some(ini) => launcher.and_then(|launcher| launcher.with_ini(ini)),
                None => launcher,
            };
            let Ok(launcher) = launcher else { return Ok(()) };
            let started = launch(&launcher.value(), &caller, Version::NEWEST).unwrap();
            let found = Invocation::parse(&line(&started.program, &started.parameters));
            let event = event.to_string();
            let expected = Invocation { ini, now: false, parent: None, event, caller };
            prop_assert_eq!(found, Some(expected));
        }
    }
}
