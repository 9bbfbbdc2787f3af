//! `diff`: compares two files.

use std::collections::HashMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;

use super::each::{Many, READ_AGAIN};
use super::edit::{EditNotice, NoticeGroups, print_groups};
use super::load::{read_problem, warn_read_problem};
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{CodePageFlags, SecretFlags};
use crate::output::{ChangesReport, CompareOptions, ComparedFile, ComparedReport, Output};
use msipctl_core::apply;
use msipctl_core::fleet::{Groups, Sources, Target, Targets};
use winini::Document;

const EXAMPLES: &str = "\
Examples:
  # Compare the settings of two files
  msipctl diff golden.ini MicroSIP.ini
  # Compare the lines of two files
  msipctl diff --text golden.ini MicroSIP.ini
  # Compare each file of a fleet with a golden file
  msipctl diff golden.ini pcs.csv
  # Compare two copies of the same folders
  msipctl diff backup/ profiles/";

/// Compare files or folders
///
/// Compares the keys as MicroSIP reads them, or the lines with `--text`. Each side is a file, a folder, a pattern, or an
/// inventory (.csv). One file is compared with every file of the other side. Two folders are compared by relative path.
///
/// By default, msipctl omits machine state, such as window positions and dialed numbers.
///
/// Exits with 1 if the files differ.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// First file, folder, or inventory
    #[arg(value_name = "A")]
    before: PathBuf,

    /// Second file, folder, or inventory
    #[arg(value_name = "B")]
    after: PathBuf,

    /// Compare lines, and show a unified diff
    #[arg(long)]
    text: bool,

    /// Compare machine state, too
    #[arg(long)]
    all: bool,

    /// Exit with 0 even if the files differ
    #[arg(long)]
    exit_zero: bool,

    #[command(flatten)]
    code_page: CodePageFlags,

    #[command(flatten)]
    secrets: SecretFlags,
}

/// The files of one side.
struct Side<'a> {
    named: &'a Path,
    is_inventory: bool,
    targets: Targets,
}

impl<'a> Side<'a> {
    fn find(named: &'a Path) -> Result<Self, CliError> {
        let is_inventory = named.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
        let paths = vec![named.to_owned()];
        let sources = match is_inventory {
            true => Sources { inventories: paths, ..Sources::default() },
            false => Sources { paths, ..Sources::default() },
        };
        Ok(Self { named, is_inventory, targets: sources.find(msipctl_windows::system())? })
    }

    /// Returns the only file, if there is one.
    fn only(&self) -> Option<&Target> {
        match self.targets.list() {
            [only] if !self.is_inventory => Some(only),
            _ => None,
        }
    }
}

/// What each file is compared with.
enum Counterpart {
    /// One file, which comes first or second.
    Same { path: PathBuf, document: Document, is_before: bool },
    /// The first file of each pair, by the path of the second one.
    Pairs(HashMap<PathBuf, Target>),
}

