//! Adds the line of a template to a file: selects the keys, and writes the launcher and the record.

use super::render::{Injection, Rendered};
use crate::event::{
    self, Directive, DirectiveError, Event, Hooks, Launcher, LauncherError, RECORD, Record,
    SETTINGS, field, launch,
};
use crate::locate;
use crate::plan::Desired;
use microsip_schema::Version;

/// The first version that can start a command with arguments, and therefore a launcher.
const COMMAND_LINES: Version = Version::new(3, 19, 10);

/// Options for adding a template.
#[derive(Debug, Clone)]
pub struct AddOptions {
    /// The msipctl program that MicroSIP starts. `None` keeps the program of an existing launcher.
    pub program: Option<String>,
    /// The program of a new launcher if `program` is `None`.
    pub default_program: String,
    /// The MicroSIP.ini that the launcher must name, which is needed if there is more than one. `None` keeps the path of an
    /// existing launcher.
    pub ini: Option<NamedIni>,
    /// What to do with an existing command that msipctl didn't write.
    pub occupied: Occupied,
    /// Whether to add a second directive of the same template instead of changing the first.
    pub append: bool,
    /// Whether messages below 0x400, which Windows defines, are allowed.
    pub allow_system_message: bool,
    /// The target version of MicroSIP.
    pub microsip: Version,
}

/// A MicroSIP.ini that a launcher names.
#[derive(Debug, Clone)]
pub struct NamedIni {
    /// The full Windows path that a new launcher contains.
    pub path: String,
    /// Returns whether the path of an existing launcher, the second argument, leads to the file at [`path`](Self::path). If
    /// it does, the launcher keeps its spelling of the path.
    pub is_same: fn(&str, &str) -> bool,
}

impl NamedIni {
    fn is_at(&self, other: &str) -> bool {
        (self.is_same)(&self.path, other)
    }
}

/// What to do with an existing command that msipctl didn't write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Occupied {
    /// Keeps the command, and adds nothing.
    #[default]
    Refuse,
    /// Replaces the command. Removing the hook restores it.
    Replace,
    /// Replaces the command, and runs it as the first directive.
    Chain,
}

/// Why a template can't be added. Nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The directive of the template is invalid.
    #[error("`{directive}`: {error}")]
    Directive {
        /// The key of the directive.
        directive: String,
        /// The problem.
        error: DirectiveError,
    },
    /// The launcher can't be written.
    #[error("can't write the launcher for `{event}`: {error}")]
    Launcher {
        /// The event.
        event: Event,
        /// The problem.
        error: LauncherError,
    },
    /// The event already has a command.
    #[error("`{}` already has a command: {command}", event.key())]
    Occupied {
        /// The event.
        event: Event,
        /// The command, secrets masked.
        command: String,
        /// Whether the new hook is a directive, so that the command can become another directive.
        can_chain: bool,
    },
    /// The event has directives that run through the launcher.
    #[error("`{}` already runs the launcher for `{}` directives", event.key(), event.directive())]
    HasLauncher {
        /// The event.
        event: Event,
    },
    /// The command can't become a directive.
    #[error("can't chain the command of `{}`: {reason}", event.key())]
    Chain {
        /// The event.
        event: Event,
        /// The reason.
        reason: String,
    },
    /// The target version doesn't support this.
    #[error("MicroSIP {microsip} doesn't {what}, which requires {since} or newer")]
    TooOld {
        /// The target version.
        microsip: Version,
        /// What the target version doesn't do.
        what: String,
        /// The first version that does it.
        since: Version,
    },
    /// A message below 0x400.
    #[error("`{message}` is a window message that Windows defines: expected WM_USER+n or WM_APP+n")]
    SystemMessage {
        /// The message.
        message: String,
    },
    /// A hook template can write only the directive and the command of its event.
    #[error("template `{template}` can't write `{key}` in `[{section}]`: expected {expected}")]
    Stray {
        /// The template.
        template: String,
        /// The section.
        section: String,
        /// The key.
        key: String,
        /// The keys that the template can write.
        expected: String,
    },
    /// The command wouldn't start the program that it names.
    #[error("invalid command for `{}`: {problem}", event.key())]
    BrokenCommand {
        /// The event.
        event: Event,
        /// The problem.
        problem: String,
    },
    /// The command contains a placeholder that MicroSIP doesn't know.
    #[error("invalid command for `{}`: {what}", event.key())]
    Placeholder {
        /// The event.
        event: Event,
        /// What happens to the placeholder.
        what: String,
    },
    /// The value to replace isn't valid text in the encoding of the file.
    #[error(
        "can't replace `{key}`: its value contains bytes that aren't text, so msipctl couldn't restore it"
    )]
    Unrecordable {
        /// The key.
        key: String,
    },
}

