//! The plain contract: a state document on standard input, one result line on standard output, and nothing on standard
//! error. Salt, Puppet, Chef, and Bolt use it.
//!
//! Exit codes: 0 success, 1 `test` found a difference, 2 usage or runtime error, 3 blocked. The error is only in the JSON.

use crate::carry_out::carry_out;
use crate::reply::Reply;
use msipctl_core::engine::{EngineResult, Error, Operation, StateDocument};

/// Returns the operation with this name.
pub(crate) fn operation_named(name: &str) -> Option<Operation> {
    match name {
        "get" => Some(Operation::Get),
        "test" => Some(Operation::Test),
        "set" => Some(Operation::Set),
        _ => None,
    }
}

/// Answers with the result of an operation for the state document in `input`.
pub(crate) fn run(operation: Operation, is_check: bool, input: &Result<Vec<u8>, Error>) -> Reply {
    let result = carry_out_input(operation, is_check, input);
    Reply::of_result(&result, operation == Operation::Test)
}

/// Carries out an operation for the state document in `input`. `is_check` turns on check mode, even if the document doesn't.
pub fn carry_out_input(
    operation: Operation,
    is_check: bool,
    input: &Result<Vec<u8>, Error>,
) -> EngineResult {
    let document = input.as_ref().map_err(Error::clone).and_then(|it| StateDocument::parse(it));
    match document {
        Ok(mut document) => {
            document.check |= is_check;
            carry_out(&document, operation)
        }
        Err(error) => EngineResult::failed("", &error),
    }
}
