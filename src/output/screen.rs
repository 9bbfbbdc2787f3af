//! The only way to write text for people.
//!
//! Paths, names, values, and messages of the system, libraries, and servers can come from others. Written raw, they could
//! clear the screen, forge a line, or show a misleading name. So all text for people goes through a [`Screen`], which only
//! writes the styles and line feeds that msipctl sets itself. It isn't a [`Write`], so `write!` and `writeln!` don't
//! compile on it; use `put!` and `putln!`.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::ops::Range;
use std::ptr;

pub(super) use msipctl_core::diff::{is_hidden, json_shown};

/// A style of text. `{NAME}` turns it on, and `{NAME:#}` turns all styles off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style(usize);

pub(crate) const HEADING: Style = Style(1);
pub(crate) const ADDED: Style = Style(2);
pub(crate) const REMOVED: Style = Style(3);
pub(crate) const CHANGED: Style = Style(4);
pub(crate) const DIM: Style = Style(5);
pub(crate) const NAME: Style = Style(6);
pub(super) const ERROR: Style = Style(7);

/// The sequences of the styles. The first one turns all styles off.
static SEQUENCES: [&str; 8] = [
    "\x1b[0m",
    "\x1b[1m",
    "\x1b[32m",
    "\x1b[31m",
    "\x1b[33m",
    "\x1b[2m",
    "\x1b[36m",
    "\x1b[1m\x1b[31m",
];

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SEQUENCES[if f.alternate() { 0 } else { self.0 }])
    }
}

/// Returns whether a text is a style of msipctl: it has the same address in memory, which text from outside can't have.
fn is_style(text: &str) -> bool {
    SEQUENCES.iter().any(|sequence| ptr::eq(*sequence, text))
}

/// The destination of text for people.
pub(crate) struct Screen<'w> {
    out: &'w mut dyn Write,
    has_styles: bool,
}

impl<'w> Screen<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, has_styles: true }
    }

    /// Sets whether styles are written or dropped.
    pub(super) fn with_styles(self, has_styles: bool) -> Self {
        Self { has_styles, ..self }
    }

    /// Returns whether styles are written. If not, a drawing needs none.
    pub(super) fn has_styles(&self) -> bool {
        self.has_styles
    }

    /// Writes a part of a line. Characters that would end the line are escaped.
    pub(crate) fn put(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        let mut filter = Filter { out: self.out, has_styles: self.has_styles, failed: None };
        let formatted = filter.write_fmt(text);
        match filter.failed {
            Some(error) => Err(error),
            None => formatted.map_err(io::Error::other),
        }
    }

    /// Writes a line, or the rest of one.
    pub(crate) fn put_line(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.put(text)?;
        self.out.write_all(b"\n")
    }

    /// Writes a text of several lines, each as a line.
    pub(crate) fn put_lines(&mut self, text: &str) -> io::Result<()> {
        text.lines().try_for_each(|line| self.put_line(format_args!("{line}")))
    }

    /// Writes a text of several lines, without ending the last one.
    pub(super) fn put_text(&mut self, text: &str) -> io::Result<()> {
        let (lines, last) =
            text.rsplit_once('\n').map_or(("", text), |(lines, last)| (lines, last));
        self.put_lines(lines)?;
        self.put(format_args!("{last}"))
    }

    /// Writes a drawing of [`shown`] texts. Of all control sequences, only line feeds and styles are written.
    pub(super) fn put_drawing(&mut self, drawing: &str) -> io::Result<()> {
        let mut rest = drawing;
        while let Some(at) = rest.find(is_hidden) {
            let (plain, found) = rest.split_at(at);
            self.out.write_all(plain.as_bytes())?;
            let length = match found.strip_prefix('\n') {
                Some(_) => 1,
                None => style_length(found),
            };
            let kept =
                if length > 0 { length } else { found.chars().next().map_or(0, char::len_utf8) };
            let (kept, after) = found.split_at(kept);
            match length {
                0 => self.out.write_all(shown(kept).as_bytes())?,
                1 => self.out.write_all(kept.as_bytes())?,
                _ if self.has_styles => self.out.write_all(kept.as_bytes())?,
                _ => {}
            }
            rest = after;
        }
        self.out.write_all(rest.as_bytes())
    }
}

/// Returns the length of the style sequence at the start of a text, or 0.
fn style_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\x1b[") else { return 0 };
    let end = parameters.find(|character: char| !character.is_ascii_digit() && character != ';');
    match end {
        Some(end) if parameters[end..].starts_with('m') => "\x1b[".len() + end + 1,
        _ => 0,
    }
}

