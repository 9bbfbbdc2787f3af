//! `hook test`: runs the command of an event without a call.

use std::time::{Duration, Instant};

use clap::Args;

use super::explain::event;
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
  # Run the command of an incoming call
  msipctl hook test incoming-call --caller +493023125000 MicroSIP.ini
  # Show what would run
  msipctl hook test call-end --print MicroSIP.ini";

/// How long MicroSIP waits for a program that it started.
const PATIENCE: Duration = Duration::from_secs(10);

/// Run the command of an event as MicroSIP would
///
/// Reads the command as MicroSIP does, appends the caller ID, starts it hidden, and waits up to 10 s until it exits. The current
/// folder is that of this command, not of MicroSIP. Exits with 1 if the event has no command.
#[derive(Debug, Args)]
#[command(
    after_help = TEST_EXAMPLES,
    override_usage = "msipctl hook test [OPTIONS] <EVENT> [FILE]",
    mut_arg("paths", |arg| arg
        .value_name("EVENT|FILE")
        .required(true)
        .help("Event to test, such as incoming-call, and the file")
        .long_help("\
Event to test, such as incoming-call, and the file

An argument is a file if it exists, ends in .ini, or has a path separator."))
)]
pub(crate) struct Test {
    /// Caller ID
    #[arg(long, value_name = "TEXT", default_value = "+493023125000", allow_hyphen_values = true)]
    caller: String,

    /// Show what would run, and start nothing
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
        let (names, flags) =
            self.files.split(&mut |note| out.note(note), |text| text.parse::<Event>().is_ok())?;
        let [name] = &names[..] else {
            let error = CliError::usage(format!("expected one event, found {}", names.len()));
            return Err(error.hint("for example, run `msipctl hook test incoming-call`"));
        };
        let event = event(name)?;
        let files = flags.files()?;
        let [target] = files.as_slice() else {
            let error = CliError::usage(format!("expected one file, found {}", files.len()));
            return Err(error.hint("run `msipctl hook test` once per file"));
        };
        let document = apply::load(target, self.files.code_page())?;
        let path = target.path();
        warn_read_problem(out, path, &document);
        let microsip = self.version.target_version(path, &document).microsip;
        let key = event.key();
        let Some(command) = Hooks::new(Profile::new(&document)).command(event) else {
            return Ok(report_no_command(out, event));
        };
        let entry = command.entry();
        let written = entry.value();
        let (value, is_truncated) =
            as_read(microsip_schema::find(SETTINGS, key), &written, microsip);
        if is_truncated {
            let shown = self.shown(event, value);
            out.warning(&format!("MicroSIP truncates `{key}` after `{shown}`"));
        }
        if event == Event::OutgoingCall && value.contains('{') {
            out.note("MicroSIP may replace text in braces; `hook test` keeps it");
        }
        let Some(launch) = launch(value, &self.caller, microsip) else {
            return Ok(report_no_command(out, event));
        };
        if value.trim().is_empty() {
            let error = CliError::runtime(format!(
                "`{key}` is only whitespace, so MicroSIP would start itself"
            ));
            return Err(error.at(path).hint("set it to the path of a program"));
        }
        let mut row = StartedRow {
            path: path.display().to_string(),
            event: event.name(),
            key: entry.key().into_owned(),
            line: entry.line() + 1,
            microsip: microsip.to_string(),
            program: self.shown(event, &launch.program),
            parameters: self.shown(event, &launch.parameters),
            started: false,
            process: None,
            exit: None,
            elapsed_ms: None,
        };
        if !self.print {
            let begin = Instant::now();
            let started = desktop().start_hidden(&launch.program, &launch.parameters, PATIENCE);
            let started = started.map_err(|error| {
                let what = format!("can't start `{}`: {error}", row.program);
                let hint =
                    "pass `--print` to show what would run; MicroSIP doesn't report this error";
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

    /// Returns a text of a command, with secrets masked.
    fn shown(&self, event: Event, text: &str) -> String {
        self.secrets.secrets().shown(SETTINGS, event.key(), text).into_owned()
    }
}

/// Reports that MicroSIP starts nothing.
fn report_no_command(out: &mut Output, event: Event) -> Exit {
    out.report(&StartedReport::default());
    let key = event.key();
    out.note(&format!(
        "`{key}` has no command, so MicroSIP starts nothing; to add one, run `msipctl hook add TEMPLATE --on {event}`"
    ));
    Exit::Found
}
