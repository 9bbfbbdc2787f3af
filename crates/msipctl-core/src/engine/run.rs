//! Carries out one operation for one state document.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::changes::{
    BlockedRow, ChangeRow, DiffText, DriftRow, DuplicateRow, HookChangeRow, MissingSecretRow,
};
use super::desired::{Decided, Prepared};
use super::error::Error;
use super::host::{Host, Operation};
use super::read::{get, hook_row, setting_rows};
use super::result::{EngineResult, HookRow, Queueable, State};
use super::source::inline_secrets;
use super::state::{StateDocument, WhileRunning};
use crate::apply::{self, Notice, Options, Outcome, OutcomeNotice, Running};
use crate::diff::{self, Secrets};
use crate::event::Hooks;
use crate::fleet::Tally;
use crate::locate;
use crate::plan::{EncodingPolicy, Plan};
use crate::store::{self, BackupPolicy};
use microsip_schema::SecretKeys;
use msipctl_windows::Process;
use winini::Document;
use winini::profile::Profile;

/// Carries out an operation. It never fails: an error is a result with `error`.
pub fn run(document: &StateDocument, operation: Operation, host: &Host<'_>) -> EngineResult {
    let mut secrets = inline_secrets(document);
    let done = document.check(operation).and_then(|()| match operation {
        Operation::Get => get(document, host, &secrets),
        Operation::Test | Operation::Set => edit(document, operation, host, &mut secrets),
    });
    done.unwrap_or_else(|error| failed(document, error, &secrets))
}

fn failed(document: &StateDocument, error: Error, secrets: &SecretKeys) -> EngineResult {
    let exists = document.path.is_absolute() && store::exists(&document.path);
    let path = document.path.display().to_string();
    let mut result = EngineResult::failed(path, &error.hiding(secrets));
    result.exists = exists;
    result
}

/// Compares a file with the desired state, or makes it match.
fn edit(
    document: &StateDocument,
    operation: Operation,
    host: &Host<'_>,
    secrets: &mut SecretKeys,
) -> Result<EngineResult, Error> {
    let prepared = Prepared::new(document, operation, host, secrets)?;
    let path = document.path.as_path();
    let exists = store::exists(path);
    let is_test = operation == Operation::Test;
    let options = Options {
        dry_run: document.check || is_test,
        // A test compares a missing file as an empty one.
        create: document.options.create || is_test,
        wait: Duration::from_secs(document.options.lock_timeout),
        running: Running::new(document.options.if_running(), host.system, host.phone),
        code_page: document.code_page(host),
        encoding: document.options.encoding.into(),
        backup: match document.options.backup {
            true => BackupPolicy::Keep {
                dir: document.options.backup_dir.clone(),
                keep: document.options.keep,
            },
            false => BackupPolicy::None,
        },
        ..Options::new("engine set")
    };
    let decided = RefCell::new(None);
    let decide = |file: &Document| {
        let found = prepared.decide(file)?;
        let desired = found.desired.clone();
        decided.replace(Some((found, file.clone())));
        Ok::<_, Error>(desired)
    };
    let edited = match apply::edit(path, &options, decide) {
        Err(apply::Error::Store(error)) if error.is_missing_file() && !options.create => {
            // What isn't there has no keys, so a document that only removes keys is fulfilled.
            let empty = Options { dry_run: true, create: true, ..Options::new("engine set") };
            let edited = apply::edit(path, &empty, decide)?;
            if !edited.plan.is_empty() {
                return Err(error.into());
            }
            Ok(edited)
        }
        edited => edited,
    };
    let decided = decided.into_inner();
    let outcome = match edited {
        Ok(outcome) => outcome,
        Err(error) if error.is_blocked() => {
            let processes = users(&error, document, host);
            let result = failed(document, error.into(), secrets);
            let Some((decided, file)) = decided else {
                return Ok(with_notices(result, &options.running));
            };
            let result = match document.options.if_running {
                WhileRunning::Defer => {
                    let before = file.clone();
                    planned(document, operation, &decided, before, options.encoding)?
                        .blocked_as(result)
                }
                _ => result,
            };
            let result = with_notices(result, &options.running);
            return Ok(result.with_queueable(Queueable {
                desired: decided.desired,
                document: file,
                options: Arc::new(options),
                processes,
            }));
        }
        Err(error) => return Err(error.into()),
    };
    let Some((decided, _)) = decided else { return Err(Error::runtime("nothing was decided")) };
    let mut result = of_outcome(document, operation, &decided, &outcome, exists);
    let end =
        if outcome.state == apply::State::Changed { outcome.plan.after() } else { &outcome.before };
    let audited = prepared.audited(end, decided.version)?;
    result.in_desired_state = Some(
        (outcome.plan.is_empty() || outcome.state == apply::State::Changed)
            && outcome.plan.blocked().is_empty()
            && !decided.lacks_secret
            && audited.is_none_or(|audited| audited.drift.is_empty()),
    );
    if outcome.state == apply::State::Changed {
        result.run = Some(options.run.to_string());
    }
    result.warnings.splice(0..0, prepared.warnings());
    let mut result = with_notices(result, &options.running);
    let mask = |text: &mut String| *text = outcome.plan.secrets().mask_text(text).into_owned();
    result.notes.iter_mut().for_each(mask);
    result.warnings.iter_mut().for_each(mask);
    Ok(result)
}

