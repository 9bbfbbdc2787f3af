//! `show`: sections and keys as MicroSIP reads them.

use std::borrow::Cow;
use std::path::Path;
use std::ptr;

use clap::Args;

use super::each::{Many, READ_AGAIN};
use super::load::each_file;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, SecretFlags, VersionFlags};
use crate::name::{Name, name};
use crate::output::{FileRow, KeyRow, Output, ReadNow, SectionRow, ShowReport};
use microsip_schema::{Availability, Key, Section, Since, Version};
use msipctl_core::diff::Secrets;
use msipctl_core::event::Event;
use msipctl_core::plan::{ReadProblem, as_read as as_microsip_reads};
use winini::Document;
use winini::profile::{Entry, Profile, Reading, truncate};

const EXAMPLES: &str = "\
Examples:
  msipctl show -i MicroSIP.ini
  msipctl show Account1 -i MicroSIP.ini --format json
  msipctl show Settings --all --microsip 3.21.3 -i MicroSIP.ini";

/// Show values as MicroSIP reads them
///
/// Of like sections and keys MicroSIP reads the first; lines of the others are named beside it. What the MicroSIP aimed
/// at does not read is marked.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    /// A section, or one key of it
    #[arg(value_name = "SECTION[.KEY]")]
    name: Option<String>,

    /// List also the keys that are not set, with their defaults, and what each key means
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    secrets: SecretFlags,
}

/// Returns a value of a key as a version reads it, and whether it is cut off.
pub(super) fn as_read<'v>(
    known: Option<&Key>,
    value: &'v str,
    microsip: Version,
) -> (&'v str, bool) {
    let limit = known.map(|known| known.limit(microsip));
    let read = limit.map_or(value, |limit| truncate(value, limit));
    (read, read.len() < value.len())
}

impl Show {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let wanted = self.name.as_deref().map(name).transpose()?;
        let row = |path: &Path, document: &Document| {
            let target_version = self.version.target_version(path, document);
            Some(FileRow {
                path: path.display().to_string(),
                encoding: document.encoding().name(),
                microsip: target_version.microsip.to_string(),
                target_version: target_version.notice(),
                read_warning: ReadProblem::of(document, target_version.microsip)
                    .map(|reason| reason.to_string()),
                sections: self.sections(document, wanted.as_ref(), target_version.microsip),
            })
        };
        let targets = self.files.targets()?;
        let many = Many::new(&self.files, &targets);
        let mut report = ShowReport::default();
        let done = each_file(out, &self.files, &many, &mut report, row);
        done.end(out, &report);
        let exit = match &self.name {
            Some(name) if report.is_empty() && !done.is_total() => {
                out.note(&format!("`{name}` is not set"));
                Exit::Found
            }
            _ => Exit::Success,
        };
        Ok(done.exit(out, exit, READ_AGAIN))
    }

    fn sections(
        &self,
        document: &Document,
        wanted: Option<&Name>,
        microsip: Version,
    ) -> Vec<SectionRow> {
        let only = wanted.and_then(|wanted| wanted.key.as_deref());
        let mut rows = Vec::new();
        for reading in Profile::new(document).readings() {
            let section = reading.section;
            let name = section.name();
            if wanted.is_some_and(|wanted| !wanted.section.eq_ignore_ascii_case(&name)) {
                continue;
            }
            let mut keys = self.keys(&reading, only, microsip);
            if self.all {
                keys.extend(defaults(&name, only, microsip, &section.counting_entries()));
            }
            if only.is_none() || !keys.is_empty() {
                let line = Some(section.place().header() + 1);
                rows.push(SectionRow { name: name.into_owned(), line, keys });
            }
        }
        if let Cow::Owned(now) = as_microsip_reads(document, self.files.code_page(), microsip) {
            self.add_read_now(&now, wanted, microsip, &mut rows);
        }
        if self.all {
            rows.extend(missing(wanted, &rows, microsip));
        }
        rows
    }

    /// Adds what MicroSIP reads until the file is fixed: to each key, and the keys that only it finds.
    fn add_read_now(
        &self,
        now: &Document,
        wanted: Option<&Name>,
        microsip: Version,
        rows: &mut Vec<SectionRow>,
    ) {
        let secrets = self.secrets.secrets();
        let profile = Profile::new(now);
        let only = wanted.and_then(|wanted| wanted.key.as_deref());
        for section in rows.iter_mut() {
            for row in section.keys.iter_mut().filter(|row| row.set) {
                row.read_now = read_now(profile, &section.name, &row.key, microsip, secrets)
                    .filter(|now| now.value != row.value);
            }
        }
        for section in profile.counting_sections() {
            let name = section.name();
            let is_asked = wanted.is_none_or(|it| it.section.eq_ignore_ascii_case(&name));
            if Section::of(&name).is_none() || !is_asked {
                continue;
            }
            let place = rows.iter().position(|row| row.name.eq_ignore_ascii_case(&name));
            let place = place.unwrap_or_else(|| {
                rows.push(SectionRow {
                    name: name.clone().into_owned(),
                    line: None,
                    keys: Vec::new(),
                });
                rows.len() - 1
            });
            for entry in section.counting_entries() {
                let key = entry.key();
                let is_there = |row: &&mut KeyRow| row.key.eq_ignore_ascii_case(&key);
                if only.is_some_and(|only| !entry.is_named(only)) {
                    continue;
                }
                let now = read_now(profile, &name, &key, microsip, secrets);
                let known = microsip_schema::find(&name, &key);
                match rows[place].keys.iter_mut().find(is_there) {
                    Some(row) if row.set => {}
                    // A default, which is not what MicroSIP reads now.
                    Some(row) => row.read_now = now,
                    None => rows[place].keys.push(KeyRow {
                        key: key.clone().into_owned(),
                        value: None,
                        line: None,
                        set: false,
                        default: known.and_then(|key| key.default(microsip)),
                        on: None,
                        truncated: false,
                        shadowed_lines: Vec::new(),
                        read_now: now,
                        ignored_reason: ignored_reason(&name, &key, known, microsip),
                        description: known.map(Key::description).filter(|_| self.all),
                    }),
                }
            }
            if rows[place].keys.is_empty() && only.is_some() {
                rows.remove(place);
            }
        }
    }

    fn keys(&self, reading: &Reading<'_>, only: Option<&str>, microsip: Version) -> Vec<KeyRow> {
        let name = reading.section.name();
        let secrets = self.secrets.secrets();
        let entries = reading.entries.iter();
        entries
            .filter(|(entry, _)| only.is_none_or(|key| entry.is_named(key)))
            .map(|(entry, others)| {
                let (key, value) = (entry.key(), entry.value());
                let known = microsip_schema::find(&name, &key);
                let (read, is_truncated) = as_read(known, &value, microsip);
                let on = known.and_then(|known| known.switch_on(read, microsip));
                // Most values are shown as they are, and need not be copied: the very same text, and none like it.
                let shown = match secrets.shown(&name, &key, read) {
                    Cow::Borrowed(shown) if ptr::eq(shown, &*value) => None,
                    shown => Some(shown.into_owned()),
                };
                KeyRow {
                    on,
                    value: Some(shown.unwrap_or_else(|| value.into_owned())),
                    truncated: is_truncated,
                    line: Some(entry.line() + 1),
                    set: true,
                    default: known.and_then(|known| known.default(microsip)),
                    shadowed_lines: others.iter().map(|line| line + 1).collect(),
                    read_now: None,
                    ignored_reason: ignored_reason(&name, &key, known, microsip),
                    description: known.map(Key::description).filter(|_| self.all),
                    key: key.into_owned(),
                }
            })
            .collect()
    }
}

