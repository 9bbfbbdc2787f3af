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
  # Apply a policy now, or after MicroSIP exits
  msipctl apply company.toml MicroSIP.ini --when-closed
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
///
/// With --when-closed, queues the changes to files that MicroSIP uses, and applies them after it exits. `msipctl status` shows
/// such pending plans. Each `apply` first applies those whose files are free.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Apply {
    /// Policy, a TOML or golden file, or saved plan (.json)
    #[arg(value_name = "POLICY|PLAN", required_unless_present_any = ["resume", "pending"])]
    pub(super) what: Option<PathBuf>,

    /// Resume an interrupted run with its original arguments
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "what", "TemplateFlags", "TargetFlags", "CodePageFlags", "VersionFlags", "RunningFlags", "jobs", "dry_run",
        "diff", "backup_dir", "no_backup", "keep", "durability", "encoding", "create", "max_failures", "limit",
        "lock_timeout", "when_closed", "pending", "SendFlags",
    ])]
    pub(super) resume: Option<RunId>,

    /// Apply the pending plans whose files are free
    ///
    /// Exits with 1 if a plan failed, is in conflict, or expired. `msipctl status` shows the reason.
    #[arg(long, hide_short_help = true, conflicts_with_all = [
        "what", "TemplateFlags", "TargetFlags", "CodePageFlags", "VersionFlags", "RunningFlags", "jobs", "dry_run",
        "diff", "backup_dir", "no_backup", "keep", "durability", "encoding", "create", "max_failures", "limit",
        "when_closed", "detailed_exitcode", "SendFlags",
    ])]
    pub(super) pending: bool,

    /// Queue changes to files in use until MicroSIP exits
    ///
    /// Writes other files now. The pending plan has no secrets: msipctl reads them again. It can't queue a secret in an
    /// environment variable that only this process has.
    #[arg(long, conflicts_with_all = ["if_running", "dry_run", "SendFlags"])]
    pub(super) when_closed: bool,

    /// Days after which a pending plan expires
    #[arg(long, value_name = "DAYS", default_value_t = 30, requires = "when_closed", hide_short_help = true,
        value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub(super) expires: u16,

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
