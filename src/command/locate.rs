//! `locate`: where the ini files are.

use std::path::PathBuf;

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{LocateReport, Output};
use msipctl_core::locate::{MAX_ENTRIES, Search, find_with_skipped};

const EXAMPLES: &str = "\
Examples:
  msipctl locate
  msipctl locate --all-users --format json
  msipctl locate --root D:\\
  msipctl locate --root /mnt/disk --product LSPhone";

/// So many files and folders that were passed over are shown one by one.
const SHOWN_SKIPPED: usize = 10;

/// List the ini files there are, why each is one, and which process uses it
///
/// MicroSIP names its ini after its program. It is below %APPDATA% if the registry names the folder of
/// the program, and else beside the program. Exits with 1 when nothing is found.
/// With --root, msipctl looks at all folders of one file system, at any depth, goes through no link, and lists what it
/// skipped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Locate {
    /// Look into the profiles of all users, too
    #[arg(long, conflicts_with = "root")]
    all_users: bool,

    /// Look at this disk or folder only, of which no Windows runs; works on every system
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Maximum number of files and folders to look at with --root
    #[arg(long, value_name = "N", default_value_t = MAX_ENTRIES, requires = "root")]
    max_entries: usize,

    /// Name of the product, for branded builds; may be given several times
    #[arg(long, value_name = "NAME", default_value = "MicroSIP", value_parser = product)]
    product: Vec<String>,
}

impl Locate {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        let Self { all_users, root, max_entries, product } = self;
        let hint = match (&root, all_users) {
            (Some(_), _) => {
                "is it the root of a disk of Windows? A branded build needs `--product NAME`"
            }
            (None, false) => "try --all-users, or `--product NAME` for a branded build",
            (None, true) => "a branded build needs `--product NAME`",
        };
        let search = Search { products: product, all_users, root, max_entries };
        let (found, skipped) = find_with_skipped(msipctl_windows::system(), &search)?;
        let report = LocateReport::new(&found, &skipped);
        out.report(&report);
        report.skipped(SHOWN_SKIPPED).iter().for_each(|skipped| out.note(skipped));
        if let Some(limit) = report.limit() {
            out.warning(&limit);
        }
        if found.is_empty() {
            out.note(&format!("nothing found: {hint}"));
            return Ok(Exit::Found);
        }
        Ok(Exit::Success)
    }
}

/// Reads the name of a product, which is the name of a folder and of a registry key.
fn product(text: &str) -> Result<String, String> {
    let bad = |character: char| character.is_control() || "\\/:*?\"<>|".contains(character);
    match text {
        "" | "." | ".." => Err("expected a name".to_owned()),
        _ if text.contains(bad) => Err("expected a name, not a path".to_owned()),
        _ => Ok(text.to_owned()),
    }
}
