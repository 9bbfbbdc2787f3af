//! `audit`: how far files are from a policy.

use std::path::{Path, PathBuf};

use clap::Args;

use super::load::each_file;
use super::policy::Standard;
use super::template::TemplateFlags;
use crate::cli::earlier::Earlier;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, VersionFlags};
use crate::cli::output::{AuditReport, AuditedFile, Output};
use crate::fleet::Audited;
use crate::ini::Document;
use crate::policy::Row;

const EXAMPLES: &str = "\
Examples:
  msipctl audit company.toml -i MicroSIP.ini
  msipctl audit company.toml --inventory desks.csv --format html > report.html
  msipctl audit company.toml --all-users --since last.json --format json > now.json
  msipctl audit golden/MicroSIP.ini -i '/mnt/profiles/*/MicroSIP.ini' --format junit";

/// Show which files are not as a policy wants them, and in what
///
/// Nothing is written. Exits with 1 when a file drifted, and with 4 when part of the files could not be read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Audit {
    /// Policy: a TOML file, or a MicroSIP.ini that the others shall be like
    #[arg(value_name = "POLICY")]
    policy: PathBuf,

    /// Say what is new and what is gone since an earlier report, made with --format json
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,

    /// Exit with 0 also when files drifted
    #[arg(long)]
    exit_zero: bool,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,
}

impl Audit {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let standard = Standard::load(
            &self.policy,
            &self.templates,
            &self.version,
            self.files.code_page(),
        )?;
        let mut earlier = self.since.as_deref().map(Earlier::load).transpose()?;
        let mut report = AuditReport::new(&self.policy, earlier.is_some());
        let look = |path: &Path, document: &Document| {
            let wanted = standard.wanted(path, &Row::default(), document)?;
            Ok::<_, CliError>((path.to_owned(), Audited::new(document, &wanted)))
        };
        let mut errors = Vec::new();
        let failures = each_file(out, &self.files, look, |_, looked| match looked {
            Ok((path, audited)) => report.push(AuditedFile::new(&path, audited, earlier.as_mut())),
            Err(error) => errors.push(error),
        })?;
        let exit = match report.has_drift() && !self.exit_zero {
            true => Exit::Found,
            false => Exit::Success,
        };
        out.report(&report);
        failures.finish(out, exit)
    }
}
