//! The one line that a management tool gets: a state, and counts and names that identify nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write as _};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::count::{count, percent};
use crate::engine_flags::{Engine, EngineRun};
use crate::error::CliError;
use crate::exit::Exit;
use crate::reason::Reason;
use msipctl_core::fleet::Tally;

/// The maximum length of the line with its line feed. The line is ASCII, so bytes, characters, and UTF-16 code units are the same.
const MAX_LINE: usize = 2048;

/// The maximum length of a list of keys.
const MAX_KEYS: usize = 750;

/// The maximum length of any other list.
const MAX_LIST: usize = 250;

/// The maximum length of a name in a list.
const MAX_NAME: usize = 60;

/// The next step after an error.
const DETAILS: &str = "for details, run the command without --engine";

/// What msipctl did for an engine, or found. Names of keys and templates are the only text from outside.
#[derive(Debug)]
pub(crate) struct EngineLine {
    run: EngineRun,
    /// What the audited files have in common.
    tally: Tally,
    /// The number of files without changes, of changed ones, and of skipped ones.
    unchanged: usize,
    changed: usize,
    skipped: usize,
    /// The run of each file whose change waits until the file is free.
    queued: Vec<String>,
    /// The number of audited files whose drift a pending plan removes.
    pending: usize,
    /// The number of files that don't exist.
    absent: usize,
    /// The files that failed, by reason.
    failures: BTreeMap<Reason, usize>,
    /// Why the run as a whole failed.
    error: Option<Reason>,
    /// The keys that changed, each with the number of files.
    keys: BTreeMap<String, usize>,
    /// The hooks that changed: templates and events.
    hooks: Hooks,
    /// The keys that still differ after the run, because a constraint isn't met.
    unmet: BTreeSet<String>,
    /// The accounts that aren't written for the same reason. Of a saved plan, only these are known.
    blocked: BTreeSet<String>,
    /// The run that wrote.
    id: Option<String>,
}

/// The events of each template.
type Hooks = BTreeMap<String, BTreeSet<&'static str>>;

/// The first word of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Compliant,
    Changed,
    Queued,
    NotPresent,
    NonCompliant,
    Error,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compliant => "Compliant",
            Self::Changed => "Changed",
            Self::Queued => "Queued",
            Self::NotPresent => "NotPresent",
            Self::NonCompliant => "NonCompliant",
            Self::Error => "Error",
        })
    }
}

impl State {
    /// Returns the exit code that an engine expects.
    fn exit(self, engine: Engine) -> Exit {
        match (self, engine) {
            (Self::Compliant | Self::Changed | Self::Queued | Self::NotPresent, _) => Exit::Success,
            // A baseline compares the text.
            (Self::NonCompliant, Engine::Sccm) => Exit::Success,
            (Self::NonCompliant | Self::Error, _) => Exit::Found,
        }
    }
}

impl EngineLine {
    pub(crate) fn new(run: EngineRun) -> Self {
        Self {
            run,
            tally: Tally::default(),
            unchanged: 0,
            changed: 0,
            skipped: 0,
            queued: Vec::new(),
            pending: 0,
            absent: 0,
            failures: BTreeMap::new(),
            error: None,
            keys: BTreeMap::new(),
            hooks: Hooks::new(),
            unmet: BTreeSet::new(),
            blocked: BTreeSet::new(),
            id: None,
        }
    }

    /// Returns the counts of audited files.
    pub(super) fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Counts a file that matches the policy, or did already.
    pub(super) fn add_unchanged(&mut self) {
        self.unchanged += 1;
    }

    /// Counts a file that changed.
    pub(super) fn add_changed(&mut self) {
        self.changed += 1;
    }

    /// Counts a file whose change waits until the file is free, for a run.
    pub(super) fn add_queued(&mut self, run: &str) {
        self.queued.push(run.to_owned());
    }

    /// Counts an audited file whose drift a pending plan removes.
    pub(crate) fn add_pending(&mut self) {
        self.pending += 1;
    }

