//! The plain contract: a state document on standard input, one result line on standard output, and nothing on standard
//! error. Salt, Puppet, Chef, and Bolt use it.
//!
//! Exit codes: 0 success, 1 `test` found a difference, 2 usage or runtime error, 3 blocked. The error is only in the JSON.

use crate::carry_out::carry_out;
use crate::reply::Reply;
use msipctl_core::engine::{EngineResult, Error, Operation, StateDocument};

/// Returns the operation with this name.
pub fn operation_named(name: &str) -> Option<Operation> {
    match name {
        "get" => Some(Operation::Get),
        "test" => Some(Operation::Test),
        "set" => Some(Operation::Set),
        _ => None,
    }
}

/// Carries out an operation for the state document in `input`.
pub fn run(operation: Operation, input: &Result<Vec<u8>, Error>) -> Reply {
    let document = input.as_ref().map_err(Error::clone).and_then(|it| StateDocument::parse(it));
    let result = match &document {
        Ok(document) => carry_out(document, operation),
        Err(error) => EngineResult::failed("", error),
    };
    Reply::of_result(&result, operation == Operation::Test)
}
