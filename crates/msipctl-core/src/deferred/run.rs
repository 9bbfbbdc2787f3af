//! Applies pending plans.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::error::InvalidPlan;
use super::file::{PendingPlan, PlanState, SavedEncoding, SecretReader, name_of};
use super::key::KeyedDigest;
use super::list::{plans_in, read};
use super::verify::{Refusal, check_origin, desired};
use crate::apply::{self, IfRunning, Outcome, Running};
use crate::locate;
use crate::phone;
use crate::plan::EncodingPolicy;
use crate::store::{self, Journal, Location, PrivateFolder, Progress, Run, RunId, Start};
use msipctl_windows::{Process, System};
use winini::CodePage;

/// What applying pending plans needs.
pub struct Pass<'p> {
    /// The key of the digests in the plans.
    pub key: &'p dyn KeyedDigest,
    /// The system to ask which processes use a file.
    pub system: &'static dyn System,
    /// The folder of journals. Without it, a plan can be undone only with the backup of its file.
    pub runs: Option<&'p Path>,
    /// How long to wait for another msipctl that is writing a file.
    pub wait: Duration,
    /// Reads secrets by the policy of a plan.
    pub secret: SecretReader<'p>,
}

/// What happened to a plan.
#[derive(Debug)]
pub struct PassResult {
    /// The run of the plan.
    pub run: RunId,
    /// The plan, with its new state, or the reason why it doesn't count.
    pub plan: Result<PendingPlan, InvalidPlan>,
    /// The result.
    pub result: PlanResult,
}

/// The result for a plan.
#[derive(Debug)]
pub enum PlanResult {
    /// The change was made, or the file already matched. The plan is removed.
    Applied(Box<Applied>),
    /// The plan is kept, because of its state.
    Kept,
    /// The plan is kept, because these processes use the file.
    InUse(Vec<Process>),
    /// Another msipctl applies the plan.
    InProgress,
}

/// A plan that was applied.
#[derive(Debug)]
pub struct Applied {
    /// The outcome for the file; `None` if an earlier, interrupted msipctl had applied the plan.
    pub outcome: Option<Outcome>,
    /// Why the run has no journal, if that's the case.
    pub journal_error: Option<store::Error>,
}

/// Applies each plan in a folder whose file no process uses, oldest first. A folder that doesn't exist has none.
///
/// # Errors
///
/// When the folder can't be read or written, or other users can write to it.
pub fn apply_pending(folder: &Path, pass: &Pass<'_>) -> Result<Vec<PassResult>, store::Error> {
    let Some(folder) = PrivateFolder::open_existing(folder)? else { return Ok(Vec::new()) };
    folder.sweep()?;
    let mut results = Vec::new();
    for (run, found) in plans_in(&folder, pass.key)? {
        let Some(_lock) = folder.lock(&name_of(&run))? else {
            results.push(PassResult { run, plan: found, result: PlanResult::InProgress });
            continue;
        };
        // Under the lock, because another msipctl may have applied or replaced it.
        match read(&folder, run, pass.key) {
            Err(InvalidPlan::Store(error)) if error.kind() == store::Kind::NotFound => {}
            Err(error) => {
                results.push(PassResult { run, plan: Err(error), result: PlanResult::Kept });
            }
            Ok(mut plan) => {
                let result = pass.one(&folder, &mut plan)?;
                results.push(PassResult { run, plan: Ok(plan), result });
            }
        }
    }
    Ok(results)
}

/// The journal of a run.
enum JournalState {
    /// For the run; `None` without a folder for journals.
    Ready(Option<Journal>),
    /// The run is finished, or was undone since.
    Finished,
}

/// Why a plan is kept.
type Kept = (PlanState, String);

