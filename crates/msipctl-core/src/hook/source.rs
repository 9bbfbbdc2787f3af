//! Reads the lines of a template or of the description of an integration, each with its location.

use std::ops::Range;

use ini::{Ini, ParseOption};
use microsip_schema::mask;

use crate::event::SETTINGS;

/// The maximum length of a template in bytes. The built-in ones have about a thousand.
const MAX_LENGTH: usize = 32 * 1024;

/// A part of a line: the number of the line from 0, and the bytes in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spot {
    line: usize,
    range: Range<usize>,
}

impl Spot {
    /// Returns the number of the line, from 0.
    pub(super) fn line(&self) -> usize {
        self.line
    }
}

/// A location in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateLocation {
    /// The line, counted from 0.
    pub line: usize,
    /// The text of that line, with passwords and tokens masked.
    pub text: String,
    /// The byte range in the text to mark.
    pub marked: Range<usize>,
}

/// A problem of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) what: String,
    pub(super) spot: Spot,
    pub(super) hint: Option<String>,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>, spot: &Spot) -> Self {
        Self { what: what.into(), spot: spot.clone(), hint: None }
    }

    /// Adds a hint: what the user can do about it.
    pub(super) fn with_hint(self, hint: Option<impl Into<String>>) -> Self {
        Self { hint: hint.map(Into::into), ..self }
    }
}

/// A section with its `key=value` lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) name: String,
    /// The header.
    pub(super) spot: Spot,
    pub(super) pairs: Vec<Pair>,
}

/// A `key=value` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) key_spot: Spot,
    /// The value, or the complete line if the value is empty.
    pub(super) value_spot: Spot,
}

impl Pair {
    /// Returns the words of the value, which spaces and commas separate, each with its location.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, Spot)> {
        let Spot { line, range } = &self.value_spot;
        let mut next = range.start;
        let words = self.value.split([' ', ',']).map(move |word| {
            let start = next;
            next += word.len() + 1;
            (word, Spot { line: *line, range: start..start + word.len() })
        });
        words.filter(|(word, _)| !word.is_empty())
    }
}

/// The text of a template, line by line.
#[derive(Debug)]
pub(super) struct Source<'s> {
    lines: Vec<&'s str>,
    sections: Vec<Section>,
    problems: Vec<Problem>,
}

