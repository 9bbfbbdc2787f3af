//! `hook add`: adds hooks.

use std::convert::Infallible;
use std::path::Path;
use std::str::FromStr;

use clap::Args;

use super::event_names::{EventPattern, event_names, selected};
use crate::command::edit::edit_files;
use crate::command::template::{TemplateFlags, find, is_template, parameters};
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::output::Output;
use msipctl_core::event::Hooks;
use msipctl_core::fleet::{Findable, named_ini};
use msipctl_core::hook::{self, AddOptions, NamedIni, Occupied};
use msipctl_host::process;
use winini::profile::Profile;

const ADD_EXAMPLES: &str = "\
Examples:
  # Send each incoming call to the window MyAppWindow
  msipctl hook add send-message --on incoming-call --with window=MyAppWindow MicroSIP.ini --diff
  # Send an HTTP request when a call starts or ends
  msipctl hook add http-event --on call-start,call-end --with url=http://localhost:8080/call MicroSIP.ini
  # Log every event
  msipctl hook add call-log --on all --with file=C:\\calls.csv MicroSIP.ini
  # List the templates
  msipctl template list";

/// Add a hook from a template
///
/// Writes the directive, which says what happens on the event, and the launcher, which makes MicroSIP start msipctl. Running the
/// command again changes nothing. With other parameters, it changes the directive.
#[derive(Debug, Args)]
#[command(
    after_help = ADD_EXAMPLES,
    override_usage = "msipctl hook add [OPTIONS] --on <EVENT> <TEMPLATE> [FILE]...",
    mut_arg("paths", |arg| arg
        .value_name("TEMPLATE|FILE")
        .required(true)
        .help("Template to use, and files to process")
        .long_help("\
Template to use, and files to process

`msipctl template list` lists the templates. An argument is a file if it exists, ends in .ini, or has a path separator."))
)]
pub(crate) struct Add {
    /// Events, patterns such as 'call-*', or all (repeatable)
    ///
    /// The events are outgoing-call, incoming-call, call-ring, call-answer, call-answer-video, call-busy, call-start, and
    /// call-end. A pattern, and `all`, select the events that the template supports.
    #[arg(long, value_name = "EVENT", required = true, value_delimiter = ',')]
    on: Vec<EventPattern>,

    /// Parameter of the template (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,

    /// Replace an existing command of the event
    ///
    /// `msipctl hook remove` restores it.
    #[arg(long, conflicts_with = "chain")]
    replace: bool,

    /// Keep an existing command as the first directive
    ///
    /// `msipctl hook remove` restores it.
    #[arg(long)]
    chain: bool,

    /// Add a second directive from the same template
    #[arg(long)]
    append: bool,

    /// Allow window messages below 0x400, which Windows uses
    #[arg(long, hide_short_help = true)]
    allow_system_message: bool,

    /// Full Windows path of msipctl.exe on the PC with MicroSIP
    #[arg(long = "msipctl", value_name = "PATH", hide_short_help = true)]
    program: Option<String>,

    /// File that the launcher names: auto, none, or a Windows path
    ///
    /// `auto` names the file if `msipctl locate` finds another one, or doesn't find this one. On systems other than Windows,
    /// where msipctl can't search for files, `auto` is the same as `none`.
    #[arg(long, value_name = "PATH", default_value = "auto", hide_short_help = true)]
    launcher_ini: LauncherIni,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Add {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let with = parameters(&self.with)?;
        let catalogue = self.templates.catalogue()?;
        let (names, files) =
            self.files.split(&mut |note| out.note(note), |text| is_template(&catalogue, text))?;
        let [name] = &names[..] else {
            let error = CliError::usage(format!("expected one template, found {}", names.len()));
            return Err(error.hint("run `msipctl template list` to list the templates"));
        };
        let template = find(&catalogue, name)?;
        let events = selected(&self.on, |event| template.events().contains(&event));
        if events.is_empty() {
            let what = format!("template `{name}` supports none of the selected events");
            let hint = format!("run `msipctl template show {name}` to list its events");
            return Err(CliError::usage(what).hint(hint));
        }
        let rendered = template.render(&events, &with)?;
        let add_options = AddOptions {
            program: self.program.clone(),
            default_program: process::default_program(),
            ini: None,
            occupied: match (self.replace, self.chain) {
                (true, _) => Occupied::Replace,
                (_, true) => Occupied::Chain,
                _ => Occupied::Refuse,
            },
            append: self.append,
            allow_system_message: self.allow_system_message,
            microsip: self.version.asked(),
        };
        let command = format!("hook add {name} --on {}", event_names(&events));
        let targets = files.targets()?;
        if matches!(self.launcher_ini, LauncherIni::Named(_)) && targets.list().len() > 1 {
            let error =
                CliError::usage("`--launcher-ini` names one file, but several files are selected");
            return Err(error.hint("run `msipctl hook add` once per file"));
        }
        let findable = Findable::default();
        edit_files(out, &files, &targets, &self.write, command, |target, document| {
            let path = target.path();
            let hooks = Hooks::new(Profile::new(document));
            let microsip = self.version.target_version(path, document).microsip;
            let ini = self.launcher_ini.of(path, &findable);
            let add_options = AddOptions { ini, microsip, ..add_options.clone() };
            Ok(hook::add(hooks, &rendered, &add_options)?)
        })
    }
}

/// The file that the launcher names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LauncherIni {
    /// The file itself, if `hook run` would not find it without a path.
    Auto,
    /// None, or the one that it names already.
    Unnamed,
    /// This path.
    Named(String),
}

impl FromStr for LauncherIni {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "auto" => Self::Auto,
            "none" => Self::Unnamed,
            path => Self::Named(path.to_owned()),
        })
    }
}

impl LauncherIni {
    /// Returns the file that the launcher in a file should name.
    fn of(&self, path: &Path, found: &Findable) -> Option<NamedIni> {
        match self {
            Self::Auto => found.to_name(path),
            Self::Unnamed => None,
            Self::Named(path) => Some(named_ini(path.clone())),
        }
    }
}