/// Returns the processes that use the file.
fn users(error: &apply::Error<Error>, document: &StateDocument, host: &Host<'_>) -> Vec<Process> {
    let mut processes = locate::running(host.system, &document.path).unwrap_or_default();
    if let apply::Error::Running(_, error) = error
        && !processes.iter().any(|process| process.id == error.process().id)
    {
        processes.push(error.process().clone());
    }
    processes
}

/// Describes what would happen to a file that can't be written now.
fn planned(
    document: &StateDocument,
    operation: Operation,
    decided: &Decided,
    before: Document,
    encoding: EncodingPolicy,
) -> Result<EngineResult, Error> {
    let plan = Plan::new(&before, &decided.desired, encoding)?;
    let path = document.path.clone();
    let (state, backup, hard_links) = (apply::State::WouldChange, None, 1);
    let outcome = Outcome { path, before, plan, state, backup, hard_links };
    Ok(of_outcome(document, operation, decided, &outcome, true))
}

/// Describes what happened to the file.
fn of_outcome(
    document: &StateDocument,
    operation: Operation,
    decided: &Decided,
    outcome: &Outcome,
    exists: bool,
) -> EngineResult {
    let (before, planned) = (&outcome.before, outcome.plan.after());
    // A test describes the file as it is.
    let after = if operation == Operation::Test { before } else { planned };
    let keys = outcome.plan.secrets();
    let secrets = Secrets::MaskedWith(keys);
    let path = document.path.display().to_string();
    let mut result = EngineResult::new(path.clone());
    result.state = match outcome.state {
        apply::State::Unchanged => State::Unchanged,
        apply::State::Changed => State::Changed,
        apply::State::WouldChange => State::WouldChange,
    };
    result.exists = exists;
    let folded = |section: &str, key: Option<&str>| {
        (section.to_ascii_lowercase(), key.map(str::to_ascii_lowercase))
    };
    let edits = outcome.plan.edits().iter();
    let edited: HashSet<_> = edits.map(|edit| folded(&edit.section, edit.key.as_deref())).collect();
    let was = setting_rows(&document.settings, before, keys);
    result.settings = setting_rows(&document.settings, after, keys);
    for (row, was) in result.settings.iter_mut().zip(was) {
        row.was = was.value;
        row.differs = edited.contains(&folded(&row.section, row.key.as_deref()));
    }
    let hooks = Hooks::new(Profile::new(after));
    for hook in &decided.hooks {
        let row = hook_row(&hook.template, hook.event, hooks, keys);
        result.stated_hooks.push(HookRow { differs: hook.differs, ..row });
    }
    let changes = diff::changes(before, planned, secrets).into_iter().map(ChangeRow::from);
    result.changes = changes.collect();
    result.hooks = HookChangeRow::take(before, planned, &mut result.changes, secrets);
    let duplicates = outcome.plan.shadowed().iter();
    result.removed_duplicates = duplicates.map(|it| DuplicateRow::new(it, secrets)).collect();
    result.blocked = outcome.plan.blocked().iter().map(BlockedRow::from).collect();
    result.unverified = outcome.plan.unverified().unwrap_or_default();
    let missing = decided.audited.iter().flat_map(|audited| &audited.missing_secrets);
    let missing = missing.chain(&decided.missing_secrets);
    result.missing_secrets = missing.map(MissingSecretRow::from).collect();
    if let Some(audited) = &decided.audited {
        let mut tally = Tally::default();
        tally.add(&path, audited);
        result.score = tally.score();
        result.drift = Some(audited.drift.iter().map(DriftRow::from).collect());
    }
    result.diff = document.diff.then(|| DiffText::new(&path, before, planned, secrets));
    result.backup = outcome.backup.as_ref().map(ToString::to_string);
    for notice in outcome.notices() {
        match notice {
            OutcomeNotice::Note(note) => result.notes.push(note),
            OutcomeNotice::Warning(warning) => result.warnings.push(warning),
        }
    }
    let is_there = exists || outcome.state == apply::State::Changed;
    result.about(is_there.then(|| after.encoding()), decided.version)
}

/// Adds what happened to a running MicroSIP.
fn with_notices(mut result: EngineResult, running: &Running) -> EngineResult {
    for notice in running.notices() {
        match notice {
            // On other systems, no MicroSIP runs.
            Notice::Unknown(..) if !cfg!(windows) => {}
            notice if notice.is_warning() => result.warnings.push(notice.to_string()),
            notice => result.notes.push(notice.to_string()),
        }
    }
    result
}
