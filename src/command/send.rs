//! `--send`: sends the results of a run to monitoring systems.

use std::path::Path;

use clap::Args;

use crate::error::CliError;
use crate::output::{Output, replaces_target};
use crate::sink::{Run, Sink, Sinks};
use msipctl_core::fleet::Targets;
use msipctl_core::store::RunId;
use msipctl_host::process;

/// Where to send the results.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct SendFlags {
    /// Send the results to a monitoring system (repeatable)
    ///
    /// SINK is `prometheus:FILE.prom`, `ndjson:FILE`, `otlp:URL`, `syslog:udp://HOST[:PORT]`, `syslog:tcp://HOST[:PORT]`, or
    /// `eventlog` (Windows). The results contain names of keys and no values. If a sink fails, msipctl prints a warning, and the
    /// exit code stays the same.
    #[arg(long, value_name = "SINK", value_parser = Sink::parse, hide_short_help = true)]
    send: Vec<Sink>,
}

impl SendFlags {
    /// Returns whether the results go anywhere.
    pub(super) fn is_set(&self) -> bool {
        !self.send.is_empty()
    }

    /// Begins a run with a policy or plan.
    ///
    /// # Errors
    ///
    /// If the file of a sink is one of the files that the command works on.
    pub(super) fn begin(
        &self,
        run: &RunId,
        policy: &Path,
        targets: &Targets,
    ) -> Result<Sinks, CliError> {
        let (user, host) = process::user_and_host();
        let policy = policy.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let sinks = Sinks::new(&self.send, Run { host, user, run: run.to_string(), policy });
        let replaced = sinks.files().find(|path| replaces_target(path, targets));
        match replaced {
            None => Ok(sinks),
            Some(path) => {
                let message = "the sink would overwrite one of the files that the command works on";
                Err(CliError::usage(message).at(path).hint("choose another file with `--send`"))
            }
        }
    }
}

/// Prints the warnings of sinks.
pub(super) fn print_warnings(out: &mut Output, warnings: &[String]) {
    warnings.iter().for_each(|warning| out.warning(warning));
}
