//! The arguments of `apply`.

use std::path::PathBuf;

use clap::Args;

use crate::command::send::SendFlags;
use crate::command::template::TemplateFlags;
use crate::flags::{FileFlags, VersionFlags, WriteFlags};
use msipctl_core::store::RunId;

const EXAMPLES: &str = "\
Examples:
  # Apply a policy to a file, and show the changes
  msipctl apply company.toml MicroSIP.ini --diff
  # Preview a policy on the files of an inventory
  msipctl apply company.toml --inventory pcs.csv --dry-run
  # Save a plan, and apply it
  msipctl plan company.toml --inventory pcs.csv -o plan.json && msipctl apply plan.json
  # Resume an interrupted run
  msipctl apply --resume 20261124T091500Z-9f3c
  # Undo a run
  msipctl backup restore --run 20261124T091500Z-9f3c";

/// Apply a policy or a saved plan
///
/// Doesn't change keys that already match the policy. Backs up each file, and replaces it atomically. You can resume an interrupted
/// run over several files with --resume, and undo a run with `msipctl backup restore --run`.
///
/// If an account doesn't meet a constraint, `apply` doesn't write that account and reports it. Exits with 3 if that happens in
/// every file, and with 4 if it happens in some files. msipctl can't verify passwords that MicroSIP encrypted; the run counts
/// them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Apply {
    /// Policy, a TOML or golden file, or saved plan (.json)
    #[arg(value_name = "POLICY|PLAN", required_unless_present = "resume")]
    pub(super) what: Option<PathBuf>,

    /// Resume an interrupted run with its original arguments
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "what", "TemplateFlags", "TargetFlags", "CodePageFlags", "VersionFlags", "RunningFlags", "jobs", "dry_run",
        "diff", "backup_dir", "no_backup", "keep", "durability", "encoding", "create", "max_failures", "limit",
        "lock_timeout", "SendFlags",
    ])]
    pub(super) resume: Option<RunId>,

    /// Exit with 2 if anything changed
    ///
    /// Exits with 0 if nothing changed, and with 1 on an error.
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

    #[command(flatten)]
    pub(super) send: SendFlags,
}
