//! One JSON document that is written while its list grows.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::sorted::indented;

/// A document with a list, written entry by entry. The text is the one that the whole document would have: keys in
/// the order of the alphabet, two blanks a level.
#[derive(Debug)]
pub(super) struct Document {
    list: &'static str,
    entries: usize,
}

impl Document {
    /// The level of indentation of an entry.
    pub(super) const ENTRY_LEVEL: usize = 2;

    /// Writes what stands in front of the list.
    pub(super) fn begin(
        out: &mut dyn Write,
        list: &'static str,
        others: &Map<String, Value>,
    ) -> io::Result<Self> {
        write!(out, "{{")?;
        for (key, value) in others.iter().filter(|(key, _)| key.as_str() < list) {
            write!(out, "\n  \"{key}\": {},", indented(value, 1)?)?;
        }
        write!(out, "\n  \"{list}\": [")?;
        Ok(Self { list, entries: 0 })
    }

    /// Writes one entry of the list, which is [`indented`] already.
    pub(super) fn entry(&mut self, out: &mut dyn Write, entry: &str) -> io::Result<()> {
        let comma = if self.entries > 0 { "," } else { "" };
        self.entries += 1;
        write!(out, "{comma}\n    {entry}")
    }

    /// Writes what stands behind the list.
    pub(super) fn end(self, out: &mut dyn Write, others: &Map<String, Value>) -> io::Result<()> {
        write!(out, "{}]", if self.entries > 0 { "\n  " } else { "" })?;
        for (key, value) in others.iter().filter(|(key, _)| key.as_str() > self.list) {
            write!(out, ",\n  \"{key}\": {}", indented(value, 1)?)?;
        }
        writeln!(out, "\n}}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_is_that_of_the_whole_document() {
        let entries = [
            json!({"path": "a\nb\u{1}\"", "list": [], "map": {}}),
            json!([1, {"a": [2]}]),
            json!(null),
        ];
        for count in 0..=entries.len() {
            for others in [json!({}), json!({"a": [1, 2], "z": {"n": null}}), json!({"gz": 1})] {
                let others = others.as_object().unwrap();
                let mut written = Vec::new();
                let mut document = Document::begin(&mut written, "files", others).unwrap();
                for entry in &entries[..count] {
                    let entry = indented(entry, Document::ENTRY_LEVEL).unwrap();
                    document.entry(&mut written, &entry).unwrap();
                }
                document.end(&mut written, others).unwrap();
                let mut whole = others.clone();
                whole.insert("files".to_owned(), Value::Array(entries[..count].to_vec()));
                let whole = serde_json::to_string_pretty(&whole).unwrap() + "\n";
                assert_eq!(String::from_utf8(written).unwrap(), whole);
            }
        }
    }
}
