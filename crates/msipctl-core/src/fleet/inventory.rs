//! Inventories: a table of files, with values for each of them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::targets::SITE;
use crate::policy::{self, Errors, Excerpt, Location, Row};

/// The column that names the file.
const INI: &str = "ini";

/// The column that names the computer.
const HOST: &str = "host";

/// The maximum number of columns, and the longest name of one, in bytes. Each row contains the names.
const MAX_COLUMNS: usize = 256;
const MAX_NAME: usize = 128;

/// The maximum number of values of all lines.
const MAX_FIELDS: usize = 1_000_000;

/// The longest first line that is shown with an error, in bytes.
const MAX_LINE: usize = 400;

/// A row of an inventory and the file that it names.
pub type Line = (String, Arc<Row>);

/// Why an inventory or a row of it can't be used.
#[derive(Debug, thiserror::Error)]
enum Problem {
    /// It isn't CSV.
    #[error("invalid CSV: {0}")]
    Csv(#[from] csv::Error),
    /// It has too many values.
    #[error("the inventory has more than {MAX_FIELDS} values: expected fewer rows or columns")]
    TooManyFields,
    /// The first line names too many columns.
    #[error("the inventory has {0} columns: expected at most {MAX_COLUMNS}")]
    TooManyColumns(usize),
    /// The name of a column is too long; its length in bytes.
    #[error("the name of a column has {0} bytes: expected at most {MAX_NAME}")]
    ColumnTooLong(usize),
    /// Two columns have the same name.
    #[error("duplicate column `{0}`")]
    DuplicateColumn(String),
    /// No column names the files.
    #[error("missing column `ini`, which names the files")]
    NoFileColumn,
    /// No column names the computers.
    #[error("missing column `host`, which names the PCs")]
    NoHostColumn,
    /// A row names no file.
    #[error("`ini` is empty: expected a file, a folder, or a pattern")]
    NoFile,
    /// A row has more or fewer values than there are columns.
    #[error("the row has {found} {}: expected {expected}, one for each column", if *.found == 1 { "value" } else { "values" })]
    FieldCount {
        /// The number of its values.
        found: usize,
        /// The number of columns.
        expected: usize,
    },
}

/// Reads the text of an inventory. `file` is its path in messages.
///
/// The first line names the columns, and one of them must be `ini`. They are separated by commas. If the first line has no
/// comma, they are separated by semicolons or tabs, as spreadsheet programs write it in many countries. Empty lines are
/// ignored.
///
/// # Errors
///
/// Returns all errors of the first line, or if there are none, of all rows. They don't repeat the values of a row, because each
/// can be a password.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::inventory;
///
/// let lines = inventory("pcs.csv", "ini,extension\nA\\MicroSIP.ini,100\n").unwrap();
/// let (ini, row) = &lines[0];
/// assert_eq!((ini.as_str(), row.get("extension")), ("A\\MicroSIP.ini", Some("100")));
/// let errors = inventory("pcs.csv", "ini,extension\n,100\nb.ini\n").unwrap_err();
/// let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
/// assert_eq!(errors[0], "pcs.csv:2:1: `ini` is empty: expected a file, a folder, or a pattern");
/// assert_eq!(errors[1], "pcs.csv:3:6: the row has 1 value: expected 2, one for each column");
/// ```
pub fn inventory(file: &str, text: &str) -> Result<Vec<Line>, Errors> {
    table(file, text, INI)
}

/// Reads the computers of an inventory, and their sites. Rows without a computer are ignored.
///
/// # Errors
///
/// As [`inventory`], but the column `host` is required, and `ini` isn't.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::inventory_hosts;
///
/// let hosts = inventory_hosts("pcs.csv", "host,site\nDESK-1,Berlin\nDESK-2,\n").unwrap();
/// assert_eq!(hosts[0], ("DESK-1".to_owned(), Some("Berlin".to_owned())));
/// assert_eq!(hosts[1], ("DESK-2".to_owned(), None));
/// ```
pub fn inventory_hosts(file: &str, text: &str) -> Result<Vec<(String, Option<String>)>, Errors> {
    let lines = table(file, text, HOST)?.into_iter().filter(|(host, _)| !host.is_empty());
    let site = |row: &Row| row.get(SITE).filter(|site| !site.is_empty()).map(str::to_owned);
    Ok(lines.map(|(host, row)| (host, site(&row))).collect())
}

/// Reads the rows of an inventory, each with its value in the column `key`.
fn table(file: &str, text: &str, key: &'static str) -> Result<Vec<Line>, Errors> {
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
    let start = Location::at_start(Path::new(file));
    let invalid = |problem: Problem| Errors::from(policy::Error::new(&start, problem.to_string()));
    while reader.read_record(&mut record).map_err(|error| invalid(error.into()))? {
        let begin = record.position().map_or(0, csv::Position::byte);
        fields += record.len();
        if fields > MAX_FIELDS {
            return Err(invalid(Problem::TooManyFields));
        }
        let (line, begin) = lines.line_at(begin);
        records.push((line, begin, record.clone()));
    }
    let mut records = records.into_iter();
    let (line, _, columns) = records.next().unwrap_or((1, 0, StringRecord::new()));
    // Spreadsheet programs may change the case of the first column. The case of other columns matters in policies.
    let columns: StringRecord = columns
        .iter()
        .map(|name| if name.eq_ignore_ascii_case(key) { key } else { name })
        .collect();
    let header = Header { file, key, line, text: text.lines().nth(line - 1).unwrap_or_default() };
    let column = header.check(&columns)?;
    let rows = Rows { file, key, text, delimiter: delimiter(text), columns: &columns, column };
    let (mut found, mut errors) = (Vec::new(), Errors::default());
    for (line, begin, values) in records {
        match rows.check(line, begin, &values) {
            Ok(ini) => {
                let named = columns.iter().zip(&values);
                let named = named.map(|(name, value)| (name.to_owned(), value.to_owned()));
                let row = Row::new(format!("{file}:{line}"), named);
                found.push((ini.to_owned(), Arc::new(row)));
            }
            Err(error) => errors.push(*error),
        }
    }
    errors.or_ok(found)
}

/// What the rows of an inventory have in common.
struct Rows<'t> {
    file: &'t str,
    key: &'static str,
    text: &'t str,
    delimiter: u8,
    columns: &'t StringRecord,
    /// The number of the column `key`.
    column: usize,
}

