//! Predicts what MicroSIP does with a command: the steps of [`launch`](super::launch::launch), and then those of
//! Windows. This module starts nothing and doesn't access the disk. [`Facts`] returns what is on the disk.

mod call;
mod caller_id;
mod command_text;
mod directives;
mod effect;
mod explanation;
mod facts;
mod placeholder;
mod program;
mod shell;
mod start;
mod target;
mod verb;

pub use call::Call;
pub use effect::Effect;
pub use explanation::Explanation;
pub use facts::{Facts, Target};
pub use verb::Verb;

use super::hazard::Hazard;
use super::kind::Event;
use super::launch::read_back;
use super::launch_hazards::LIMIT;
use super::launcher::Launcher;
use crate::diagnostic::Code;
use microsip_schema::Version;
use winini::profile::truncate;

/// Explains what a version does with a command on an event.
///
/// # Example
///
/// ```
/// use msipctl_core::event::{Call, Event, Facts, Target, explain};
///
/// struct NoFacts;
/// impl Facts for NoFacts {
///     fn target(&self, _: &str) -> Option<Target> {
///         None
///     }
/// }
///
/// let call = Call { caller: "4930 & calc", ..Call::new(Event::CallEnd, r#""C:\My Hooks\a.bat" end"#) };
/// let explained = explain(&call, &NoFacts);
/// assert_eq!(explained.program.as_deref(), Some(r"C:\My Hooks\a.bat"));
/// assert_eq!(explained.arguments, ["end", "4930", "&", "calc"]);
/// let codes: Vec<_> = explained.hazards.iter().map(|hazard| hazard.code().name()).collect();
/// assert_eq!(codes, ["shell-injection", "split-caller-id"]);
/// ```
pub fn explain(call: &Call<'_>, facts: &dyn Facts) -> Explanation {
    let value = truncate(read_back(call.written), LIMIT);
    let mut explained = Explanation {
        starts: false,
        program: None,
        verb: None,
        target: None,
        parameters: String::new(),
        arguments: Vec::new(),
        max_wait_ms: 0,
        effects: Vec::new(),
        hazards: Vec::new(),
    };
    let directives = call.directives.unwrap_or_default();
    let is_read = call.microsip >= call.event.since();
    if !is_read && (!value.is_empty() || !directives.is_empty()) {
        let message = message!(
            "MicroSIP {microsip} doesn't read `{key}`, which requires {since} or newer",
            microsip = call.microsip,
            key = call.event.key(),
            since = call.event.since(),
        );
        explained.add(Code::EventTooNew, message);
    }
    let launcher = Launcher::parse(value.trim());
    if is_read {
        explained.start(value, call, launcher.is_some(), facts);
    }
    explained.run_directives(call, launcher.as_ref(), facts);
    explained
}