impl Diff {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (before, after) = (Side::find(&self.before)?, Side::find(&self.after)?);
        let has_differences = match (before.only(), after.only()) {
            (Some(one), Some(other)) => self.compare_two(out, one, other)?,
            (Some(one), None) => {
                let counterpart = self.one_file(one, true)?;
                return self.compare_many(out, &after.targets, &counterpart, Vec::new());
            }
            (None, Some(one)) => {
                let counterpart = self.one_file(one, false)?;
                return self.compare_many(out, &before.targets, &counterpart, Vec::new());
            }
            (None, None) => {
                let (targets, counterpart, unpaired) = pairs(&before, &after)?;
                return self.compare_many(out, &targets, &counterpart, unpaired);
            }
        };
        Ok(if has_differences && !self.exit_zero { Exit::Found } else { Exit::Success })
    }

    fn options(&self) -> CompareOptions {
        CompareOptions {
            secrets: self.secrets.secrets(),
            has_text: self.text,
            has_machine_state: self.all,
        }
    }

    fn load(&self, target: &Target) -> Result<Document, CliError> {
        if let Some(error) = target.error() {
            return Err(CliError::of_target(target, error));
        }
        Ok(apply::load(target, self.code_page.code_page())?)
    }

    /// Compares two files, and returns whether they differ.
    fn compare_two(
        &self,
        out: &mut Output,
        before: &Target,
        after: &Target,
    ) -> Result<bool, CliError> {
        let documents = (self.load(before)?, self.load(after)?);
        warn_read_problem(out, before.path(), &documents.0);
        warn_read_problem(out, after.path(), &documents.1);
        let names = (shown(before.path()), shown(after.path()));
        let report = ChangesReport::new(names, &documents.0, &documents.1, self.options());
        out.report(&report);
        Ok(!report.is_empty())
    }

    fn one_file(&self, target: &Target, is_before: bool) -> Result<Counterpart, CliError> {
        let document = self.load(target)?;
        Ok(Counterpart::Same { path: target.path().to_owned(), document, is_before })
    }

    /// Compares files with their counterparts.
    fn compare_many(
        &self,
        out: &mut Output,
        targets: &Targets,
        counterpart: &Counterpart,
        unpaired: Vec<ComparedFile>,
    ) -> Result<Exit, CliError> {
        let count = targets.list().len() + unpaired.len();
        let is_listed = out.lists_each(count) || self.text;
        let mut report = ComparedReport::new(is_listed);
        let mut noted: NoticeGroups = (!is_listed).then(Groups::default);
        let work = |target: &Target| {
            let document = self.load(target)?;
            let problem = read_problem(&document).map(EditNotice::Warning);
            let path = shown(target.path());
            let compared = match counterpart {
                Counterpart::Same { path: other, document: before, is_before: true } => {
                    ComparedFile::new(
                        &path,
                        (shown(other), path.clone()),
                        before,
                        &document,
                        self.options(),
                    )
                }
                Counterpart::Same { path: other, document: after, is_before: false } => {
                    ComparedFile::new(
                        &path,
                        (path.clone(), shown(other)),
                        &document,
                        after,
                        self.options(),
                    )
                }
                Counterpart::Pairs(pairs) => {
                    let first = pairs.get(target.path()).ok_or_else(|| {
                        CliError::runtime("the file has no counterpart").at(target.path())
                    })?;
                    let before = self.load(first)?;
                    let names = (shown(first.path()), path.clone());
                    ComparedFile::new(&path, names, &before, &document, self.options())
                }
            };
            Ok((compared, problem))
        };
        let jobs = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let many = Many::with_jobs(jobs, targets).grouping_errors(out);
        let done = many.each(out, work, |out, target, compared| match compared {
            Ok((file, problem)) => {
                problem.into_iter().for_each(|it| it.report(out, target.path(), &mut noted));
                out.row(&mut report, file);
            }
            Err(error) => {
                report.push_failed(target.path(), error);
                out.failed_row(&report, target.path(), error);
            }
        });
        unpaired.into_iter().for_each(|file| out.row(&mut report, file));
        print_groups(out, noted);
        out.end(&report);
        let has_differences = report.has_differences() && !self.exit_zero;
        let exit = if has_differences { Exit::Found } else { Exit::Success };
        Ok(done.exit(out, exit, READ_AGAIN))
    }
}

/// Pairs the files of two folders by their relative paths. Returns the second files of all pairs, their counterparts, and
/// the files without one.
fn pairs(
    before: &Side<'_>,
    after: &Side<'_>,
) -> Result<(Targets, Counterpart, Vec<ComparedFile>), CliError> {
    if before.is_inventory || after.is_inventory {
        let error = CliError::usage("an inventory can only be compared with one file");
        return Err(error.hint("name one file on the other side, for example a golden file"));
    }
    let relative = |side: &Side<'_>, target: &Target| {
        target.path().strip_prefix(side.named).unwrap_or(target.path()).to_owned()
    };
    let mut first: HashMap<PathBuf, Target> =
        before.targets.list().iter().map(|it| (relative(before, it), it.clone())).collect();
    let (mut targets, mut counterparts, mut unpaired) = (Vec::new(), HashMap::new(), Vec::new());
    for target in after.targets.list() {
        match first.remove(&relative(after, target)) {
            Some(counterpart) => {
                counterparts.insert(target.path().to_owned(), counterpart);
                targets.push(target.clone());
            }
            None => unpaired.push(ComparedFile::unpaired(shown(target.path()), false)),
        }
    }
    let left = before.targets.list().iter().filter(|it| first.contains_key(&relative(before, it)));
    unpaired.extend(left.map(|it| ComparedFile::unpaired(shown(it.path()), true)));
    Ok((Targets::new(targets), Counterpart::Pairs(counterparts), unpaired))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
