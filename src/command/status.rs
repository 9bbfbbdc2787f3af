//! `status`: shows pending plans.

use clap::Args;

use super::pending::folder;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, PendingReport, PendingRow};
use msipctl_core::deferred::{self, Discarded};
use msipctl_core::locate;
use msipctl_core::store::RunId;
use msipctl_host::DigestKey;

const EXAMPLES: &str = "\
Examples:
  # Show the plans that wait until MicroSIP exits
  msipctl status
  # Discard a plan
  msipctl status --discard 20261124T091500Z-9f3c";

/// Show pending plans
///
/// Lists the changes that `apply --when-closed` queued and that msipctl hasn't applied yet, oldest first. Each has its file, its keys,
/// and what it waits for. Exits with 1 if a plan failed, is in conflict, or expired.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    /// Discard the plan of a run
    #[arg(long, value_name = "RUN")]
    discard: Option<RunId>,
}

impl Status {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if let Some(run) = self.discard {
            let done = folder().map(|folder| deferred::discard(&folder, run)).transpose()?;
            return match done.unwrap_or(Discarded::NotFound) {
                Discarded::Done => {
                    out.note(&format!("discarded the plan {run}"));
                    Ok(Exit::Success)
                }
                Discarded::InProgress => {
                    let error = format!("can't discard the plan {run}: msipctl is applying it");
                    Err(CliError::precondition(error).hint("try again later"))
                }
                Discarded::NotFound => {
                    let error = CliError::usage(format!("pending plan `{run}` not found"));
                    Err(error.hint("run `msipctl status` to list the plans"))
                }
            };
        }
        let mut rows = Vec::new();
        if let Some(folder) = folder() {
            for (run, plan) in deferred::pending(&folder, &DigestKey::own()?)? {
                let users = plan.as_ref().ok().map(|plan| {
                    let users = locate::running(msipctl_windows::system(), plan.path());
                    users.unwrap_or_default()
                });
                rows.push(PendingRow::new(&run, plan.as_ref(), &users.unwrap_or_default()));
            }
        }
        let report = PendingReport::new(rows);
        if report.is_empty() {
            out.note("no pending plans");
        }
        out.report(&report);
        Ok(report.exit())
    }
}
