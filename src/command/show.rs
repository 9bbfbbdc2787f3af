//! `show`: settings as MicroSIP reads them.

use std::borrow::Cow;
use std::path::Path;
use std::ptr;

use clap::Args;

use super::each::{Many, READ_AGAIN};
use super::load::each_file;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, SecretFlags, VersionFlags};
use crate::name::{Name, is_known, name, not_set};
use crate::output::{FileRow, KeyRow, Output, ReadNow, SectionRow, ShowReport};
use microsip_schema::{Availability, Key, Section, Since, Version};
use msipctl_core::diff::Secrets;
use msipctl_core::event::Event;
use msipctl_core::plan::{ReadProblem, as_read as as_microsip_reads};
use winini::Document;
use winini::profile::{Entry, Profile, Reading, truncate};

const EXAMPLES: &str = "\
Examples:
  # Show all settings of a file
  msipctl show MicroSIP.ini
  # Show one account as JSON
  msipctl show Account1 MicroSIP.ini --format json
  # Show all keys of a section, with defaults and descriptions
  msipctl show Settings --all --microsip 3.21.3 MicroSIP.ini";

/// Show settings as MicroSIP reads them
///
/// MicroSIP reads only the first of duplicate sections and keys. `show` lists the lines of the others next to it, and marks
/// keys that the target MicroSIP version doesn't read.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    override_usage = "msipctl show [OPTIONS] [SECTION[.KEY]] [FILE]...",
    mut_arg("paths", |arg| arg
        .value_name("SECTION[.KEY]|FILE")
        .help("Section or key to show, and files to process")
        .long_help(NAME_OR_FILE))
)]
pub(crate) struct Show {
    /// Also list keys that aren't set, and describe each key
    ///
    /// Shows the default of each key that isn't set.
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    secrets: SecretFlags,
}

/// Explains the arguments of commands that take a key, which may be a file.
pub(super) const NAME_OR_FILE: &str = "\
Section or key, and files to process

A key without its section works if only one section has it. A name with a dot is in double quotes. An argument is a file if \
it exists, ends in .ini, or has a path separator; you can also select files with `-i`.";

/// Returns a value of a key as a version reads it, and whether it is truncated.
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
        let (names, files) = self.files.split(&mut |note| out.note(note), is_known)?;
        let asked = match &names[..] {
            [] => None,
            [only] => Some(only),
            _ => {
                return Err(CliError::usage(format!(
                    "expected one section or key, found {}",
                    names.len()
                )));
            }
        };
        let selected = asked.map(|text| name(text)).transpose()?;
        let row = |path: &Path, document: &Document| {
            let target_version = self.version.target_version(path, document);
            Some(FileRow {
                path: path.display().to_string(),
                encoding: document.encoding().name(),
                microsip: target_version.microsip.to_string(),
                target_version: target_version.notice(),
                read_warning: ReadProblem::of(document, target_version.microsip)
                    .map(|reason| reason.to_string()),
                sections: self.sections(document, selected.as_ref(), target_version.microsip),
            })
        };
        let targets = files.targets()?;
        let many = Many::new(&files, &targets);
        let mut report = ShowReport::default();
        let done = each_file(out, &files, &many, &mut report, row);
        done.end(out, &report);
        let exit = match (asked, &selected) {
            (Some(asked), Some(Name { section, key })) if report.is_empty() && !done.is_total() => {
                out.note(&not_set(asked, section, key.as_deref()));
                Exit::Found
            }
            _ => Exit::Success,
        };
        Ok(done.exit(out, exit, READ_AGAIN))
    }

    fn sections(
        &self,
        document: &Document,
        selected: Option<&Name>,
        microsip: Version,
    ) -> Vec<SectionRow> {
        let only = selected.and_then(|selected| selected.key.as_deref());
        let mut rows = Vec::new();
        for reading in Profile::new(document).readings() {
            let section = reading.section;
            let name = section.name();
            if selected.is_some_and(|selected| !selected.section.eq_ignore_ascii_case(&name)) {
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
            self.add_read_now(&now, selected, microsip, &mut rows);
        }
        if self.all {
            rows.extend(missing(selected, &rows, microsip));
        }
        rows
    }

    /// Adds the values that MicroSIP reads until the file is fixed, and the keys that only MicroSIP finds.
    fn add_read_now(
        &self,
        now: &Document,
        selected: Option<&Name>,
        microsip: Version,
        rows: &mut Vec<SectionRow>,
    ) {
        let secrets = self.secrets.secrets();
        let profile = Profile::new(now);
        let only = selected.and_then(|selected| selected.key.as_deref());
        for section in rows.iter_mut() {
            for row in section.keys.iter_mut().filter(|row| row.set) {
                row.read_now = read_now(profile, &section.name, &row.key, microsip, secrets)
                    .filter(|now| now.value != row.value);
            }
        }
        for section in profile.counting_sections() {
            let name = section.name();
            let is_asked = selected.is_none_or(|it| it.section.eq_ignore_ascii_case(&name));
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
                    // A default, which isn't the value that MicroSIP reads now.
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
                // Most values are shown unchanged, and aren't copied.
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

/// Returns the value of a key that MicroSIP reads until the file is fixed; `profile` is the file as MicroSIP reads it.
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

/// Returns the sections of MicroSIP that a file doesn't have; of accounts, only the selected one.
fn missing(selected: Option<&Name>, there: &[SectionRow], microsip: Version) -> Vec<SectionRow> {
    let only = selected.and_then(|selected| selected.key.as_deref());
    let names = match selected {
        Some(selected) => vec![selected.section.as_str()],
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

/// Returns the keys of a section that aren't set; for a numbered list, its first key if the list is empty.
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
    let is_selected = |known: &Key| {
        only.is_none_or(|key| microsip_schema::find(section, key).is_some_and(|it| it == known))
    };
    let Some(part) = Section::of(section) else { return Vec::new() };
    microsip_schema::keys()
        .filter(|known| known.section() == part && matches!(known.since(), Since::Version(_)))
        .filter(|known| is_selected(known) && !is_set(known))
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

/// Returns the reason if a version doesn't read a key. Other sections and directives have no reason, because msipctl or other
/// programs read them.
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