impl Rows<'_> {
    /// Returns the file or computer that a row names. The row begins at a line and a byte.
    fn check<'v>(
        &self,
        line: usize,
        begin: usize,
        values: &'v StringRecord,
    ) -> Result<&'v str, Box<policy::Error>> {
        let (found, expected) = (values.len(), self.columns.len());
        let (problem, field) = match values.get(self.column) {
            _ if found != expected => {
                (Problem::FieldCount { found, expected }, found.min(expected))
            }
            None | Some("") if self.key == INI => (Problem::NoFile, self.column),
            None => return Ok(""),
            Some(ini) => return Ok(ini),
        };
        let record = self.text.get(begin..).unwrap_or_default();
        let before = &record[..self.offset(record, field)];
        let (lines, start) = match before.rfind('\n') {
            Some(end) => (before.matches('\n').count(), end + 1),
            None => (0, 0),
        };
        let location =
            Location::in_line(Path::new(self.file), line + lines, &before[start..], before.len());
        let error = policy::Error::new(&location, problem.to_string());
        Err(Box::new(error.with_hint(match problem {
            Problem::FieldCount { .. } if found > expected => {
                format!("put each value that contains `{}` in double quotes", self.separator())
            }
            Problem::FieldCount { .. } => {
                format!("add `{}` for each empty value at the end of the row", self.separator())
            }
            _ => "name the MicroSIP.ini of the row, or delete the row".to_owned(),
        })))
    }

    /// Returns the separator of the columns, for messages.
    fn separator(&self) -> &'static str {
        match self.delimiter {
            b',' => ",",
            b';' => ";",
            _ => "<Tab>",
        }
    }

    /// Returns the byte at which a field of a record begins, or at which the record ends.
    fn offset(&self, record: &str, field: usize) -> usize {
        // A quote is special only at the start of a field, and in a field that starts with one.
        let (mut fields, mut is_quoted) = (0, false);
        let (mut is_start, mut has_quotes) = (true, false);
        for (offset, byte) in record.bytes().enumerate() {
            if fields == field {
                return offset;
            }
            match byte {
                b'"' if has_quotes || is_start => {
                    has_quotes = true;
                    is_quoted = !is_quoted;
                }
                b'\r' | b'\n' if !is_quoted => return offset,
                byte if byte == self.delimiter && !is_quoted => {
                    fields += 1;
                    (is_start, has_quotes) = (true, false);
                    continue;
                }
                _ => {}
            }
            is_start = false;
        }
        record.len()
    }
}

