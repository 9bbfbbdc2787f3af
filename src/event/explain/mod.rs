//! What a MicroSIP will do with a command, told beforehand: the steps of [`launch`] and those of Windows
//! behind it. Nothing is started, and no disk is touched; what stands there is asked of [`Facts`].

mod danger;
mod effect;
mod placeholder;
mod shell;
mod verb;

pub use danger::Danger;
pub use effect::Effect;
pub use placeholder::Meaning;
pub use shell::Shell;
pub use verb::Verb;

use super::action::{Action, Run};
use super::bridge::Bridge;
use super::directive::Directive;
use super::faults::{LIMIT, faults};
use super::kind::Event;
use super::launch::{ITSELF, SPLITS, arguments, launch, read_back};
use super::path::{is_full, is_impossible};
use crate::profile::cut;
use crate::schema::Version;
use verb::COMPLETIONS;

/// How long MicroSIP waits at most for what it started, in milliseconds.
const WAIT_MS: u32 = 10_000;

/// A moment that is thought up, and what a file has for it.
#[derive(Debug, Clone, Copy)]
pub struct Call<'c> {
    /// The event.
    pub event: Event,
    /// The command as it stands written, quotes included.
    pub written: &'c str,
    /// Keys and texts of the directives, in the order they run; `None` if they are not known.
    pub directives: Option<&'c [(String, String)]>,
    /// The caller's text.
    pub caller: &'c str,
    /// The version.
    pub microsip: Version,
}

impl<'c> Call<'c> {
    /// Makes a call without directives and without a caller's text, in the newest version.
    pub fn new(event: Event, written: &'c str) -> Self {
        Self { event, written, directives: None, caller: "", microsip: Version::NEWEST }
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Whether other users may change it, if that can be told.
        writable_by_others: Option<bool>,
    },
}

/// What the machine on which MicroSIP runs has on its disks.
pub trait Facts {
    /// Tells what stands at a full Windows path; `None` if this system cannot know.
    fn target(&self, path: &str) -> Option<Target>;

    /// Tells whether addresses of a scheme other than http and https are opened; `None` if this system cannot know.
    fn may_open(&self, _scheme: &str) -> Option<bool> {
        None
    }

    /// Tells whether a full Windows path leads to the ini that is explained; `None` if this system cannot know.
    fn is_own_ini(&self, _path: &str) -> Option<bool> {
        None
    }
}

/// What comes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether MicroSIP starts anything.
    pub starts: bool,
    /// The file it starts; `None` if it tries to start nothing.
    pub program: Option<String>,
    /// What Windows does with that file.
    pub verb: Option<Verb>,
    /// What stands there, if that is known.
    pub target: Option<Target>,
    /// The text handed over with the file.
    pub parameters: String,
    /// The arguments as the started program sees them.
    pub arguments: Vec<String>,
    /// How long MicroSIP waits at most, in milliseconds.
    pub waits_ms: u32,
    /// What the bridge's directives do.
    pub effects: Vec<Effect>,
    /// What is wrong.
    pub dangers: Vec<Danger>,
}

/// Tells what a version does with a command on an event.
///
/// # Example
///
/// ```
/// use msipctl::event::{Call, Event, Facts, Target, explain};
///
/// struct Nothing;
/// impl Facts for Nothing {
///     fn target(&self, _: &str) -> Option<Target> {
///         None
///     }
/// }
///
/// let call = Call { caller: "4930 & calc", ..Call::new(Event::CallEnd, r#""C:\My Hooks\a.bat" end"#) };
/// let explained = explain(&call, &Nothing);
/// assert_eq!(explained.program.as_deref(), Some(r"C:\My Hooks\a.bat"));
/// assert_eq!(explained.arguments, ["end", "4930", "&", "calc"]);
/// let rules: Vec<_> = explained.dangers.iter().map(|danger| danger.rule()).collect();
/// assert_eq!(rules, ["shell-reached", "caller-splits"]);
/// ```
pub fn explain(call: &Call<'_>, facts: &dyn Facts) -> Explanation {
    let value = cut(read_back(call.written), LIMIT);
    let mut explained = Explanation {
        starts: false,
        program: None,
        verb: None,
        target: None,
        parameters: String::new(),
        arguments: Vec::new(),
        waits_ms: 0,
        effects: Vec::new(),
        dangers: Vec::new(),
    };
    let directives = call.directives.unwrap_or_default();
    let is_read = call.microsip >= call.event.since();
    if !is_read && (!value.is_empty() || !directives.is_empty()) {
        let danger = Danger::EventTooNew { event: call.event, microsip: call.microsip };
        explained.dangers.push(danger);
    }
    let bridge = Bridge::parse(value.trim());
    if is_read {
        explained.start(value, call, bridge.is_some(), facts);
    }
    explained.run_directives(call, bridge.as_ref(), facts);
    explained
}

