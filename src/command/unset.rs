//! `unset`: removes keys and sections.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::edit::edit_files;
use super::show::NAME_OR_FILE;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, WriteFlags};
use crate::name::{is_known, name, near_section, not_set};
use crate::output::Output;
use msipctl_core::fleet::Target;
use msipctl_core::plan::Desired;
use winini::Document;
use winini::profile::Profile;

const EXAMPLES: &str = "\
Examples:
  # Remove one key
  msipctl unset userAgent MicroSIP.ini
  # Preview the removal of the call lists
  msipctl unset Calls Dialed MicroSIP.ini --dry-run";

/// Remove keys or sections
///
/// Writes all removals at once. Removes all duplicates of a key, so that no shadowed one takes effect. Keeps the comments in a
/// section. Lists each removed line, and the line numbers of duplicates.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    override_usage = "msipctl unset [OPTIONS] <SECTION[.KEY]>... [FILE]...",
    mut_arg("paths", |arg| arg
        .value_name("SECTION[.KEY]|FILE")
        .required(true)
        .help("Sections or keys to remove, and files to process")
        .long_help(NAME_OR_FILE))
)]
pub(crate) struct Unset {
    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Unset {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (names, files) = self.files.split(&mut |note| out.note(note), is_known)?;
        if names.is_empty() {
            let error = CliError::usage("missing section or key to remove");
            return Err(error.hint("for example, run `msipctl unset Settings.userAgent`"));
        }
        let mut desired = Desired::new();
        let mut unread = Vec::new();
        for text in &names {
            let name = name(text)?;
            let key = name.key.as_deref();
            let is_misspelled = near_section(&name.section).is_some()
                || key.is_some_and(|key| microsip_schema::suggest(&name.section, key).is_some());
            if is_misspelled {
                let is_set = AtomicBool::new(false);
                unread.push((text, name.section.clone(), name.key.clone(), is_set));
            }
            desired = match &name.key {
                Some(key) => desired.unset(&name.section, key, "asked for"),
                None => desired.unset_section(&name.section, "asked for"),
            };
        }
        let targets = files.targets()?;
        let command = format!("unset {}", names.join(" "));
        let decide = |_: &Target, document: &Document| {
            let profile = Profile::new(document);
            for (_, section, key, is_set) in &unread {
                let is_found = match key {
                    Some(key) => profile.entry(section, key).is_some(),
                    None => profile
                        .counting_sections()
                        .any(|it| it.name().eq_ignore_ascii_case(section)),
                };
                if is_found {
                    is_set.store(true, Ordering::Relaxed);
                }
            }
            Ok(desired.clone())
        };
        let exit = edit_files(out, &files, &targets, &self.write, command, decide)?;
        for (text, section, key, is_set) in &unread {
            if !is_set.load(Ordering::Relaxed) {
                out.note(&not_set(text, section, key.as_deref()));
            }
        }
        Ok(exit)
    }
}
