//! Computes the edits after which the profile functions return the intended value.
//!
//! Keys are placed like `WritePrivateProfileString` does: an existing key keeps its line, a new key goes after the last key of
//! its section and before any comments that follow it, and a new section goes at the end. A line that contains only the name
//! of the key, without `=`, becomes the key. New lines use the line ending and the spaces around `=` of their neighbors. If
//! Windows would read a different value than it writes, this code adds quotes or returns an error.

use std::borrow::Cow;

use crate::document::Document;
use crate::edit::Edit;
use crate::lexer::LineKind;
use crate::whitespace::WHITESPACE;

use super::value::read_rule;
use super::view::{Entry, Profile, SectionView};

/// The reason why Windows couldn't read back a section name, key, or value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It contains a line break, which no quotes can protect.
    #[error("invalid {what}: a line break would end the line")]
    LineBreak {
        /// `section name`, `key`, or `value`.
        what: &'static str,
    },
    /// It contains a NUL character, where Windows ends a text.
    #[error("invalid {what}: Windows would truncate it at the NUL character")]
    Nul {
        /// `section name`, `key`, or `value`.
        what: &'static str,
    },
    /// The value is too long. Windows computes its length modulo 65,536.
    #[error(
        "value too long: it has {units} UTF-16 code units, and Windows reads at most 65535 including quotes"
    )]
    TooLong {
        /// The length in UTF-16 code units.
        units: usize,
    },
    /// The name starts or ends with a tab or vertical tab, which Windows strips when it reads the file.
    #[error("invalid {what}: Windows would never find a name that starts or ends with a tab")]
    Whitespace {
        /// `section name` or `key`.
        what: &'static str,
    },
    /// The name contains a character that makes Windows read another name, or none.
    #[error("invalid {what}: because of `{found}`, Windows would read a different name")]
    Character {
        /// `section name` or `key`.
        what: &'static str,
        /// The character.
        found: char,
    },
}

/// The maximum length of a value that Windows reads correctly, including quotes, in UTF-16 code units.
const MAX_UNITS: usize = 65_535;

/// Returns the text to write so that Windows reads `value`.
///
/// That is the value itself, or the value in double quotes if Windows would strip its outer whitespace or quotes.
///
/// # Errors
///
/// [`Refusal`] if the value contains a line break or a NUL character, or is longer than 65,533 UTF-16 code units (65,535 with
/// quotes).
///
/// # Example
///
/// ```
/// use winini::profile::written;
///
/// assert_eq!(written("plain")?, "plain");
/// assert_eq!(written(" padded ")?, "\" padded \"");
/// assert_eq!(written("\"quoted\"")?, "\"\"quoted\"\"");
/// assert!(written("two\nlines").is_err());
/// # Ok::<(), winini::profile::Refusal>(())
/// ```
pub fn written(value: &str) -> Result<Cow<'_, str>, Refusal> {
    check_text("value", value)?;
    // The length that Windows computes includes quotes, which might be needed.
    let units = value.encode_utf16().count();
    if units > MAX_UNITS - 2 {
        return Err(Refusal::TooLong { units });
    }
    if read_rule(value) == value {
        Ok(Cow::Borrowed(value))
    } else {
        Ok(Cow::Owned(format!("\"{value}\"")))
    }
}

/// Returns the edits after which Windows reads `value` for a key. Empty if it already does.
///
/// Adds the section or key if it doesn't exist. To apply the edits, pass them to [`Document::edit`].
///
/// # Errors
///
/// [`Refusal`] if Windows couldn't read back the section name, key, or value.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use winini::profile::{self, Profile};
///
/// let document = Document::parse(b"[Settings]\r\nAA=0\r\n; end\r\n".to_vec(), Encoding::Ascii);
/// let document = document.edit(&profile::set(&document, "Settings", "DND", "1")?)?;
/// assert_eq!(document.bytes(), b"[Settings]\r\nAA=0\r\nDND=1\r\n; end\r\n");
/// assert!(profile::set(&document, "settings", "dnd", "1")?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn set(
    document: &Document,
    section: &str,
    key: &str,
    value: &str,
) -> Result<Vec<Edit>, Refusal> {
    let text = written(value)?;
    let entry = Profile::new(document).entry(section, key);
    if entry.is_some_and(|entry| entry.value() == value) {
        return Ok(Vec::new());
    }
    write_entry(document, section, key, &text)
}