impl Explanation {
    /// Follows a command to what is started.
    fn start(&mut self, value: &str, call: &Call<'_>, is_bridge: bool, facts: &dyn Facts) {
        let filled = placeholder::filled(value, call);
        let Some(started) = launch(&filled, call.caller, call.microsip) else { return };
        // What stands in front of the caller.
        let own = launch(&filled, "", call.microsip).map(|own| own.parameters).unwrap_or_default();
        let program = started.program;
        let verb = Verb::of(&program);
        if call.microsip >= SPLITS {
            self.waits_ms = WAIT_MS;
            self.dangers.extend(faults(call.written, call.microsip).into_iter().map(Danger::Fault));
        } else if has_arguments(value) {
            self.dangers.push(Danger::ArgumentsInPath);
        }
        if program.is_empty() {
            self.dangers.push(Danger::NoProgram);
            self.program = Some(program);
            self.parameters = started.parameters;
            return;
        }
        self.find_target(&program, verb, facts);
        self.starts = self.target != Some(Target::Missing);
        self.judge_program(&program, verb, filled != value);
        self.judge_text(value, call, verb, Shell::of(verb, &program, &own));
        if is_bridge {
            self.arguments = arguments(&started.parameters);
        } else {
            self.judge_caller(call, &program, verb, &own);
            self.arguments = match verb {
                _ if !verb.takes_parameters() => Vec::new(),
                Verb::Batch => shell::batch_words(&started.parameters),
                _ => arguments(&started.parameters),
            };
        }
        let blocks = self.starts && self.waits_ms > 0 && !is_bridge;
        if call.event == Event::IncomingCall && blocks {
            self.dangers.push(Danger::BlocksRinging);
        }
        self.parameters = started.parameters;
        self.verb = Some(verb);
        self.program = Some(program);
    }

    /// Asks what stands at the program's path, its ending completed as Windows does.
    fn find_target(&mut self, program: &str, verb: Verb, facts: &dyn Facts) {
        if program == ITSELF || verb == Verb::Browser {
            return;
        }
        if is_impossible(program) {
            self.target = Some(Target::Missing);
            return;
        }
        if !is_full(program) {
            return;
        }
        self.target = facts.target(program);
        if self.target == Some(Target::Missing) && verb == Verb::Search {
            let completed = COMPLETIONS.iter().map(|ending| format!("{program}{ending}"));
            let found = completed.filter_map(|path| facts.target(&path));
            let is_file = |target: &Target| matches!(target, Target::File { .. });
            self.target = found.into_iter().find(is_file).or(self.target);
        }
    }

    fn judge_program(&mut self, program: &str, verb: Verb, is_filled_in: bool) {
        self.judge_target(self.target, program);
        let program = program.to_owned();
        if program == ITSELF {
            self.dangers.push(Danger::StartsItself);
        } else if verb != Verb::Browser && !is_full(&program) && !is_impossible(&program) {
            self.dangers.push(Danger::RelativeProgram { program: program.clone() });
        }
        match verb {
            Verb::Editor => self.dangers.push(Danger::ScriptInEditor),
            Verb::Browser if !is_filled_in => self.dangers.push(Danger::CallerNotPassed),
            Verb::Association if self.starts => {
                self.dangers.push(Danger::TypeUnknown { program });
            }
            Verb::Batch => {
                let letter = program.chars().find(|letter| "&^%".contains(*letter));
                let danger = |letter| Danger::ShellLetterInPath { letter };
                self.dangers.extend(letter.map(danger));
            }
            Verb::Run
            | Verb::Script
            | Verb::Link
            | Verb::Search
            | Verb::Association
            | Verb::Browser => {}
        }
    }

    fn judge_target(&mut self, target: Option<Target>, program: &str) {
        let program = program.to_owned();
        self.dangers.extend(match target {
            Some(Target::Missing) => Some(Danger::TargetMissing { program }),
            Some(Target::Folder) => Some(Danger::TargetIsFolder { program }),
            Some(Target::File { writable_by_others: Some(true) }) => {
                Some(Danger::TargetWritable { program })
            }
            Some(Target::File { .. }) | None => None,
        });
    }

    fn judge_text(&mut self, value: &str, call: &Call<'_>, verb: Verb, shell: Option<Shell>) {
        let unknown = placeholder::unknown(value, call, shell).into_iter();
        self.dangers.extend(unknown.map(|it| Danger::PlaceholderUnknown {
            placeholder: it.placeholder,
            meaning: it.meaning,
            is_caller_appended: verb.takes_parameters(),
        }));
        let passwords = placeholder::passwords(value, call).into_iter();
        let danger = |placeholder| Danger::PasswordOnCommandLine { placeholder };
        self.dangers.extend(passwords.map(danger));
    }

