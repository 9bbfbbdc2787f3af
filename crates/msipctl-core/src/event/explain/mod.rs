//! What a MicroSIP will do with a command, told beforehand: the steps of [`launch`] and those of Windows
//! behind it. Nothing is started, and no disk is touched; what stands there is asked of [`Facts`].

mod effect;
mod placeholder;
mod shell;
mod verb;

pub use effect::Effect;
pub use verb::Verb;

use super::action::{Action, Run};
use super::bridge::Bridge;
use super::directive::Directive;
use super::grammar::DirectiveError;
use super::hazard::{Hazard, Part, hazard};
use super::kind::Event;
use super::launch::{ITSELF, SPLITS, arguments, launch, read_back};
use super::launch_hazards::{LIMIT, launch_hazards};
use super::path::{is_full, is_impossible, is_of_windows};
use crate::diagnostic::{Code, Message, Prose, Severity};
use microsip_schema::Version;
use placeholder::{Meaning, Unknown};
use shell::Shell;
use verb::COMPLETIONS;
use winini::profile::cut;

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
    pub hazards: Vec<Hazard>,
}

/// Tells what a version does with a command on an event.
///
/// # Example
///
/// ```
/// use msipctl_core::event::{Call, Event, Facts, Target, explain};
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
/// let codes: Vec<_> = explained.hazards.iter().map(|hazard| hazard.code().name()).collect();
/// assert_eq!(codes, ["shell-reached", "caller-splits"]);
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
        hazards: Vec::new(),
    };
    let directives = call.directives.unwrap_or_default();
    let is_read = call.microsip >= call.event.since();
    if !is_read && (!value.is_empty() || !directives.is_empty()) {
        let message = message!(
            "MicroSIP {microsip} does not read `{key}`, {since} is the first that does",
            microsip = call.microsip,
            key = call.event.key(),
            since = call.event.since(),
        );
        explained.add(Code::EventTooNew, message);
    }
    let bridge = Bridge::parse(value.trim());
    if is_read {
        explained.start(value, call, bridge.is_some(), facts);
    }
    explained.run_directives(call, bridge.as_ref(), facts);
    explained
}

impl Explanation {
    /// Adds a hazard of the command.
    fn add(&mut self, code: Code, message: Message) {
        self.hazards.push(hazard(code, Part::COMMAND, message));
    }

