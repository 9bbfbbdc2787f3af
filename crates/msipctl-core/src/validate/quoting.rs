//! Rewrites a command so that MicroSIP keeps its quotes.

use super::context::Context;
use super::finding::Finding;
use super::fix::{Fix, Safety};
use super::hazards::{self, LocatedHazard};
use super::rule::Rule;
use crate::diagnostic::Severity;
use crate::event::{self, SETTINGS};
use microsip_schema::Version;

/// A command as its author intended it. No word contains a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IntendedCommand {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
}

impl IntendedCommand {
    /// Parses a command whose program path is split at a space.
    pub(super) fn with_split_program(value: &str) -> Option<Self> {
        let value = value.trim();
        let program = event::meant_program(value)?;
        let rest = &value[program.len()..];
        let Self { arguments, .. } = Self::of_quoted(&format!("x {rest}"))?;
        Some(Self { program: program.to_owned(), arguments })
    }

    /// Parses a command like [`Self::with_split_program`], and also rejoins split arguments without quotes whose end is
    /// certain.
    pub(super) fn with_split_program_rejoined(value: &str) -> Option<Self> {
        let value = value.trim();
        let program = event::meant_program(value)?;
        let Self { arguments, .. } = Self::rejoined(&format!("x {}", &value[program.len()..]))?;
        Some(Self { program: program.to_owned(), arguments })
    }

    /// Parses a command in which each pair of quotes encloses one word, as users expect. `None` if the command is ambiguous.
    pub(super) fn of_quoted(text: &str) -> Option<Self> {
        let words = event::split(text.trim());
        let is_plain = words == event::arguments(text)
            && words.iter().all(|word| !word.is_empty() && !word.contains('"'));
        let (program, arguments) = words.split_first().filter(|_| is_plain)?;
        Some(Self { program: program.clone(), arguments: arguments.to_vec() })
    }

    /// Parses a command in which a path without quotes is also one word, if its end is certain.
    pub(super) fn rejoined(text: &str) -> Option<Self> {
        let words = event::rejoined(text)?;
        let is_plain = words.iter().all(|word| !word.is_empty() && !word.contains('"'));
        let (program, arguments) = words.split_first().filter(|_| is_plain)?;
        Some(Self { program: program.clone(), arguments: arguments.to_vec() })
    }

    /// Returns the value with which a version starts this program with these arguments and the caller ID, before and after it
    /// saves the value. `None` if there is no such value.
    pub(super) fn written(&self, microsip: Version) -> Option<String> {
        let program = match self.program.contains(char::is_whitespace) {
            true => format!("\"{}\"", self.program),
            false => self.program.clone(),
        };
        let arguments = self.arguments.iter().map(|argument| {
            // Escaped quotes remain when MicroSIP joins the words again.
            match argument.contains(char::is_whitespace) {
                true => format!("\"\\\"{argument}\\\"\""),
                false => argument.clone(),
            }
        });
        let text = [program].into_iter().chain(arguments).collect::<Vec<_>>().join(" ");
        let quoted = format!("\"{text}\"");
        [text, quoted].into_iter().find(|text| self.is_started_by(text, microsip))
    }

    fn is_started_by(&self, text: &str, microsip: Version) -> bool {
        const CALLER: &str = "4930";
        let mut written = text.to_owned();
        for _ in 0..3 {
            let value = event::read_back(&written);
            let Some(started) = event::launch(value, CALLER, microsip) else { return false };
            let mut arguments = event::arguments(&started.parameters);
            let is_last = arguments.pop().as_deref() == Some(CALLER);
            if !is_last || started.program != self.program || arguments != self.arguments {
                return false;
            }
            written = event::saved(value, microsip);
        }
        let hazards = event::launch_hazards(text, microsip);
        hazards.iter().all(|hazard| hazard.severity() == Severity::Info)
    }
}

/// Returns the findings of a rule about commands whose quotes were meant to enclose words. `read` returns the part of the
/// command with the quotes.
pub(super) fn found(
    rule: &'static Rule,
    context: Context<'_>,
    read: fn(&str) -> &str,
) -> impl Iterator<Item = Finding> {
    hazards::of(rule, context).map(move |found| {
        let written = found.entry().written();
        let meant = IntendedCommand::of_quoted(read(&written));
        let fix = meant.and_then(|meant| fix(&found, &meant, context.microsip));
        found.finding().with_fix(fix)
    })
}

