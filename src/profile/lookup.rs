//! Looking up many keys together: one pass over the bytes, without a list of their lines.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::value::read_rule;
use super::view::asked;
use crate::ini::Document;
use crate::ini::letters::{is_blank, line_end, next_line, trim, trimmed};

/// Keys that are looked up in many files.
///
/// It finds what [`Profile::entry`](super::Profile::entry) finds, several times as fast, or says that only that can tell:
/// also where the keys are so many that looking through them for each line would be slower.
///
/// # Example
///
/// ```
/// use msipctl::ini::{Document, Encoding};
/// use msipctl::profile::Lookup;
///
/// let lookup = Lookup::new([("Settings", "AA"), ("Account1", "label"), ("Settings", "DND")]);
/// let bytes = b"[Settings]\r\naa = 1\r\nAA=0\r\n[Account1]\r\nlabel=\"Desk\"\r\n".to_vec();
/// let document = Document::parse(bytes, Encoding::Ascii);
/// let found = lookup.find(&document).unwrap();
/// assert_eq!((found.value(0), found.value(1), found.value(2)), (Some("1"), Some("Desk"), None));
/// ```
#[derive(Debug, Clone)]
pub struct Lookup {
    sections: Vec<Keys>,
    /// Which of the different keys each one is.
    places: Vec<usize>,
    /// How many different keys there are.
    keys: usize,
    /// Whether all names are ASCII.
    is_ascii: bool,
    /// Whether they are so few that looking through all of them is fast.
    is_short: bool,
}

/// The maximum number of sections, and of keys of one section whose first letters are in one group.
const MAX_LISTED: usize = 256;

/// The keys of a section.
#[derive(Debug, Clone)]
struct Keys {
    section: String,
    /// By the first letter, with the place of each.
    by_letter: Vec<Vec<(String, usize)>>,
    /// Which lines are looked at: one bit for each group of first letters. Those of headers and blanks are among them.
    looked_at: u64,
}

/// So many groups of first letters are told apart.
const LETTERS: usize = 64;

/// Returns the group that a letter is in, in either case.
fn group(letter: u8) -> usize {
    usize::from(letter | 0x20) % LETTERS
}

fn bit(letter: u8) -> u64 {
    1 << group(letter)
}

impl Lookup {
    /// Takes the keys, each with its section.
    pub fn new<'k>(keys: impl IntoIterator<Item = (&'k str, &'k str)>) -> Self {
        let mut lookup = Self {
            sections: Vec::new(),
            places: Vec::new(),
            keys: 0,
            is_ascii: true,
            is_short: true,
        };
        for (section, key) in keys {
            if !lookup.is_short {
                break;
            }
            let place = lookup.place(asked(section), asked(key));
            lookup.places.push(place);
        }
        lookup
    }

    fn place(&mut self, section: &str, key: &str) -> usize {
        self.is_ascii &= section.is_ascii() && key.is_ascii();
        let is_it = |keys: &Keys| keys.section.eq_ignore_ascii_case(section);
        let index = self.sections.iter().position(is_it).unwrap_or_else(|| {
            let by_letter = vec![Vec::new(); LETTERS];
            let looked_at = b"[ \t\x0b".iter().fold(0, |bits, letter| bits | bit(*letter));
            self.sections.push(Keys { section: section.to_owned(), by_letter, looked_at });
            self.sections.len() - 1
        });
        let first = key.bytes().next().unwrap_or(b'=');
        self.sections[index].looked_at |= bit(first);
        let group = &mut self.sections[index].by_letter[group(first)];
        if let Some((_, place)) = group.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
            return *place;
        }
        group.push((key.to_owned(), self.keys));
        self.is_short = group.len() <= MAX_LISTED && self.sections.len() <= MAX_LISTED;
        self.keys += 1;
        self.keys - 1
    }

    /// Finds the keys in a file; `None` if only parsing can tell: where a name or a value is not ASCII, or an encoding has
    /// letters of several bytes.
    pub fn find<'d>(&self, document: &'d Document) -> Option<Found<'_, 'd>> {
        let text = document.letters().filter(|_| self.is_ascii && self.is_short)?;
        let mut values = vec![None; self.keys];
        let mut left = self.keys;
        let mut seen = vec![false; self.sections.len()];
        let mut keys: Option<&Keys> = None;
        let mut start = 0;
        while left > 0 && start < text.len() {
            let Some(keys_here) = keys else {
                // Nothing is wanted up to the next header.
                let Some((name, end)) = next_header(&text, start) else { break };
                keys = self.section(name, &mut seen);
                start = end;
                continue;
            };
            let end = line_end(&text, start);
            let here = std::mem::replace(&mut start, next_line(&text, end));
            if keys_here.looked_at & bit(text[here]) == 0 {
                continue;
            }
            let line = trimmed(&text, here..end);
            match text[line.clone()] {
                [b'[', ..] => {
                    keys = self.section(header(&text[line]), &mut seen);
                }
                [b';', ..] | [] => {}
                [first, ..] => {
                    for (key, place) in &keys_here.by_letter[group(first)] {
                        let Some(behind) = behind(&text[line.clone()], key.as_bytes()) else {
                            continue;
                        };
                        let value = trimmed(&text, line.start + behind..end);
                        if values[*place].is_none() {
                            if !text[value.clone()].is_ascii() {
                                return None;
                            }
                            values[*place] = Some(value);
                            left -= 1;
                        }
                        break;
                    }
                }
            }
        }
        Some(Found { places: &self.places, text, values, starts: OnceCell::new() })
    }

    /// Returns what is wanted of a section, unless there was one of that name.
    fn section(&self, name: &[u8], seen: &mut [bool]) -> Option<&Keys> {
        let is_it = |keys: &Keys| keys.section.as_bytes().eq_ignore_ascii_case(name);
        let index = self.sections.iter().position(is_it)?;
        (!std::mem::replace(&mut seen[index], true)).then(|| &self.sections[index])
    }
}