    /// Looks for what the caller's text does beyond being passed on.
    fn judge_caller(&mut self, call: &Call<'_>, program: &str, verb: Verb, own: &str) {
        if !verb.takes_parameters() || program == ITSELF {
            return;
        }
        if let Some(shell) = Shell::of(verb, program, own) {
            let mut letters = String::new();
            for letter in call.caller.chars().filter(|letter| shell.letters().contains(*letter)) {
                if !letters.contains(letter) {
                    letters.push(letter);
                }
            }
            self.dangers.push(Danger::ShellReached { shell, letters });
        }
        let count = arguments(call.caller).len();
        if count > 1 {
            self.dangers.push(Danger::CallerSplits { arguments: count });
        }
        if call.caller.trim_start().starts_with(['-', '/']) {
            self.dangers.push(Danger::CallerAsOption);
        }
    }

    /// Tells what becomes of the directives.
    fn run_directives(&mut self, call: &Call<'_>, bridge: Option<&Bridge>, facts: &dyn Facts) {
        let directives = call.directives.unwrap_or_default();
        let has_directives = !directives.is_empty();
        match bridge {
            Some(bridge) if bridge.event() != call.event => {
                self.dangers.push(Danger::BridgeOfOtherEvent { runs: bridge.event() });
            }
            Some(bridge) if bridge.ini().and_then(|ini| facts.is_own_ini(ini)) == Some(false) => {
                let ini = bridge.ini().unwrap_or_default().to_owned();
                self.dangers.push(Danger::BridgeOfOtherFile { ini });
            }
            Some(_) if has_directives || call.directives.is_none() => {}
            Some(_) => self.dangers.push(Danger::BridgeWithoutDirective),
            None if has_directives => self.dangers.push(Danger::DirectiveWithoutBridge),
            None => {}
        }
        for (key, directive) in directives {
            let effect = Effect::of(key, directive, call);
            if let Err(why) = &effect.does {
                let (key, why) = (key.clone(), why.clone());
                self.dangers.push(Danger::DirectiveInvalid { key, why });
            }
            self.effects.push(effect);
            let Ok(parsed) = Directive::parse(directive) else { continue };
            let unknown = placeholder::unknown_in_directive(directive).into_iter();
            self.dangers.extend(
                unknown.map(|placeholder| Danger::ForeignName { key: key.clone(), placeholder }),
            );
            if let Some(message) = parsed.system_message() {
                let (key, message) = (key.clone(), message.to_string());
                self.dangers.push(Danger::SystemMessage { key, message });
            }
            if parsed.has_unescaped_xml() {
                self.dangers.push(Danger::UnescapedXml { key: key.clone() });
            }
            if let Some(scheme) = parsed.scheme_to_permit()
                && facts.may_open(&scheme) == Some(false)
            {
                self.dangers.push(Danger::SchemeNotPermitted { key: key.clone(), scheme });
            }
            if let Action::Run(Run { program, .. }) = parsed.action() {
                self.judge_target(facts.target(program), program);
            }
        }
    }
}

/// Returns what a command as it is written holds of placeholders that the version doesn't know on an event.
///
/// # Example
///
/// ```
/// use msipctl::event::{Event, unknown_placeholders};
/// use msipctl::schema::Version;
///
/// let command = "curl.exe https://example.com/?n=%s";
/// let found = unknown_placeholders(Event::CallEnd, command, Version::NEWEST);
/// assert_eq!(found[0].rule(), "placeholder-unknown");
/// let command = "curl.exe https://example.com/?n={number}";
/// assert!(unknown_placeholders(Event::OutgoingCall, command, Version::NEWEST).is_empty());
/// ```
pub fn unknown_placeholders(event: Event, written: &str, microsip: Version) -> Vec<Danger> {
    /// Another machine than this one.
    struct Elsewhere;
    impl Facts for Elsewhere {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }
    }
    let explained = explain(&Call { microsip, ..Call::new(event, written) }, &Elsewhere);
    let is_unknown = |danger: &Danger| matches!(danger, Danger::PlaceholderUnknown { .. });
    explained.dangers.into_iter().filter(is_unknown).collect()
}

