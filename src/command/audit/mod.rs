//! `audit`: reports drift from a policy.

mod output;

use std::path::PathBuf;

use clap::Args;

pub(super) use self::output::report_file;
use super::each::{Many, READ_AGAIN};
use super::edit::{EditNotice, NoticeGroups, print_groups};
use super::load::readable;
use super::pending_drift::PendingDrift;
use super::policy::Standard;
use super::send::{SendFlags, print_warnings};
use super::template::TemplateFlags;
use crate::earlier::Earlier;
use crate::engine_flags::{EngineFlags, EngineRun};
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, Format, VersionFlags};
use crate::output::{AuditList, AuditReport, AuditedFile, Output};
use msipctl_core::apply;
use msipctl_core::audit_report::AuditRow;
use msipctl_core::fleet::{Groups, Target};
use msipctl_core::store::RunId;

const EXAMPLES: &str = "\
Examples:
  # Compare a file with a policy
  msipctl audit company.toml MicroSIP.ini
  # Create an HTML report of a fleet
  msipctl audit company.toml --inventory pcs.csv --format html -o report.html
  # Collect the reports of all PCs on a share
  msipctl audit company.toml -o '\\\\files\\reports\\'
  # Report what changed since the last report
  msipctl audit company.toml --all-users --compare-to last.json --format json -o now.json
  # Compare files with a golden file, for a CI server
  msipctl audit golden/MicroSIP.ini -i '/mnt/profiles/*/MicroSIP.ini' --format junit
  # List the PCs that lack a hook of the policy
  msipctl audit company.toml --inventory pcs.csv --list missing-hooks
  # Print one line for an Intune detection script
  msipctl audit company.toml --engine intune";

/// Report drift from a policy
///
/// Lists the files that don't match the policy, and their differences. Writes nothing. Exits with 1 if a file drifted, and with 4
/// if some files can't be read. msipctl can't verify passwords that MicroSIP encrypted. Every format reports their number, and
/// they don't count in the score.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    mut_arg("engine", |arg| arg.conflicts_with_all(["list", "exit_zero"])),
)]
pub(crate) struct Audit {
    /// Policy, a TOML file or a golden MicroSIP.ini
    #[arg(value_name = "POLICY")]
    policy: PathBuf,

    /// Compare with an earlier report (repeatable)
    ///
    /// Reports which drift is new and which is resolved since the newest of these reports (--format json). Several reports show
    /// the trend: how the score changed, and which keys drifted again after they were fixed.
    #[arg(long, value_name = "FILE")]
    compare_to: Vec<PathBuf>,

    /// Exit with 0 even if files drifted
    #[arg(long)]
    exit_zero: bool,

    /// Print only the paths of some files, one per line
    #[arg(long, value_parser = AuditList::of_audit(), value_name = "WHICH")]
    list: Option<AuditList>,

    /// Write the report to a file or a folder
    ///
    /// msipctl writes UTF-8 and replaces the file in one step, whatever the shell does with redirected output. In a folder, the
    /// report of each PC and user has its own file, HOST-USER.json, for `msipctl report merge`.
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    engine: EngineFlags,

    #[command(flatten)]
    send: SendFlags,
}

impl Audit {
    /// Returns how an engine runs it, if one does.
    pub(super) fn engine(&self) -> Option<EngineRun> {
        self.engine.run(false, self.output.is_some())
    }

    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.list.is_some() && out.format() != Format::Human {
            let error =
                CliError::usage("`--list` prints paths, so it can't be combined with `--format`");
            return Err(error.hint("remove one of the two flags"));
        }
        let code_page = self.files.code_page();
        let standard = Standard::load(&self.policy, &self.templates, &self.version, code_page)?;
        let standard = standard.without_secrets();
        standard.warn(out);
        let run = RunId::new();
        let identity = standard.identity(&run);
        let mut earlier = Earlier::load(&self.compare_to, Some(identity.clone()))?;
        let targets = self.engine.targets(&self.files)?;
        standard.check_targets(&targets)?;
        if let Some(output) = &self.output {
            let file = report_file(output, &identity, out)?;
            out.write_to(&file, &targets)?;
        }
        let mut sinks = self.send.begin(&run, &self.policy, &targets)?;
        let count = targets.list().len();
        let mut report = AuditReport::new(
            standard.policies(),
            identity.clone(),
            count,
            out.lists_each(count),
            self.list,
            earlier.as_ref().and_then(Earlier::newest),
        );
        let has_names = out.lists_rules();
        let has_rows = report.shows_files(out.format()) || earlier.is_some();
        let work = |target: &Target| {
            let document = apply::load(target, code_page)?;
            let microsip = || self.version.target_version(target.path(), &document).microsip;
            readable(target.path(), &document, microsip)?;
            standard.audit(target, &document, has_names)
        };
        let pending =
            self.engine().map(|_| PendingDrift::load(&standard, self.files.inventories()));
        let mut noted: NoticeGroups = (!out.lists_each(count)).then(Groups::default);
        let many = Many::new(&self.files, &targets).grouping_errors(out);
        let done = many.each(out, work, |out, target, audited| match audited {
            Ok((audited, notes, names)) => {
                report.add_names(names);
                let is_pending = |it: &PendingDrift| it.removes(target.path(), &audited.drift);
                if let Some(line) = out.line().filter(|_| pending.as_ref().is_some_and(is_pending))
                {
                    line.add_pending();
                }
                let notes = notes.into_iter().map(EditNotice::Note);
                notes.for_each(|note| note.report(out, target.path(), &mut noted));
                sinks.audited(target.path(), &audited);
                let path = target.path().display().to_string();
                let file = AuditedFile::new(audited, path, has_rows, |row| {
                    standard.describe(target, row);
                    earlier.iter_mut().for_each(|earlier| earlier.compare(row));
                });
                out.row(&mut report, file);
            }
            Err(error) => {
                sinks.not_audited(target.path(), error.without_path());
                let mut row = AuditRow::failed(target.path().display().to_string());
                standard.describe(target, &mut row);
                report.push_failed(row, error);
                // On a terminal, the error of a single file is all there is to say.
                if count > 1 || self.list.is_some() || self.output.is_some() {
                    out.failed_row(&report, target.path(), error);
                }
            }
        });
        print_groups(out, noted);
        if let Some(earlier) = &earlier {
            report.set_trend(earlier.trend(identity.time, report.tally()));
        }
        if let Some(interruption) = done.interruption(READ_AGAIN) {
            report.push_end(&interruption);
        }
        done.end(out, &report);
        done.save(out, "audit")?;
        print_warnings(out, &sinks.end_audit(!done.is_interrupted()));
        let exit = match report.has_drift() && !self.exit_zero {
            true => Exit::Found,
            false => Exit::Success,
        };
        Ok(done.exit(out, exit, READ_AGAIN))
    }
}
