//! `schema`: prints JSON Schemas of files that msipctl reads or writes.

use clap::{Args, ValueEnum};

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, inventory_schema, plan_schema, report_schema};
use msipctl_core::{engine, policy};

const EXAMPLES: &str = "\
Examples:
  # Save the schema of policies for an editor
  msipctl schema policy > policy.schema.json
  # Print the schema of `audit --format json`
  msipctl schema report";

/// Print a JSON Schema
///
/// If `#:schema ./policy.schema.json` is the first line of a policy, editors complete its keys and explain them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Schema {
    /// Format to describe
    #[arg(value_name = "KIND", value_enum)]
    kind: Kind,
}

/// A format with a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Policies, with the keys of MicroSIP
    Policy,
    /// Output of `plan --format json`, and saved plans
    Plan,
    /// Output of `audit --format json`
    Report,
    /// A row of an inventory, by column names
    Inventory,
    /// State document of `engine get|test|set`
    Engine,
    /// Result of `engine get|test|set`
    EngineResult,
}

impl Schema {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let schema = match self.kind {
            Kind::Policy => policy::json_schema(),
            Kind::Plan => plan_schema(),
            Kind::Report => report_schema(),
            Kind::Inventory => inventory_schema(),
            Kind::Engine => engine::state_schema(),
            Kind::EngineResult => engine::result_schema(),
        };
        out.generated(format!("{schema:#}\n").as_bytes());
        Ok(Exit::Success)
    }
}
