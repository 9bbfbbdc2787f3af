//! `get`: one value.

use std::borrow::Cow;
use std::path::Path;

use clap::Args;

use super::each::{Many, READ_AGAIN};
use super::load::each_file;
use super::show::{NAME_OR_FILE, as_read, read_now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, SecretFlags, VersionFlags};
use crate::name::{is_known, key_name, not_set};
use crate::output::{Output, ValueReport, ValueRow};
use microsip_schema::Version;
use msipctl_core::plan::as_read as as_microsip_reads;
use winini::Document;
use winini::profile::{Entry, Profile};

const EXAMPLES: &str = "\
Examples:
  # Print the domain of the first account
  msipctl get Account1.domain MicroSIP.ini
  # Print a password
  msipctl get Account1.password --reveal MicroSIP.ini";

/// Print one value
///
/// Prints the value as MicroSIP reads it. Exits with 1 if the key isn't set.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    override_usage = "msipctl get [OPTIONS] <[SECTION.]KEY> [FILE]...",
    mut_arg("paths", |arg| arg
        .value_name("[SECTION.]KEY|FILE")
        .required(true)
        .help("Key to print, and files to process")
        .long_help(NAME_OR_FILE))
)]
pub(crate) struct Get {
    /// Print the value as it is written, quotes included
    ///
    /// `set --raw` writes such a value back.
    #[arg(long)]
    raw: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    secrets: SecretFlags,
}

impl Get {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (names, files) = self.files.split(&mut |note| out.note(note), is_known)?;
        let [name] = &names[..] else {
            let error = CliError::usage(format!("expected one key, found {}", names.len()));
            return Err(error.hint("for example, run `msipctl get Account1.domain`"));
        };
        let (section, key) = key_name(name)?;
        let known = microsip_schema::find(&section, &key);
        let code_page = self.files.code_page();
        let now = |document: &Document, microsip: Version, value: Option<&str>| {
            let Cow::Owned(now) = as_microsip_reads(document, code_page, microsip) else {
                return None;
            };
            let secrets = self.secrets.secrets();
            let read = read_now(Profile::new(&now), &section, &key, microsip, secrets)?;
            let shown = value.map(|value| {
                let (value, _) = as_read(known, value, microsip);
                secrets.shown(&section, &key, value)
            });
            (read.value.as_deref() != shown.as_deref()).then_some(read)
        };
        let row = |path: &Path, document: &Document| {
            let microsip = self.version.target_version_quickly(document).microsip;
            let entry = Profile::new(document).entry(&section, &key);
            let value = entry.map(if self.raw { Entry::written } else { Entry::value });
            let shown = |value: &str| {
                let (read, _) = as_read(known, value, microsip);
                let value = if self.raw { value } else { read };
                self.secrets.secrets().shown(&section, &key, value).into_owned()
            };
            Some(ValueRow {
                path: path.display().to_string(),
                section: section.clone(),
                key: key.clone(),
                value: value.as_deref().map(shown),
                line: entry.map(|entry| entry.line() + 1),
                set: entry.is_some(),
                read_now: now(document, microsip, entry.map(Entry::value).as_deref()),
            })
        };
        let targets = files.targets()?;
        let many = Many::new(&files, &targets);
        let with_paths = many.is_several();
        let mut report =
            ValueReport { section: section.clone(), key: key.clone(), with_paths, unset: 0 };
        let done = each_file(out, &files, &many, &mut report, row);
        done.end(out, &report);
        if report.unset == 0 {
            return Ok(done.exit(out, Exit::Success, READ_AGAIN));
        }
        out.note(&not_set(name, &section, Some(&key)));
        Ok(done.exit(out, Exit::Found, READ_AGAIN))
    }
}