/// Returns the hazards of the placeholders in a written command that the version doesn't know on an event.
///
/// # Example
///
/// ```
/// use msipctl_core::event::{Event, unknown_placeholders};
/// use microsip_schema::Version;
///
/// let command = "curl.exe https://example.com/?n=%s";
/// let found = unknown_placeholders(Event::CallEnd, command, Version::NEWEST);
/// assert_eq!(found[0].code(), msipctl_core::diagnostic::Code::UnknownPlaceholder);
/// let command = "curl.exe https://example.com/?n={number}";
/// assert!(unknown_placeholders(Event::OutgoingCall, command, Version::NEWEST).is_empty());
/// ```
pub fn unknown_placeholders(event: Event, written: &str, microsip: Version) -> Vec<Hazard> {
    /// Facts about another PC.
    struct Elsewhere;
    impl Facts for Elsewhere {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }
    }
    let explained = explain(&Call { microsip, ..Call::new(event, written) }, &Elsewhere);
    let is_unknown = |hazard: &Hazard| hazard.code() == Code::UnknownPlaceholder;
    explained.hazards.into_iter().filter(is_unknown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Scope;
    use crate::event::launch::{SPLITS, arguments};
    use proptest::prelude::*;

    /// A PC with these files and a folder `C:\My`.
    struct Machine(&'static [&'static str]);

    impl Facts for Machine {
        fn target(&self, path: &str) -> Option<Target> {
            Some(match path {
                r"C:\My" => Target::Folder,
                r"C:\open\a.exe" => Target::File { writable_by_others: Some(true) },
                path if self.0.contains(&path) => Target::File { writable_by_others: None },
                _ => Target::Missing,
            })
        }
    }

    /// Facts about another PC.
    struct Elsewhere;

    impl Facts for Elsewhere {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }
    }

    fn rules(call: &Call<'_>, facts: &dyn Facts) -> Vec<&'static str> {
        explain(call, facts).hazards.iter().map(|hazard| hazard.code().name()).collect()
    }

    #[track_caller]
    fn check(event: Event, written: &str, caller: &str, expected: &[&str]) {
        let call = Call { caller, ..Call::new(event, written) };
        assert_eq!(rules(&call, &Elsewhere), expected, "{written} {caller}");
    }

    #[track_caller]
    fn check_on(written: &str, expected: &[&str], starts: bool) {
        let machine = Machine(&[r"C:\tools\x.exe"]);
        let call = Call::new(Event::CallEnd, written);
        assert_eq!(rules(&call, &machine), expected, "{written}");
        assert_eq!(explain(&call, &machine).starts, starts, "{written}");
    }

    #[test]
    fn every_kind_of_hazard_is_reported() {
        let end = Event::CallEnd;
        check(end, r"C:\x\a.exe", "123", &[]);
        check(end, r"C:\My Hooks\a.exe", "1", &["split-program-path"]);
        check(
            end,
            r#""C:\py.exe" "C:\h.py""#,
            "1",
            &["command-quotes-stripped", "missing-program"],
        );
        check(end, "\" \"", "1", &["starts-itself"]);
        check(end, r#""" x end"#, "1", &["no-program"]);
        check(end, "notepad", "1", &["relative-program"]);
        check(Event::IncomingCall, r"'C:\x\a.exe' end", "1", &["missing-program"]);
        check(end, r"C:\x.ps1", "1", &["script-in-editor"]);
        check(end, "https://example.com/", "1 2", &["caller-not-passed"]);
        check(end, r"C:\x.py", "1", &["unknown-file-type"]);
        check(end, r"C:\a&b\x.bat", "1", &["shell-character-in-path", "shell-injection"]);
        check(end, r"C:\x\a.exe", "1 2", &["split-caller-id"]);
        check(end, r"C:\x\a.exe", "--x", &["caller-id-as-option"]);
        check(end, r"C:\x\a.exe %callerid%", "1", &["unknown-placeholder"]);
        check(Event::IncomingCall, r"C:\x\a.exe", "1", &["blocks-ringing"]);
        check(Event::OutgoingCall, r"C:\x\a.exe {password}", "1", &["password-on-command-line"]);
        check(end, &format!(r"C:\a.exe {}", "x".repeat(247)), "1", &["command-too-long"]);
        check(
            end,
            &format!(r"C:\a.exe {}", "x".repeat(245)),
            "1",
            &["command-too-long-when-saved"],
        );
    }

    #[test]
    fn hazards_depend_on_files_on_disk() {
        check_on(r"C:\tools\x.exe", &[], true);
        check_on(r"C:\tools\x", &[], true);
        check_on(r"C:\tools\y.exe", &["missing-program"], false);
        check_on(r"C:\My Hooks\y.exe", &["split-program-path", "target-is-folder"], true);
        check_on(r"C:\open\a.exe", &["program-writable-by-others"], true);
    }

    #[test]
    fn shell_hazard_lists_the_special_characters_of_the_caller_id() {
        let call = Call { caller: "1 & calc & x", ..Call::new(Event::CallEnd, r"C:\a.bat") };
        let explained = explain(&call, &Elsewhere);
        assert_eq!(
            explained.hazards[0].message().to_string(),
            "cmd.exe interprets & | < > ^ % \" in the caller ID, which comes from the network; this caller ID contains &"
        );
    }

    #[test]
    fn launcher_effects_come_from_its_directives() {
        let directive = |text: &str| [("OnCallEnd".to_owned(), text.to_owned())];
        let written = r"C:\msipctl.exe hook run call-end";
        let call = |directives| Call {
            directives: Some(directives),
            caller: "-1 2",
            ..Call::new(Event::CallEnd, written)
        };
        let sends = directive("SendMessage,My,WM_USER+1,%number%");
        let explained = explain(&call(&sends), &Elsewhere);
        assert_eq!(explained.hazards, []);
        let does = explained.effects[0].effect.as_deref();
        assert_eq!(does, Ok("sends WM_USER+1 with `-1 2` to the window `My`"));
        assert_eq!(rules(&call(&[]), &Elsewhere), ["launcher-without-directive"]);
        let wrong = directive("Nothing");
        assert_eq!(rules(&call(&wrong), &Elsewhere), ["invalid-directive"]);
        let other = Call { event: Event::CallStart, ..call(&sends) };
        assert_eq!(rules(&other, &Elsewhere), ["launcher-for-wrong-event"]);
        let none = Call { written: "", ..call(&sends) };
        assert_eq!(rules(&none, &Elsewhere), ["directive-without-launcher"]);
    }

    #[test]
    fn explanation_depends_on_the_microsip_version() {
        let old =
            |event, written| Call { microsip: Version::new(3, 19, 8), ..Call::new(event, written) };
        let explained = explain(&old(Event::CallEnd, r"C:\a.exe"), &Elsewhere);
        assert_eq!((explained.max_wait_ms, explained.starts), (0, true));
        assert_eq!(rules(&old(Event::CallEnd, r"C:\a.exe x"), &Elsewhere)[0], "arguments-in-path");
        let explained = explain(&old(Event::CallRing, r"C:\a.exe"), &Elsewhere);
        assert_eq!((explained.starts, explained.program), (false, None));
        assert_eq!(explained.hazards[0].code(), Code::EventTooNew);
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), r#"[ "\\Ca:.exbatps1%{}&é]{0,40}"#.prop_map(|text| text)]
    }

    proptest! {
        #[test]
        fn explaining_any_command_does_not_panic(
            written in texts(),
            caller in texts(),
            directive in texts(),
            event in prop::sample::select(Event::ALL.to_vec()),
            version in prop::sample::select(vec![(3, 12, 1), (3, 19, 8), (3, 20, 1), (3, 22, 16)]),
        ) {
            let microsip = Version::new(version.0, version.1, version.2);
            let directives = [(event.directive().to_owned(), directive)];
            let call = Call { event, written: &written, directives: Some(&directives), caller: &caller, microsip };
            let explained = explain(&call, &Machine(&[]));
            let is_split = matches!(explained.verb, Some(Verb::Run | Verb::Script | Verb::Search));
            if is_split {
                prop_assert_eq!(&explained.arguments, &arguments(&explained.parameters));
            }
            prop_assert!(!explained.starts || explained.program.is_some());
            prop_assert!(explained.max_wait_ms == 0 || microsip >= SPLITS);
            for hazard in &explained.hazards {
                let scope = hazard.code().descriptor().scope;
                prop_assert!(matches!(scope, Scope::Hook | Scope::Call), "{:?}", hazard);
                prop_assert!(!hazard.message().to_string().is_empty());
            }
        }
    }
}
