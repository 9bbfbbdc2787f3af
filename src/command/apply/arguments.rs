//! The arguments of `apply`.

use std::path::PathBuf;

use clap::Args;

use crate::command::template::TemplateFlags;
use crate::flags::{FileFlags, VersionFlags, WriteFlags};
use msipctl_core::store::RunId;

const EXAMPLES: &str = "\
Examples:
  msipctl apply company.toml -i MicroSIP.ini --diff
  msipctl apply company.toml --inventory desks.csv --dry-run
  msipctl plan company.toml --inventory desks.csv -o plan.json && msipctl apply plan.json
  msipctl apply --resume 20261124T091500Z-9f3c
  msipctl backup restore --run 20261124T091500Z-9f3c";

/// Bring files to what a policy wants, or do exactly what a saved plan says
///
/// What is as wanted is not touched. Each file is backed up and replaced whole. A run over several files can be gone
/// on with after it was interrupted (--resume), and undone (`msipctl backup restore --run`).
///
/// An account of which a constraint isn't met isn't written. The run reports it, and exits with 3 if that is so in every
/// file, and with 4 if in some of them. Passwords that MicroSIP has encrypted can't be verified; the run counts them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Apply {
    /// Policy (a TOML file, or a MicroSIP.ini that the others shall be like), or plan (.json)
    #[arg(value_name = "POLICY|PLAN", required_unless_present = "resume")]
    pub(super) what: Option<PathBuf>,

    /// Go on with a run that was interrupted, as it was begun
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "what", "TemplateFlags", "TargetFlags", "CodePageFlags", "VersionFlags", "RunningFlags", "jobs", "dry_run",
        "diff", "backup_dir", "no_backup", "keep", "durability", "encoding", "create", "max_failures", "limit",
        "lock_timeout",
    ])]
    pub(super) resume: Option<RunId>,

    /// Exit with 2 when anything changed, 0 when nothing did, and 1 instead of 2 on an error
    #[arg(long)]
    pub(in crate::command) detailed_exitcode: bool,

    #[command(flatten)]
    pub(super) templates: TemplateFlags,

    #[command(flatten)]
    pub(super) files: FileFlags,

    #[command(flatten)]
    pub(super) version: VersionFlags,

    #[command(flatten)]
    pub(super) write: WriteFlags,
}
