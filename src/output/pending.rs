//! Plans that wait until MicroSIP exits.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::backups::date;
use super::count::count;
use super::json::values;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, NAME, REMOVED, Screen};
use crate::exit::Exit;
use msipctl_core::apply;
use msipctl_core::deferred::{InvalidPlan, PassResult, PendingPlan, PlanResult, PlanState};
use msipctl_core::event::RECORD;
use msipctl_core::store::{self, RunId};
use msipctl_windows::Process;

/// One plan.
#[derive(Debug, Serialize)]
pub(crate) struct PendingRow {
    run: String,
    path: Option<String>,
    state: RowState,
    created: Option<String>,
    expires: Option<String>,
    command: Option<String>,
    policy: Option<String>,
    /// The names of the keys and sections that the plan changes.
    keys: Vec<String>,
    waits_for: Vec<ProcessRow>,
    attempts: u32,
    last_error: Option<String>,
    /// The next step, for people.
    #[serde(skip)]
    hint: Option<&'static str>,
}

/// A process that uses a file.
#[derive(Debug, Serialize)]
struct ProcessRow {
    name: String,
    id: u32,
}

/// The state of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum RowState {
    /// It was just applied.
    Applied,
    /// It was just applied, but the file already matched.
    Unchanged,
    /// Another msipctl is applying it.
    InProgress,
    Waiting,
    Failed,
    Conflict,
    BlockedSecret,
    Expired,
    /// Its file doesn't count.
    Invalid,
}

impl PendingRow {
    /// Describes a plan whose file these processes use.
    pub(crate) fn new(
        run: &RunId,
        plan: Result<&PendingPlan, &InvalidPlan>,
        users: &[Process],
    ) -> Self {
        let run = run.to_string();
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                return Self {
                    run,
                    path: None,
                    state: RowState::Invalid,
                    created: None,
                    expires: None,
                    command: None,
                    policy: None,
                    keys: Vec::new(),
                    waits_for: Vec::new(),
                    attempts: 0,
                    last_error: Some(error.to_string()),
                    hint: error.hint(),
                };
            }
        };
        let process = |process: &Process| ProcessRow {
            name: process.name.to_string_lossy().into_owned(),
            id: process.id,
        };
        let (state, hint) = match plan.state(store::now()) {
            PlanState::Waiting => (RowState::Waiting, None),
            PlanState::Failed => {
                (RowState::Failed, Some("fix the problem, and run `msipctl apply --pending`"))
            }
            PlanState::Conflict => (RowState::Conflict, Some(APPLY_AGAIN)),
            PlanState::BlockedSecret => (RowState::BlockedSecret, Some(APPLY_AGAIN)),
            PlanState::Expired => (RowState::Expired, Some(APPLY_AGAIN)),
        };
        Self {
            run,
            path: Some(plan.path().display().to_string()),
            state,
            created: Some(plan.created().to_string()),
            expires: Some(plan.expires().to_string()),
            command: Some(plan.command().to_owned()),
            policy: plan.policy().map(|policy| policy.path.clone()),
            keys: plan.keys(),
            waits_for: users.iter().map(process).collect(),
            attempts: plan.attempts(),
            last_error: plan.last_error().map(str::to_owned),
            hint,
        }
    }

    /// Describes what happened to a plan.
    pub(crate) fn of_result(result: &PassResult) -> Self {
        let users = match &result.result {
            PlanResult::InUse(users) => users.as_slice(),
            _ => &[],
        };
        let row = Self::new(&result.run, result.plan.as_ref(), users);
        let state = match &result.result {
            PlanResult::Applied(applied) => match &applied.outcome {
                Some(outcome) if outcome.state != apply::State::Unchanged => RowState::Applied,
                _ => RowState::Unchanged,
            },
            PlanResult::InProgress => RowState::InProgress,
            PlanResult::Kept | PlanResult::InUse(_) => return row,
        };
        Self { state, last_error: None, hint: None, ..row }
    }

    /// Returns whether the plan needs attention.
    pub(crate) fn has_problem(&self) -> bool {
        match self.state {
            RowState::Applied | RowState::Unchanged | RowState::InProgress | RowState::Waiting => {
                false
            }
            RowState::Failed
            | RowState::Conflict
            | RowState::BlockedSecret
            | RowState::Expired
            | RowState::Invalid => true,
        }
    }

    /// Writes the state for people, with its reason.
    fn put_state(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let reason = self.last_error.as_deref().unwrap_or_default();
        match self.state {
            RowState::Applied => putln!(out, "{ADDED}applied{ADDED:#}"),
            RowState::Unchanged => putln!(out, "{DIM}unchanged{DIM:#}"),
            RowState::InProgress => putln!(out, "{DIM}in progress{DIM:#}"),
            RowState::Waiting => match self.waits_for.as_slice() {
                [] => putln!(out, "{CHANGED}not applied yet{CHANGED:#}"),
                [ProcessRow { name, id }, ..] => {
                    let name = name.strip_suffix(".exe").unwrap_or(name);
                    putln!(out, "{CHANGED}waits until {name} (process {id}) exits{CHANGED:#}")
                }
            },
            RowState::Failed => putln!(out, "{REMOVED}failed{REMOVED:#}: {reason}"),
            RowState::Conflict => putln!(out, "{REMOVED}conflict{REMOVED:#}: {reason}"),
            RowState::BlockedSecret => putln!(out, "{REMOVED}blocked{REMOVED:#}: {reason}"),
            RowState::Expired => putln!(out, "{REMOVED}expired{REMOVED:#}"),
            RowState::Invalid => putln!(out, "{REMOVED}invalid{REMOVED:#}: {reason}"),
        }
    }
}

