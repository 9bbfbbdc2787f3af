//! `plan`: what would become of files by a policy.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use clap::Args;

use super::each::each;
use super::edit::remarks;
use super::policy::{Standard, whole};
use super::template::TemplateFlags;
use crate::apply::{self, Outcome};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::cli::output::{
    Output, PlanHead, PlanReport, PlannedFile, SavedEdit, SavedSecret,
};
use crate::cli::plan_key::PlanKey;
use crate::cli::targets::Target;
use crate::plan::PlannedEdit;
use crate::policy::Wanted;
use crate::schema;

const EXAMPLES: &str = "\
Examples:
  msipctl plan company.toml -i MicroSIP.ini
  msipctl plan company.toml --inventory desks.csv -o plan.json
  msipctl apply plan.json";

/// Show what would become of files by a policy, and write nothing
///
/// Files that would change in the same way are shown together. With -o the plan is saved, and `apply` does then
/// exactly that, and refuses a file that changed meanwhile. A saved plan holds no secret.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Plan {
    /// Policy: a TOML file, or a MicroSIP.ini that the others shall be like
    #[arg(value_name = "POLICY")]
    policy: PathBuf,

    /// Save the plan, for `apply`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Exit with 1 when anything would change, and 0 when nothing would
    #[arg(long)]
    detailed_exitcode: bool,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}