    /// Adds a hazard of the command, and what to do about it.
    fn add_with_help(&mut self, code: Code, message: Message, help: &'static str) {
        self.hazards.push(hazard(code, Part::COMMAND, message).with_help(help));
    }

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
            self.hazards.extend(launch_hazards(call.written, call.microsip));
        } else if has_arguments(value) {
            let message = message!(
                "MicroSIP before 3.19.10 takes all of it for a path, so that it can have no arguments"
            );
            let help = "put the arguments into a batch file, and name that";
            self.add_with_help(Code::ArgumentsInPath, message, help);
        }
        if program.is_empty() {
            self.add(Code::NoProgram, message!("its first word is empty, expected a program"));
            self.program = Some(program);
            self.parameters = started.parameters;
            return;
        }
        self.find_target(&program, verb, facts);
        self.starts = self.target != Some(Target::Missing);
        self.judge_program(&program, value, verb, filled != value);
        self.judge_text(value, call, &program, verb, Shell::of(verb, &program, &own));
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
            let message = message!(
                "the phone does not ring before the program has ended, or for 10 s; the bridge returns at once"
            );
            let help = "`cmdCallRing` runs when it rings";
            self.add_with_help(Code::BlocksRinging, message, help);
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

    fn judge_program(&mut self, program: &str, value: &str, verb: Verb, is_filled_in: bool) {
        self.judge_target(&Part::COMMAND, self.target, program);
        if program == ITSELF {
            let message = message!(
                "it is made of blanks only: MicroSIP starts itself with the caller's text, and so dials it"
            );
            self.add(Code::StartsItself, message);
        } else if verb != Verb::Browser && !is_full(program) && !is_impossible(program) {
            let message = message!(
                "`{program}` is no full path: what stands first in MicroSIP's current folder or in PATH is started",
                program
            );
            let found = hazard(Code::RelativeProgram, Part::COMMAND, message);
            let found = found.with_help("write the full path");
            self.hazards.push(match is_of_windows(program) {
                true => found.with_severity(Severity::Info),
                false => found,
            });
        }
        match verb {
            Verb::Editor => {
                let message = message!(
                    "Windows opens a .ps1 in an editor, expected `powershell.exe -File` in front of it"
                );
                self.add(Code::ScriptInEditor, message);
            }
            Verb::Browser if !is_filled_in => {
                let message = message!(
                    "the caller's text is not added to an address, a directive `Open` can do that"
                );
                let found = hazard(Code::CallerNotPassed, Part::COMMAND, message);
                let found = found.with_help("`msipctl hook add open-url` adds it");
                let is_to_go_on = value.trim_end().ends_with(['=', ':']);
                self.hazards.push(match is_to_go_on {
                    true => found,
                    false => found.with_severity(Severity::Info),
                });
            }
            Verb::Association if self.starts => {
                let message = message!(
                    "what opens `{program}`, and with which arguments, is set on each machine",
                    program
                );
                let help = "name the program that runs it in front of it";
                self.add_with_help(Code::TypeUnknown, message, help);
            }
            Verb::Batch => {
                if let Some(letter) = program.chars().find(|letter| "&^%".contains(*letter)) {
                    let message = message!(
                        "the batch file's path has a `{letter}`, on which cmd.exe acts wherever the file names itself without quotes",
                        letter
                    );
                    self.add(Code::ShellLetterInPath, message);
                }
            }
            Verb::Run
            | Verb::Script
            | Verb::Link
            | Verb::Search
            | Verb::Association
            | Verb::Browser => {}
        }
    }

    fn judge_target(&mut self, part: &Part, target: Option<Target>, program: &str) {
        let found = |code, message| hazard(code, part.clone(), message);
        self.hazards.extend(match target {
            Some(Target::Missing) => Some(found(
                Code::TargetMissing,
                message!("there is no file `{program}`, and MicroSIP says nothing of it", program),
            )),
            Some(Target::Folder) => Some(found(
                Code::TargetIsFolder,
                message!("`{program}` is a folder, which is shown in a window", program),
            )),
            Some(Target::File { writable_by_others: Some(true) }) => {
                let message = message!(
                    "other users may change `{program}`, and so run what they like as this one",
                    program
                );
                let help = r"put it below C:\Program Files";
                Some(found(Code::TargetWritable, message).with_help(help))
            }
            Some(Target::File { .. }) | None => None,
        });
    }

    fn judge_text(
        &mut self,
        value: &str,
        call: &Call<'_>,
        program: &str,
        verb: Verb,
        shell: Option<Shell>,
    ) {
        for unknown in placeholder::unknown(value, call, shell) {
            let message = unknown_placeholder(&unknown, verb.takes_parameters());
            let found = hazard(Code::PlaceholderUnknown, Part::COMMAND, message);
            let (help, severity) = unknown.advice(call, program);
            self.hazards.push(found.with_help(help).with_severity(severity));
        }
        for placeholder in placeholder::passwords(value, call) {
            let message = message!(
                "`{placeholder}` shows the account's password to every program of the user",
                placeholder
            );
            self.add(Code::PasswordOnCommandLine, message);
        }
    }

    /// Looks for what the caller's text does beyond being passed on.
    fn judge_caller(&mut self, call: &Call<'_>, program: &str, verb: Verb, own: &str) {
        if !verb.takes_parameters() || program == ITSELF {
            return;
        }
        if let Some(shell) = Shell::of(verb, program, own) {
            let (name, all) = (shell.name(), spaced(shell.letters().chars()));
            let mut letters = Vec::new();
            for letter in call.caller.chars().filter(|letter| shell.letters().contains(*letter)) {
                if !letters.contains(&letter) {
                    letters.push(letter);
                }
            }
            let message = match letters.is_empty() {
                true => message!(
                    "{shell} acts on {letters} in the caller's text, which comes from the network",
                    shell = name,
                    letters = all
                ),
                false => message!(
                    "{shell} acts on {letters} in the caller's text, which comes from the network; this one has {found}",
                    shell = name,
                    letters = all,
                    found = spaced(letters)
                ),
            };
            let help = "`msipctl hook add run-program` hands over what no shell acts on";
            self.add_with_help(Code::ShellReached, message, help);
        }
        let count = arguments(call.caller).len();
        if count > 1 {
            let message = message!("this caller's text becomes {count} arguments", count);
            self.add(Code::CallerSplits, message);
        }
        if call.caller.trim_start().starts_with(['-', '/']) {
            let message = message!("this caller's text looks like an option to the program");
            self.add(Code::CallerAsOption, message);
        }
    }

    /// Tells what becomes of the directives.
    fn run_directives(&mut self, call: &Call<'_>, bridge: Option<&Bridge>, facts: &dyn Facts) {
        let directives = call.directives.unwrap_or_default();
        let has_directives = !directives.is_empty();
        // Where nothing is lost, it is only odd.
        let severity = if has_directives { Severity::Error } else { Severity::Warning };
        match bridge {
            Some(bridge) if bridge.event() != call.event => {
                let message =
                    message!("the bridge runs the directives of {event}", event = bridge.event());
                let found = hazard(Code::BridgeOfOtherEvent, Part::COMMAND, message);
                self.hazards.push(found.with_severity(severity));
            }
            Some(bridge) if bridge.ini().and_then(|ini| facts.is_own_ini(ini)) == Some(false) => {
                let message = message!(
                    "the bridge runs the directives of another file, `{ini}`",
                    ini = bridge.ini().unwrap_or_default()
                );
                let found = hazard(Code::BridgeOfOtherFile, Part::COMMAND, message);
                let found = found.with_help("`msipctl hook add` names this file");
                self.hazards.push(found.with_severity(severity));
            }
            Some(_) if has_directives || call.directives.is_none() => {}
            Some(_) => {
                let message = message!("the bridge has nothing to run: the event has no directive");
                self.add(Code::BridgeWithoutDirective, message);
            }
            None if has_directives => {
                let message = message!(
                    "nothing runs the directives: the event's command is not the bridge; `msipctl hook add` writes both"
                );
                self.add(Code::DirectiveWithoutBridge, message);
            }
            None => {}
        }
        for (key, directive) in directives {
            self.run_directive(key, directive, call, facts);
        }
    }

    fn run_directive(&mut self, key: &str, text: &str, call: &Call<'_>, facts: &dyn Facts) {
        let part = Part::directive_of(key);
        let parsed = Directive::parse(text);
        let effect = Effect::of(key, text, call);
        if let Err(why) = &effect.does {
            let message = message!("`{key}`: {why}", key, why = Prose(why); directive = text);
            let column = parsed.as_ref().err().map_or(1, DirectiveError::column);
            let part = part.clone().at_column(column);
            let found = hazard(Code::DirectiveInvalid, part, message);
            self.hazards.push(match text.is_empty() {
                // Nothing was meant to happen.
                true => found.with_severity(Severity::Info),
                false => found,
            });
        }
        self.effects.push(effect);
        let Ok(directive) = parsed else { return };
        let add = |code, message| hazard(code, part.clone(), message);
        let unknown = placeholder::unknown_in_directive(text).into_iter();
        self.hazards.extend(unknown.map(|placeholder| {
            let message = message!(
                "`{key}`: msipctl doesn't replace `{placeholder}` and passes it as it is, expected `%number%`",
                key,
                placeholder
            );
            add(Code::PlaceholderUnknown, message).with_severity(Severity::Warning)
        }));
        if let Some(code) = directive.system_message() {
            let message = message!(
                "`{key}`: `{message}` is a message of Windows itself, on which any window may act",
                key,
                message = code
            );
            let help = "`WM_USER+n` and `WM_APP+n` are for messages of one's own";
            self.hazards.push(add(Code::SystemMessage, message).with_help(help));
        }
        if directive.has_unescaped_xml() {
            let message =
                message!("`{key}`: the caller ID goes into XML without being escaped", key);
            let help = "send the XML with `Http` in a body that begins with `<`, or let the receiver build it from `%number%`";
            self.hazards.push(add(Code::UnescapedXml, message).with_help(help));
        }
        if let Some(scheme) = directive.scheme_to_permit()
            && facts.may_open(&scheme) == Some(false)
        {
            let message = message!(
                "`{key}`: an address of the scheme `{scheme}` is not opened, unless `open_schemes` in msipctl.toml names it",
                key,
                scheme
            );
            self.hazards.push(add(Code::SchemeNotPermitted, message));
        }
        if let Action::Run(Run { program, .. }) = directive.action() {
            self.judge_target(&part, facts.target(program), program);
        }
    }
}