/// Returns the edits that write `text` as the value of a key, exactly as it is, including quotes and outer whitespace.
///
/// This is the counterpart of [`Entry::written`](super::Entry::written).
///
/// Text without outer whitespace keeps the whitespace that the file has around the value. Text with outer whitespace
/// replaces everything after the `=`.
///
/// # Errors
///
/// [`Refusal`] if the text contains a line break or a NUL character, if it has more than 65,535 UTF-16 code units, or if
/// Windows couldn't find the section name or key.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use winini::profile::{self, Profile};
///
/// let document = Document::parse(b"[Account1]\r\nlabel = B\r\n".to_vec(), Encoding::Ascii);
/// let quoted = document.edit(&profile::set_written(&document, "Account1", "label", "\" B \"")?)?;
/// assert_eq!(quoted.bytes(), b"[Account1]\r\nlabel = \" B \"\r\n");
/// assert_eq!(Profile::new(&quoted).get("Account1", "label").as_deref(), Some(" B "));
/// let exact = document.edit(&profile::set_written(&document, "Account1", "label", "  B  ")?)?;
/// assert_eq!(exact.bytes(), b"[Account1]\r\nlabel =  B  \r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn set_written(
    document: &Document,
    section: &str,
    key: &str,
    text: &str,
) -> Result<Vec<Edit>, Refusal> {
    check_text("value", text)?;
    let units = text.encode_utf16().count();
    if units > MAX_UNITS {
        return Err(Refusal::TooLong { units });
    }
    let Some(entry) = Profile::new(document).entry(section, key) else {
        return write_entry(document, section, key, text);
    };
    if text.trim_matches(WHITESPACE) == text {
        let is_same = entry.written() == text;
        return if is_same { Ok(Vec::new()) } else { write_entry(document, section, key, text) };
    }
    let line = document.line(entry.line());
    let content = document.text(line.content()).into_owned();
    let Some((before, _)) = content.split_once('=').filter(|(_, after)| *after != text) else {
        return Ok(Vec::new());
    };
    Ok(vec![Edit::ReplaceLine { line: entry.line(), text: format!("{before}={text}") }])
}

/// Returns the edits that remove a key.
///
/// Removes all duplicates of the key in the section that Windows reads, so that no shadowed one takes effect.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use winini::profile::unset;
///
/// let document = Document::parse(b"[S]\na=1\nb=2\nA=3\n".to_vec(), Encoding::Ascii);
/// let edited = document.edit(&unset(&document, "s", "a"))?;
/// assert_eq!(edited.bytes(), b"[S]\nb=2\n");
/// # Ok::<(), winini::EditError>(())
/// ```
pub fn unset(document: &Document, section: &str, key: &str) -> Vec<Edit> {
    let section = Profile::new(document).section(section);
    section
        .into_iter()
        .flat_map(|section| section.entries_named(key))
        .map(|entry| Edit::RemoveLine { line: entry.line() })
        .collect()
}

/// Returns the edits that remove all sections with a name. As in Windows, their comments stay in the file.
pub fn unset_section(document: &Document, section: &str) -> Vec<Edit> {
    Profile::new(document)
        .sections_named(section)
        .flat_map(|section| {
            let place = section.place();
            place.header()..place.body().end
        })
        .filter(|line| document.line(*line).kind() != LineKind::Comment)
        .map(|line| Edit::RemoveLine { line })
        .collect()
}

