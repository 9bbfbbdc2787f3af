//! `locate`: finds MicroSIP.ini files.

use std::path::PathBuf;

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{LocateReport, Output};
use msipctl_core::locate::{MAX_ENTRIES, Search, find_with_skipped};

const EXAMPLES: &str = "\
Examples:
  # Find the files of the current user
  msipctl locate
  # Find the files of all users, as JSON
  msipctl locate --all-users --format json
  # Find the files on another disk
  msipctl locate --root D:\\
  # Find the files of a branded build on a mounted disk
  msipctl locate --root /mnt/disk --product LSPhone";

/// The maximum number of skipped files and folders to list.
const SHOWN_SKIPPED: usize = 10;

/// Find MicroSIP.ini files and the processes that use them
///
/// Shows for each file why MicroSIP uses it. MicroSIP names its .ini file after its program. The file is below %APPDATA% if the
/// registry lists the folder of the program, and otherwise next to the program. Exits with 1 if no file is found.
///
/// With --root, msipctl searches all folders of one file system, at any depth, follows no links, and lists what it skipped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Locate {
    /// Search the profiles of all users
    #[arg(long, conflicts_with = "root")]
    all_users: bool,

    /// Search a disk or folder of a Windows that isn't running
    ///
    /// Works on every system.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Maximum number of files and folders to search with --root
    #[arg(long, value_name = "N", default_value_t = MAX_ENTRIES, requires = "root")]
    max_entries: usize,

    /// Product name, for branded builds (repeatable)
    #[arg(long, value_name = "NAME", default_value = "MicroSIP", value_parser = product)]
    product: Vec<String>,
}

impl Locate {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        let Self { all_users, root, max_entries, product } = self;
        let hint = match (&root, all_users) {
            (Some(_), _) => {
                "pass the root of a Windows disk, or `--product NAME` for a branded build"
            }
            (None, false) => "pass `--all-users`, or `--product NAME` for a branded build",
            (None, true) => "pass `--product NAME` for a branded build",
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
            out.note(&format!("no MicroSIP.ini found; {hint}"));
            return Ok(Exit::Found);
        }
        Ok(Exit::Success)
    }
}

/// Parses the name of a product, which is also the name of a folder and of a registry key.
fn product(text: &str) -> Result<String, String> {
    let bad = |character: char| character.is_control() || "\\/:*?\"<>|".contains(character);
    match text {
        "" | "." | ".." => Err("expected a name".to_owned()),
        _ if text.contains(bad) => Err("expected a name without path characters".to_owned()),
        _ => Ok(text.to_owned()),
    }
}