    /// Adds the keys and the hooks of a change: sections with keys, and templates with events.
    pub(super) fn add_names<'c>(
        &mut self,
        keys: impl Iterator<Item = (&'c str, &'c str)>,
        hooks: impl Iterator<Item = (&'c str, &'static str)>,
    ) {
        for (section, key) in keys {
            *self.keys.entry(name_of(section, key)).or_default() += 1;
        }
        for (template, event) in hooks {
            self.hooks.entry(shown(template)).or_default().insert(event);
        }
    }

    /// Adds an account that isn't written, because a constraint isn't met.
    pub(super) fn add_blocked(&mut self, section: &str) {
        self.blocked.insert(shown(section));
    }

    /// Adds a key that isn't written, because a constraint isn't met.
    pub(crate) fn add_unmet(&mut self, section: &str, key: &str) {
        self.unmet.insert(name_of(section, key));
    }

    /// Counts a file that the run didn't reach.
    pub(super) fn add_skipped(&mut self) {
        self.skipped += 1;
    }

    /// Counts a file that failed.
    pub(super) fn add_failed(&mut self, error: &CliError) {
        match error.reason() {
            Reason::NotFound if !self.run.requires_file => self.absent += 1,
            reason => *self.failures.entry(reason).or_default() += 1,
        }
    }

    /// Sets the run that writes.
    pub(crate) fn set_run(&mut self, id: String) {
        self.id = Some(id);
    }

    /// Sets why the run as a whole failed.
    pub(super) fn fail(&mut self, error: &CliError) {
        self.error = Some(match error.reason() {
            // The file isn't a MicroSIP.ini, but for example a plan.
            Reason::NotFound => Reason::CommandLine,
            reason => reason,
        });
    }

    /// Notes that Ctrl+C ended the run.
    pub(super) fn interrupt(&mut self) {
        self.error = Some(Reason::Interrupted);
    }

    fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// Returns the number of files that exist.
    fn files(&self) -> usize {
        let written = self.unchanged + self.changed + self.queued.len() + self.skipped;
        self.tally.files() + written + self.failed()
    }

    fn state(&self) -> State {
        match self.files() {
            _ if self.error.is_some() || self.failed() > 0 => State::Error,
            0 if self.run.requires_file => State::Error,
            0 => State::NotPresent,
            _ if self.tally.drifted() + self.skipped > self.pending => State::NonCompliant,
            _ if self.unmet.len() + self.blocked.len() > 0 => State::NonCompliant,
            _ if self.queued.len() + self.pending > 0 => State::Queued,
            _ if self.changed > 0 => State::Changed,
            _ => State::Compliant,
        }
    }

    /// Returns the line with its line feed, and the exit code.
    pub(super) fn end(&self) -> (String, Exit) {
        let state = self.state();
        let mut parts = vec![state.to_string()];
        match state {
            State::NotPresent => parts.push("no MicroSIP.ini found".to_owned()),
            _ => {
                parts.extend(self.errors(state));
                parts.extend(self.audit());
                parts.extend(self.changes());
                parts.extend(self.rest());
            }
        }
        if state == State::Error {
            parts.push(DETAILS.to_owned());
        }
        (line(&parts), state.exit(self.run.engine))
    }

    /// Describes what failed.
    fn errors(&self, state: State) -> Vec<String> {
        let mut parts = Vec::new();
        parts.extend(self.error.map(|reason| reason.to_string()));
        if self.failed() > 0 {
            let reasons = self.failures.iter().map(|(reason, files)| match files {
                1 => reason.to_string(),
                files => format!("{reason} ({files})"),
            });
            let reasons = listed(reasons.collect(), MAX_LIST);
            parts.push(format!("{}: {reasons}", of_files(self.failed(), self.files(), "failed")));
        } else if state == State::Error && self.files() == 0 && self.error.is_none() {
            parts.push(Reason::NotFound.to_string());
        }
        if state == State::Error && self.run.writes && self.changed + self.queued.len() == 0 {
            parts.push("nothing was written".to_owned());
        }
        parts
    }

    /// Describes what was compared with the policy.
    fn audit(&self) -> Vec<String> {
        let tally = &self.tally;
        if tally.files() == 0 {
            return Vec::new();
        }
        let values = count(tally.verified() + tally.unverified(), "value");
        let mut parts = Vec::new();
        match tally.drifted() {
            0 => parts.push(format!("{}, {values}", count(tally.files(), "file"))),
            drifted => {
                let drift = tally.verified() - tally.compliant();
                let files = of_files(drifted, self.files(), "drifted");
                parts.push(format!("{files}, {drift} of {values}"));
            }
        }
        let mut keys: Vec<_> = tally
            .keys()
            .map(|(section, key, tally)| (tally.drifted.files(), name_of(section, key)))
            .collect();
        keys.sort_by(|(one, name), (other, other_name)| other.cmp(one).then(name.cmp(other_name)));
        parts.extend(keys_part(keys.into_iter().map(|(_, name)| name).collect()));
        let mut hooks = Hooks::new();
        for (gap, _) in tally.hooks().by_size() {
            let events = gap.events.iter().map(|event| event.name());
            hooks.entry(shown(&gap.template)).or_default().extend(events);
        }
        parts.extend(hooks_part(&hooks));
        parts.push(format!("score {}", percent(tally.score())));
        if tally.unverified() > 0 {
            parts.push(format!("{} not verified", tally.unverified()));
        }
        parts
    }

    /// Describes what was changed or queued.
    fn changes(&self) -> Vec<String> {
        let (changed, queued) = (self.changed, self.queued.len());
        let mut parts = Vec::new();
        if changed > 0 {
            parts.push(of_files(changed, self.files(), "changed"));
        }
        if queued > 0 {
            parts.push(of_files(queued, self.files(), "queued"));
        }
        if parts.is_empty() && self.unchanged > 0 {
            parts.push(format!("{}, nothing to change", count(self.unchanged, "file")));
        }
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort_by_key(|(name, files)| (std::cmp::Reverse(**files), *name));
        parts.extend(keys_part(keys.into_iter().map(|(name, _)| name.clone()).collect()));
        parts.extend(hooks_part(&self.hooks));
        let unmet = if self.unmet.is_empty() { &self.blocked } else { &self.unmet };
        if !unmet.is_empty() {
            let names = listed(unmet.iter().cloned().collect(), MAX_LIST);
            parts.push(format!("not written, because a constraint isn't met: {names}"));
        }
        parts
    }

    /// Describes what all states have in common.
    fn rest(&self) -> Vec<String> {
        let mut parts = Vec::new();
        if self.skipped > 0 {
            parts.push(format!("{} skipped", count(self.skipped, "file")));
        }
        if self.absent > 0 {
            parts.push(format!("{} not found", count(self.absent, "file")));
        }
        if self.pending > 0 {
            parts.push(format!("{} queued", count(self.pending, "file")));
        }
        if self.changed > 0 {
            parts.extend(self.id.as_ref().map(|id| format!("run {id}")));
        }
        if let [id] = &self.queued[..] {
            parts.push(format!("queued as run {id}"));
        }
        parts
    }
}