/// Returns the edits that write `text` as the value of a key.
fn write_entry(
    document: &Document,
    section: &str,
    key: &str,
    text: &str,
) -> Result<Vec<Edit>, Refusal> {
    let profile = Profile::new(document);
    let section_name = section_name(section)?;
    let key = key_name(key)?;
    let Some(section) = profile.section(section_name) else {
        let after = document.lines().len().checked_sub(1);
        return Ok(vec![
            Edit::InsertLine { after, text: format!("[{section_name}]") },
            Edit::InsertLine { after, text: format!("{key}={text}") },
        ]);
    };
    match section.entry(key) {
        Some(entry) => Ok(vec![Edit::ReplaceValue { line: entry.line(), text: text.to_owned() }]),
        None => Ok(vec![match name_only(document, section, key) {
            Some(line) => completed(document, section, line, text),
            None => append(document, section, key, text),
        }]),
    }
}

/// Returns the first line of a section that contains only the name of the key. Windows ignores it, but its author probably
/// intended to set the key.
fn name_only(document: &Document, section: SectionView<'_>, key: &str) -> Option<usize> {
    section.place().body().find(|number| {
        let line = document.line(*number);
        line.kind() == LineKind::Text
            && document.text(line.content()).trim_matches(WHITESPACE).eq_ignore_ascii_case(key)
    })
}

/// Completes a line that contains only the name of a key. Keeps its capitalization and indentation.
fn completed(document: &Document, section: SectionView<'_>, line: usize, text: &str) -> Edit {
    let content = document.text(document.line(line).content());
    let name = content.trim_end_matches(WHITESPACE);
    let (before, after) = spacing(document, section);
    Edit::ReplaceLine { line, text: format!("{name}{before}={after}{text}") }
}

/// Adds a new key after the last key of a section, or directly after the header.
fn append(document: &Document, section: SectionView<'_>, key: &str, text: &str) -> Edit {
    let last = section.entries().next_back().map(Entry::line);
    let after = Some(last.unwrap_or_else(|| section.place().header()));
    let (left, right) = spacing(document, section);
    Edit::InsertLine { after, text: format!("{key}{left}={right}{text}") }
}

/// Returns the spacing before and after the `=` of a section's last key: one space, or none. More than one space is alignment,
/// and is treated as one.
fn spacing(document: &Document, section: SectionView<'_>) -> (&'static str, &'static str) {
    let Some(last) = section.entries().next_back() else { return ("", "") };
    let line = document.line(last.line());
    let between = line.name().range().end..line.value().start();
    let between = document.encoding().decode(&document.bytes()[between]);
    let (before, after) = between.split_once('=').unwrap_or_default();
    let space = |spaces: &str| if spaces.is_empty() { "" } else { " " };
    (space(before), space(after))
}

fn section_name(name: &str) -> Result<&str, Refusal> {
    const NAME_KIND: &str = "section name";
    let name = name.trim_matches(' ');
    check_name(NAME_KIND, name)?;
    match name.contains(']') {
        true => Err(Refusal::Character { what: NAME_KIND, found: ']' }),
        false => Ok(name),
    }
}

fn key_name(key: &str) -> Result<&str, Refusal> {
    const NAME_KIND: &str = "key";
    let key = key.trim_matches(' ');
    check_name(NAME_KIND, key)?;
    let first = key.chars().next().filter(|character| matches!(character, ';' | '['));
    let found = first.or_else(|| key.contains('=').then_some('='));
    match found {
        Some(found) => Err(Refusal::Character { what: NAME_KIND, found }),
        None => Ok(key),
    }
}

fn check_name(what: &'static str, name: &str) -> Result<(), Refusal> {
    check_text(what, name)?;
    let space = |character: char| matches!(character, '\t' | '\x0b');
    if name.starts_with(space) || name.ends_with(space) {
        return Err(Refusal::Whitespace { what });
    }
    Ok(())
}