/// What was found of the keys of a [`Lookup`].
#[derive(Clone)]
pub struct Found<'l, 'd> {
    places: &'l [usize],
    text: Cow<'d, [u8]>,
    values: Vec<Option<Range<usize>>>,
    /// Where each line begins.
    starts: OnceCell<Vec<usize>>,
}

impl Found<'_, '_> {
    /// Returns the value of a key as written, blanks round it left out; keys are counted from 0.
    ///
    /// # Panics
    ///
    /// When there is no such key.
    pub fn written(&self, key: usize) -> Option<&str> {
        let value = self.values[self.places[key]].clone()?;
        // It was seen to be ASCII.
        str::from_utf8(&self.text[value]).ok()
    }

    /// Returns the number of the line of a key, counted from 0.
    ///
    /// # Panics
    ///
    /// When there is no such key.
    pub fn line(&self, key: usize) -> Option<usize> {
        let value = self.values[self.places[key]].as_ref()?;
        let starts = self.starts.get_or_init(|| {
            let next = |start: &usize| Some(next_line(&self.text, line_end(&self.text, *start)));
            let lines = std::iter::successors(Some(0), next);
            lines.take_while(|start| *start < self.text.len()).collect()
        });
        // The value stands behind its key.
        starts.partition_point(|start| *start < value.start).checked_sub(1)
    }

    /// Returns the value of a key as Windows reads it.
    ///
    /// # Panics
    ///
    /// When there is no such key.
    pub fn value(&self, key: usize) -> Option<&str> {
        self.written(key).map(read_rule)
    }
}

// Values may be secret, so they are not shown.
impl std::fmt::Debug for Found<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Found").field(&self.values).finish()
    }
}

/// Finds the next header: its name, and where the line behind it begins.
fn next_header(text: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let mut at = from;
    loop {
        let bracket = at + memchr::memchr(b'[', &text[at..])?;
        let above = &text[from..bracket];
        let blanks = above.iter().rev().take_while(|byte| is_blank(**byte)).count();
        if matches!(above[..above.len() - blanks], [] | [.., b'\n' | b'\r']) {
            let end = line_end(text, bracket);
            return Some((header(trim(&text[bracket..end])), next_line(text, end)));
        }
        at = bracket + 1;
    }
}

/// Returns the name in a header.
fn header(line: &[u8]) -> &[u8] {
    let inner = &line[1..];
    let end = memchr::memchr(b']', inner).unwrap_or(inner.len());
    trim(&inner[..end])
}

/// Returns where the value begins if a line is an entry of this key.
fn behind(line: &[u8], key: &[u8]) -> Option<usize> {
    let (name, rest) = line.split_at_checked(key.len())?;
    let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
    let is_it = rest.get(blanks) == Some(&b'=') && name.eq_ignore_ascii_case(key);
    is_it.then_some(key.len() + blanks + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ini::{CodePage, Encoding};
    use crate::profile::{Entry, Profile};

    const KEYS: [(&str, &str); 7] =
        [("S", "k"), ("s", " K "), ("T", "key"), ("S", ""), ("", "k"), ("S", ";"), ("S", "a b")];

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "[S]", "[s", "[ T ]x", "[]", "[U]", "k=", "K =", " key\t=", "=", "a b=", ";", "\"",
            "'", "v", "1", "\r\n", "\r\n", "\n", "\r", " ", "\t", "\u{b}", "\0", "\u{e9}", "]",
            "[",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn it_finds_what_parsing_finds(
            text in pieces(), odd in any::<bool>(), encoding in Encoding::any(),
        ) {
            let mut bytes = encoding.byte_order_mark().to_vec();
            bytes.extend_from_slice(&encoding.encode(&text).unwrap_or_default());
            bytes.extend(odd.then_some(b'='));
            let document = Document::parse(bytes, encoding);
            let lookup = Lookup::new(KEYS);
            if let Some(found) = lookup.find(&document) {
                let profile = Profile::new(&document);
                for (index, (section, key)) in KEYS.iter().enumerate() {
                    let entry = profile.entry(section, key);
                    let (value, written) = (entry.map(Entry::value), entry.map(Entry::written));
                    prop_assert_eq!(found.value(index), value.as_deref());
                    prop_assert_eq!(found.written(index), written.as_deref());
                    prop_assert_eq!(found.line(index), entry.map(Entry::line));
                }
            }
        }
    }

    #[test]
    fn what_only_parsing_can_tell_is_left_to_it() {
        let find = |text: &str, encoding: Encoding| {
            let document = Document::parse(encoding.encode(text).unwrap().into(), encoding);
            Lookup::new([("S", "k")]).find(&document).is_some()
        };
        let wide = Encoding::Utf16Le { bom: false };
        assert!(find("[S]\r\nk=1\r\nj=\u{e9}\r\n", wide) && find("[S]\nk=1", Encoding::Ascii));
        assert!(!find("[S]\r\nk=\u{e9}\r\n", wide) && find("[S]\rk=1\n", Encoding::Ascii));
        assert!(!find("[S]\nk=1\n", Encoding::Utf16Be { bom: false }));
        assert!(!find("[S]\nk=1\n", Encoding::Ansi(CodePage::new(932).unwrap())));
        let document = Document::parse("[\u{e9}]\nk=1\n".into(), Encoding::Utf8 { bom: false });
        assert!(Lookup::new([("\u{e9}", "k")]).find(&document).is_none());
    }
}
