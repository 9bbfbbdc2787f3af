//! A JSON document that is written while its list grows.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::screen::json_shown;

/// Returns the JSON of a value in one line, with hidden characters escaped.
pub(super) fn line<T: Serialize + ?Sized>(value: &T) -> io::Result<String> {
    Ok(escaped(serde_json::to_string(value)?))
}

/// Returns the JSON of a value over several lines, with hidden characters escaped. All lines but the first start with
/// two spaces for each level of indentation.
pub(super) fn indented<T: Serialize + ?Sized>(value: &T, level: usize) -> io::Result<String> {
    // Line feeds inside of strings are escaped, so each one here separates two lines.
    let text = serde_json::to_string_pretty(value)?;
    Ok(escaped(text.replace('\n', &format!("\n{:width$}", "", width = 2 * level))))
}

fn escaped(json: String) -> String {
    match json_shown(&json) {
        Cow::Borrowed(_) => json,
        Cow::Owned(shown) => shown,
    }
}

/// A document with a list, written entry by entry. Its own keys are in alphabetical order, and each level is indented by
/// two spaces.
#[derive(Debug)]
pub(super) struct Document {
    list: &'static str,
    entries: usize,
}

impl Document {
    /// The level of indentation of an entry.
    pub(super) const ENTRY_LEVEL: usize = 2;

    /// Writes everything before the list.
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

    /// Writes everything after the list.
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
    fn streamed_json_equals_the_complete_document() {
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
                let mut complete = others.clone();
                complete.insert("files".to_owned(), Value::Array(entries[..count].to_vec()));
                let complete = serde_json::to_string_pretty(&complete).unwrap() + "\n";
                assert_eq!(String::from_utf8(written).unwrap(), complete);
            }
        }
    }
}