fn check_text(what: &'static str, text: &str) -> Result<(), Refusal> {
    if text.contains(['\r', '\n']) {
        return Err(Refusal::LineBreak { what });
    }
    if text.contains('\0') {
        return Err(Refusal::Nul { what });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodePage;
    use crate::Encoding;
    use proptest::prelude::*;

    fn edited(before: &str, edits: impl FnOnce(&Document) -> Vec<Edit>) -> String {
        let document = Document::parse(before.into(), Encoding::Ascii);
        let edits = edits(&document);
        String::from_utf8(document.edit(&edits).unwrap().into_bytes()).unwrap()
    }

    #[track_caller]
    fn check_set(before: &str, (section, key, value): (&str, &str, &str), after: &str) {
        let found = edited(before, |document| set(document, section, key, value).unwrap());
        assert_eq!(found, after);
    }

    #[test]
    fn new_key_copies_the_spacing_of_the_last_key() {
        check_set("[S]\na = 1\n", ("S", "b", "2"), "[S]\na = 1\nb = 2\n");
        check_set("[S]\na =     1\n", ("S", "b", "2"), "[S]\na =     1\nb = 2\n");
        check_set("[S]\na= \n", ("S", "b", "2"), "[S]\na= \nb= 2\n");
        check_set("[S]\na=\n", ("S", "b", "2"), "[S]\na=\nb=2\n");
    }

    #[test]
    fn new_key_is_added_after_the_last_key_and_before_comments() {
        check_set(
            "[S]\r\na=1\r\n;c\r\n[T]\r\n",
            ("S", "b", ""),
            "[S]\r\na=1\r\nb=\r\n;c\r\n[T]\r\n",
        );
        check_set("[S]\r\n;c\r\n", ("S", "b", "2"), "[S]\r\nb=2\r\n;c\r\n");
    }

    #[test]
    fn new_section_is_added_at_the_end() {
        check_set("[S]\na=1", ("T", "b", "2"), "[S]\na=1\n[T]\nb=2");
        check_set("", ("T", "b", "2"), "[T]\r\nb=2\r\n");
    }

    #[test]
    fn set_completes_a_line_with_only_the_key_name() {
        let set_b = ("S", "b", "2");
        check_set("[S]\na=1\nb\nc=3\n", set_b, "[S]\na=1\nb=2\nc=3\n");
        check_set("[S]\na = 1\n  B \n;c\n", set_b, "[S]\na = 1\n  B = 2\n;c\n");
        check_set("[S]\nb\nb\n", set_b, "[S]\nb=2\nb\n");
        check_set("[S]\nb", set_b, "[S]\nb=2");
        check_set("b\n[S]\n[T]\nb\n", set_b, "b\n[S]\nb=2\n[T]\nb\n");
        // If the key exists, the line doesn't change, and Windows still ignores it.
        check_set("[S]\nb\nb=1\n", set_b, "[S]\nb\nb=2\n");
        check_set("[S]\n;b\nb: 1\nbb\n", set_b, "[S]\nb=2\n;b\nb: 1\nbb\n");
        check_set("[S]\nb\n", ("S", "b", " x "), "[S]\nb=\" x \"\n");
    }

    #[track_caller]
    fn check_written(before: &str, text: &str, after: &str) {
        let found = edited(before, |document| set_written(document, "S", "k", text).unwrap());
        assert_eq!(found, after);
        let again = edited(after, |document| set_written(document, "S", "k", text).unwrap());
        assert_eq!(again, after, "writing it a second time changes something");
    }

    #[test]
    fn raw_value_keeps_quotes_and_outer_spaces() {
        check_written("[S]\nk = 1\n", "\"1\"", "[S]\nk = \"1\"\n");
        check_written("[S]\nk = \"1\"\n", "1", "[S]\nk = 1\n");
        check_written("[S]\n k=1\n", " 1 ", "[S]\n k= 1 \n");
        check_written("[S]\nk=\n", "   ", "[S]\nk=   \n");
        check_written("[S]\nk\n", "''x''", "[S]\nk=''x''\n");
        check_written("", "\"a", "[S]\r\nk=\"a\r\n");
    }

    #[test]
    fn raw_value_is_rejected_when_windows_reads_another_value() {
        let document = Document::parse(b"[S]\nk=1\n".to_vec(), Encoding::Ascii);
        for text in ["a\nb", "a\rb", "a\0b", "x".repeat(65_536).as_str()] {
            assert!(set_written(&document, "S", "k", text).is_err(), "{} units", text.len());
        }
    }

    #[test]
    fn set_changes_the_first_duplicate_and_unset_removes_all() {
        let text = "[S]\na=1\nA=2\n[s]\na=3\n";
        check_set(text, ("S", "a", "9"), "[S]\na=9\nA=2\n[s]\na=3\n");
        assert_eq!(edited(text, |document| unset(document, "s", "a")), "[S]\n[s]\na=3\n");
        assert_eq!(edited(text, |document| unset_section(document, "s")), "");
    }

    #[test]
    fn unset_section_keeps_its_comments() {
        let text = ";0\n[S]\n;1\nk=v\n\n[T]\n";
        assert_eq!(edited(text, |document| unset_section(document, "S")), ";0\n;1\n[T]\n");
    }

    #[test]
    fn set_rejects_names_that_windows_cannot_find() {
        let document = Document::parse(Vec::new(), Encoding::Ascii);
        for (section, key) in [
            ("a]", "k"),
            ("a\n", "k"),
            ("\ta", "k"),
            ("a", "k="),
            ("a", ";k"),
            ("a", "[k"),
            ("a", "k\x0b"),
            ("a\0", "k"),
        ] {
            assert!(set(&document, section, key, "v").is_err(), "{section:?} {key:?}");
        }
    }

    fn documents() -> impl Strategy<Value = Document> {
        documents_with("")
    }

    /// Generates files from unusual parts, which include `part`.
    fn documents_with(middle: &'static str) -> impl Strategy<Value = Document> {
        let piece = prop::sample::select(vec![
            "[S]",
            "[s ]x",
            "[T",
            "[",
            "]",
            "k",
            "K",
            "=",
            " = ",
            "v",
            "\"",
            "'",
            ";",
            " ",
            "\t",
            "\r\n",
            "\n",
            "\r",
            "é",
            "ж",
            "\u{10400}",
            "\0",
        ]);
        let pieces = || prop::collection::vec(piece.clone(), 0..20);
        let text = (pieces(), pieces())
            .prop_map(move |(above, below)| above.concat() + middle + &below.concat());
        let encoding = prop::sample::select(vec![
            Encoding::Utf8 { bom: false },
            Encoding::Utf8 { bom: true },
            Encoding::MICROSIP,
            Encoding::Utf16Be { bom: true },
        ]);
        (text, encoding).prop_map(|(text, encoding)| {
            let body = encoding.encode(&text).unwrap();
            Document::parse([encoding.byte_order_mark(), &body].concat(), encoding)
        })
    }

    fn names() -> impl Strategy<Value = String> {
        prop_oneof!["[sktST]", "\\PC{0,4}", Just("[k".to_owned()), Just("\tk".to_owned())]
    }

    fn values() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ \t\"'a;=\u{e9}]{0,8}",
            any::<String>(),
            Just("a\nb".to_owned()),
            Just("x".repeat(70_000)),
        ]
    }

    proptest! {
        #[test]
        fn set_value_is_read_back_unchanged_or_rejected(
            document in documents(),
            section in names(),
            key in names(),
            value in values(),
        ) {
            let Ok(edits) = set(&document, &section, &key, &value) else { return Ok(()) };
            let edited = document.edit(&edits).unwrap();
            let profile = Profile::new(&edited);
            let read = profile.get(&section, &key).map(Cow::into_owned);
            prop_assert_eq!(read, Some(value.clone()));
            // And a second time there is nothing to do.
            prop_assert_eq!(set(&edited, &section, &key, &value), Ok(vec![]));
        }

        #[test]
        fn set_changes_no_other_value(
            document in documents(),
            key in "[abkK]",
            value in "[a-z\" ]{0,6}",
        ) {
            let edits = set(&document, "S", &key, &value).unwrap();
            let edited = document.edit(&edits).unwrap();
            let readings = |document: &Document| -> Vec<_> {
                let ours = |section: &str, name: &str| {
                    section.eq_ignore_ascii_case("S") && name.eq_ignore_ascii_case(&key)
                };
                let profile = Profile::new(document);
                profile.sections()
                    .flat_map(|section| section.entries().map(move |entry| (section, entry)))
                    .map(|(section, entry)| {
                        (section.name().into_owned(), entry.key().into_owned(), entry.written().into_owned())
                    })
                    .filter(|(section, name, _)| !ours(section, name))
                    .collect()
            };
            prop_assert_eq!(readings(&document), readings(&edited));
        }

        #[test]
        fn raw_value_round_trips_between_files(
            from in documents_with("\n[S]\n"),
            to in documents(),
            value in values(),
        ) {
            // What is read as written is written as read, whatever it is and wherever it goes.
            let Ok(edits) = set_written(&from, "S", "k", &value) else { return Ok(()) };
            let Ok(from) = from.edit(&edits) else { return Ok(()) };
            let raw = Profile::new(&from).entry("S", "k").unwrap().written().into_owned();
            prop_assert_eq!(set_written(&from, "S", "k", &raw), Ok(vec![]));
            let to = to.edit(&set_written(&to, "S", "k", &raw).unwrap()).unwrap();
            let copied = Profile::new(&to).entry("S", "k").unwrap();
            prop_assert_eq!(copied.written(), raw.as_str());
            prop_assert_eq!(copied.value(), Profile::new(&from).get("S", "k").unwrap());
            prop_assert_eq!(set_written(&to, "S", "k", &raw), Ok(vec![]));
        }

        #[test]
        fn set_leaves_no_line_with_only_the_key_name(
            above in documents_with("\n[S]\nnew\n"),
            value in values(),
        ) {
            prop_assume!(Profile::new(&above).entry("S", "new").is_none());
            let is_new = |document: &Document| {
                let section = Profile::new(document).section("S").unwrap();
                name_only(document, section, "new").is_some()
            };
            let Ok(edits) = set(&above, "S", "new", &value) else { return Ok(()) };
            let edited = above.edit(&edits).unwrap();
            let read = Profile::new(&edited).get("S", "new").map(Cow::into_owned);
            prop_assert_eq!(read, Some(value));
            prop_assert_eq!(edited.lines().len() > above.lines().len(), !is_new(&above));
        }

        #[test]
        fn unset_key_is_no_longer_read(document in documents(), key in names()) {
            let edited = document.edit(&unset(&document, "S", &key)).unwrap();
            prop_assert_eq!(Profile::new(&edited).get("S", &key), None);
        }

        #[test]
        fn unset_section_is_no_longer_read(document in documents()) {
            let edited = document.edit(&unset_section(&document, "S")).unwrap();
            prop_assert!(Profile::new(&edited).section("S").is_none());
        }

        #[test]
        fn unset_reverts_set_of_a_new_key(
            document in documents_with("\n[S]\n"),
            value in "[a-z]{1,3}",
        ) {
            prop_assume!(Profile::new(&document).entry("S", "new").is_none());
            let added = document.edit(&set(&document, "S", "new", &value).unwrap()).unwrap();
            let back = added.edit(&unset(&added, "S", "new")).unwrap();
            prop_assert_eq!(back.bytes(), document.bytes());
        }
    }

    #[test]
    fn ansi_value_round_trips() {
        let document = Document::parse(b"[S]\n".to_vec(), Encoding::Ansi(CodePage::WESTERN));
        let edits = set(&document, "S", "k", "é").unwrap();
        let edited = document.edit(&edits).unwrap();
        assert_eq!(edited.bytes(), b"[S]\nk=\xe9\n");
    }
}
