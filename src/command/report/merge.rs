//! `report merge`: merges the audit reports of many computers into one.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::baseline::read_json;
use crate::command::audit::report_file;
use crate::earlier::Earlier;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::Format;
use crate::interrupt;
use crate::output::{AuditList, AuditReport, AuditedFile, Merged, Output, count};
use msipctl_core::audit_report::RowState;
use msipctl_core::fleet::merge::{self, MergeError, MergeOptions, Summary};
use msipctl_core::fleet::{Groups, inventory_hosts};
use msipctl_core::store::{self, Input};
use msipctl_host::process;

const EXAMPLES: &str = "\
Examples:
  # Merge the reports that all PCs wrote to a share
  msipctl report merge /srv/reports --format html -o fleet.html
  # List the PCs of the inventory that have no report
  msipctl report merge /srv/reports --inventory pcs.csv --list no-report
  # Show the trend since the last two merged reports
  msipctl report merge /srv/reports --compare-to nov.json --compare-to oct.json
  # Merge reports that another program collected
  cat reports/*.json | msipctl report merge -";

/// Merge the audit reports of many PCs into one
///
/// Reads the reports of `msipctl audit -o DIR`. For each PC and file, the newest report wins. Names broken documents, PCs that
/// are silent, and PCs of the inventory without a report; none of these changes the exit code. Exits with 1 if a file drifted,
/// and with 4 if files failed. The order of the sources doesn't matter.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Merge {
    /// Folders or files with reports, or - for stdin
    ///
    /// In a folder and the folders below it, msipctl reads the files whose names end in `.json` or `.ndjson`. The first folder
    /// below it is the site of reports without one.
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,

    /// Compare with an earlier report (repeatable)
    ///
    /// Reports which drift is new and which is resolved since the newest of these reports (--format json). Several reports show
    /// the trend: how the score changed, and which keys drifted again after they were fixed.
    #[arg(long, value_name = "FILE")]
    compare_to: Vec<PathBuf>,

    /// CSV file whose column `host` lists all PCs
    ///
    /// Lists the PCs that have no report, and counts the PCs that aren't in the inventory. The column `site` takes precedence over
    /// the site in a report.
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,

    /// Days without a report after which a PC is silent
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    silent_after: u16,

    /// Time that decides which PCs are silent [default: now]
    ///
    /// A time such as 2026-12-01T00:00:00Z. Reports that are more than a day newer count as broken, because the clock of their PC
    /// is wrong.
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    as_of: Option<Timestamp>,

    /// Exit with 0 even if files drifted
    #[arg(long)]
    exit_zero: bool,

    /// Print only the names of some files or PCs, one per line
    #[arg(long, value_enum, value_name = "WHICH")]
    list: Option<AuditList>,

    /// Write the report to a file or a folder
    ///
    /// msipctl writes UTF-8 and replaces the file in one step. In a folder, the file is merged.json.
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    /// Number of files to process in parallel [default: number of CPUs]
    #[arg(long, value_name = "N", hide_short_help = true)]
    jobs: Option<NonZero<usize>>,
}

impl Merge {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.list.is_some() && out.format() != Format::Human {
            let error =
                CliError::usage("`--list` prints names, so it can't be combined with `--format`");
            return Err(error.hint("remove one of the two flags"));
        }
        let mut earlier = Earlier::load(&self.compare_to, None)?;
        let inventory = self.inventory.as_deref().map(hosts).transpose()?;
        let stop = interrupt::stop_by_interrupt();
        let mut merge = merge::Merge::new(MergeOptions {
            as_of: self.as_of.unwrap_or_else(store::now),
            silent_after: SignedDuration::from_hours(24 * i64::from(self.silent_after)),
            jobs: self
                .jobs
                .or_else(|| thread::available_parallelism().ok())
                .unwrap_or(NonZero::<usize>::MIN),
            stop,
        });
        self.read(&mut merge)?;
        if interrupt::is_interrupted() {
            out.error(&CliError::runtime("interrupted; no report was created"));
            return Ok(Exit::Interrupted);
        }
        let ignored = merge.ignored();
        let (identity, summary, mut rows) = match merge.finish(inventory) {
            Ok(found) => found,
            Err(error) => {
                if let MergeError::NoReports { broken } = &error {
                    report_broken(out, broken);
                }
                return Err(error.into());
            }
        };
        self.report_problems(out, &summary, ignored);
        if let Some(output) = &self.output {
            let file = report_file(output, &identity, out)?;
            out.write_to_file(&file);
        }
        let is_listed = out.lists_each(summary.files);
        let newest = earlier.as_ref().and_then(Earlier::newest);
        let time = identity.time;
        let mut report =
            AuditReport::merged(Merged::new(summary), identity, is_listed, self.list, newest);
        while let Some(mut row) = rows.next().map_err(MergeError::from)? {
            if let Some(earlier) = earlier.as_mut().filter(|_| row.state != RowState::Failed) {
                earlier.compare(&mut row);
            }
            out.row(&mut report, AuditedFile::merged(row));
            if out.is_closed() {
                break;
            }
        }
        if let Some(earlier) = &earlier {
            report.set_trend(earlier.trend(time, report.tally()));
        }
        out.end(&report);
        out.save("report merge")?;
        Ok(match (report.has_failed(), report.has_drift() && !self.exit_zero) {
            (true, _) => Exit::Partial,
            (false, true) => Exit::Found,
            (false, false) => Exit::Success,
        })
    }

    fn read(&self, merge: &mut merge::Merge<'_>) -> Result<(), CliError> {
        for source in &self.sources {
            let read = if source.as_os_str() == "-" {
                merge.add_stream(&mut process::input_stream())
            } else if store::is_folder(source) {
                merge.add_folder(source)
            } else if store::exists(source) {
                merge.add_file(source)
            } else {
                let error = CliError::usage("file or folder not found").at(source);
                return Err(error.hint("name a folder with reports of `msipctl audit -o DIR`"));
            };
            read.map_err(MergeError::from)?;
        }
        Ok(())
    }

    /// Reports what is missing in the merged report, on stderr.
    fn report_problems(&self, out: &mut Output, summary: &Summary, ignored: usize) {
        report_broken(out, &summary.broken_groups);
        for note in &summary.notes {
            out.warning(note);
        }
        if ignored > 0 {
            out.note(&format!(
                "{} ignored: the names don't end in .json or .ndjson",
                count(ignored, "file")
            ));
        }
    }
}

/// Names the broken documents, those with the same problem together.
fn report_broken(out: &mut Output, groups: &Groups<String>) {
    for (reason, group) in groups.in_order() {
        let number = count(group.files(), "document");
        out.warning(&format!("{reason} ({number}: {})", group.named()));
    }
    if groups.others() > 0 {
        out.warning(&format!("{} with other problems", count(groups.others(), "more document")));
    }
}

/// Reads the computers of an inventory.
fn hosts(path: &Path) -> Result<Vec<(String, Option<String>)>, CliError> {
    let text = read_json(path, Input::Inventory, "check the path")?;
    Ok(inventory_hosts(&path.display().to_string(), &text)?)
}

impl From<MergeError> for CliError {
    fn from(error: MergeError) -> Self {
        let hint = match error {
            MergeError::NoReports { .. } => {
                "run `msipctl audit POLICY -o DIR` on each PC to create reports"
            }
            MergeError::Temporary(_) => "free disk space, or set TMPDIR to another folder",
        };
        Self::runtime(error.to_string()).hint(hint)
    }
}
