//! `phone status`: shows whether MicroSIP is running.

use clap::Args;

use super::hand_over::{TargetFlags, unanswered};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, StatusReport, StatusRow};
use msipctl_core::phone::{Target, targets};
use msipctl_windows::{Desktop, WindowName};

const EXAMPLES: &str = "\
Examples:
  # Show whether MicroSIP is running
  msipctl phone status
  # Print the status of one program as JSON
  msipctl phone status --program C:\\Phones\\Reception.exe --format json";

/// Show whether MicroSIP is running
///
/// Shows its process, program, version, file, and windows. Exits with 1 if none is running. You can't control a MicroSIP without a
/// window on this desktop, such as that of another user.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    #[command(flatten)]
    target: TargetFlags,
}

impl Status {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let targets = targets(msipctl_windows::system(), &self.target.selector());
        let targets = targets.map_err(|error| match error.is_unsupported() {
            true => CliError::runtime("`phone status` works only on Windows"),
            false => unanswered(&error),
        })?;
        let rows: Vec<_> =
            targets.iter().map(|target| row(msipctl_windows::desktop(), target)).collect();
        let runs = rows.iter().any(|row| row.running);
        if rows.is_empty() {
            out.note("MicroSIP not found: none is running or installed");
        }
        out.report(&StatusReport { rows });
        Ok(if runs { Exit::Success } else { Exit::Found })
    }
}

fn row(desktop: &dyn Desktop, target: &Target) -> StatusRow {
    let running = !target.processes.is_empty();
    // The class of the main window has the name of the product. A window doesn't show its user.
    let windows = desktop.find_windows(WindowName::Class(&target.product)).ok();
    StatusRow {
        running,
        processes: target.processes.iter().map(|process| process.id).collect(),
        program: target.program.display().to_string(),
        version: target.version.map(|version| version.to_string()),
        ini: target.ini.as_ref().map(|ini| ini.display().to_string()),
        windows: windows.filter(|_| running).map(|windows| windows.len()),
    }
}
