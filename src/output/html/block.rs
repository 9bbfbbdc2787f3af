//! The files of a page, as a block of JSON in the page.
//!
//! ```text
//! {"words": {"item": "key"}, "items": [["Settings","AA"]], "texts": ["0","1"], "sites": ["muc"],
//!  "files": [[0,"/srv/muc/a.ini",0], [9,"b.ini",0,1], [9,"c.ini",0, 0,2,1,14,0]],
//!  "resolved": [[0,"/srv/muc/a.ini",0]], "since": true}
//! ```
//!
//! A path consists of the number of UTF-16 code units that it shares with the previous path, and the rest. After its
//! site, a file in sync has nothing, and a failed file has the text of its error. A drifted file has five numbers for each
//! key or hook: the key, the expected text, the actual text (counted from 1; 0 is none), the line (0 is none), and whether
//! it is new. A hook is a key without a section.
//!
//! On the page of `check`, the items are rules, and a file with findings has five numbers for each finding: the rule, the
//! help text, the message, the line, and the severity. Without a message, the line is the number of further findings.

use std::io::{self, Write};
use std::sync::Arc;

use serde::ser::{Serialize, SerializeSeq as _, SerializeStruct as _, Serializer};
use serde_json::ser::Formatter;

use super::page::{File, FileState, Page, Table};
use super::words::ScriptWords;
use crate::output::screen::json_shown;

/// Writes the block. Nothing in it can end its element or start a comment.
pub(super) fn write(
    out: &mut dyn Write,
    page: &Page,
    words: &ScriptWords,
    since: bool,
) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, InScript);
    Block { page, words, since }.serialize(&mut serializer).map_err(io::Error::from)
}

/// Escapes every `<`, because browsers act on `</script>` and `<!--`, and every hidden character.
struct InScript;

impl Formatter for InScript {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let fragment = json_shown(fragment);
        let mut parts = fragment.split('<');
        out.write_all(parts.next().unwrap_or_default().as_bytes())?;
        parts.try_for_each(|part| {
            out.write_all(br"\u003c")?;
            out.write_all(part.as_bytes())
        })
    }
}

struct Block<'p> {
    page: &'p Page,
    words: &'p ScriptWords,
    since: bool,
}

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Page { items, texts, sites, .. } = self.page;
        let mut block = serializer.serialize_struct("Block", 7)?;
        block.serialize_field("words", self.words)?;
        block.serialize_field("items", &Items(items))?;
        block.serialize_field("texts", &Texts(texts))?;
        block.serialize_field("sites", &Texts(sites))?;
        block.serialize_field("files", &Files(self.page))?;
        block.serialize_field("resolved", &Resolved(self.page))?;
        block.serialize_field("since", &self.since)?;
        block.end()
    }
}

struct Items<'p>(&'p Table<(Arc<str>, Arc<str>)>);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.list.iter().map(|(section, name)| [&**section, &**name]))
    }
}

struct Texts<'p>(&'p Table<Arc<str>>);

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.list.iter().map(|text| &**text))
    }
}

struct Files<'p>(&'p Page);

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(page) = *self;
        let mut previous = "";
        serializer.collect_seq(page.files.iter().map(|file| {
            let (same, rest) = shared_prefix(previous, &file.path);
            previous = &file.path;
            FileSeq { page, file, same, rest }
        }))
    }
}

struct FileSeq<'p> {
    page: &'p Page,
    file: &'p File,
    same: usize,
    rest: &'p str,
}

impl Serialize for FileSeq<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        seq.serialize_element(&self.same)?;
        seq.serialize_element(self.rest)?;
        seq.serialize_element(&self.file.site.unwrap_or(0))?;
        if let FileState::Failed(reason) = self.file.state {
            seq.serialize_element(&reason)?;
        }
        for row in self.page.rows_of(self.file) {
            for number in [row.item, row.expected, row.actual, row.line, row.flag] {
                seq.serialize_element(&number)?;
            }
        }
        seq.end()
    }
}

struct Resolved<'p>(&'p Page);

impl Serialize for Resolved<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut previous = "";
        serializer.collect_seq(self.0.resolved.iter().map(|(path, item)| {
            let (same, rest) = shared_prefix(previous, path);
            previous = path;
            (same, rest, item)
        }))
    }
}

/// Returns the number of UTF-16 code units that a path shares with the previous one, and the rest.
fn shared_prefix<'p>(previous: &str, path: &'p str) -> (usize, &'p str) {
    let same = previous.chars().zip(path.chars()).take_while(|(one, other)| one == other);
    let (mut units, mut bytes) = (0, 0);
    for (character, _) in same {
        units += character.len_utf16();
        bytes += character.len_utf8();
    }
    (units, &path[bytes..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_stored_as_suffix_after_the_common_prefix() {
        for (previous, path, expected) in [
            ("", "/a", (0, "/a")),
            ("/srv/a.ini", "/srv/b.ini", (5, "b.ini")),
            ("/srv/a", "/srv/a", (6, "")),
            ("/é😀x", "/é😀y", (4, "y")),
            ("/😀", "/😁", (1, "😁")),
        ] {
            assert_eq!(shared_prefix(previous, path), expected);
        }
    }
}
