//! `phone status`: which MicroSIP runs.

use clap::Args;

use super::hand_over::{TargetFlags, unanswered};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, StatusReport, StatusRow};
use msipctl_core::phone::{Target, targets};
use msipctl_windows::{Desktop, WindowName};

const EXAMPLES: &str = "\
Examples:
  msipctl phone status
  msipctl phone status --program C:\\Phones\\Reception.exe --format json";

/// Tell whether MicroSIP runs: process, program, version, ini and windows
///
/// Exits with 1 when none runs. A MicroSIP without a window on this desktop, such as that of another user,
/// takes no orders from here.
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
            true => CliError::runtime("only on Windows can be told whether MicroSIP runs"),
            false => unanswered(&error),
        })?;
        let rows: Vec<_> =
            targets.iter().map(|target| row(msipctl_windows::desktop(), target)).collect();
        let runs = rows.iter().any(|row| row.running);
        if rows.is_empty() {
            out.note("no MicroSIP runs, and none is found");
        }
        out.report(&StatusReport { rows });
        Ok(if runs { Exit::Success } else { Exit::Found })
    }
}

fn row(desktop: &dyn Desktop, target: &Target) -> StatusRow {
    let running = !target.processes.is_empty();
    // The class of the main window is named after the product. A window does not say whose it is.
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
