//! `unset`: keys and sections out of the file.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::edit::edit_files;
use super::get::not_set;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, WriteFlags};
use crate::name::name;
use crate::output::Output;
use msipctl_core::fleet::Target;
use msipctl_core::plan::Desired;
use winini::Document;
use winini::profile::Profile;

const EXAMPLES: &str = "\
Examples:
  msipctl unset Settings.userAgent -i MicroSIP.ini
  msipctl unset Calls Dialed -i MicroSIP.ini --dry-run";

/// Take keys or whole sections out; several are one write
///
/// All lines of a key go, so that no shadowed double comes to light. Comments in a section stay. The output lists each
/// removed line, duplicates with their line numbers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Unset {
    /// What to take out; a name with a dot stands in double quotes
    #[arg(value_name = "SECTION[.KEY]", required = true)]
    names: Vec<String>,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Unset {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut desired = Desired::new();
        let mut unread = Vec::new();
        for text in &self.names {
            let name = name(text)?;
            if let Some(key) = &name.key
                && microsip_schema::suggest(&name.section, key).is_some()
            {
                let is_set = AtomicBool::new(false);
                unread.push((text, name.section.clone(), key.clone(), is_set));
            }
            desired = match &name.key {
                Some(key) => desired.unset(&name.section, key, "asked for"),
                None => desired.unset_section(&name.section, "asked for"),
            };
        }
        let targets = self.files.targets()?;
        let command = format!("unset {}", self.names.join(" "));
        let decide = |_: &Target, document: &Document| {
            let profile = Profile::new(document);
            for (_, section, key, is_set) in &unread {
                if profile.entry(section, key).is_some() {
                    is_set.store(true, Ordering::Relaxed);
                }
            }
            Ok(desired.clone())
        };
        let exit = edit_files(out, &self.files, &targets, &self.write, command, decide)?;
        for (text, section, key, is_set) in &unread {
            if !is_set.load(Ordering::Relaxed) {
                out.note(&not_set(text, section, key));
            }
        }
        Ok(exit)
    }
}