/// The first line of an inventory.
struct Header<'t> {
    file: &'t str,
    key: &'static str,
    line: usize,
    text: &'t str,
}

impl Header<'_> {
    /// Returns the number of the column `key`, or all errors of the line.
    fn check(&self, columns: &StringRecord) -> Result<usize, Errors> {
        let mut errors = Errors::default();
        let mut known = BTreeSet::new();
        let mut at = 0;
        if columns.len() > MAX_COLUMNS {
            errors.push(self.error(&Problem::TooManyColumns(columns.len()), 0..self.text.len()));
            return Err(errors);
        }
        for name in columns {
            // Quotes around a name, or quotes in it, aren't in the name.
            let lower = self.text[at..].to_ascii_lowercase();
            let span = match lower.find(&name.to_ascii_lowercase()) {
                Some(found) => at + found..at + found + name.len(),
                None => at..at,
            };
            at = span.end;
            if name.len() > MAX_NAME {
                errors.push(self.error(&Problem::ColumnTooLong(name.len()), span));
            } else if !name.is_empty() && !known.insert(name) {
                let error = self.error(&Problem::DuplicateColumn(name.to_owned()), span);
                errors.push(error.with_hint("rename or remove one of them"));
            }
        }
        let column = columns.iter().position(|name| name == self.key);
        if column.is_none() {
            errors.push(match self.key {
                HOST => {
                    let error = self.error(&Problem::NoHostColumn, 0..self.text.trim_end().len());
                    let hint = "the first line must name the columns, for example: `host,site`";
                    error.with_excerpt(None).with_hint(hint)
                }
                _ => self.without_file_column(columns),
            });
        }
        match column {
            Some(column) if errors.is_empty() => Ok(column),
            _ => Err(errors),
        }
    }

    /// Returns the error for a line without `ini`. It may be a row of values, and so it isn't shown then.
    fn without_file_column(&self, columns: &StringRecord) -> policy::Error {
        const MEANT: [&str; 6] = ["path", "file", "inifile", "ini_file", "microsip.ini", "folder"];
        let error = self.error(&Problem::NoFileColumn, 0..self.text.trim_end().len());
        let is_name = |name: &str| {
            name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_- ".contains(&byte))
        };
        if !columns.iter().all(is_name) || columns.is_empty() {
            let hint = "the first line must name the columns, for example: `ini,site,extension`";
            return error.with_excerpt(None).with_hint(hint);
        }
        let meant =
            columns.iter().find(|name| MEANT.iter().any(|it| name.eq_ignore_ascii_case(it)));
        error.with_hint(match meant {
            Some(name) => format!("rename the column `{name}` to `ini`"),
            None => "add a column `ini`, for example: `ini,site,extension`".to_owned(),
        })
    }

    /// Creates an error about a part of the line.
    fn error(&self, problem: &Problem, span: Range<usize>) -> policy::Error {
        let location = Location::in_line(Path::new(self.file), self.line, self.text, span.start);
        let excerpt = (self.text.len() <= MAX_LINE)
            .then(|| Excerpt { text: self.text.to_owned(), marked: span });
        policy::Error::new(&location, problem.to_string()).with_excerpt(excerpt)
    }
}

