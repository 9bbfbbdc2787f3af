//! Inventories: which files there are, and what is known of each, as a table.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::policy::Row;

/// The column that names the file.
const INI: &str = "ini";

/// The maximum number of columns, and the longest name of one, in bytes. Each row holds the names.
const MAX_COLUMNS: usize = 256;
const MAX_NAME: usize = 128;

/// The maximum number of fields of all lines.
const MAX_FIELDS: usize = 1_000_000;

/// A line of an inventory: the file that it names and the row, or what is wrong with it.
pub type Line = Result<(String, Arc<Row>), Error>;

/// An inventory, or a line of it, that can't be used.
#[derive(Debug)]
pub struct Error {
    /// The file, and the line if it is known.
    origin: String,
    problem: Problem,
}

/// What is wrong with an inventory or a line of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It isn't CSV.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// It has too many fields.
    #[error("the inventory has more than {MAX_FIELDS} fields, expected fewer lines or columns")]
    TooManyFields,
    /// The first line names too many columns.
    #[error("there are {0} columns, expected at most {MAX_COLUMNS}")]
    TooManyColumns(usize),
    /// The name of a column is too long; its length in bytes.
    #[error("the name of a column has {0} bytes, expected at most {MAX_NAME}")]
    ColumnTooLong(usize),
    /// Two columns have the same name.
    #[error("two columns are named `{0}`")]
    DuplicateColumn(String),
    /// No column names the files.
    #[error("there is no column `ini`, which names the files")]
    NoFileColumn,
    /// A line names no file.
    #[error("`ini` is empty, expected a path or a pattern")]
    NoFile,
    /// A line has more or fewer fields than there are columns.
    #[error("there are {found} fields, expected {expected}")]
    FieldCount {
        /// The number of its fields.
        found: usize,
        /// The number of columns.
        expected: usize,
    },
}

impl Error {
    /// Returns what is wrong.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.problem)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Csv(error) => Some(error),
            _ => None,
        }
    }
}

/// Reads the text of an inventory; `file` is how it is named where something is told of it.
///
/// The first line names the columns, of which `ini` is one. They stand apart by commas; by semicolons or tabs if the
/// first line has those and no comma, as a spreadsheet writes it in many countries. Every line with anything in it is
/// one of the result.
///
/// # Errors
///
/// When there is no column `ini`, or two columns have one name.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::inventory;
///
/// let lines = inventory("desks.csv", "ini,extension\nA\\MicroSIP.ini,100\n,101\n").unwrap();
/// let (ini, row) = lines[0].as_ref().unwrap();
/// assert_eq!((ini.as_str(), row.get("extension")), ("A\\MicroSIP.ini", Some("100")));
/// let error = lines[1].as_ref().unwrap_err();
/// assert_eq!(error.to_string(), "desks.csv:3: `ini` is empty, expected a path or a pattern");
/// ```
pub fn inventory(file: &str, text: &str) -> Result<Vec<Line>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .has_headers(false)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Lines { text, offset: 0, line: 1 };
    let mut records = Vec::new();
    let mut record = StringRecord::new();
    let mut fields = 0;
    let invalid = |problem| Error { origin: file.to_owned(), problem };
    while reader.read_record(&mut record).map_err(|error| invalid(error.into()))? {
        let begin = record.position().map_or(0, csv::Position::byte);
        fields += record.len();
        if fields > MAX_FIELDS {
            return Err(invalid(Problem::TooManyFields));
        }
        records.push((lines.line_at(begin), record.clone()));
    }
    let mut records = records.into_iter();
    let (line, columns) = records.next().unwrap_or((1, StringRecord::new()));
    // How a spreadsheet spells the column does not matter; how another one is spelled does for who asks for it.
    let columns: StringRecord = columns
        .iter()
        .map(|name| if name.eq_ignore_ascii_case(INI) { INI } else { name })
        .collect();
    let invalid = |line, problem| Error { origin: format!("{file}:{line}"), problem };
    if columns.len() > MAX_COLUMNS {
        return Err(invalid(line, Problem::TooManyColumns(columns.len())));
    }
    if let Some(name) = columns.iter().find(|name| name.len() > MAX_NAME) {
        return Err(invalid(line, Problem::ColumnTooLong(name.len())));
    }
    let mut known = BTreeSet::new();
    if let Some(name) = columns.iter().find(|name| !name.is_empty() && !known.insert(*name)) {
        return Err(invalid(line, Problem::DuplicateColumn(name.to_owned())));
    }
    let Some(ini) = columns.iter().position(|name| name == INI) else {
        return Err(invalid(line, Problem::NoFileColumn));
    };
    let line = |(line, values): (usize, StringRecord)| {
        let (found, expected) = (values.len(), columns.len());
        match values.get(ini) {
            None | Some("") => Err(invalid(line, Problem::NoFile)),
            Some(_) if found != expected => {
                Err(invalid(line, Problem::FieldCount { found, expected }))
            }
            Some(ini) => {
                let named = columns.iter().zip(&values);
                let named = named.map(|(name, value)| (name.to_owned(), value.to_owned()));
                Ok((ini.to_owned(), Arc::new(Row::new(format!("{file}:{line}"), named))))
            }
        }
    };
    Ok(records.map(line).collect())
}

