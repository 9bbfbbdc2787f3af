//! Putting a template's lines into a file: which keys they take, the launcher, and the record.

use super::render::{Injection, Rendered};
use crate::event::{
    self, Directive, DirectiveError, Event, Hooks, Launcher, LauncherError, RECORD, Record,
    SETTINGS, field, launch,
};
use crate::plan::Desired;
use microsip_schema::Version;

/// The oldest version that can start a command with arguments, and so a launcher.
const COMMAND_LINES: Version = Version::new(3, 19, 10);

/// How a template is put in.
#[derive(Debug, Clone)]
pub struct AddOptions {
    /// The msipctl program that MicroSIP starts; `None` keeps the one of an existing launcher.
    pub program: Option<String>,
    /// The program of a new launcher when none was named.
    pub default_program: String,
    /// The full Windows path of the ini that the launcher names, for when there is more than one; `None` keeps
    /// what an existing launcher names.
    pub ini: Option<String>,
    /// What to do with a command of somebody else's.
    pub occupied: Occupied,
    /// Whether a second directive of the same template is put beside the first.
    pub append: bool,
    /// Whether messages below 0x400, which belong to Windows, may be sent.
    pub allow_system_message: bool,
    /// The MicroSIP version aimed at.
    pub microsip: Version,
}

/// What to do with a command of somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Occupied {
    /// Leave it, and put nothing in.
    #[default]
    Refuse,
    /// Take its place; removing the hook puts it back.
    Replace,
    /// Take its place, and run it as the first directive.
    Chain,
}

/// Why a template cannot be put in. Nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The template's directive is none.
    #[error("`{directive}`: {error}")]
    Directive {
        /// The directive's key.
        directive: String,
        /// What is wrong.
        error: DirectiveError,
    },
    /// The launcher cannot be written.
    #[error("can't write the launcher for `{event}`: {error}")]
    Launcher {
        /// The event.
        event: Event,
        /// What is wrong.
        error: LauncherError,
    },
    /// The event has a command already.
    #[error("`{}` already has a command: {command}", event.key())]
    Occupied {
        /// The event.
        event: Event,
        /// The command, secrets masked.
        command: String,
        /// Whether what is put in is a directive, beside which the command could go on.
        can_chain: bool,
    },
    /// The event has directives that run through the launcher.
    #[error("`{}` already runs the launcher for `{}` directives", event.key(), event.directive())]
    HasLauncher {
        /// The event.
        event: Event,
    },
    /// The command cannot become a directive.
    #[error("can't chain the command of `{}`: {reason}", event.key())]
    Chain {
        /// The event.
        event: Event,
        /// Why not.
        reason: String,
    },
    /// The version aimed at does not do this.
    #[error("MicroSIP {microsip} doesn't {what}, which requires {since} or newer")]
    TooOld {
        /// The version aimed at.
        microsip: Version,
        /// What it does not do.
        what: String,
        /// The first version that does.
        since: Version,
    },
    /// A message below 0x400.
    #[error("`{message}` is a window message that Windows defines: expected WM_USER+n or WM_APP+n")]
    SystemMessage {
        /// The message.
        message: String,
    },
    /// A hook template may write the directive and the command of its event, nothing else.
    #[error("template `{template}` can't write `{key}` in `[{section}]`: expected {expected}")]
    Stray {
        /// The template.
        template: String,
        /// The section.
        section: String,
        /// The key.
        key: String,
        /// The keys it may write.
        expected: String,
    },
    /// The command would not start what it names.
    #[error("invalid command for `{}`: {problem}", event.key())]
    Torn {
        /// The event.
        event: Event,
        /// What goes wrong.
        problem: String,
    },
    /// The command holds a placeholder that MicroSIP doesn't know.
    #[error("invalid command for `{}`: {what}", event.key())]
    Placeholder {
        /// The event.
        event: Event,
        /// What becomes of it.
        what: String,
    },
    /// The value of a key to be replaced is no text in the file's encoding.
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

    /// Returns what to do about it.
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

/// Finds what putting a template on events asks of a file. Asked again of the file that comes of it,
/// nothing more is wanted.
///
/// A template that is on the event already with other parameters is changed in place, unless
/// [`AddOptions::append`] is set.
///
/// # Errors
///
/// [`AddError`], and nothing is to be written.
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

/// A template on its way into a file.
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
                (self.program(), self.options.ini.clone())
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

    /// Decides what becomes of an event's command.
    fn launcher(&self, event: Event) -> Result<LauncherChange, AddError> {
        let Some(command) = self.hooks.command(event) else { return Ok(LauncherChange::Write) };
        if let Some(launcher) = command.launcher(event) {
            let AddOptions { program, ini, .. } = self.options;
            let is_program = program.as_ref().is_none_or(|program| program == launcher.program());
            // Windows does not tell the case of paths.
            let is_ini = ini.as_ref().is_none_or(|ini| {
                launcher.ini().is_some_and(|other| other.to_lowercase() == ini.to_lowercase())
            });
            if is_program && is_ini {
                return Ok(LauncherChange::Keep);
            }
            return Ok(LauncherChange::Change {
                program: program.clone().unwrap_or_else(|| launcher.program().to_owned()),
                ini: ini.clone().or_else(|| launcher.ini().map(str::to_owned)),
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
        if let Some(torn) = hazards.iter().find(|hazard| event::is_fatal(hazard)) {
            return Err(problem(torn.message().to_string()));
        }
        let value = event::read_back(written);
        let started = launch(value, "", self.options.microsip)
            .ok_or_else(|| problem("it starts nothing".to_owned()))?;
        if event == Event::OutgoingCall && value.contains('{') {
            return Err(problem("MicroSIP replaces {placeholders} in it".to_owned()));
        }
        let words = [started.program].into_iter().chain(event::arguments(&started.parameters));
        let fields = words.map(|word| field(&word.replace('%', "%%")));
        // Run starts nothing that is looked for, and no script: the directive's own rules tell.
        let directive = format!("Run,{},%number%", fields.collect::<Vec<_>>().join(","));
        match Directive::parse(&directive) {
            Ok(_) => Ok(directive),
            Err(error) => Err(problem(error.to_string())),
        }
    }

    fn put_command(&mut self, event: Event, text: &str) -> Result<(), AddError> {
        let hazards = event::launch_hazards(text, self.options.microsip);
        if let Some(torn) = hazards.iter().find(|hazard| event::is_fatal(hazard)) {
            return Err(AddError::Torn { event, problem: torn.message().to_string() });
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

    /// Wants a key of `[Settings]` to read as `value`, and records what stood there before.
    fn write(&mut self, key: &str, value: &str, by: &str, reason: &str) -> Result<(), AddError> {
        let entry = self.hooks.profile().entry(SETTINGS, key);
        self.request(SETTINGS, key, value, reason);
        // What was recorded first is what stood there before msipctl came.
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

/// What shall become of an event's command.
enum LauncherChange {
    /// It is the launcher already.
    Keep,
    /// It becomes the launcher.
    Write,
    /// It is a launcher, and becomes one of this program and ini.
    Change { program: String, ini: Option<String> },
    /// It becomes the launcher, and the command a directive.
    Chain { directive: String },
}