/// Returns the separator of the columns.
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
    /// Returns the line and the offset of the first text at an offset: a record starts after the empty lines before it.
    fn line_at(&mut self, begin: u64) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let begin = usize::try_from(begin).unwrap_or(usize::MAX).min(bytes.len());
        let space = bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let end = begin + space;
        let passed = bytes.get(self.offset..end).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.offset = end.max(self.offset);
        (self.line, end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Formats each line as `location ini|column=value`.
    fn check(text: &str, expected: &[&str]) {
        let shown: Vec<_> = inventory("i.csv", text)
            .unwrap()
            .into_iter()
            .map(|(ini, row)| {
                let others = row.names().filter(|name| *name != INI);
                let shown = |name| format!("{name}={}", row.get(name).unwrap());
                let others: Vec<_> = others.map(shown).collect();
                format!("{} {ini}|{}", row.origin(), others.join(" "))
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
    fn invalid_rows_are_all_reported_with_their_location() {
        let shown = |text: &str| -> Vec<_> {
            let errors = inventory("i.csv", text).unwrap_err();
            let hint = |error: &policy::Error| error.hint().unwrap().to_owned();
            errors.iter().map(|it| (it.to_string().replace("i.csv:", ""), hint(it))).collect()
        };
        let add = "add `,` for each empty value at the end of the row";
        let quote = "put each value that contains `,` in double quotes";
        let name = "name the MicroSIP.ini of the row, or delete the row";
        let expected = [
            ("2:1: `ini` is empty: expected a file, a folder, or a pattern", name),
            ("3:6: the row has 1 value: expected 2, one for each column", add),
            ("4:9: the row has 3 values: expected 2, one for each column", quote),
            ("7:7: the row has 4 values: expected 2, one for each column", quote),
            ("9:1: `ini` is empty: expected a file, a folder, or a pattern", name),
        ]
        .map(|(error, hint)| (error.to_owned(), hint.to_owned()));
        let text = "ini,site\n,X\na.ini\nb.ini,X,Y\nc.ini,Z\nd.ini,\"Y, \"\"\nZ, é\",1,2\n\n,\n";
        assert_eq!(shown(text), expected);
        assert_eq!(shown(&text.replace('\n', "\r\n")), expected);
        let swapped = "site;ini\nX;\n\"A;B\";\n";
        let locations: Vec<_> = shown(swapped).into_iter().map(|(error, _)| error).collect();
        assert!(locations[0].starts_with("2:3: "), "{locations:?}");
        assert!(locations[1].starts_with("3:7: "), "{locations:?}");
    }

    #[test]
    fn errors_of_rows_do_not_repeat_values() {
        let errors =
            inventory("i.csv", "ini,pin\n,4711\na.ini,hunter2,4712\nhunter2\n").unwrap_err();
        let shown = format!("{errors:?} {errors}");
        assert!(!shown.contains("hunter2") && !shown.contains("471"), "{shown}");
    }

    #[test]
    fn very_many_invalid_rows_are_counted() {
        let errors = inventory("i.csv", &format!("ini,x\n{}", "a\n".repeat(100_000))).unwrap_err();
        assert_eq!((errors.iter().count(), errors.count()), (50, 100_000));
    }

    #[test]
    fn invalid_columns_are_all_reported_with_their_line() {
        for (text, expected) in [
            ("", &["1:1: missing column `ini`, which names the files []"][..]),
            ("\n\npath,site\n", &["3:1: missing column `ini`, which names the files [path,site]"]),
            ("ini,site,site\n", &["1:10: duplicate column `site` [site]"]),
            ("ini,Ini\n", &["1:5: duplicate column `ini` [Ini]"]),
            (
                "a;b;b;a;c\n",
                &[
                    "1:1: missing column `ini`, which names the files [a;b;b;a;c]",
                    "1:5: duplicate column `b` [b]",
                    "1:7: duplicate column `a` [a]",
                ],
            ),
        ] {
            let errors = inventory("i.csv", text).unwrap_err();
            let mut shown: Vec<_> = errors
                .iter()
                .map(|error| {
                    let excerpt = error.excerpt().map(|it| it.text[it.marked.clone()].to_owned());
                    format!("{error} [{}]", excerpt.unwrap_or_default()).replace("i.csv:", "")
                })
                .collect();
            shown.sort();
            assert_eq!(shown, expected, "{text:?}");
            assert!(errors.iter().all(|error| error.hint().is_some()));
        }
    }

    #[test]
    fn inventory_without_column_names_does_not_show_its_values() {
        let errors = inventory("i.csv", "a/MicroSIP.ini,100,hunter2\n").unwrap_err();
        assert!(!format!("{errors:?}").contains("hunter2"), "{errors:?}");
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
                // A quoted text ends at the next quote, even on another line.
                text.push_str(&format!("{ini},{}x\n", rest.replace('"', "")));
            }
            let is_invalid = |(ini, rest): &&(String, String)| {
                ini.is_empty() || rest.matches(',').count() != 1
            };
            let numbered = lines.iter().zip(2..);
            match inventory("i.csv", &text) {
                Ok(read) => {
                    prop_assert!(!lines.iter().any(|line| is_invalid(&line)));
                    for ((_, row), (_, line)) in read.iter().zip(numbered) {
                        prop_assert_eq!(row.origin(), format!("i.csv:{line}"));
                    }
                    prop_assert_eq!(read.len(), lines.len());
                }
                Err(errors) => {
                    let invalid = numbered.filter(|(line, _)| is_invalid(line));
                    let invalid: Vec<usize> = invalid.map(|(_, line)| line).collect();
                    let found: Vec<_> = errors.iter().map(|it| it.location().line()).collect();
                    prop_assert_eq!(found, invalid);
                }
            }
        }
    }
}