impl AddError {
    fn occupied(event: Event, command: &str, can_chain: bool) -> Self {
        let command = microsip_schema::mask(SETTINGS, event.key(), command).into_owned();
        Self::Occupied { event, command, can_chain }
    }

    /// Returns whether a precondition isn't met: the event already has a command.
    pub fn is_precondition(&self) -> bool {
        matches!(self, Self::Occupied { .. } | Self::HasLauncher { .. })
    }

    /// Returns the message with secrets masked, because it repeats commands and directives, which may contain a token or a
    /// password.
    pub fn shown(&self) -> String {
        microsip_schema::mask(SETTINGS, "", &self.to_string()).into_owned()
    }

    /// Returns a hint for the error.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Occupied { can_chain: false, .. } => {
                "pass `--replace` to replace it; `hook remove` restores it"
            }
            Self::Occupied { .. } => {
                "pass `--chain` to keep it as the first directive, or `--replace` to replace it; \
                 `hook remove` restores it in both cases"
            }
            Self::HasLauncher { .. } => {
                "remove the directives first with `msipctl hook remove`, or use the template `run-program`"
            }
            Self::Chain { .. } => {
                "pass `--replace` to replace it; to start the program again, use the template `run-program`"
            }
            Self::Launcher { error: LauncherError::Program { .. }, .. } => {
                "pass `--msipctl` with the full Windows path of the program"
            }
            Self::Launcher { error: LauncherError::Ini { .. }, .. } => {
                "pass `--launcher-ini` with the full Windows path of MicroSIP.ini"
            }
            Self::Launcher { error: LauncherError::TooLong { .. }, .. } => {
                "pass `--msipctl` with a shorter path, or `--launcher-ini none` to leave out the path of MicroSIP.ini"
            }
            Self::Placeholder { .. } => {
                "remove the placeholder, or use a template for a directive, such as `run-program` or `http-event`"
            }
            Self::SystemMessage { .. } => "to send it anyway, pass `--allow-system-message`",
            Self::TooOld { .. } => "to change the target version, pass `--microsip`",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// Returns the changes that add a template to events of a file. For a file that already has the changes, returns no
/// further changes.
///
/// If the event already has the template with other parameters, its directive is changed, unless
/// [`AddOptions::append`] is set.
///
/// # Errors
///
/// [`AddError`]. The caller must then write nothing.
pub fn add(
    hooks: Hooks<'_>,
    rendered: &Rendered,
    options: &AddOptions,
) -> Result<Desired, AddError> {
    let template = rendered.template.as_str();
    check_version("support this template", rendered.microsip, options)?;
    let mut adding = Adding { hooks, template, options, desired: Desired::new() };
    for (event, line) in rendered.lines() {
        check_version(&format!("read `{}`", event.key()), Some(event.since()), options)?;
        check_version("start commands with arguments", Some(COMMAND_LINES), options)?;
        adding.put(*event, line)?;
    }
    let Adding { mut desired, .. } = adding;
    let creates_section = hooks.profile().section(SETTINGS).is_none();
    if creates_section && !desired.requests().is_empty() {
        desired = desired.set(RECORD, Record::CREATED, SETTINGS, "records the new section");
    }
    Ok(desired)
}

fn check_version(what: &str, since: Option<Version>, options: &AddOptions) -> Result<(), AddError> {
    let microsip = options.microsip;
    match since {
        Some(since) if since > microsip => {
            Err(AddError::TooOld { microsip, what: what.to_owned(), since })
        }
        _ => Ok(()),
    }
}

/// The state while a template is added to a file.
struct Adding<'a, 'd> {
    hooks: Hooks<'d>,
    template: &'a str,
    options: &'a AddOptions,
    desired: Desired,
}