/// What to do about a plan that is never applied.
const APPLY_AGAIN: &str =
    "apply the policy again, or discard the plan with `msipctl status --discard RUN`";

/// Plans, oldest first.
#[derive(Debug)]
pub(crate) struct PendingReport {
    rows: Vec<PendingRow>,
}

impl PendingReport {
    /// Describes plans.
    pub(crate) fn new(rows: Vec<PendingRow>) -> Self {
        Self { rows }
    }

    /// Returns whether there are no plans.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self.rows.iter().any(PendingRow::has_problem) {
            true => Exit::Found,
            false => Exit::Success,
        }
    }
}

impl Report for PendingReport {
    const LIST: &'static str = "plans";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            let PendingRow { run, path, command, created, expires, keys, hint, .. } = row;
            put!(out, "{NAME}{run}{NAME:#}  {}", path.as_deref().unwrap_or("?"))?;
            put!(out, "  ")?;
            row.put_state(out)?;
            if let (Some(command), Some(created), Some(expires)) = (command, created, expires) {
                let (created, expires) = (date(created), date(expires));
                putln!(out, "  {DIM}{command}, queued {created}, expires {expires}{DIM:#}")?;
            }
            if !keys.is_empty() {
                putln!(out, "  {}", shortened(keys))?;
            }
            if let Some(hint) = hint {
                putln!(out, "  {DIM}{}{DIM:#}", hint.replace("RUN", run))?;
            }
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }

    fn summary(&self) -> Option<Value> {
        let problems = self.rows.iter().filter(|row| row.has_problem()).count();
        Some(json!({ "plans": self.rows.len(), "problems": problems }))
    }
}

/// Lists the first keys, without those of msipctl's own record.
fn shortened(keys: &[String]) -> String {
    const SHOWN: usize = 5;
    let is_record = |key: &str| key.split('.').next() == Some(RECORD);
    let keys: Vec<_> = keys.iter().map(String::as_str).filter(|key| !is_record(key)).collect();
    let shown: Vec<_> = keys.iter().take(SHOWN).copied().collect();
    let more = match keys.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(", and {}", count(more, "more key")),
    };
    shown.join(", ") + &more
}
