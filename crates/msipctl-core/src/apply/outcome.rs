//! The outcome of an edit, with notes and warnings.

use std::path::PathBuf;

use crate::plan::{Plan, ReadProblem};
use crate::store::BackupId;
use microsip_schema::Version;
use winini::Document;

/// The outcome for a file.
#[derive(Debug)]
pub struct Outcome {
    /// The path that the caller passed.
    pub path: PathBuf,
    /// The file before the edit.
    pub before: Document,
    /// The changes that were made, or would be made.
    pub plan: Plan,
    /// What happened to it.
    pub state: State,
    /// The backup that was made.
    pub backup: Option<BackupId>,
    /// The number of names (hard links) of the file, which are all written.
    pub hard_links: u64,
}

/// What happened to a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It's unchanged, and the file wasn't touched.
    Unchanged,
    /// It's the content of the plan.
    Changed,
    /// It would be the content of the plan, without the dry run.
    WouldChange,
}

/// A note or a warning about an edited file, without its path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OutcomeNotice {
    /// A fact that needs no action.
    Note(String),
    /// Something that needs attention, although the file was edited.
    Warning(String),
}

impl Outcome {
    /// Returns the notes and warnings about the edit: those of the plan, and what happened to the encoding, the NUL
    /// characters, and the other names of the file.
    pub fn notices(&self) -> Vec<OutcomeNotice> {
        let notes = self.plan.notes().iter();
        let mut notices: Vec<_> = notes.map(|note| OutcomeNotice::Note(note.clone())).collect();
        match self.plan.conversion() {
            Some(_) if self.before.bytes().is_empty() => {}
            Some((from, to)) => {
                let reason = ReadProblem::of(&self.before, Version::NEWEST);
                let reason = reason.and_then(ReadProblem::of_encoding);
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                notices.push(OutcomeNotice::Note(format!("converted from {from} to {to}{reason}")));
            }
            None if self.plan.is_truncated() => {}
            None => {
                let problem = ReadProblem::of(&self.before, Version::NEWEST);
                notices.extend(problem.map(|it| OutcomeNotice::Warning(it.about(&self.before))));
            }
        }
        if self.plan.is_truncated() {
            notices.push(OutcomeNotice::Warning(
                "removed the NUL characters at the end of the file, where lines may be missing; compare it with a backup"
                    .to_owned(),
            ));
        }
        if self.state != State::Unchanged && self.hard_links > 1 {
            let names = self.hard_links;
            notices.push(OutcomeNotice::Note(format!(
                "the file has {names} names (hard links), which all get the new content"
            )));
        }
        notices
    }
}
