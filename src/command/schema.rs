//! `schema`: JSON Schemas of what msipctl reads and writes.

use clap::{Args, ValueEnum};

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, inventory_schema, plan_schema, report_schema};
use msipctl_core::policy;

const EXAMPLES: &str = "\
Examples:
  msipctl schema policy > policy.schema.json
  msipctl schema report";

/// Print the JSON Schema of a file that msipctl reads or writes
///
/// With `#:schema ./policy.schema.json` as the first line of a policy, editors complete keys and show what they
/// mean.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_name = "KIND", value_enum)]
    kind: Kind,
}

/// What there are schemas of.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Policies, with the keys of MicroSIP
    Policy,
    /// What `plan` prints and saves
    Plan,
    /// What `audit --format json` prints
    Report,
    /// One row of an inventory, by the names of its columns
    Inventory,
}

impl Schema {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let schema = match self.kind {
            Kind::Policy => policy::json_schema(),
            Kind::Plan => plan_schema(),
            Kind::Report => report_schema(),
            Kind::Inventory => inventory_schema(),
        };
        out.generated(format!("{schema:#}\n").as_bytes());
        Ok(Exit::Success)
    }
}
