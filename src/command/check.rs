//! `check`: finds problems in files, and fixes them.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::tz::TimeZone;

use super::each::{Done, GO_ON, Many, READ_AGAIN};
use crate::baseline::Baseline;
use crate::config::{Level, Suppressions};
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{ConfigFlags, FileFlags, TargetVersion, VersionFlags, WriteFlags};
use crate::machine::Machine;
use crate::output::{CheckedFile, FindingsReport, Output};
use microsip_schema::Version;
use msipctl_core::apply;
use msipctl_core::fleet::Target;
use msipctl_core::locate;
use msipctl_core::plan::{Plan, PlannedEdit};
use msipctl_core::store::{self, FileStatus};
use msipctl_core::validate::{self, Finding, FixOutcome, RULES, Safety, Selection, Suppression};
use winini::Document;
use winini::profile::Profile;

const EXAMPLES: &str = "\
Examples:
  # Check a file
  msipctl check MicroSIP.ini
  # Preview the fixes
  msipctl check --fix --diff --dry-run MicroSIP.ini
  # Check two groups of rules, except the rules for UTF-16
  msipctl check --select encoding,hooks --ignore 'utf16*' MicroSIP.ini
  # Check a file for MicroSIP 3.21.3, and print JSON
  msipctl check MicroSIP.ini --microsip 3.21.3 --format json
  # Create an HTML report of a fleet
  msipctl check --inventory pcs.csv --format html -o check.html
  # Show only new findings in a GitHub workflow
  msipctl check MicroSIP.ini --baseline known.json --format github";

/// Check files for problems and fix them
///
/// Reports settings that MicroSIP doesn't read as the file says. Exits with 1 if a finding is at least as severe as --fail-on.
/// With --fix, only the remaining findings count. To suppress a finding, add the comment `; msipctl: ignore RULE reason` on the
/// line above it, or list it in msipctl.toml.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, mut_arg("create", |arg| arg.hide_short_help(true)))]
pub(crate) struct Check {
    /// Apply safe fixes
    ///
    /// With --dry-run and --diff, only shows them.
    #[arg(long)]
    fix: bool,

    /// Also apply fixes that might change the meaning
    ///
    /// Implies --fix.
    #[arg(long)]
    unsafe_fixes: bool,

    /// Check only these rules, groups, or patterns (repeatable)
    ///
    /// In a pattern, `*` matches any characters. `all` selects all rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,

    /// Don't check these rules, groups, or patterns (repeatable)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,

    /// Lowest severity that exits with 1 [default: warning]
    ///
    /// The configuration can set another default.
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,

    /// Hide findings of an earlier report (--format json)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Exit with 0 even if there are findings
    #[arg(long, hide_short_help = true)]
    exit_zero: bool,

    /// Write the report to a file
    ///
    /// msipctl writes UTF-8 and replaces the file in one step, whatever the shell does with redirected output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    config: ConfigFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

/// How to check files: by the command line, and for flags that it omits, by the configuration.
struct CheckOptions<'c> {
    flags: &'c VersionFlags,
    microsip: Option<Version>,
    selection: Selection,
    suppressions: Suppressions,
}

/// How to check one file.
struct FileOptions<'c> {
    selection: &'c Selection,
    machine: Machine<'c>,
    readable_by_others: &'c dyn Fn() -> Option<bool>,
    is_read_only: bool,
    is_redirected: bool,
    suppress: Vec<&'c Suppression>,
}

impl CheckOptions<'_> {
    fn file<'p>(
        &'p self,
        path: &'p Path,
        readable_by_others: &'p dyn Fn() -> Option<bool>,
        is_read_only: bool,
    ) -> FileOptions<'p> {
        FileOptions {
            selection: &self.selection,
            machine: Machine::with(Some(path)),
            readable_by_others,
            is_read_only,
            is_redirected: locate::is_redirected(msipctl_windows::system(), path),
            suppress: self.suppressions.of(path),
        }
    }

    fn target_version(&self, path: &Path, document: &Document) -> TargetVersion {
        self.flags.target_version_or(self.microsip, path, document)
    }

    fn check_with_suppressions(
        &self,
        path: &Path,
        document: &Document,
        seen: &FileStatus,
    ) -> CheckedFile {
        let readable_by_others = || seen.readable_by_others();
        let file = self.file(path, &readable_by_others, seen.is_read_only());
        let target_version = self.target_version(path, document);
        let judged = validate::check_with_suppressions(document, file.by(target_version));
        CheckedFile::new(path, document, target_version, &judged)
    }
}

impl FileOptions<'_> {
    fn by(&self, target_version: TargetVersion) -> validate::Check<'_> {
        validate::Check {
            selection: self.selection,
            facts: &self.machine,
            readable_by_others: self.readable_by_others,
            is_read_only: self.is_read_only,
            is_redirected: self.is_redirected,
            suppress: &self.suppress,
            ..validate::Check::new(target_version.microsip)
        }
    }
}

