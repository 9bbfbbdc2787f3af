//! Lists and discards pending plans.

use std::path::Path;

use super::error::InvalidPlan;
use super::file::{PendingPlan, name_of, run_of};
use super::key::KeyedDigest;
use crate::store::{self, PrivateFolder, RunId};

/// A plan in a folder, or the reason if its file doesn't count.
pub type ListedPlan = (RunId, Result<PendingPlan, InvalidPlan>);

/// Lists the plans in a folder, oldest first, each with the reason if it doesn't count. A folder that doesn't exist has
/// none.
///
/// # Errors
///
/// When the folder can't be read, or other users can write to it.
pub fn pending(folder: &Path, key: &dyn KeyedDigest) -> Result<Vec<ListedPlan>, store::Error> {
    match PrivateFolder::open_existing(folder)? {
        Some(folder) => plans_in(&folder, key),
        None => Ok(Vec::new()),
    }
}

/// Lists the plans in a folder, oldest first.
pub(super) fn plans_in(
    folder: &PrivateFolder,
    key: &dyn KeyedDigest,
) -> Result<Vec<ListedPlan>, store::Error> {
    let mut plans = Vec::new();
    for run in folder.names()?.iter().filter_map(|name| run_of(name)) {
        match read(folder, run, key) {
            // It was applied or discarded in between.
            Err(InvalidPlan::Store(error)) if error.kind() == store::Kind::NotFound => {}
            read => plans.push((run, read)),
        }
    }
    // Names contain the time only to the second.
    plans.sort_by_key(|(run, plan)| plan.as_ref().map_or(run.time(), PendingPlan::created));
    Ok(plans)
}

/// Reads a plan.
pub(super) fn read(
    folder: &PrivateFolder,
    run: RunId,
    key: &dyn KeyedDigest,
) -> Result<PendingPlan, InvalidPlan> {
    PendingPlan::parse(run, &folder.read(&name_of(&run))?, key)
}

/// Removes a plan, valid or not.
///
/// # Errors
///
/// When the folder can't be read or written, or other users can write to it.
pub fn discard(folder: &Path, run: RunId) -> Result<Discarded, store::Error> {
    let Some(folder) = PrivateFolder::open_existing(folder)? else {
        return Ok(Discarded::NotFound);
    };
    let name = name_of(&run);
    let Some(_lock) = folder.lock(&name)? else { return Ok(Discarded::InProgress) };
    if !folder.names()?.contains(&name) {
        return Ok(Discarded::NotFound);
    }
    folder.remove(&name)?;
    Ok(Discarded::Done)
}

/// The result of discarding a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discarded {
    /// It was removed.
    Done,
    /// There is no such plan.
    NotFound,
    /// msipctl applies it at the moment.
    InProgress,
}