impl Adding<'_, '_> {
    fn put(&mut self, event: Event, line: &Injection) -> Result<(), AddError> {
        let is_settings = line.section.eq_ignore_ascii_case(SETTINGS);
        if is_settings && line.key == event.directive() {
            self.put_directive(event, &line.value)
        } else if is_settings && line.key == event.key() {
            self.put_command(event, &line.value)
        } else {
            Err(AddError::Stray {
                template: self.template.to_owned(),
                section: line.section.clone(),
                key: line.key.clone(),
                expected: format!("`{}` or `{}` in `[Settings]`", event.directive(), event.key()),
            })
        }
    }

    fn put_directive(&mut self, event: Event, text: &str) -> Result<(), AddError> {
        self.check_directive(event, text)?;
        let mut taken = self.hooks.directives(event);
        let launcher = self.launcher(event)?;
        if let LauncherChange::Chain { directive } = &launcher {
            let number = if taken.iter().any(|placed| placed.number <= 1) { 0 } else { 1 };
            let key = event.directive_key(number);
            self.write(&key, directive, Record::CHAIN, "keeps the previous command")?;
            taken.retain(|placed| placed.number != number);
        }
        let same = taken.iter().find(|placed| placed.entry.value() == text);
        if same.is_none() {
            let ours = |number: &u32| {
                let record = self.hooks.record(&event.directive_key(*number));
                record.is_some_and(|record| record.by == self.template)
            };
            let number = taken.iter().map(|placed| placed.number).find(ours);
            let number = number.filter(|_| !self.options.append).unwrap_or_else(|| {
                let last = taken.last().map_or(0, |placed| placed.number);
                let chained = matches!(launcher, LauncherChange::Chain { .. });
                last.max(u32::from(chained)) + 1
            });
            let reason = format!("template {}", self.template);
            self.write(&event.directive_key(number), text, self.template, &reason)?;
        }
        self.write_launcher(event, launcher)
    }

    fn check_directive(&self, event: Event, text: &str) -> Result<(), AddError> {
        let directive = Directive::parse(text).map_err(|error| AddError::Directive {
            directive: event.directive().to_owned(),
            error,
        })?;
        match directive.system_message() {
            Some(message) if !self.options.allow_system_message => {
                Err(AddError::SystemMessage { message: message.to_string() })
            }
            _ => Ok(()),
        }
    }

    fn write_launcher(&mut self, event: Event, request: LauncherChange) -> Result<(), AddError> {
        let (program, ini) = match request {
            LauncherChange::Keep => return Ok(()),
            LauncherChange::Change { program, ini } => (program, ini),
            LauncherChange::Write | LauncherChange::Chain { .. } => {
                (self.program(), self.options.ini.as_ref().map(|ini| ini.path.clone()))
            }
        };
        let launcher = Launcher::new(program, event).and_then(|launcher| match ini {
            Some(ini) => launcher.with_ini(ini),
            None => Ok(launcher),
        });
        let launcher = launcher.map_err(|error| AddError::Launcher { event, error })?;
        self.write(
            event.key(),
            &launcher.value(),
            Record::LAUNCHER,
            "the launcher for the directives",
        )
    }

    /// Decides how the command of an event changes.
    fn launcher(&self, event: Event) -> Result<LauncherChange, AddError> {
        let Some(command) = self.hooks.command(event) else { return Ok(LauncherChange::Write) };
        if let Some(launcher) = command.launcher(event) {
            let AddOptions { program, ini, .. } = self.options;
            let is_program = program
                .as_ref()
                .is_none_or(|program| locate::is_same_path(program, launcher.program()));
            let named = launcher.ini();
            let other_ini = ini.as_ref().filter(|ini| !named.is_some_and(|path| ini.is_at(path)));
            if is_program && other_ini.is_none() {
                return Ok(LauncherChange::Keep);
            }
            return Ok(LauncherChange::Change {
                program: program.clone().unwrap_or_else(|| launcher.program().to_owned()),
                ini: other_ini.map(|ini| ini.path.as_str()).or(named).map(str::to_owned),
            });
        }
        let value = command.entry().value().into_owned();
        match self.options.occupied {
            Occupied::Refuse => Err(AddError::occupied(event, &value, true)),
            Occupied::Replace => Ok(LauncherChange::Write),
            Occupied::Chain => {
                let directive = self.chained(event, &command.entry().written())?;
                Ok(LauncherChange::Chain { directive })
            }
        }
    }

