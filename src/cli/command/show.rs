//! `show`: sections and keys as MicroSIP reads them.

use std::collections::HashMap;

use clap::Args;

use super::load::{each_file, warn_misread};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, SecretFlags, VersionFlags};
use crate::cli::name::{Name, name};
use crate::cli::output::{FileRow, KeyRow, Output, SectionRow, ShowReport};
use crate::ini::Document;
use crate::profile::{Entry, Profile, SectionView, cut};
use crate::schema::{self, Version};

const EXAMPLES: &str = "\
Examples:
  msipctl show -i MicroSIP.ini
  msipctl show Account1 -i MicroSIP.ini --format json";

/// Show values as MicroSIP reads them
///
/// Of like sections and keys MicroSIP reads the first; lines of the others are named beside it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Show {
    /// A section, or one key of it
    #[arg(value_name = "SECTION[.KEY]")]
    name: Option<String>,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    secrets: SecretFlags,
}

/// Returns a value as a version reads it, and whether it is cut off.
pub(super) fn as_read<'v>(
    section: &str,
    key: &str,
    value: &'v str,
    microsip: Version,
) -> (&'v str, bool) {
    let limit = schema::find(section, key).map(|known| known.limit(microsip));
    let read = limit.map_or(value, |limit| cut(value, limit));
    (read, read.len() < value.len())
}

impl Show {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let wanted = self.name.as_deref().map(name).transpose()?;
        let mut files = Vec::new();
        let failures = each_file(&self.files, |path, document| {
            warn_misread(out, path, document);
            let microsip = self.version.aim(path, document).microsip;
            let sections = self.sections(document, wanted.as_ref(), microsip);
            let path = path.display().to_string();
            files.push(FileRow { path, encoding: document.encoding().name(), sections });
        })?;
        if failures.is_total() {
            return failures.finish(out, Exit::Error);
        }
        let found = files.iter().any(|file| !file.sections.is_empty());
        out.report(&ShowReport { files });
        let exit = match &self.name {
            Some(name) if !found => {
                out.note(&format!("`{name}` is not set"));
                Exit::Found
            }
            _ => Exit::Success,
        };
        failures.finish(out, exit)
    }

    fn sections(
        &self,
        document: &Document,
        wanted: Option<&Name>,
        microsip: Version,
    ) -> Vec<SectionRow> {
        let profile = Profile::new(document);
        let only = wanted.and_then(|wanted| wanted.key.as_deref());
        let all = profile.entries_by_name();
        let mut rows = Vec::new();
        for section in profile.counting_sections() {
            let name = section.name();
            if wanted.is_some_and(|wanted| !wanted.section.eq_ignore_ascii_case(&name)) {
                continue;
            }
            let keys = self.keys(section, only, &all, microsip);
            if only.is_none() || !keys.is_empty() {
                let line = section.place().header() + 1;
                rows.push(SectionRow { name: name.into_owned(), line, keys });
            }
        }
        rows
    }

    fn keys(
        &self,
        section: SectionView<'_>,
        only: Option<&str>,
        all: &HashMap<(String, String), Vec<Entry<'_>>>,
        microsip: Version,
    ) -> Vec<KeyRow> {
        let name = section.name();
        let secrets = self.secrets.secrets();
        let wanted = section.counting_entries().into_iter();
        wanted
            .filter(|entry| only.is_none_or(|key| entry.is_named(key)))
            .map(|entry| {
                let (key, value) = (entry.key(), entry.value());
                let (value, is_cut) = as_read(&name, &key, &value, microsip);
                let names = (name.to_ascii_lowercase(), key.to_ascii_lowercase());
                let same = all.get(&names).map(Vec::as_slice).unwrap_or_default();
                KeyRow {
                    value: secrets.shown(&name, &key, value).into_owned(),
                    cut: is_cut,
                    line: entry.line() + 1,
                    set: true,
                    shadowed_lines: same.iter().skip(1).map(|other| other.line() + 1).collect(),
                    key: key.clone().into_owned(),
                }
            })
            .collect()
    }
}
