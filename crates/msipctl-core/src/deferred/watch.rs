//! Waits until the files of pending plans can be written.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use super::file::{PendingPlan, PlanState};
use super::key::KeyedDigest;
use super::list::plans_in;
use crate::locate;
use crate::store::{self, PrivateFolder, RunId};
use msipctl_windows::{Process, System};

/// The name whose lock the one watcher of a folder holds.
const WATCHER: &str = "watcher";

/// How long to wait before the plans and the processes are listed again.
const ROUND: Duration = Duration::from_secs(60);

/// How long to wait for one of several processes before the next one.
const TURN: Duration = Duration::from_secs(1);

/// Waits for the processes that use the files of the plans in a folder, and calls `apply` whenever files are free, until
/// no plan waits for a process. Returns at once if another watcher is at work, or the folder doesn't exist.
///
/// # Errors
///
/// When the folder can't be read, or other users can write to it.
pub fn watch(
    folder: &Path,
    key: &dyn KeyedDigest,
    system: &dyn System,
    mut apply: impl FnMut(),
) -> Result<(), store::Error> {
    let Some(folder) = PrivateFolder::open_existing(folder)? else { return Ok(()) };
    let mut rounds =
        Rounds { folder: &folder, key, system, tried: HashSet::new(), seen: HashSet::new() };
    loop {
        {
            let Some(_lock) = folder.lock(WATCHER)? else { return Ok(()) };
            while rounds.next(&mut apply)? {}
        }
        // A plan that was queued just before the lock was released has no other watcher.
        if rounds.waiting()?.iter().all(|plan| rounds.seen.contains(&plan.run())) {
            return Ok(());
        }
    }
}

/// The work of a watcher.
struct Rounds<'r> {
    folder: &'r PrivateFolder,
    key: &'r dyn KeyedDigest,
    system: &'r dyn System,
    /// The plans that were tried since a process used their file.
    tried: HashSet<RunId>,
    /// All plans so far.
    seen: HashSet<RunId>,
}

impl Rounds<'_> {
    /// Applies what can be applied, or waits for a process. Returns whether there may be more to do.
    fn next(&mut self, apply: &mut impl FnMut()) -> Result<bool, store::Error> {
        let mut is_due = false;
        let mut users: Vec<Process> = Vec::new();
        for plan in self.waiting()? {
            self.seen.insert(plan.run());
            let of_plan = locate::running(self.system, plan.path()).unwrap_or_default();
            match of_plan.is_empty() {
                // Each plan is tried once; the next logon tries again.
                true => is_due |= self.tried.insert(plan.run()),
                false => {
                    self.tried.remove(&plan.run());
                    users.extend(of_plan);
                }
            }
        }
        if is_due {
            apply();
            return Ok(true);
        }
        Ok(wait_for_any(self.system, &users))
    }

    /// Returns the plans that still have to be applied.
    fn waiting(&self) -> Result<Vec<PendingPlan>, store::Error> {
        let now = store::now();
        let is_waiting =
            |plan: &PendingPlan| matches!(plan.state(now), PlanState::Waiting | PlanState::Failed);
        let plans = plans_in(self.folder, self.key)?.into_iter().filter_map(|(_, plan)| plan.ok());
        Ok(plans.filter(is_waiting).collect())
    }
}

/// Waits until one of the processes exits, or a round is over. Returns `false` if it can wait for none of them.
fn wait_for_any(system: &dyn System, users: &[Process]) -> bool {
    let begin = Instant::now();
    let turn = if users.len() > 1 { TURN } else { ROUND };
    loop {
        let mut can_wait = false;
        for process in users {
            match system.wait(process.id, turn) {
                Ok(true) => return true,
                Ok(false) => can_wait = true,
                Err(error) => log::debug!("can't wait for process {}: {error}", process.id),
            }
        }
        if !can_wait || begin.elapsed() >= ROUND {
            return can_wait;
        }
    }
}