/// Says whether a value goes on behind a program, in a version that takes it for one path.
fn has_arguments(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    value.contains('"')
        || [".exe ", ".bat ", ".cmd ", ".com ", ".vbs "].iter().any(|end| lower.contains(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A machine with these files, and a folder `C:\My`.
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

    /// Another machine than this one.
    struct Elsewhere;

    impl Facts for Elsewhere {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }
    }

    fn rules(call: &Call<'_>, facts: &dyn Facts) -> Vec<&'static str> {
        explain(call, facts).dangers.iter().map(Danger::rule).collect()
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
    fn each_danger_is_told() {
        let end = Event::CallEnd;
        check(end, r"C:\x\a.exe", "123", &[]);
        check(end, r"C:\My Hooks\a.exe", "1", &["torn-program"]);
        check(end, r#""C:\py.exe" "C:\h.py""#, "1", &["lost-quotes", "target-missing"]);
        check(end, "\" \"", "1", &["starts-itself"]);
        check(end, r#""" x end"#, "1", &["no-program"]);
        check(end, "notepad", "1", &["relative-program"]);
        check(Event::IncomingCall, r"'C:\x\a.exe' end", "1", &["target-missing"]);
        check(end, r"C:\x.ps1", "1", &["script-in-editor"]);
        check(end, "https://example.com/", "1 2", &["caller-not-passed"]);
        check(end, r"C:\x.py", "1", &["type-unknown"]);
        check(end, r"C:\a&b\x.bat", "1", &["shell-letter-in-path", "shell-reached"]);
        check(end, r"C:\x\a.exe", "1 2", &["caller-splits"]);
        check(end, r"C:\x\a.exe", "--x", &["caller-as-option"]);
        check(end, r"C:\x\a.exe %callerid%", "1", &["placeholder-unknown"]);
        check(Event::IncomingCall, r"C:\x\a.exe", "1", &["blocks-ringing"]);
        check(Event::OutgoingCall, r"C:\x\a.exe {password}", "1", &["password-on-command-line"]);
        check(end, &format!(r"C:\a.exe {}", "x".repeat(247)), "1", &["cut-off"]);
        check(end, &format!(r"C:\a.exe {}", "x".repeat(245)), "1", &["cut-when-saved"]);
    }

    #[test]
    fn the_disk_is_asked() {
        check_on(r"C:\tools\x.exe", &[], true);
        check_on(r"C:\tools\x", &[], true);
        check_on(r"C:\tools\y.exe", &["target-missing"], false);
        check_on(r"C:\My Hooks\y.exe", &["torn-program", "target-is-folder"], true);
        check_on(r"C:\open\a.exe", &["target-writable"], true);
    }

    #[test]
    fn a_shell_is_told_what_it_acts_on() {
        let call = Call { caller: "1 & calc & x", ..Call::new(Event::CallEnd, r"C:\a.bat") };
        let explained = explain(&call, &Elsewhere);
        assert_eq!(
            explained.dangers[0].to_string(),
            "cmd.exe acts on & | < > ^ % \" in the caller's text, which comes from the network; this one has &"
        );
    }

    #[test]
    fn a_bridge_tells_what_it_runs() {
        let directive = |text: &str| [("OnCallEnd".to_owned(), text.to_owned())];
        let written = r"C:\msipctl.exe hook run call-end";
        let call = |directives| Call {
            directives: Some(directives),
            caller: "-1 2",
            ..Call::new(Event::CallEnd, written)
        };
        let sends = directive("SendMessage,My,WM_USER+1,%number%");
        let explained = explain(&call(&sends), &Elsewhere);
        assert_eq!(explained.dangers, []);
        let does = explained.effects[0].does.as_deref();
        assert_eq!(does, Ok("sends WM_USER+1 with `-1 2` to the window `My`"));
        assert_eq!(rules(&call(&[]), &Elsewhere), ["bridge-without-directive"]);
        let wrong = directive("Nothing");
        assert_eq!(rules(&call(&wrong), &Elsewhere), ["directive-invalid"]);
        let other = Call { event: Event::CallStart, ..call(&sends) };
        assert_eq!(rules(&other, &Elsewhere), ["bridge-of-other-event"]);
        let none = Call { written: "", ..call(&sends) };
        assert_eq!(rules(&none, &Elsewhere), ["directive-without-bridge"]);
    }

    #[test]
    fn versions_differ() {
        let old =
            |event, written| Call { microsip: Version::new(3, 19, 8), ..Call::new(event, written) };
        let explained = explain(&old(Event::CallEnd, r"C:\a.exe"), &Elsewhere);
        assert_eq!((explained.waits_ms, explained.starts), (0, true));
        assert_eq!(rules(&old(Event::CallEnd, r"C:\a.exe x"), &Elsewhere)[0], "arguments-in-path");
        let explained = explain(&old(Event::CallRing, r"C:\a.exe"), &Elsewhere);
        assert_eq!((explained.starts, explained.program), (false, None));
        assert_eq!(explained.dangers[0].rule(), "event-too-new");
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), r#"[ "\\Ca:.exbatps1%{}&é]{0,40}"#.prop_map(|text| text)]
    }

    proptest! {
        #[test]
        fn no_text_panics_and_arguments_come_of_the_parameters(
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
            prop_assert!(explained.waits_ms == 0 || microsip >= SPLITS);
            for danger in &explained.dangers {
                let rule = danger.rule();
                prop_assert!(rule.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
                prop_assert!(!danger.to_string().is_empty());
            }
        }
    }
}