    /// Turns a command into the directive that starts the same program with the same arguments.
    fn chained(&self, event: Event, written: &str) -> Result<String, AddError> {
        let problem = |reason: String| AddError::Chain { event, reason };
        let hazards = event::launch_hazards(written, self.options.microsip);
        if let Some(hazard) = hazards.iter().find(|hazard| event::is_fatal(hazard)) {
            return Err(problem(hazard.message().to_string()));
        }
        let value = event::read_back(written);
        let started = launch(value, "", self.options.microsip)
            .ok_or_else(|| problem("it starts nothing".to_owned()))?;
        if event == Event::OutgoingCall && value.contains('{') {
            return Err(problem("MicroSIP replaces {placeholders} in it".to_owned()));
        }
        let words = [started.program].into_iter().chain(event::arguments(&started.parameters));
        let fields = words.map(|word| field(&word.replace('%', "%%")));
        // The rules of directives apply: `Run` requires a full path and can't start a script.
        let directive = format!("Run,{},%number%", fields.collect::<Vec<_>>().join(","));
        match Directive::parse(&directive) {
            Ok(_) => Ok(directive),
            Err(error) => Err(problem(error.to_string())),
        }
    }

    fn put_command(&mut self, event: Event, text: &str) -> Result<(), AddError> {
        let hazards = event::launch_hazards(text, self.options.microsip);
        if let Some(hazard) = hazards.iter().find(|hazard| event::is_fatal(hazard)) {
            return Err(AddError::BrokenCommand { event, problem: hazard.message().to_string() });
        }
        let unknown = event::unknown_placeholders(event, text, self.options.microsip);
        if let Some(unknown) = unknown.first() {
            let what = unknown.message().to_string();
            return Err(AddError::Placeholder { event, what });
        }
        let value = event::read_back(text);
        let name = self.template;
        if let Some(command) = self.hooks.command(event) {
            if command.entry().value() == value {
                return Ok(());
            }
            let record = self.hooks.record(event.key());
            let ours = record.is_some_and(|record| {
                record.by == name && record.wrote.as_deref() == Some(&*command.entry().value())
            });
            if command.launcher(event).is_some() {
                return Err(AddError::HasLauncher { event });
            }
            if !ours && self.options.occupied != Occupied::Replace {
                return Err(AddError::occupied(event, &command.entry().value(), false));
            }
        }
        self.write(event.key(), value, name, &format!("template {name}"))?;
        let key = format!("{}{}", event.key(), Record::WROTE);
        self.request(RECORD, &key, value, "records the written value");
        Ok(())
    }

    /// Requests `value` for a key of `[Settings]`, and records the previous value.
    fn write(&mut self, key: &str, value: &str, by: &str, reason: &str) -> Result<(), AddError> {
        let entry = self.hooks.profile().entry(SETTINGS, key);
        self.request(SETTINGS, key, value, reason);
        // Only the first record contains the value from before msipctl changed the key.
        if self.hooks.record(key).is_none()
            && let Some(entry) = entry
        {
            let before = entry
                .written_exact()
                .ok_or_else(|| AddError::Unrecordable { key: key.to_owned() })?;
            let key = format!("{key}{}", Record::BEFORE);
            self.request(RECORD, &key, &before, "records the previous value");
        }
        self.request(RECORD, key, by, "records what msipctl wrote");
        Ok(())
    }

    fn request(&mut self, section: &str, key: &str, value: &str, reason: &str) {
        let desired = std::mem::take(&mut self.desired);
        self.desired = desired.set(section, key, value, reason);
    }

    fn program(&self) -> String {
        self.options.program.clone().unwrap_or_else(|| self.options.default_program.clone())
    }
}

/// How the command of an event changes.
enum LauncherChange {
    /// The command already is the launcher.
    Keep,
    /// The launcher replaces the command.
    Write,
    /// The launcher gets this program and path of MicroSIP.ini.
    Change { program: String, ini: Option<String> },
    /// The launcher replaces the command, which becomes a directive.
    Chain { directive: String },
}
