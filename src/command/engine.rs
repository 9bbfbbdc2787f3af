//! `engine`: the plain contract for management tools, as `msipctl-engine` has it.

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::output::Output;
use msipctl_core::engine::{EngineExit, Operation};
use msipctl_engine::{input, plain};

const EXAMPLES: &str = "\
Examples:
  # Read a key
  echo '{\"path\": \"/srv/MicroSIP.ini\", \"settings\": [{\"section\": \"Settings\", \"key\": \"AA\"}]}' | msipctl engine get
  # Preview the changes of a state document
  msipctl engine set --check < state.json
  # Make the file match the state document
  msipctl engine set < state.json
  # Print the schema of state documents
  msipctl schema engine";

/// Get, test, or set a state for a management tool
///
/// Reads a state document as JSON from standard input, and prints the result as one line of JSON. Prints nothing on standard
/// error: an error is in the result.
///
/// Exits with 1 if `test` finds a difference, with 2 for a usage or runtime error, and with 3 if the change is blocked.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Engine {
    /// Report the state of keys and hooks
    Get,
    /// Compare a file with the desired state
    Test,
    /// Make a file match the desired state
    Set(Set),
}

/// How to set a state.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Report what would change, and write nothing
    #[arg(long)]
    check: bool,
}

impl Engine {
    pub(super) fn run(&self, out: &mut Output) -> Exit {
        let (operation, is_check) = match self {
            Self::Get => (Operation::Get, false),
            Self::Test => (Operation::Test, false),
            Self::Set(set) => (Operation::Set, set.check),
        };
        let result = plain::carry_out_input(operation, is_check, &input::standard_input());
        out.generated(&result.to_line());
        match result.exit(operation == Operation::Test) {
            EngineExit::Success => Exit::Success,
            EngineExit::Different => Exit::Found,
            EngineExit::Error => Exit::Error,
            EngineExit::Blocked => Exit::Precondition,
        }
    }
}