impl Check {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let config = self.config.config()?;
        let today = store::now().to_zoned(TimeZone::UTC).date();
        let (suppressions, ended) = config.suppressions(today);
        let checked = &config.check;
        let how = CheckOptions {
            flags: &self.version,
            microsip: checked.microsip,
            selection: Selection::new(
                &either(&self.select, &checked.select),
                &either(&self.ignore, &checked.ignore),
            )
            .map_err(|error| CliError::usage(error.to_string()))?,
            suppressions,
        };
        let mut baseline = self.baseline.as_deref().map(Baseline::load).transpose()?;
        ended.iter().for_each(|ended| out.warning(ended));
        let rules = RULES.iter().filter(|rule| how.selection.has(rule)).copied().collect();
        let fail_on = self.fail_on.or(checked.fail_on).unwrap_or_default().into();
        let fixing = self.fix || self.unsafe_fixes;
        let targets = self.files.targets()?;
        if let Some(output) = &self.output {
            out.write_to(output, &targets)?;
        }
        let many = Many::new(&self.files, &targets);
        let many = if fixing { many.writing(&self.write) } else { many };
        let many = many.grouping_errors(out);
        let several = many.is_several();
        let is_listed = out.lists_each(targets.list().len()) || self.write.diff;
        let mut report =
            FindingsReport::new(rules, fail_on, baseline.is_some(), several, is_listed);
        let take = |out: &mut Output, target: &Target, checked: Result<CheckedFile, &CliError>| {
            // There is no policy that could use the column as a secret.
            let site = target.site();
            match checked {
                Ok(checked) => {
                    let checked = checked.at_site(site);
                    out.row(&mut report, against(checked, &mut baseline));
                }
                Err(error) => {
                    report.push_failed(target, site, error);
                    if several {
                        out.failed_row(&report, target.path(), error);
                    }
                }
            }
        };
        let done = match fixing {
            true => self.apply_fixes(out, &how, &many, take),
            false => {
                let renderer = out.renderer();
                let has_baseline = self.baseline.is_some();
                let work = |target: &Target| {
                    let path = target.path();
                    let (document, seen) = apply::load_with_status(target, self.files.code_page())?;
                    let checked = how.check_with_suppressions(path, &document, &seen);
                    let Some(renderer) = &renderer else { return Ok(checked) };
                    let checked = if is_listed { checked.drawn(renderer) } else { checked };
                    Ok(if has_baseline { checked } else { checked.without_texts() })
                };
                many.each(out, work, take)
            }
        };
        let hint = if fixing { GO_ON } else { READ_AGAIN };
        if let Some(interruption) = done.interruption(hint) {
            report.push_end(&interruption);
        }
        done.end(out, &report);
        done.save(out, "check")?;
        if let Some(rule) = report.first_rule() {
            out.next_step(&format!("run `msipctl explain {rule}` to learn more"));
        }
        let is_found = report.is_failure() && !self.exit_zero;
        Ok(done.exit(out, if is_found { Exit::Found } else { Exit::Success }, hint))
    }

    /// Fixes each file, and reports the remaining findings.
    fn apply_fixes<'r>(
        &self,
        out: &mut Output,
        how: &CheckOptions<'_>,
        many: &Many<'r>,
        take: impl FnMut(&mut Output, &Target, Result<CheckedFile, &CliError>),
    ) -> Done<'r> {
        let at_most = if self.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let edit = self.write.options(&self.files, "check --fix".to_owned());
        let work = |target: &Target, edit: &apply::Options| {
            let path = target.path();
            let readable_by_others = || store::readable_by_others(path);
            let file = how.file(path, &readable_by_others, store::is_read_only(path));
            let mut fixed = Vec::new();
            let outcome = apply::edit_by_plan(target, edit, |document| {
                let by = file.by(how.target_version(path, document));
                let FixOutcome { after, fixed: now } = validate::apply_fixes(document, by, at_most);
                fixed = now;
                let edits = planned(document, &after, &fixed);
                Plan::of_fixed(document, after, edits, edit.encoding, at_most == Safety::Safe)
            })?;
            if outcome.plan.is_empty() {
                fixed.clear();
            }
            let after = outcome.plan.after();
            let target_version = how.target_version(path, after);
            let left = validate::check_with_suppressions(after, file.by(target_version));
            let checked = CheckedFile::new(path, after, target_version, &left);
            Ok((checked.fixed(&fixed, &outcome, self.write.diff), outcome.state))
        };
        let done = many.write(out, edit, work, take);
        done.report_limit(out);
        done
    }
}

/// Returns the values of the command line, or if there are none, of the configuration.
fn either<'t>(typed: &'t [String], configured: &'t [impl AsRef<str>]) -> Vec<&'t str> {
    match typed {
        [] => configured.iter().map(AsRef::as_ref).collect(),
        typed => typed.iter().map(AsRef::as_ref).collect(),
    }
}

fn against(file: CheckedFile, baseline: &mut Option<Baseline>) -> CheckedFile {
    match baseline {
        Some(baseline) => file.against(baseline),
        None => file,
    }
}

/// Returns the applied fixes as edits of a plan.
fn planned(before: &Document, after: &Document, fixed: &[Finding]) -> Vec<PlannedEdit> {
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
    fixed.iter().map(edit).collect()
}
