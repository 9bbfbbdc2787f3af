//! `hook run`: what MicroSIP starts through the launcher.
//!
//! MicroSIP waits for the program it starts. So this one only starts itself once more, and that one does
//! the work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::Config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::process;
use crate::targets::file_of_event;
use msipctl_core::apply;
use msipctl_core::event::{Event, Hooks, Invocation};
use msipctl_core::fleet::named_file;
use msipctl_hook::{Call, Journal, Note, Surroundings};
use winini::CodePage;
use winini::profile::Profile;

/// Run the directives of an event (what MicroSIP calls through the launcher)
///
/// Returns at once; what fails is shown by `hook log`. Everything behind the event's name is the caller's
/// text, whatever it looks like.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// MicroSIP.ini with the directives, when there is more than one
    #[arg(long, value_name = "PATH")]
    ini: Option<PathBuf>,

    /// Do the work in this process
    #[arg(long, hide = true)]
    now: bool,

    /// The process whose event it is
    #[arg(long, hide = true)]
    parent_process: Option<u32>,

    /// The event, then the caller's text
    #[arg(value_name = "EVENT", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
    event: Vec<OsString>,
}

impl Run {
    /// What clap read is not used: only the command line itself has the caller's text as it came.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        started().unwrap_or_else(|| {
            let message = "options of `hook run` stand before the event, and only `--ini` is one";
            let hint = "for example: msipctl hook run --ini MicroSIP.ini incoming-call 100";
            Err(CliError::usage(message).hint(hint))
        })
    }
}

/// Does what the command line of `hook run` says; `None` if it is none that the launcher could have.
///
/// MicroSIP holds the call up until this returns, so nothing is done that can wait: no command line is described,
/// and no console is asked anything, which is only being made then.
pub(crate) fn started() -> Option<Result<Exit, CliError>> {
    Some(run(process::invocation()?))
}

fn run(mut invocation: Invocation) -> Result<Exit, CliError> {
    let event = invocation.event.parse::<Event>();
    let event = event.map_err(|error| CliError::usage(error.to_string()))?;
    // To find where it is, libraries may have to be loaded, which is left to whoever writes it.
    let journal = || Journal::new(process::journal(msipctl_windows::system()));
    let done = if invocation.now {
        work(event, &invocation, &journal())
    } else {
        // By this the second start knows the ini, where there is more than one.
        if invocation.ini.is_none() {
            invocation.parent = process::parent_process();
        }
        process::own_program()
            .and_then(|program| msipctl_hook::start_again(&program, &invocation))
            .map_err(|error| CliError::runtime(format!("msipctl cannot be started: {error}")))
    };
    if let Err(error) = &done {
        let message = error.to_string();
        journal().note(&Note::failure(event.name(), None, &message, &invocation.caller));
    }
    done.map(|()| Exit::Success)
}

fn work(event: Event, invocation: &Invocation, journal: &Journal) -> Result<(), CliError> {
    let path = match &invocation.ini {
        Some(ini) => named_file(Path::new(ini)),
        None => file_of_event(invocation.parent)?,
    };
    let code_page = process::ansi_code_page(msipctl_windows::system()).unwrap_or(CodePage::WESTERN);
    let document = apply::load(&path, code_page)?;
    let (user, host) = process::user_and_host();
    let call = Call::new(event, &invocation.caller, user, host, path);
    let may_open = |scheme: &str| {
        let config = Config::load()?;
        Ok(config.may_open(scheme))
    };
    let with = Surroundings { desktop: msipctl_windows::desktop(), journal, may_open: &may_open };
    msipctl_hook::dispatch(Hooks::new(Profile::new(&document)), &call, with);
    Ok(())
}
