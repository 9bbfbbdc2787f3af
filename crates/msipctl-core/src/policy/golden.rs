//! A golden MicroSIP.ini as a policy: what it holds is what others shall hold.
//!
//! It is read as Windows reads it, and not with rust-ini: of like keys the first counts, quotes go, and it is
//! in UTF-16 where MicroSIP wrote it. rust-ini also keeps no places for errors.

use std::path::Path;
use std::sync::Arc;

use super::error::Error;
use super::layer::Layer;
use super::location::Location;
use super::resolved::{Expect, Item};
use super::statement::{Statement, Trust, Want};
use crate::event::RECORD;
use crate::plan::ReadProblem;
use microsip_schema::{Key, Section, Version};
use winini::profile::{Entry, Profile, SectionView};
use winini::{CodePage, Document, Encoding};

/// Reads one: every key but what belongs to one computer or person, and msipctl's record.
///
/// # Errors
///
/// [`Error`] when NUL characters end its text: what others shall hold may be in the part that is lost.
pub(super) fn layer(path: &Arc<Path>, bytes: Vec<u8>, ansi: CodePage) -> Result<Layer, Error> {
    let encoding = Encoding::detect(&bytes, ansi);
    let document = Document::parse(bytes, encoding);
    let read_problem = ReadProblem::of(&document, Version::NEWEST);
    if let Some(reason) = read_problem.filter(|reason| reason.is_nul() && reason.changes_values()) {
        let line = if let ReadProblem::NulInText { line, .. } = reason { line } else { 1 };
        let location = Location::at(path.clone(), line, 1);
        return Err(Error::new(&location, reason.to_string()).with_hint(reason.hint()));
    }
    let mut statements = Vec::new();
    for (section, entry) in of_all(&document) {
        statements.push(statement(path, &document, section, entry));
    }
    Ok(Layer { statements, ..Layer::default() })
}

/// Returns the entries that MicroSIP reads and that many computers may share.
pub(super) fn of_all(document: &Document) -> impl Iterator<Item = (SectionView<'_>, Entry<'_>)> {
    let sections = Profile::new(document).counting_sections();
    let entries = sections.flat_map(|section| {
        let entries = section.counting_entries().into_iter();
        entries.map(move |entry| (section, entry))
    });
    entries.filter(|(section, entry)| is_of_all(&section.name(), &entry.key()))
}

/// Says whether a key may be the same on many computers.
fn is_of_all(section: &str, key: &str) -> bool {
    let is_record = section.eq_ignore_ascii_case(RECORD);
    let is_list =
        matches!(Section::of(section), Some(Section::Calls | Section::Dialed | Section::Contacts));
    let of_one = |key: &Key| key.is_machine_state() || key.is_personal();
    !is_record
        && !is_list
        && !key.is_empty()
        && !microsip_schema::find(section, key).is_some_and(of_one)
}

fn statement(
    path: &Arc<Path>,
    document: &Document,
    section: SectionView<'_>,
    entry: Entry<'_>,
) -> Statement {
    let (section, key) = (section.name().into_owned(), entry.key().into_owned());
    let location = |offset| {
        let position = document.position(offset);
        Location::at(path.clone(), position.line, position.column)
    };
    let (key_place, value_place) =
        (location(entry.key_span().start()), location(entry.value_span().start()));
    let item = Item {
        secret: microsip_schema::is_secret(&section, &key),
        section: section.clone(),
        key: key.clone(),
        expect: Expect::Value(entry.value().into_owned()),
        origin: key_place.clone(),
        always: false,
    };
    Statement {
        section,
        key,
        location: key_place,
        value_place,
        want: Want::Fixed(Arc::new(item)),
        trust: Trust::Value,
        conditions: Vec::new(),
        excerpt: None,
    }
}