/// Prints the line for a command line that can't be parsed.
pub(crate) fn print_refused_line(error: &clap::Error) {
    // If stdout is closed, there is nowhere to report that.
    let _ = io::stdout().write_all(refused_line(error).as_bytes());
}

fn refused_line(error: &clap::Error) -> String {
    let problem = match error.kind() {
        ErrorKind::UnknownArgument => "unknown argument",
        ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand => "unknown command",
        ErrorKind::MissingRequiredArgument | ErrorKind::TooFewValues => "missing argument",
        ErrorKind::ArgumentConflict => "arguments that can't be combined",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "invalid value",
        _ => "invalid argument",
    };
    // Only of these is the argument the name of a flag, and not what was typed.
    let has_flag = matches!(
        error.kind(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::ArgumentConflict
    );
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) if has_flag => name.split(' ').next(),
        _ => None,
    };
    let flag =
        flag.filter(|flag| flag.starts_with("--")).map(|flag| format!(" of {}", shown(flag)));
    let problem = format!("the command line is invalid: {problem}{}", flag.unwrap_or_default());
    line(&[State::Error.to_string(), problem, DETAILS.to_owned()])
}

/// Joins the parts of a line, and ends it. Truncates a line that would be too long.
fn line(parts: &[String]) -> String {
    let mut line = parts.join("; ");
    debug_assert!(line.is_ascii(), "{line}");
    line.truncate(MAX_LINE - 1);
    line + "\n"
}

