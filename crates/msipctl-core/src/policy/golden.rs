//! A golden MicroSIP.ini as a policy: each of its keys is a value that other files must have.
//!
//! It's read as Windows reads it, and not with rust-ini: the first duplicate wins, outer quotes are stripped, and the
//! file is in UTF-16 if MicroSIP wrote it. rust-ini also has no locations for errors.
//!
//! In a file whose name ends in `.template.ini`, values are templates over a row of the inventory.

use std::path::Path;
use std::sync::Arc;

use super::error::{Error, Errors};
use super::item::{Expect, Item};
use super::layer::Layer;
use super::location::{Excerpt, Location};
use super::scope::Scope;
use super::statement::{Statement, Trust, Want};
use super::text::Text;
use super::written::Scalar;
use crate::event::RECORD;
use crate::hook::TextEngine;
use crate::plan::ReadProblem;
use microsip_schema::{Key, Section, Version};
use winini::profile::{Entry, Profile, SectionView};
use winini::{CodePage, Document, Encoding};

/// Returns every key of a golden file, except machine-specific and personal ones, and msipctl's record.
///
/// # Errors
///
/// When NUL characters end its text, because keys may be missing then. When a value is a template, and the file isn't named
/// as one.
pub(super) fn layer(
    path: &Arc<Path>,
    bytes: Vec<u8>,
    ansi: CodePage,
    engine: &TextEngine,
) -> Result<Layer, Errors> {
    let encoding = Encoding::detect(&bytes, ansi);
    let document = Document::parse(bytes, encoding);
    let read_problem = ReadProblem::of(&document, Version::NEWEST);
    if let Some(reason) = read_problem.filter(|reason| reason.is_nul() && reason.changes_values()) {
        let line = if let ReadProblem::NulInText { line, .. } = reason { line } else { 1 };
        let location = Location::at(path.clone(), line, 1);
        return Err(Error::new(&location, reason.to_string()).with_hint(reason.hint()).into());
    }
    let (mut statements, mut errors) = (Vec::new(), Errors::default());
    for (section, entry) in of_all(&document) {
        let statement = statement(path, &document, section, entry);
        match rendered(statement, &entry.value(), is_template(path), engine) {
            Ok(statement) => statements.push(statement),
            Err(error) => errors.push(error),
        }
    }
    let layer = Layer { statements, ..Layer::default() };
    let masked = layer.without_secrets(document.bytes());
    errors.or_ok(Layer { masked, ..layer })
}

/// Returns whether a file is named as a template, whose values are rendered for each file.
fn is_template(path: &Path) -> bool {
    let stem = path.file_stem().map(Path::new).and_then(Path::extension);
    stem.is_some_and(|extension| extension.eq_ignore_ascii_case("template"))
}

/// Returns a statement whose value is rendered for each file, if it has tags.
///
/// # Errors
///
/// When the template is invalid, or the file isn't named as one.
fn rendered(
    statement: Statement,
    value: &str,
    is_template: bool,
    engine: &TextEngine,
) -> Result<Statement, Error> {
    let is_tag =
        |(start, end): (&str, &str)| value.find(start).is_some_and(|at| value[at..].contains(end));
    if !is_template && ![("{{", "}}"), ("{%", "%}")].into_iter().any(is_tag) {
        return Ok(statement);
    }
    let (section, key) = (&statement.section, &statement.key);
    let excerpt =
        (!microsip_schema::is_secret(section, key) && value.len() <= MAX_VALUE).then(|| {
            let text = format!("{key}={}", microsip_schema::mask(section, key, value));
            Excerpt { marked: key.len() + 1..text.len(), text }
        });
    if !is_template {
        let message = format!(
            "the value of `{section}.{key}` is a template, but msipctl doesn't render a golden file"
        );
        let hint = "to fill it from the inventory, rename the file so that its name ends in `.template.ini`";
        let error = Error::new(&statement.value_place, message).with_hint(hint);
        return Err(error.with_excerpt(excerpt));
    }
    match Text::new(Scalar(value.to_owned()), &statement.value_place, engine) {
        Ok(Text::Fixed(_)) => Ok(statement),
        Ok(text) => {
            Ok(Statement { want: Want::Value(text), trust: Trust::Nothing, excerpt, ..statement })
        }
        Err(error) => Err(error.with_excerpt(excerpt)),
    }
}

/// The maximum length of a value that is shown with an error, in bytes.
const MAX_VALUE: usize = 400;

/// Returns the entries that MicroSIP reads and that many PCs can share.
pub(super) fn of_all(document: &Document) -> impl Iterator<Item = (SectionView<'_>, Entry<'_>)> {
    let sections = Profile::new(document).counting_sections();
    let entries = sections.flat_map(|section| {
        let entries = section.counting_entries().into_iter();
        entries.map(move |entry| (section, entry))
    });
    entries.filter(|(section, entry)| is_of_all(&section.name(), &entry.key()))
}

/// Returns whether many PCs can share a key.
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
        variable: None,
    };
    Statement {
        section,
        scope: Scope::Section,
        key,
        location: key_place,
        value_place,
        value_span: entry.value_span().range(),
        want: Want::Fixed(Arc::new(item)),
        trust: Trust::Value,
        conditions: Vec::new(),
        excerpt: None,
        is_default: false,
    }
}
