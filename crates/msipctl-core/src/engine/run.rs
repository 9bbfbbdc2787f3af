//! Carries out one operation for one state document.

use super::error::Error;
use super::result::EngineResult;
use super::state::StateDocument;

/// What to do with a state document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Report the state of the stated keys and hooks.
    Get,
    /// Compare the file with the desired state.
    Test,
    /// Make the file match the desired state.
    Set,
}

/// Carries out an operation. It never fails: an error is a result with `error`.
pub fn run(document: &StateDocument, _: Operation) -> EngineResult {
    let path = document.path.display().to_string();
    EngineResult::failed(path, &Error::runtime("this operation isn't built yet"))
}
