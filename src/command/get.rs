//! `get`: one value.

use std::borrow::Cow;
use std::path::Path;

use clap::Args;

use super::each::{Many, READ_AGAIN};
use super::load::each_file;
use super::show::{as_read, read_now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, SecretFlags, VersionFlags};
use crate::name::key_name;
use crate::output::{Output, ValueReport, ValueRow};
use microsip_schema::Version;
use msipctl_core::plan::as_read as as_microsip_reads;
use winini::Document;
use winini::profile::{Entry, Profile};

const EXAMPLES: &str = "\
Examples:
  msipctl get Account1.domain -i MicroSIP.ini
  msipctl get Account1.password --reveal -i MicroSIP.ini";

/// Print one value as MicroSIP reads it
///
/// Exits with 1 when the key is not set.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    /// The key; a name with a dot stands in double quotes
    #[arg(value_name = "SECTION.KEY")]
    name: String,

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

/// Says that a key is not set, and what was probably meant if MicroSIP doesn't read it there.
pub(super) fn not_set(name: &str, section: &str, key: &str) -> String {
    let meant = microsip_schema::suggest(section, key).map(|suggestion| format!(", {suggestion}"));
    format!("`{name}` is not set{}", meant.unwrap_or_default())
}

impl Get {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (section, key) = key_name(&self.name)?;
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
        let targets = self.files.targets()?;
        let many = Many::new(&self.files, &targets);
        let with_paths = many.is_several();
        let mut report =
            ValueReport { section: section.clone(), key: key.clone(), with_paths, unset: 0 };
        let done = each_file(out, &self.files, &many, &mut report, row);
        done.end(out, &report);
        if report.unset == 0 {
            return Ok(done.exit(out, Exit::Success, READ_AGAIN));
        }
        out.note(&not_set(&self.name, &section, &key));
        Ok(done.exit(out, Exit::Found, READ_AGAIN))
    }
}
