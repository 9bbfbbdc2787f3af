//! `apply`: brings files to a policy, or does what a saved plan says.

mod resume;
mod saved;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::edit::edit_files_as;
use super::policy::Standard;
use super::template::TemplateFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::output::{Output, SavedSource};
use crate::plan_key::PlanKey;
use msipctl_core::apply::Options;
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::plan::Desired;
use msipctl_core::store::RunId;
use winini::Document;

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
    what: Option<PathBuf>,

    /// Go on with a run that was interrupted, as it was begun
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "what", "TemplateFlags", "TargetFlags", "CodePageFlags", "VersionFlags", "RunningFlags", "jobs", "dry_run",
        "diff", "backup_dir", "no_backup", "keep", "durability", "encoding", "create", "max_failures", "limit",
        "wait",
    ])]
    resume: Option<RunId>,

    /// Exit with 2 when anything changed, 0 when nothing did, and 1 instead of 2 on an error
    #[arg(long)]
    pub(super) detailed_exitcode: bool,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Apply {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        match (&self.resume, &self.what) {
            (Some(run), _) => resume::resume(out, run, self.detailed_exitcode),
            (None, Some(what)) => self.begin(out, what, None),
            (None, None) => Err(CliError::usage("no policy and no plan is named")),
        }
    }

    /// Does it, or what is left of a run that was interrupted.
    fn begin(
        &self,
        out: &mut Output,
        what: &Path,
        left: Option<resume::Left>,
    ) -> Result<Exit, CliError> {
        let is_plan = what.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let command = format!("apply {}", what.display());
        let mut options = self.write.options(&self.files, command);
        if is_plan {
            let saved = saved::Saved::load(what, self)?;
            options.encoding = saved.encoding();
            let targets = saved.targets();
            let decide = |target: &_, document: &_| saved.desired(target, document);
            return self.edit(out, options, targets, left, |_| Ok(saved.sources()), decide);
        }
        let code_page = self.files.code_page();
        let standard = Standard::load(what, &self.templates, &self.version, code_page)?;
        standard.warn(out);
        let targets = self.files.targets()?;
        let sources = |key: &_| standard.sources(self.files.inventories(), key);
        self.edit(out, options, targets, left, sources, |target, document| {
            Ok(standard.wanted(target, document)?.desired(document)?)
        })
    }

    fn edit(
        &self,
        out: &mut Output,
        mut options: Options,
        mut targets: Targets,
        left: Option<resume::Left>,
        sources: impl FnOnce(&PlanKey) -> Result<Vec<SavedSource>, CliError>,
        decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
    ) -> Result<Exit, CliError> {
        let mut data = Value::Null;
        if let Some(left) = left {
            let sources = sources(&PlanKey::own()?)?;
            let (journal, rest) = left.go_on(out, &sources, &targets)?;
            targets = rest;
            options.run = left.run();
            options.journal = Some(journal);
            data = resume::data(&sources);
        } else if !options.dry_run && targets.list().len() > 1 {
            // Without a key, the run can't be resumed; everything else works.
            match PlanKey::own() {
                Ok(key) => data = resume::data(&sources(&key)?),
                Err(error) => log::info!("the run can't be resumed: {error}"),
            }
        }
        let (exit, changed) =
            edit_files_as(out, &self.files, &targets, &self.write, options, data, decide)?;
        Ok(match exit {
            Exit::Success if changed && self.detailed_exitcode => Exit::Changed,
            exit => exit,
        })
    }
}
