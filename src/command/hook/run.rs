//! `hook run`: runs the directives of an event. The launcher starts it.
//!
//! MicroSIP waits for the program that it starts. So this process only starts itself again, and the second process does the
//! work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::Config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::targets::file_of_event;
use msipctl_core::apply;
use msipctl_core::event::{Event, Hooks, Invocation};
use msipctl_core::fleet::named_file;
use msipctl_hook::{Call, Journal, Note, Surroundings};
use msipctl_host::process;
use winini::CodePage;
use winini::profile::Profile;

/// Run the directives of an event (called by MicroSIP)
///
/// Returns immediately. `msipctl hook log` shows failed directives. Everything after the name of the event is the caller ID.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// MicroSIP.ini with the directives, if there are several
    #[arg(long, value_name = "PATH")]
    ini: Option<PathBuf>,

    /// Do the work in this process
    #[arg(long, hide = true)]
    now: bool,

    /// ID of the process that caused the event
    #[arg(long, hide = true)]
    parent_process: Option<u32>,

    /// Event, followed by the caller ID
    #[arg(value_name = "EVENT", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
    event: Vec<OsString>,
}

impl Run {
    /// Ignores what clap parsed: only the command line itself has the unchanged caller ID.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        started().unwrap_or_else(|| {
            let message = "invalid flag of `hook run`: expected only `--ini`, before the event";
            let hint = "for example, run `msipctl hook run --ini MicroSIP.ini incoming-call 100`";
            Err(CliError::usage(message).hint(hint))
        })
    }
}

/// Runs `hook run`; `None` if the command line isn't one of a launcher.
///
/// MicroSIP delays the call until this returns, so it does nothing that can wait. It describes no command line, and doesn't query
/// the console, which Windows would only then create.
pub(crate) fn started() -> Option<Result<Exit, CliError>> {
    Some(run(process::invocation()?))
}

fn run(mut invocation: Invocation) -> Result<Exit, CliError> {
    let event = invocation.event.parse::<Event>();
    let event = event.map_err(|error| CliError::usage(error.to_string()))?;
    // Finding its path may load libraries, so only a failure does that.
    let journal = || Journal::new(process::journal(msipctl_windows::system()));
    let done = if invocation.now {
        work(event, &invocation, &journal())
    } else {
        // If there are several files, the second process finds the right one by this.
        if invocation.ini.is_none() {
            invocation.parent = process::parent_process();
        }
        process::own_program()
            .and_then(|program| msipctl_hook::start_again(&program, &invocation))
            .map_err(|error| CliError::runtime(format!("can't start msipctl: {error}")))
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