/// Escapes text between the formatter and the stream.
struct Filter<'w> {
    out: &'w mut dyn Write,
    has_styles: bool,
    failed: Option<io::Error>,
}

impl fmt::Write for Filter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let text = match is_style(text) {
            true if self.has_styles => Cow::Borrowed(text),
            true => return Ok(()),
            false => shown(text),
        };
        self.out.write_all(text.as_bytes()).map_err(|error| {
            self.failed = Some(error);
            fmt::Error
        })
    }
}

/// Returns a text with hidden characters as `\u{...}`. If the text itself contains `\u{`, its backslash becomes `\u{5c}`,
/// so that the result is unambiguous.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        match is_escaped(character, &text[at..]) {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Returns whether a text needs no escapes.
fn is_plain(text: &str) -> bool {
    !text.contains(is_hidden) && !text.contains("\\u{")
}

/// Returns whether the first character of `text` is escaped.
fn is_escaped(character: char, text: &str) -> bool {
    is_hidden(character) || character == '\\' && text.starts_with("\\u{")
}

/// Returns the range of a text in its [`shown`] form.
pub(super) fn shown_range(text: &str, range: Range<usize>) -> Range<usize> {
    let position = |end: usize| {
        let before = text.char_indices().take_while(|(at, _)| *at < end);
        before
            .map(|(at, character)| match is_escaped(character, &text[at..]) {
                true => character.escape_unicode().len(),
                false => character.len_utf8(),
            })
            .sum()
    };
    position(range.start)..position(range.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Screen<'_>) -> io::Result<()>) -> String {
        let mut bytes = Vec::new();
        write(&mut Screen::new(&mut bytes)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn screen_keeps_styles_and_escapes_text_that_looks_like_them() {
        let text = "\x1b[31mred\nnext\u{202e}";
        let line = written(|out| out.put_line(format_args!("{NAME}{text}{NAME:#}")));
        assert_eq!(line, "\x1b[36m\\u{1b}[31mred\\u{a}next\\u{202e}\x1b[0m\n");
        let copy = SEQUENCES[0].to_owned();
        assert_eq!(written(|out| out.put(format_args!("{copy}"))), "\\u{1b}[0m");
    }

    #[test]
    fn screen_writes_each_line_of_text_as_a_line() {
        assert_eq!(written(|out| out.put_lines("a\r\nb\x0cc\n")), "a\nb\\u{c}c\n");
    }

    #[test]
    fn drawing_keeps_only_styles_and_line_endings() {
        let drawing = "\x1b[1m\x1b[91merror\x1b[0m\n\x1b]0;title\x07\x1b[2J\u{9b}2J\t|\x1b[";
        assert_eq!(
            written(|out| out.put_drawing(drawing)),
            "\x1b[1m\x1b[91merror\x1b[0m\n\\u{1b}]0;title\\u{7}\\u{1b}[2J\\u{9b}2J\t|\\u{1b}["
        );
    }

    #[test]
    fn shown_text_is_unambiguous_when_it_looks_escaped() {
        assert_eq!(shown("\u{1b}"), r"\u{1b}");
        assert_eq!(shown(r"\u{1b}"), r"\u{5c}u{1b}");
        assert_eq!(shown(r"C:\new\user"), r"C:\new\user");
    }

    proptest! {
        #[test]
        fn shown_text_has_no_hidden_characters_and_round_trips(text in r"(\PC|\pC|\\u\{|\{|u){0,12}") {
            let shown = shown(&text);
            prop_assert!(!shown.contains(is_hidden));
            let mut back = String::new();
            let mut rest = &*shown;
            while let Some((before, escape)) = rest.split_once("\\u{") {
                let (number, after) = escape.split_once('}').unwrap();
                back.push_str(before);
                back.extend(char::from_u32(u32::from_str_radix(number, 16).unwrap()));
                rest = after;
            }
            prop_assert_eq!(back + rest, text);
        }

        #[test]
        fn range_marks_the_same_text_when_shown(before: String, marked: String, after: String) {
            let text = format!("{before}{marked}{after}");
            let range = shown_range(&text, before.len()..before.len() + marked.len());
            let all = shown(&text);
            prop_assert!(all.get(range.clone()).is_some());
            prop_assert_eq!(shown_range(&text, 0..text.len()), 0..all.len());
            prop_assert_eq!(range.is_empty(), marked.is_empty());
        }
    }
}