/// Says what becomes of a placeholder that MicroSIP doesn't know.
fn unknown_placeholder(unknown: &Unknown, is_caller_appended: bool) -> Message {
    let placeholder = &unknown.placeholder;
    match (unknown.meaning, is_caller_appended) {
        (Meaning::Caller, true) => message!(
            "MicroSIP doesn't replace `{placeholder}` and passes it as it is; it appends the caller ID to the end of the command, after a space",
            placeholder
        ),
        (Meaning::Caller, false) => message!(
            "MicroSIP doesn't replace `{placeholder}` and passes it as it is; it appends no caller ID to what it only opens",
            placeholder
        ),
        (Meaning::Variable, _) => {
            message!("MicroSIP doesn't expand `{placeholder}` and passes it as it is", placeholder)
        }
        (Meaning::Other, _) => message!(
            "MicroSIP doesn't replace `{placeholder}` and passes it as it is: nothing filled in this placeholder",
            placeholder
        ),
    }
}

/// Writes characters with spaces between them.
fn spaced(characters: impl IntoIterator<Item = char>) -> String {
    let characters: Vec<_> = characters.into_iter().map(String::from).collect();
    characters.join(" ")
}

/// Returns what a command as it is written holds of placeholders that the version doesn't know on an event.
///
/// # Example
///
/// ```
/// use msipctl_core::event::{Event, unknown_placeholders};
/// use microsip_schema::Version;
///
/// let command = "curl.exe https://example.com/?n=%s";
/// let found = unknown_placeholders(Event::CallEnd, command, Version::NEWEST);
/// assert_eq!(found[0].code(), msipctl_core::diagnostic::Code::PlaceholderUnknown);
/// let command = "curl.exe https://example.com/?n={number}";
/// assert!(unknown_placeholders(Event::OutgoingCall, command, Version::NEWEST).is_empty());
/// ```
pub fn unknown_placeholders(event: Event, written: &str, microsip: Version) -> Vec<Hazard> {
    /// Another machine than this one.
    struct Elsewhere;
    impl Facts for Elsewhere {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }
    }
    let explained = explain(&Call { microsip, ..Call::new(event, written) }, &Elsewhere);
    let is_unknown = |hazard: &Hazard| hazard.code() == Code::PlaceholderUnknown;
    explained.hazards.into_iter().filter(is_unknown).collect()
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
    use crate::diagnostic::Scope;
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
    fn each_hazard_is_found() {
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
            explained.hazards[0].message().to_string(),
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
        assert_eq!(explained.hazards, []);
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
        assert_eq!(explained.hazards[0].code(), Code::EventTooNew);
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
            for hazard in &explained.hazards {
                let scope = hazard.code().descriptor().scope;
                prop_assert!(matches!(scope, Scope::Hook | Scope::Call), "{:?}", hazard);
                prop_assert!(!hazard.message().to_string().is_empty());
            }
        }
    }
}