impl Pass<'_> {
    /// Applies a locked plan if it's due, and removes it, or stores its new state.
    fn one(
        &self,
        folder: &PrivateFolder,
        plan: &mut PendingPlan,
    ) -> Result<PlanResult, store::Error> {
        let state = plan.state(store::now());
        if !matches!(state, PlanState::Waiting | PlanState::Failed) {
            return Ok(PlanResult::Kept);
        }
        let users = locate::running(self.system, plan.path()).unwrap_or_default();
        if !users.is_empty() {
            return Ok(PlanResult::InUse(users));
        }
        let name = name_of(&plan.run);
        match self.attempt(plan) {
            Ok(applied) => {
                folder.remove(&name)?;
                Ok(PlanResult::Applied(Box::new(applied)))
            }
            Err((state, reason)) => {
                log::debug!("{}: {reason}", plan.run);
                plan.body.state = state;
                plan.body.attempts = plan.body.attempts.saturating_add(1);
                plan.body.last_error = Some(reason);
                folder.put(&name, &plan.to_bytes(self.key))?;
                Ok(PlanResult::Kept)
            }
        }
    }

    fn attempt(&self, plan: &PendingPlan) -> Result<Applied, Kept> {
        check_origin(plan, self.key).map_err(|refusal| kept_by(&refusal))?;
        let (journal, mut journal_error) = match self.journal(plan) {
            Ok(JournalState::Ready(journal)) => (journal, None),
            // A kill came between the end of the run and the removal of its plan.
            Ok(JournalState::Finished) => {
                return Ok(Applied { outcome: None, journal_error: None });
            }
            Err(error) => (None, Some(error)),
        };
        let options = apply::Options {
            create: plan.body.write.create,
            wait: self.wait,
            running: Running::new(IfRunning::Fail, self.system, phone::phone()),
            code_page: CodePage::new(plan.code_page()).unwrap_or(CodePage::WESTERN),
            encoding: match plan.body.write.encoding {
                SavedEncoding::Auto => EncodingPolicy::Auto,
                SavedEncoding::Keep => EncodingPolicy::Keep,
                SavedEncoding::Utf16Le => EncodingPolicy::Utf16Le,
            },
            backup: plan.backup(),
            run: plan.run,
            journal,
            ..apply::Options::new(plan.command())
        };
        // The user didn't name the path in this process, so links that others may have planted aren't followed.
        let edited = apply::edit(&Location::unnamed(plan.path()), &options, |document| {
            desired(plan, document, self.key, self.secret)
        });
        let outcome = edited.map_err(kept_after)?;
        if let Some(journal) = &options.journal {
            journal_error = journal.check().err();
            journal.finish();
        }
        Ok(Applied { outcome: Some(outcome), journal_error })
    }

    /// Starts the journal of the run, or continues it.
    fn journal(&self, plan: &PendingPlan) -> Result<JournalState, store::Error> {
        let Some(dir) = self.runs else { return Ok(JournalState::Ready(None)) };
        let ready = |journal| JournalState::Ready(Some(journal));
        match Run::read_own(dir, &plan.run) {
            Ok(run) if matches!(run.progress, Progress::Finished | Progress::Undone(_)) => {
                Ok(JournalState::Finished)
            }
            Ok(_) => Journal::resume(dir, &plan.run).map(|(journal, _)| ready(journal)),
            Err(error) if error.kind() == store::Kind::RunNotFound => {
                let start = Start {
                    run: plan.run,
                    command: plan.command().to_owned(),
                    backup_dir: plan.backup().dir().map(Path::to_owned),
                    data: json!({ "pending": true }),
                };
                Ok(ready(Journal::new(dir, &start, &[plan.path().to_owned()])))
            }
            Err(error) => Err(error),
        }
    }
}

fn kept_by(refusal: &Refusal) -> Kept {
    let reason = refusal.to_string();
    match refusal {
        Refusal::Conflict(_) => (PlanState::Conflict, reason),
        Refusal::SecretChanged { .. } => (PlanState::BlockedSecret, reason),
        Refusal::SecretUnavailable(_) => (PlanState::Failed, reason),
    }
}

fn kept_after(error: apply::Error<Refusal>) -> Kept {
    let state = if error.is_blocked() { PlanState::Waiting } else { PlanState::Failed };
    match error {
        apply::Error::Decide(_, refusal) => kept_by(&refusal),
        apply::Error::Running(_, error) => (state, error.to_string()),
        apply::Error::Store(error) => (state, error.without_path()),
        apply::Error::Plan(_, error) => (state, error.to_string()),
    }
}
