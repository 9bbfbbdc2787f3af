//! `hook add`: putting hooks in.

use std::convert::Infallible;
use std::path::Path;
use std::str::FromStr;
use std::sync::OnceLock;

use clap::Args;

use super::event_names::event_names;
use crate::command::edit::edit_files;
use crate::command::template::{TemplateFlags, find, parameters};
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::output::Output;
use crate::process;
use msipctl_core::event::{Event, Hooks};
use msipctl_core::hook::{self, AddOptions, Occupied};
use msipctl_core::locate::{self, Found, Search};
use msipctl_core::store;
use winini::profile::Profile;

const ADD_EXAMPLES: &str = "\
Examples:
  msipctl hook add send-message --on incoming-call --with window=MyAppWindow -i MicroSIP.ini --diff
  msipctl hook add http-event --on call-start,call-end --with url=http://localhost:8080/call -i MicroSIP.ini
  msipctl template list";

/// Put a hook in from a template
///
/// Writes the directive, which says what shall happen, and the launcher, which makes MicroSIP start
/// msipctl. Done again, it changes nothing; with other parameters, it changes the directive.
#[derive(Debug, Args)]
#[command(after_help = ADD_EXAMPLES)]
pub(crate) struct Add {
    /// The template; `msipctl template list` names them
    #[arg(value_name = "TEMPLATE")]
    template: String,

    /// Events to put it on, such as incoming-call or call-end
    #[arg(long, value_name = "EVENT", required = true, value_delimiter = ',')]
    on: Vec<Event>,

    /// A parameter of the template
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,

    /// Take the place of a command that is there; `hook remove` brings it back
    #[arg(long, conflicts_with = "chain")]
    replace: bool,

    /// Run a command that is there as the first directive
    #[arg(long)]
    chain: bool,

    /// Put the directive beside one of the same template
    #[arg(long)]
    append: bool,

    /// Allow a message below 0x400, which belongs to Windows
    #[arg(long)]
    allow_system_message: bool,

    /// Full Windows path of msipctl.exe on the machine where MicroSIP runs
    #[arg(long = "msipctl", value_name = "PATH")]
    program: Option<String>,

    /// Whether the command names the ini with the directives: `auto`, `none`, or its full Windows path
    ///
    /// `auto` names it where `msipctl locate` finds another one, too, or does not find this one. On other systems
    /// than Windows, where nothing can be found, that is never.
    #[arg(long, value_name = "PATH", default_value = "auto")]
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
        let template = find(&self.templates.catalogue()?, &self.template)?;
        let rendered = template.render(&self.on, &with)?;
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
        let command = format!("hook add {} --on {}", self.template, event_names(&self.on));
        let targets = self.files.targets()?;
        if matches!(self.launcher_ini, LauncherIni::Named(_)) && targets.list().len() > 1 {
            let error =
                CliError::usage("`--launcher-ini` names one file, and several are to be edited");
            return Err(error.hint("add the hook to one after the other"));
        }
        let findable = Findable::default();
        edit_files(out, &self.files, &targets, &self.write, command, |target, document| {
            let path = target.path();
            let hooks = Hooks::new(Profile::new(document));
            let microsip = self.version.target_version(path, document).microsip;
            let ini = self.launcher_ini.of(path, &findable);
            let add_options = AddOptions { ini, microsip, ..add_options.clone() };
            Ok(hook::add(hooks, &rendered, &add_options)?)
        })
    }
}

/// Which ini the launcher names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LauncherIni {
    /// The one that is edited, where the dispatcher would not find it by itself.
    Auto,
    /// None, or what it names already.
    Unnamed,
    /// This one.
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
    /// Returns the path that the launcher in a file is to name.
    fn of(&self, path: &Path, found: &Findable) -> Option<String> {
        match self {
            Self::Auto => found.to_name(path),
            Self::Unnamed => None,
            Self::Named(path) => Some(path.clone()),
        }
    }
}

/// The files that `hook run` would find, looked for once for all files.
#[derive(Default)]
pub(crate) struct Findable(OnceLock<Result<Vec<Found>, locate::Error>>);

impl Findable {
    /// Returns the path that the launcher in a file has to name, if `hook run` would not find that file alone.
    pub(crate) fn to_name(&self, path: &Path) -> Option<String> {
        (!self.is_alone(path)).then(|| store::absolute(path).display().to_string())
    }

    /// Says whether a file is the only one. Where no MicroSIP can run, it is taken for it.
    fn is_alone(&self, path: &Path) -> bool {
        match self.0.get_or_init(|| locate::find(msipctl_windows::system(), &Search::default())) {
            Ok(found) => matches!(found.as_slice(), [only] if locate::same_file(&only.path, path)),
            Err(error) => error.is_unsupported(),
        }
    }
}
