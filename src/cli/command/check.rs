//! `check`: what is wrong with a file.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::edit::say;
use super::load::each_file;
use crate::apply;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::cli::machine::Machine;
use crate::cli::output::{CheckedFile, FindingsReport, Output};
use crate::ini::Document;
use crate::plan::{self, Plan, PlannedEdit};
use crate::profile::Profile;
use crate::store;
use crate::validate::{self, Finding, Mended, Safety, Selection, Severity};

const EXAMPLES: &str = "\
Examples:
  msipctl check -i MicroSIP.ini
  msipctl check --fix --diff --dry-run -i MicroSIP.ini
  msipctl check --select encoding,hooks --ignore 'utf16*' -i MicroSIP.ini
  msipctl check -i MicroSIP.ini --microsip 3.21.3 --format json";

/// Find what makes MicroSIP not do what the file says, and mend it
///
/// Exits with 1 when there is a finding as bad as --fail-on, or worse. With --fix, what is left then counts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Check {
    /// Mend what can be mended safely; with --dry-run and --diff, show how
    #[arg(long)]
    fix: bool,

    /// Mend also what only likely was meant so; means --fix
    #[arg(long)]
    unsafe_fixes: bool,

    /// Only these rules: names, in which * stands for any letters, groups, or all
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,

    /// Not these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,

    /// How bad a finding must be to exit with 1
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    fail_on: Level,

    /// Exit with 0 also when there are findings
    #[arg(long)]
    exit_zero: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

/// A severity, as typed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Level {
    /// Anything
    Info,
    /// Warnings and errors
    #[default]
    Warning,
    /// Errors only
    Error,
}

impl Check {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let selection = Selection::new(&self.select, &self.ignore)
            .map_err(|error| CliError::usage(error.to_string()))?;
        if self.fix || self.unsafe_fixes {
            return self.mend(out, &selection);
        }
        let mut report = FindingsReport::default();
        let failures = each_file(&self.files, |path, document| {
            let machine = Machine::with(Some(path));
            let findings = validate::check(document, self.by(path, &selection, &machine));
            report.push(CheckedFile::new(path, document, &findings));
        })?;
        if failures.is_total() {
            return failures.finish(out, Exit::Error);
        }
        let exit = self.exit(&report);
        out.report(&report);
        failures.finish(out, exit)
    }

    /// Mends each file, and tells what is left.
    fn mend(&self, out: &mut Output, selection: &Selection) -> Result<Exit, CliError> {
        let at_most = if self.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let options = self.write.options(&self.files, "check --fix".to_owned());
        let files = self.files.files()?;
        let (mut report, mut errors) = (FindingsReport::default(), Vec::new());
        for path in &files {
            let machine = Machine::with(Some(path));
            let by = self.by(path, selection, &machine);
            let mut mended = Vec::new();
            let edited = apply::edit_by_plan(path, &options, |document| {
                let Mended { after, mended: now } = validate::mend(document, by, at_most);
                mended = now;
                let edits = planned(document, &after, &mended);
                Plan::of_mended(document, after, edits, options.encoding)
                    .map_err(|error| apply::Error::<plan::Error>::Plan(path.clone(), error))
            });
            say(out, &options.running);
            match edited {
                Ok(outcome) => {
                    let after = outcome.plan.after();
                    let left = validate::check(after, by);
                    let file = CheckedFile::new(path, after, &left);
                    report.push(file.mended(&mended, &outcome, self.write.diff));
                }
                Err(error) => errors.push(CliError::from(error)),
            }
        }
        if errors.len() == files.len()
            && let Some(error) = errors.pop()
        {
            errors.iter().for_each(|error| out.error(error));
            return Err(error);
        }
        let exit = self.exit(&report);
        out.report(&report);
        errors.iter().for_each(|error| out.error(error));
        Ok(if errors.is_empty() { exit } else { Exit::Partial })
    }

    fn by<'c>(
        &self,
        path: &Path,
        selection: &'c Selection,
        machine: &'c Machine<'_>,
    ) -> validate::Check<'c> {
        validate::Check {
            selection,
            facts: machine,
            readable_by_others: store::readable_by_others(path),
            ..validate::Check::new(self.version.microsip)
        }
    }

    fn exit(&self, report: &FindingsReport) -> Exit {
        let level = match self.fail_on {
            Level::Info => Severity::Info,
            Level::Warning => Severity::Warning,
            Level::Error => Severity::Error,
        };
        let is_found = report.worst().is_some_and(|worst| worst >= level);
        if is_found && !self.exit_zero { Exit::Found } else { Exit::Success }
    }
}

/// Says what was mended as edits of a plan.
fn planned(before: &Document, after: &Document, mended: &[Finding]) -> Vec<PlannedEdit> {
    let read = |document: &Document, finding: &Finding| {
        let value = Profile::new(document).get(finding.section()?, finding.key()?);
        value.map(std::borrow::Cow::into_owned)
    };
    let edit = |finding: &Finding| PlannedEdit {
        section: finding.section().unwrap_or_default().to_owned(),
        key: finding.key().map(str::to_owned),
        before: read(before, finding),
        after: read(after, finding),
        reason: format!("{}: {}", finding.rule(), finding.fix().map_or("", |fix| fix.title())),
    };
    mended.iter().map(edit).collect()
}