/// Finds what the columns stand apart by.
fn delimiter(text: &str) -> u8 {
    let first = text.trim_start().lines().next().unwrap_or_default();
    match first {
        _ if first.contains(',') => b',',
        _ if first.contains(';') => b';',
        _ if first.contains('\t') => b'\t',
        _ => b',',
    }
}

/// Counts lines up to offsets that grow.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: usize,
}

impl Lines<'_> {
    /// Returns the line of the first text at an offset: a record begins behind the empty lines in front of it.
    fn line_at(&mut self, begin: u64) -> usize {
        let bytes = self.text.as_bytes();
        let begin = usize::try_from(begin).unwrap_or(usize::MAX).min(bytes.len());
        let space = bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let end = begin + space;
        let passed = bytes.get(self.offset..end).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.offset = end.max(self.offset);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Shows each line as `place ini|column=value`, or what is wrong with it.
    fn check(text: &str, expected: &[&str]) {
        let shown: Vec<_> = inventory("i.csv", text)
            .unwrap()
            .into_iter()
            .map(|line| match line {
                Err(error) => error.to_string(),
                Ok((ini, row)) => {
                    let others = row.names().filter(|name| *name != INI);
                    let shown = |name| format!("{name}={}", row.get(name).unwrap());
                    let others: Vec<_> = others.map(shown).collect();
                    format!("{} {ini}|{}", row.origin(), others.join(" "))
                }
            })
            .collect();
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn inventory_rows_have_values_and_line_numbers() {
        let expected = ["i.csv:2 a.ini|site=X", "i.csv:4 b/*.ini|site=Y, Z", "i.csv:6 c.ini|site="];
        let text = "ini,site\na.ini,X\n\nb/*.ini,\"Y, Z\"\n\nc.ini,\n";
        check(text, &expected);
        check(&text.replace('\n', "\r\n"), &expected);
        check(&format!("\u{feff}{text}"), &expected);
        check(" INI ; site\n a.ini ; X \n", &["i.csv:2 a.ini|site=X"]);
        check("site\tini\nX\ta.ini", &["i.csv:2 a.ini|site=X"]);
        check(
            "ini\na.ini\n\"b\nc.ini\"\nd.ini",
            &["i.csv:2 a.ini|", "i.csv:3 b\nc.ini|", "i.csv:5 d.ini|"],
        );
    }

    #[test]
    fn invalid_row_does_not_affect_other_rows() {
        check(
            "ini,site\n,X\na.ini\nb.ini,X,Y\nc.ini,Z\n",
            &[
                "i.csv:2: `ini` is empty, expected a path or a pattern",
                "i.csv:3: there are 1 fields, expected 2",
                "i.csv:4: there are 3 fields, expected 2",
                "i.csv:5 c.ini|site=Z",
            ],
        );
    }

    #[test]
    fn invalid_columns_are_reported() {
        for (text, expected) in [
            ("", "i.csv:1: there is no column `ini`, which names the files"),
            ("\n\npath,site\n", "i.csv:3: there is no column `ini`, which names the files"),
            ("ini,site,site\n", "i.csv:1: two columns are named `site`"),
            ("ini,Ini\n", "i.csv:1: two columns are named `ini`"),
        ] {
            assert_eq!(inventory("i.csv", text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn debug_output_of_a_row_hides_its_values() {
        let lines = inventory("i.csv", "ini,password\na.ini,geheim\n").unwrap();
        assert!(!format!("{lines:?}").contains("geheim"));
    }

    proptest! {
        #[test]
        fn reading_any_text_does_not_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let _ = inventory("i.csv", &text);
            let _ = inventory("i.csv", &format!("ini,{}", String::from_utf8_lossy(&bytes)));
        }

        #[test]
        fn every_inventory_line_is_a_row_or_an_error(
            lines in prop::collection::vec(("[a-z]{0,3}", "[a-z,\"]{0,4}"), 0..20),
        ) {
            let mut text = "ini,a,b\n".to_owned();
            for (ini, rest) in &lines {
                // A quote goes through to the next one, over lines.
                text.push_str(&format!("{ini},{}x\n", rest.replace('"', "")));
            }
            let read = inventory("i.csv", &text).unwrap();
            prop_assert_eq!(read.len(), lines.len());
            for (index, line) in read.iter().enumerate() {
                let place = format!("i.csv:{}", index + 2);
                match line {
                    Ok((_, row)) => prop_assert_eq!(row.origin(), place),
                    Err(error) => {
                        let text = error.to_string();
                        prop_assert!(text.starts_with(&format!("{place}: ")), "{}", text);
                    }
                }
            }
        }
    }
}