/// Returns what MicroSIP reads of a key until the file is fixed; `profile` is the file as it reads it.
pub(super) fn read_now(
    profile: Profile<'_>,
    section: &str,
    key: &str,
    microsip: Version,
    secrets: Secrets<'_>,
) -> Option<ReadNow> {
    let entry = profile.entry(section, key);
    let value = entry.map(Entry::value);
    let known = microsip_schema::find(section, key);
    let value = value.as_deref().map(|value| as_read(known, value, microsip).0);
    Some(ReadNow {
        value: value.map(|value| secrets.shown(section, key, value).into_owned()),
        line: entry.map(|entry| entry.line() + 1),
    })
}

/// Returns the sections of MicroSIP's that a file does not have: of accounts only the one that is wanted.
fn missing(wanted: Option<&Name>, there: &[SectionRow], microsip: Version) -> Vec<SectionRow> {
    let only = wanted.and_then(|wanted| wanted.key.as_deref());
    let names = match wanted {
        Some(wanted) => vec![wanted.section.as_str()],
        None => Section::ALL.map(Section::label).to_vec(),
    };
    let is_there = |name: &str| there.iter().any(|row| row.name.eq_ignore_ascii_case(name));
    names
        .into_iter()
        .filter(|name| !is_there(name))
        .map(|name| SectionRow {
            name: name.to_owned(),
            line: None,
            keys: defaults(name, only, microsip, &[]),
        })
        .filter(|row| !row.keys.is_empty())
        .collect()
}

/// Returns the keys of a section that are not set; of a numbered list, that it is empty.
fn defaults(
    section: &str,
    only: Option<&str>,
    microsip: Version,
    set: &[Entry<'_>],
) -> Vec<KeyRow> {
    let is_set = |known: &Key| {
        set.iter()
            .any(|entry| microsip_schema::find(section, &entry.key()).is_some_and(|it| it == known))
    };
    let is_wanted = |known: &Key| {
        only.is_none_or(|key| microsip_schema::find(section, key).is_some_and(|it| it == known))
    };
    let Some(part) = Section::of(section) else { return Vec::new() };
    microsip_schema::keys()
        .filter(|known| known.section() == part && matches!(known.since(), Since::Version(_)))
        .filter(|known| is_wanted(known) && !is_set(known))
        .map(|known| KeyRow {
            key: known.name().to_owned(),
            value: known.default(microsip).map(str::to_owned),
            line: None,
            set: false,
            default: known.default(microsip),
            on: known.default(microsip).and_then(|default| known.switch_on(default, microsip)),
            truncated: false,
            shadowed_lines: Vec::new(),
            read_now: None,
            ignored_reason: ignored_reason(section, known.name(), Some(known), microsip),
            description: Some(known.description()),
        })
        .collect()
}

/// Returns why a version doesn't read a key, if so. Sections that MicroSIP doesn't know have no reason, and neither do
/// directives, which msipctl reads.
fn ignored_reason(
    section: &str,
    key: &str,
    known: Option<&Key>,
    microsip: Version,
) -> Option<String> {
    let Some(known) = known else {
        let is_asked = Section::of(section).is_some() && Event::of_directive(key).is_none();
        return is_asked.then(|| "unknown key".to_owned());
    };
    match known.available(microsip) {
        Availability::Yes => None,
        Availability::NotBefore(since) => Some(format!("added in {since}")),
        Availability::NotAfter(until) => Some(format!("removed after {until}")),
        Availability::NotWithin(first, last) => Some(format!("missing from {first} to {last}")),
        Availability::Fork(who) => Some(format!("only the fork {who} reads it")),
        Availability::Unread => Some("no known version reads it".to_owned()),
    }
}
