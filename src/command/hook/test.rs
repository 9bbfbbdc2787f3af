//! `hook test`: one event now, without a call.

use std::time::{Duration, Instant};

use clap::Args;

use crate::command::load::warn_read_problem;
use crate::command::show::as_read;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, SecretFlags, VersionFlags};
use crate::output::{Output, StartedReport, StartedRow};
use msipctl_core::apply;
use msipctl_core::event::{Event, Hooks, SETTINGS, launch};
use msipctl_windows::desktop;
use winini::profile::Profile;

const TEST_EXAMPLES: &str = "\
Examples:
  msipctl hook test incoming-call --caller +493023125000 -i MicroSIP.ini
  msipctl hook test call-end --print -i MicroSIP.ini";

/// How long MicroSIP waits for what it started.
const PATIENCE: Duration = Duration::from_secs(10);

/// Start the command of an event as MicroSIP would
///
/// Reads the command as MicroSIP does, puts the caller behind it, starts it hidden and waits for its end,
/// 10 s at most. The current folder is that of this command, not MicroSIP's. Exits with 1 when the event
/// has no command.
#[derive(Debug, Args)]
#[command(after_help = TEST_EXAMPLES)]
pub(crate) struct Test {
    /// The event, such as incoming-call
    #[arg(value_name = "EVENT")]
    event: Event,

    /// The caller's text
    #[arg(long, value_name = "TEXT", default_value = "+493023125000", allow_hyphen_values = true)]
    caller: String,

    /// Print what would be started, and start nothing
    #[arg(long)]
    print: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    secrets: SecretFlags,
}

impl Test {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let files = self.files.files()?;
        let [target] = files.as_slice() else {
            return Err(CliError::usage(format!("{} files are named, expected one", files.len())));
        };
        let document = apply::load(target, self.files.code_page())?;
        let path = target.path();
        warn_read_problem(out, path, &document);
        let microsip = self.version.target_version(path, &document).microsip;
        let key = self.event.key();
        let Some(command) = Hooks::new(Profile::new(&document)).command(self.event) else {
            return Ok(self.report_no_command(out));
        };
        let entry = command.entry();
        let written = entry.value();
        let (value, is_cut) = as_read(microsip_schema::find(SETTINGS, key), &written, microsip);
        if is_cut {
            out.warning(&format!("MicroSIP cuts `{key}` off behind `{}`", self.shown(value)));
        }
        if self.event == Event::OutgoingCall && value.contains('{') {
            out.note("MicroSIP may fill in what stands in braces; here it stays as it is");
        }
        let Some(launch) = launch(value, &self.caller, microsip) else {
            return Ok(self.report_no_command(out));
        };
        if value.trim().is_empty() {
            let error = CliError::runtime(format!("`{key}` holds only blanks, expected a program"));
            return Err(error.at(path).hint("MicroSIP would start itself"));
        }
        let mut row = StartedRow {
            path: path.display().to_string(),
            event: self.event.name(),
            key: entry.key().into_owned(),
            line: entry.line() + 1,
            microsip: microsip.to_string(),
            program: self.shown(&launch.program),
            parameters: self.shown(&launch.parameters),
            started: false,
            process: None,
            exit: None,
            elapsed_ms: None,
        };
        if !self.print {
            let begin = Instant::now();
            let started = desktop().start_hidden(&launch.program, &launch.parameters, PATIENCE);
            let started = started.map_err(|error| {
                let what = format!("`{}` was not started: {error}", row.program);
                let hint =
                    "`--print` shows what would be started, MicroSIP says nothing in such a case";
                CliError::runtime(what).at(path).hint(hint)
            })?;
            row.started = true;
            row.process = started.process;
            row.exit = started.exit;
            row.elapsed_ms = u64::try_from(begin.elapsed().as_millis()).ok();
        }
        out.report(&StartedReport { hooks: vec![row] });
        Ok(Exit::Success)
    }

    /// Says that MicroSIP starts nothing.
    fn report_no_command(&self, out: &mut Output) -> Exit {
        out.report(&StartedReport::default());
        let (event, key) = (self.event, self.event.key());
        out.note(&format!(
            "`{key}` has no command, so MicroSIP starts nothing; `msipctl hook add TEMPLATE --on {event}` \
             puts one in"
        ));
        Exit::Found
    }

    /// Returns a text of a command, secrets masked.
    fn shown(&self, text: &str) -> String {
        self.secrets.secrets().shown(SETTINGS, self.event.key(), text).into_owned()
    }
}
