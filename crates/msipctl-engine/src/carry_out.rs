//! Carries out an operation on this computer.

use msipctl_core::engine::{self, EngineResult, Operation, StateDocument};

/// Carries out an operation for a state document, with what this process knows about itself and its computer. It never
/// fails: an error is a result with `error`.
pub fn carry_out(document: &StateDocument, operation: Operation) -> EngineResult {
    engine::run(document, operation)
}
