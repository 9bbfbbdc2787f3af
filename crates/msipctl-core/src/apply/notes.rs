//! Notes and warnings about an edit.

use super::{Outcome, State};
use crate::plan::ReadProblem;
use microsip_schema::Version;

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
