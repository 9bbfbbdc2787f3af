//! `locate`: where the ini files are.

use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::{LocateReport, Output};
use crate::locate::{Search, find};
use crate::windows;

const EXAMPLES: &str = "\
Examples:
  msipctl locate
  msipctl locate --all-users --format json
  msipctl locate --root D:\\
  msipctl locate --root /mnt/disk --product LSPhone";

/// List the ini files there are, why each is one, and which process uses it
///
/// MicroSIP names its ini after its program. It is below %APPDATA% if the registry names the folder of
/// the program, and else beside the program. Exits with 1 when nothing is found.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Locate {
    /// Look into the profiles of all users, too
    #[arg(long, conflicts_with = "root")]
    all_users: bool,

    /// Look at this disk or folder only, of which no Windows runs; works on every system
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Name of the product, for branded builds; may be given several times
    #[arg(long, value_name = "NAME", default_value = "MicroSIP", value_parser = product)]
    product: Vec<String>,
}

impl Locate {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        let Self { all_users, root, product } = self;
        let hint = match (&root, all_users) {
            (Some(_), _) => {
                "is it the root of a disk of Windows? A branded build needs `--product NAME`"
            }
            (None, false) => "try --all-users, or `--product NAME` for a branded build",
            (None, true) => "a branded build needs `--product NAME`",
        };
        let search = Search { products: product, all_users, root };
        let found = find(windows::system(), &search)?;
        let report = LocateReport::new(&found);
        out.report(&report);
        if found.is_empty() {
            out.note(&format!("nothing found: {hint}"));
            return Ok(Exit::Found);
        }
        Ok(Exit::Success)
    }
}

/// Reads the name of a product, which is the name of a folder and of a registry key.
fn product(text: &str) -> Result<String, String> {
    let bad = |letter: char| letter.is_control() || "\\/:*?\"<>|".contains(letter);
    match text {
        "" | "." | ".." => Err("expected a name".to_owned()),
        _ if text.contains(bad) => Err("expected a name, not a path".to_owned()),
        _ => Ok(text.to_owned()),
    }
}