/// Returns the fix with which a command starts the intended program. If quotes alone aren't enough, it adds the name of the
/// event as the last argument. It's unsafe, because it changes a value that MicroSIP reads.
pub(super) fn fix(
    found: &LocatedHazard<'_>,
    meant: &IntendedCommand,
    microsip: Version,
) -> Option<Fix> {
    if let Some(text) = meant.written(microsip) {
        return Some(replacing(found, meant, "", text));
    }
    let event = found.event.name();
    let mut longer = meant.clone();
    longer.arguments.push(event.to_owned());
    let text = longer.written(microsip)?;
    let also = format!(" with the additional argument `{event}`");
    Some(replacing(found, meant, &also, text))
}

fn replacing(found: &LocatedHazard<'_>, meant: &IntendedCommand, also: &str, text: String) -> Fix {
    let program = microsip_schema::mask(SETTINGS, found.event.key(), &meant.program);
    let title = format!("rewrite the command so that it starts `{program}`{also}");
    found.rewrite(Safety::Unsafe, title, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Call, Event, Facts, Target, explain};
    use proptest::prelude::*;

    const VERSIONS: [Version; 4] =
        [Version::new(3, 19, 10), Version::new(3, 21, 3), Version::new(3, 21, 6), Version::NEWEST];

    struct Elsewhere;

    impl Facts for Elsewhere {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }
    }

    #[track_caller]
    fn check(meant: Option<IntendedCommand>, new: &str, old: Option<&str>) {
        let meant = meant.unwrap();
        assert_eq!(meant.written(Version::NEWEST).as_deref(), Some(new));
        assert_eq!(meant.written(Version::new(3, 21, 3)).as_deref(), old);
    }

    #[test]
    fn commands_are_written_with_minimal_quotes() {
        let split = IntendedCommand::with_split_program;
        check(split(r"C:\My Hooks\a.bat"), r#"""C:\My Hooks\a.bat"""#, None);
        let end = r#""C:\My Hooks\a.bat" end"#;
        check(split(r"C:\My Hooks\a.bat end"), end, Some(end));
        let quoted = IntendedCommand::of_quoted;
        let bare = r"C:\py.exe C:\h.py";
        check(quoted(r#""C:\py.exe" "C:\h.py""#), bare, Some(bare));
        let inner = r#"C:\py.exe "\"C:\my h.py\"""#;
        check(quoted(r#""C:\py.exe" "C:\my h.py""#), inner, Some(inner));
        let both = r#"""C:\Py 3\py.exe" "\"C:\my h.py\"""#;
        check(quoted(r#""C:\Py 3\py.exe" "C:\my h.py""#), &format!("{both}\""), None);
    }

    #[test]
    fn ambiguous_commands_are_not_rewritten() {
        for text in [r#"x "a\"b""#, r#"x "a""b""#, r#"x "" y"#, r#""a\" b""#] {
            assert_eq!(IntendedCommand::of_quoted(text), None, "{text}");
        }
        assert_eq!(IntendedCommand::with_split_program(r"C:\My Hooks\a.exe b.exe"), None);
        assert_eq!(IntendedCommand::with_split_program(r"C:\hooks\a.exe b"), None);
        let long = IntendedCommand {
            program: format!(r"C:\a b\{}.exe", "x".repeat(250)),
            arguments: vec![],
        };
        assert_eq!(long.written(Version::NEWEST), None);
    }

    proptest! {
        #[test]
        fn rewritten_command_starts_the_intended_program(
            program in r"[A-Z]:\\[\pL0-9 ._()&'-]{0,20}\\[a-z]{1,4}\.(exe|bat|vbs)",
            arguments in prop::collection::vec(r"[\pL0-9 :\\.'%/=-]{1,12}", 0..4),
            version in prop::sample::select(VERSIONS.to_vec()),
        ) {
            let meant = IntendedCommand { program, arguments };
            let Some(text) = meant.written(version) else { return Ok(()) };
            // Without an outer pair of quotes, it works in every version that splits commands.
            let others = if event::read_back(&text) == text { &VERSIONS[..] } else { &[] };
            for microsip in others.iter().copied().chain([version]) {
                let mut written = text.clone();
                for _ in 0..2 {
                    let call = Call { microsip, ..Call::new(Event::CallEnd, &written) };
                    let explained = explain(&call, &Elsewhere);
                    prop_assert_eq!(explained.program.as_ref(), Some(&meant.program));
                    prop_assert_eq!(event::arguments(&explained.parameters), meant.arguments.clone());
                    written = event::saved(event::read_back(&written), microsip);
                }
            }
        }

        #[test]
        fn rewriting_any_command_does_not_panic(text in r#"[ "\\Ca:.ex-]{0,30}"#) {
            for meant in [IntendedCommand::of_quoted(&text), IntendedCommand::with_split_program(&text)].into_iter().flatten() {
                let _ = meant.written(Version::NEWEST);
            }
        }
    }
}
