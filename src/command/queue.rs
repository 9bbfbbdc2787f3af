//! Queues the changes to files in use as pending plans.

use std::path::PathBuf;

use super::pending::start_watcher;
use crate::error::CliError;
use crate::output::{Output, count};
use crate::reason::Reason;
use msipctl_core::apply::{self, Options, Outcome, State};
use msipctl_core::deferred::{self, PolicyOrigin, QueueError, QueueRequest, SecretOrigin};
use msipctl_core::fleet::Target;
use msipctl_core::plan::{Desired, Plan};
use msipctl_core::store::RunId;
use msipctl_host::{DigestKey, HostError, process};
use winini::Document;

/// Returns the environment variables that the value of a key in a file comes from.
pub(super) type Variables<'v> =
    &'v (dyn Fn(&Target, &Document, &str, &str) -> Result<Vec<String>, CliError> + Sync);

/// Stores the changes to files in use as pending plans.
pub(super) struct Queue<'q> {
    folder: PathBuf,
    key: DigestKey,
    policy: PolicyOrigin,
    days: u16,
    variables: Variables<'q>,
}

impl<'q> Queue<'q> {
    /// Creates the queue of a run. Its plans expire after a number of days.
    pub(super) fn new(
        key: DigestKey,
        policy: PolicyOrigin,
        days: u16,
        variables: Variables<'q>,
    ) -> Result<Self, CliError> {
        let folder = process::pending_folder(msipctl_windows::system());
        Ok(Self { folder: folder.ok_or(HostError::NoFolder)?, key, policy, days, variables })
    }

    /// Edits a file, or queues the change if the file is in use. Then, it also returns the run that will make the change.
    pub(super) fn edit(
        &self,
        target: &Target,
        options: &Options,
        decide: impl Fn(&Document) -> Result<Desired, CliError>,
    ) -> Result<(Outcome, Option<RunId>), CliError> {
        let mut seen = None;
        let edited = apply::edit(target, options, |document| {
            let desired = decide(document)?;
            seen = Some((document.clone(), desired.clone()));
            Ok::<_, CliError>(desired)
        });
        match (edited, seen) {
            (Ok(outcome), _) => Ok((outcome, None)),
            (Err(error), Some((before, desired))) if error.is_blocked() => {
                let plan = Plan::new(&before, &desired, options.encoding)
                    .map_err(|error| CliError::from(error).at(target.path()))?;
                let run = self.queue(target, &before, &desired, options)?;
                let path = target.path().to_owned();
                let (state, backup, hard_links) = (State::Unchanged, None, 1);
                Ok((Outcome { path, before, plan, state, backup, hard_links }, Some(run)))
            }
            (Err(error), _) => Err(error.into()),
        }
    }

    fn queue(
        &self,
        target: &Target,
        document: &Document,
        desired: &Desired,
        options: &Options,
    ) -> Result<RunId, CliError> {
        let system = msipctl_windows::system();
        let secret = |section: &str, key: &str| {
            let variables = (self.variables)(target, document, section, key);
            let variables = match variables {
                Ok(variables) => variables,
                Err(error) => return SecretOrigin::Unavailable(error.to_string()),
            };
            let lost = variables.iter().find(|name| !process::is_lasting_variable(system, name));
            match lost {
                Some(name) => SecretOrigin::Unavailable(format!(
                    "the environment variable `{name}` isn't available later"
                )),
                None => SecretOrigin::Policy,
            }
        };
        let request = QueueRequest {
            path: target.path(),
            document,
            desired,
            options,
            policy: Some(self.policy.clone()),
            days: self.days,
            secret: &secret,
        };
        let queued = deferred::queue(&self.folder, &self.key, &request);
        queued.map(|queued| queued.run).map_err(|error| match error {
            QueueError::Store(error) => error.into(),
            error => CliError::from(error).at(target.path()),
        })
    }

    /// Explains what happens to queued changes, and starts the program that waits for MicroSIP.
    pub(super) fn announce(&self, out: &mut Output, files: usize) {
        let files = count(files, "file");
        match start_watcher() {
            true => out
                .note(&format!("{files} in use: msipctl applies the changes after MicroSIP exits")),
            false => out.note(&format!(
                "{files} in use: to apply the changes later, run `msipctl apply --pending`"
            )),
        }
        out.next_step("to show the pending plans, run `msipctl status`");
    }
}

impl From<QueueError> for CliError {
    fn from(error: QueueError) -> Self {
        let hint = error.hint();
        let reason = match error {
            QueueError::Secret { .. } => Reason::SecretLater,
            _ => Reason::Change,
        };
        let error = Self::precondition(error.to_string()).with_reason(reason);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