/// Returns `2 of 5 files drifted`.
fn of_files(part: usize, files: usize, state: &str) -> String {
    format!("{part} of {} {state}", count(files, "file"))
}

fn keys_part(names: Vec<String>) -> Option<String> {
    (!names.is_empty()).then(|| format!("keys: {}", listed(names, MAX_KEYS)))
}

fn hooks_part(hooks: &Hooks) -> Option<String> {
    let named =
        hooks.iter().map(|(name, events)| format!("{name} ({})", count(events.len(), "event")));
    let names: Vec<_> = named.collect();
    (!names.is_empty()).then(|| format!("hooks: {}", listed(names, MAX_LIST)))
}

/// Lists names up to a length: `a, b, and 7 more`. The first name always fits.
fn listed(names: Vec<String>, max: usize) -> String {
    /// More than the text after the last name.
    const REST: usize = 30;
    let all = names.len();
    let mut list = String::new();
    for (index, name) in names.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        if index > 0 && list.len() + name.len() + REST > max {
            return format!("{list}, and {} more", all - index);
        }
        list = list + comma + &name;
    }
    list
}

fn name_of(section: &str, key: &str) -> String {
    shown(&format!("{section}.{key}"))
}

/// Returns a name in characters that every engine shows. A long one is truncated.
fn shown(name: &str) -> String {
    let is_plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | ' ' | '*')
    };
    let plain = name.chars().map(|it| if is_plain(it) { it } else { '?' });
    let mut shown: String = plain.clone().take(MAX_NAME).collect();
    if plain.count() > MAX_NAME {
        shown += "...";
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use clap::CommandFactory as _;
    use msipctl_core::event::Event;
    use msipctl_core::fleet::Audited;
    use msipctl_core::policy::{Drift, HookDrift, HookProblem, Location};

    fn line(engine: Engine, writes: bool) -> EngineLine {
        let run = EngineRun { engine, requires_file: false, writes, has_report: false };
        EngineLine::new(run)
    }

    fn drift(section: &str, key: &str, template: Option<&str>) -> Drift {
        Drift {
            section: section.to_owned(),
            key: key.to_owned(),
            expected: "Tr0ub4dor".to_owned(),
            actual: Some("Tr0ub4dor".to_owned()),
            line: None,
            origin: Location::at_start(Path::new("C:\\Users\\Tr0ub4dor\\p.toml")),
            fixable: true,
            default: None,
            hook: template.map(|template| HookDrift {
                template: template.to_owned(),
                event: Event::CallEnd,
                problem: HookProblem::Missing,
            }),
        }
    }

    #[test]
    fn exit_codes_are_those_that_engines_know() {
        use State::*;
        for (state, codes) in [
            (Compliant, [0, 0, 0]),
            (Changed, [0, 0, 0]),
            (Queued, [0, 0, 0]),
            (NotPresent, [0, 0, 0]),
            (NonCompliant, [1, 0, 1]),
            (Error, [1, 1, 1]),
        ] {
            let of = |engine| state.exit(engine).code();
            assert_eq!([Engine::Intune, Engine::Sccm, Engine::Rmm].map(of), codes, "{state}");
        }
    }

    #[test]
    fn failure_is_the_state_even_if_other_files_changed() {
        let mut line = line(Engine::Intune, true);
        line.add_changed();
        line.add_names([("Settings", "AA")].into_iter(), [].into_iter());
        line.add_unchanged();
        line.add_failed(
            &CliError::precondition("no access to C:\\Users\\x").with_reason(Reason::ReadOnly),
        );
        line.set_run("20261201T004500Z-9f3c".to_owned());
        let (text, exit) = line.end();
        assert_eq!(
            text,
            "Error; 1 of 3 files failed: the file is read-only; 1 of 3 files changed; keys: Settings.AA; \
             run 20261201T004500Z-9f3c; for details, run the command without --engine\n"
        );
        assert_eq!(exit, Exit::Found);
    }

    #[test]
    fn drift_that_waits_is_queued_and_other_drift_is_not_compliant() {
        let audited =
            |drift| Audited { keys: 2, drift, unverified: 0, missing_secrets: Vec::new() };
        let mut line = line(Engine::Intune, false);
        line.tally().add("", &audited(vec![drift("Settings", "AA", None)]));
        line.add_pending();
        let (text, exit) = line.end();
        assert_eq!(
            text,
            "Queued; 1 of 1 file drifted, 1 of 2 values; keys: Settings.AA; score 50.0%; \
             1 file queued\n"
        );
        assert_eq!(exit, Exit::Success);
        line.tally().add("", &audited(vec![drift("Settings", "AA", None)]));
        assert!(
            line.end().0.starts_with("NonCompliant; 2 of 2 files drifted, "),
            "{}",
            line.end().0
        );
    }

    #[test]
    fn interrupted_run_is_an_error() {
        let mut line = line(Engine::Sccm, false);
        line.interrupt();
        let (text, exit) = line.end();
        assert!(text.starts_with("Error; the run was interrupted; "), "{text}");
        assert_eq!(exit, Exit::Found);
    }

    #[test]
    fn keys_with_the_most_files_come_first() {
        let mut line = line(Engine::Rmm, true);
        for keys in [&["b", "c"][..], &["c", "a"]] {
            line.add_changed();
            line.add_names(keys.iter().map(|key| ("S", *key)), [].into_iter());
        }
        assert!(line.end().0.contains("; keys: S.c, S.a, S.b\n"), "{}", line.end().0);
    }

    #[test]
    fn refused_arguments_are_not_repeated() {
        let text = |args: &[&str]| {
            let command =
                crate::Cli::command().arg(clap::Arg::new("jobs").long("jobs").value_parser(["1"]));
            refused_line(&command.try_get_matches_from(args).unwrap_err())
        };
        let unknown = text(&["msipctl", "--Tr0ub4dor"]);
        assert!(
            unknown.starts_with("Error; the command line is invalid: unknown argument; "),
            "{unknown}"
        );
        let invalid = text(&["msipctl", "--jobs", "Tr0ub4dor"]);
        assert!(
            invalid.starts_with("Error; the command line is invalid: invalid value of --jobs; "),
            "{invalid}"
        );
    }

    proptest! {
        #[test]
        fn line_is_short_and_ascii_for_any_facts(
            names in prop::collection::vec((".{0,80}", ".{0,300}"), 0..80),
            templates in prop::collection::vec(".{0,300}", 0..20),
            failures in prop::collection::vec(0..5_usize, 0..20),
            unverified in 0..1_000_usize,
            writes in any::<bool>(),
            has_error in any::<bool>(),
        ) {
            const REASONS: [Reason; 5] =
                [Reason::CommandLine, Reason::Unreadable, Reason::ForeignLink, Reason::Changed, Reason::Inventory];
            let mut line = line(Engine::Intune, writes);
            if writes {
                line.add_changed();
                line.add_queued("20261201T004500Z-9f3d");
                line.add_names(
                    names.iter().map(|(section, key)| (section.as_str(), key.as_str())),
                    templates.iter().map(|template| (template.as_str(), "call-end")),
                );
                names.iter().for_each(|(section, key)| line.add_unmet(section, key));
                line.set_run("20261201T004500Z-9f3c".to_owned());
                line.add_skipped();
            } else {
                let keys = names.iter().map(|(section, key)| drift(section, key, None));
                let hooks = templates.iter().map(|template| drift("Settings", "cmdCallEnd", Some(template)));
                let drift = keys.chain(hooks).collect();
                line.add_pending();
                line.tally().add("", &Audited { keys: usize::MAX / 4, drift, unverified, missing_secrets: Vec::new() });
            }
            for reason in failures {
                line.add_failed(&CliError::runtime("no Tr0ub4dor").with_reason(REASONS[reason]));
            }
            line.add_failed(&CliError::runtime("no Tr0ub4dor").with_reason(Reason::NotFound));
            if has_error {
                line.fail(&CliError::runtime("no Tr0ub4dor"));
            }
            let (text, _) = line.end();
            prop_assert!(text.is_ascii() && text.len() <= MAX_LINE, "{} {}", text.len(), text);
            prop_assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "{}", text);
            prop_assert!(!text.contains("Tr0ub4dor"), "{}", text);
            // Nothing was truncated in the middle of a part.
            prop_assert!(text.len() < MAX_LINE, "{}", text);
        }
    }
}