impl<'s> Source<'s> {
    /// Reads a text. rust-ini neither keeps locations nor continues after an error, and it joins a line without `=` with the
    /// next one. So it reads one line at a time.
    pub(super) fn new(text: &'s str) -> Self {
        let mut source = Self { lines: Vec::new(), sections: Vec::new(), problems: Vec::new() };
        if text.len() > MAX_LENGTH {
            let what =
                format!("the template has {} bytes: expected at most {MAX_LENGTH}", text.len());
            source.problems.push(Problem::new(what, &Spot::default()));
            return source;
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut is_outside = false;
        // Keys after a header that can't be read belong to an unknown section.
        let mut is_skipped = false;
        for (line, text) in text.lines().enumerate() {
            source.lines.push(text);
            match parse(text) {
                Err(error) => {
                    is_skipped |= text.trim_start().starts_with('[');
                    source.problems.push(of_syntax(&error, line, text));
                }
                Ok(read) => {
                    is_skipped &= read.sections().all(|section| section.is_none());
                    if !is_skipped {
                        is_outside |= !source.add(line, text, &read, is_outside);
                    }
                }
            }
        }
        source
    }

    /// Adds the header or the pairs of a line. Returns `false` for a key before the first section.
    fn add(&mut self, line: usize, text: &str, read: &Ini, is_outside: bool) -> bool {
        let all = Spot { line, range: trimmed(text) };
        for (section, properties) in read {
            if let Some(name) = section {
                let (name, pairs) = (name.to_owned(), Vec::new());
                self.sections.push(Section { name, spot: all.clone(), pairs });
            }
            for (key, value) in properties.iter() {
                match self.sections.last_mut() {
                    Some(section) => section.pairs.push(pair(key, value, &all, text)),
                    None => {
                        if !is_outside {
                            let what = "a key appears before the first section";
                            let hint = "write `[template]` in the line above";
                            self.problems.push(Problem::new(what, &all).with_hint(Some(hint)));
                        }
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Returns the sections in order. A section can occur several times.
    pub(super) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Returns the problems of lines that can't be read.
    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the location of the first line, which represents the complete file.
    pub(super) fn start(&self) -> Spot {
        Spot { line: 0, range: self.lines.first().map_or(0..0, |line| trimmed(line)) }
    }

    /// Returns the line of a spot, for people.
    pub(super) fn location(&self, spot: &Spot) -> TemplateLocation {
        let text = self.lines.get(spot.line).copied().unwrap_or_default();
        let shown = mask(SETTINGS, "", text);
        let marked = match shown.get(..spot.range.end) {
            Some(before) if text.starts_with(before) => spot.range.clone(),
            _ => trimmed(&shown),
        };
        TemplateLocation { line: spot.line, text: shown.into_owned(), marked }
    }
}

/// Reads one line. Whitespace before it has no meaning: otherwise, rust-ini would ignore such a line if it has no `=`.
fn parse(line: &str) -> Result<Ini, ini::ParseError> {
    // Backslashes and quotes are literal, as in MicroSIP.ini.
    let options = ParseOption { enabled_quote: false, enabled_escape: false, ..Default::default() };
    Ini::load_from_str_opt(line.trim(), options)
}

/// Describes why a line can't be read.
fn of_syntax(error: &ini::ParseError, line: usize, text: &str) -> Problem {
    let spot = Spot { line, range: trimmed(text) };
    let written = text.trim();
    if let Some(name) = written.strip_prefix('[') {
        return match name.split_once(']') {
            None => {
                let problem = Problem::new("missing `]` after the name of the section", &spot);
                problem.with_hint(Some(masked(&format!("write `{written}]`"))))
            }
            Some((name, _)) => {
                let problem = Problem::new("unexpected text after the name of the section", &spot);
                problem.with_hint(Some(masked(&format!("write only `[{name}]` in this line"))))
            }
        };
    }
    if written.starts_with(['=', ':']) {
        return Problem::new(format!("missing key before `{}`", &written[..1]), &spot);
    }
    if written.contains(['=', ':']) {
        return Problem::new(format!("invalid line: {}", error.msg), &spot);
    }
    let what = "missing `=`: expected `KEY=VALUE`, `[SECTION]`, or a comment that starts with `;`";
    Problem::new(what, &spot)
}

/// Returns text from a template for a message, with passwords and tokens masked.
pub(super) fn masked(text: &str) -> String {
    mask(SETTINGS, "", text).into_owned()
}

/// Returns the bytes of a line without the whitespace around them.
fn trimmed(line: &str) -> Range<usize> {
    let end = line.trim_end().len();
    let start = line.len() - line.trim_start().len();
    start.min(end)..end
}

/// Creates a pair of a line, in which rust-ini found the key and the value.
fn pair(key: &str, value: &str, all: &Spot, text: &str) -> Pair {
    let Spot { line, range } = all.clone();
    let key_spot = match text[range.clone()].starts_with(key) {
        true => Spot { line, range: range.start..range.start + key.len() },
        false => all.clone(),
    };
    let value_spot = match text[range.clone()].ends_with(value) && !value.is_empty() {
        true => Spot { line, range: range.end - value.len()..range.end },
        false => all.clone(),
    };
    Pair { key: key.to_owned(), value: value.to_owned(), key_spot, value_spot }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows each section, pair, and problem, with the text that it marks.
    fn shown(text: &str) -> Vec<String> {
        let source = Source::new(text);
        let at = |spot: &Spot| {
            let TemplateLocation { line, text, marked } = source.location(spot);
            format!("{}:{}", line + 1, &text[marked])
        };
        let mut shown = Vec::new();
        for section in source.sections() {
            shown.push(format!("{} @ {}", section.name, at(&section.spot)));
            for Pair { key, value, key_spot, value_spot } in &section.pairs {
                shown.push(format!("{key}={value} @ {} @ {}", at(key_spot), at(value_spot)));
            }
        }
        let problems = source.problems().iter();
        shown.extend(problems.map(|problem| format!("{} @ {}", problem.what, at(&problem.spot))));
        shown
    }

    #[test]
    fn sections_and_pairs_have_their_locations() {
        let text = "\u{feff}[template]\r\nsummary=a\r\n\r\n  ; c=d\r\n[ Settings ]\r\n{{ event.key }} = b=c \r\n\
                    empty=\r\n";
        let expected = [
            "template @ 1:[template]",
            "summary=a @ 2:summary @ 2:a",
            "Settings @ 5:[ Settings ]",
            "{{ event.key }}=b=c @ 6:{{ event.key }} @ 6:b=c",
            "empty= @ 7:empty @ 7:empty=",
        ];
        assert_eq!(shown(text), expected);
        assert_eq!(shown(""), [""; 0]);
    }

    #[test]
    fn backslash_at_the_end_of_a_line_does_not_join_the_next_line() {
        let expected = ["a @ 1:[a]", "p=C:\\x\\ @ 2:p @ 2:C:\\x\\", "q=1 @ 3:q @ 3:1"];
        assert_eq!(shown("[a]\np=C:\\x\\\nq=1\n"), expected);
    }

    #[test]
    fn every_line_that_cannot_be_read_is_reported() {
        let expected = [
            "a @ 4:[a]",
            "missing key before `=` @ 1:=x",
            "missing `=`: expected `KEY=VALUE`, `[SECTION]`, or a comment that starts with `;` @ 2:summary",
            "missing `]` after the name of the section @ 3:[b",
            "missing `=`: expected `KEY=VALUE`, `[SECTION]`, or a comment that starts with `;` @ 5:indented",
            "unexpected text after the name of the section @ 6:[a] b",
        ];
        assert_eq!(shown("=x\nsummary\n[b\n[a]\n  indented\n[a] b\n"), expected);
    }

    #[test]
    fn keys_after_an_invalid_header_are_not_part_of_another_section() {
        let expected = [
            "a @ 1:[a]",
            "x=1 @ 2:x @ 2:1",
            "c @ 5:[c]",
            "z=3 @ 6:z @ 6:3",
            "missing `]` after the name of the section @ 3:[b",
        ];
        assert_eq!(shown("[a]\nx=1\n[b\ny=2\n[c]\nz=3\n"), expected);
    }

    #[test]
    fn keys_before_the_first_section_are_reported_once() {
        assert_eq!(shown("a=b\nc=d\n"), ["a key appears before the first section @ 1:a=b"]);
    }

    #[test]
    fn secrets_in_a_shown_line_are_masked() {
        let source = Source::new("[Settings]\nx=https://ann:hunter2@example.com/\n");
        let location = source.location(&source.sections()[0].pairs[0].value_spot);
        assert_eq!(location.text, "x=https://***@example.com/");
        assert_eq!(location.marked, 0..location.text.len());
    }

    proptest::proptest! {
        #[test]
        fn reading_any_text_does_not_panic(text in "[\\[\\]=:;# \\\\a\u{e9}\r\n]{0,40}") {
            shown(&text);
        }
    }
}
