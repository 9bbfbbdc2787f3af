//! A TOML file that is read table by table, so that all of its errors are reported together, each with its line.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::{Error, Errors};
use super::location::{Excerpt, Location, LocationFinder};
use crate::event::SETTINGS;

/// A value with its location.
pub type TomlValue<'t> = Spanned<DeValue<'t>>;

/// A key and its value.
pub type TomlPair<'t> = (Spanned<DeString<'t>>, TomlValue<'t>);

/// The longest line that is shown with an error, in bytes.
const MAX_LINE: usize = 400;

/// The longest value that an error repeats, in bytes.
const MAX_VALUE: usize = 60;

/// How similar a misspelled name must be to a known one. The known ones are few.
const NEAR: f64 = 0.7;

/// How similar to `password` a name must be so that its value is masked.
const SECRET_NEAR: f64 = 0.9;

const MASK: &str = "***";

/// A TOML file that is being read. Methods that return `None` have reported why.
///
/// # Example
///
/// ```
/// use msipctl_core::policy::TomlFile;
/// use std::path::Path;
///
/// let (file, pairs) = TomlFile::parse(Path::new("c.toml"), "fast = 7\n");
/// for (name, value) in pairs {
///     assert_eq!(file.boolean(&value, name.get_ref()), None);
/// }
/// let error = file.finish(()).unwrap_err();
/// assert_eq!(error.to_string(), "c.toml:1:8: invalid value `7` for `fast`: expected `true` or `false`");
/// ```
pub struct TomlFile<'t> {
    path: Arc<Path>,
    text: &'t str,
    locations: LocationFinder<'t>,
    /// Where secrets are in the text, in order.
    secrets: Vec<Range<usize>>,
    errors: RefCell<Errors>,
}

impl<'t> TomlFile<'t> {
    /// Parses a text. If it isn't valid TOML, each syntax error is reported, and there are no pairs.
    pub fn parse(path: &Path, text: &'t str) -> (Self, Vec<TomlPair<'t>>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut secrets = Vec::new();
        add_secrets("", table.get_ref(), false, &mut secrets);
        secrets.sort_by_key(|range| range.start);
        let locations = LocationFinder::new(text);
        let file = Self { path: path.into(), text, locations, secrets, errors: RefCell::default() };
        if errors.is_empty() {
            return (file, sorted_by_position(table.into_inner()));
        }
        let mut lines = Vec::new();
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let location = file.location(span.start);
            // One mistake often leads to several errors in its line.
            if lines.contains(&location.line()) {
                continue;
            }
            lines.push(location.line());
            let message = error.message().trim_end().replace('\n', ", ");
            let error = Error::new(&location, format!("invalid TOML: {message}"));
            file.report(error.with_excerpt(file.unparsed_excerpt(span)));
        }
        (file, Vec::new())
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the location of a byte.
    pub fn location(&self, offset: usize) -> Location {
        self.locations.find(self.path.clone(), offset)
    }

    /// Returns the value if nothing was reported.
    ///
    /// # Errors
    ///
    /// Returns all errors, in the order of the file.
    pub fn finish<T>(self, value: T) -> Result<T, Errors> {
        self.errors.into_inner().sorted().or_ok(value)
    }

    /// Returns all errors, in the order of the file.
    pub(super) fn into_errors(self) -> Errors {
        self.errors.into_inner().sorted()
    }

    /// Reports an error.
    pub fn report(&self, error: Error) {
        self.errors.borrow_mut().push(error);
    }

    /// Creates an error about a part of the text.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>) -> Error {
        Error::new(&self.location(span.start), message).with_excerpt(self.excerpt(span))
    }

    /// Adds the line as it is after a part of it is replaced, if it can be shown.
    pub fn corrected(&self, error: Error, span: Range<usize>, replacement: &str) -> Error {
        let (begin, line) = self.locations.line(span.start);
        let excerpt = self.excerpt(span.clone()).filter(|excerpt| excerpt.text == line);
        let correction = excerpt.and_then(|_| {
            let (start, end) = (span.start.checked_sub(begin)?, span.end.checked_sub(begin)?);
            Some(
                format!("{}{replacement}{}", line.get(..start)?, line.get(end..)?)
                    .trim()
                    .to_owned(),
            )
        });
        error.with_correction(correction)
    }

    /// Creates the error that a value isn't what was expected.
    pub fn invalid(&self, value: &TomlValue<'t>, name: &str, expected: &str) -> Error {
        let found = self.found(value).map(|found| format!("`{found}` ")).unwrap_or_default();
        let message = format!("invalid value {found}for `{name}`: expected {expected}");
        self.error(value.span(), message)
    }

    /// Returns a string.
    pub fn string(&self, value: &TomlValue<'t>, name: &str) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            other => {
                let error = self.invalid(value, name, "a string");
                let quoted = !matches!(other, DeValue::Array(_) | DeValue::Table(_));
                let found = self.found(value).filter(|_| quoted);
                self.report(match found {
                    Some(found) => self.corrected(error, value.span(), &format!("\"{found}\"")),
                    None => error,
                });
                None
            }
        }
    }

    /// Returns a list of strings. A single string is a list of one.
    pub fn strings(&self, value: &TomlValue<'t>, name: &str) -> Option<Vec<Spanned<String>>> {
        let text = |value: &TomlValue<'t>, text: &DeString<'t>| {
            Spanned::new(value.span(), text.clone().into_owned())
        };
        match value.get_ref() {
            DeValue::String(only) => Some(vec![text(value, only)]),
            DeValue::Array(values) => {
                let mut texts = Vec::new();
                for value in values.iter() {
                    match value.get_ref() {
                        DeValue::String(one) => texts.push(text(value, one)),
                        _ => self.report(self.invalid(value, name, "a string")),
                    }
                }
                (texts.len() == values.len()).then_some(texts)
            }
            _ => {
                self.report(self.invalid(value, name, "a string or a list of strings"));
                None
            }
        }
    }

    /// Returns `true` or `false`.
    pub fn boolean(&self, value: &TomlValue<'t>, name: &str) -> Option<bool> {
        if let DeValue::Boolean(is_on) = value.get_ref() {
            return Some(*is_on);
        }
        let error = self.invalid(value, name, "`true` or `false`");
        self.report(match self.meant_boolean(value) {
            Some(meant) => self.corrected(error, value.span(), meant),
            None => error,
        });
        None
    }

    /// Returns `true` or `false` if a value was probably meant as one.
    pub(super) fn meant_boolean(&self, value: &TomlValue<'t>) -> Option<&'static str> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_ascii_lowercase(),
            DeValue::Integer(number) => number.to_string(),
            _ => return None,
        };
        match text.as_str() {
            "1" | "true" | "yes" | "on" => Some("true"),
            "0" | "false" | "no" | "off" => Some("false"),
            _ => None,
        }
    }

    /// Returns an integer.
    pub fn integer(&self, value: &TomlValue<'t>, name: &str) -> Option<i64> {
        if let DeValue::Integer(number) = value.get_ref()
            && let Ok(number) = i64::from_str_radix(number.as_str(), number.radix())
        {
            return Some(number);
        }
        let error = self.invalid(value, name, "an integer");
        let meant = match value.get_ref() {
            DeValue::String(text) => text.trim().parse::<i64>().ok(),
            _ => None,
        };
        self.report(match meant {
            Some(meant) => self.corrected(error, value.span(), &meant.to_string()),
            None => error,
        });
        None
    }

    /// Returns the pairs of a table, in the order of the file.
    pub fn table(
        &self,
        value: TomlValue<'t>,
        name: &str,
        example: &str,
    ) -> Option<Vec<TomlPair<'t>>> {
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            let error = self.invalid(&value, name, "a table");
            self.report(error.with_hint(format!("for example: `{example}`")));
            return None;
        }
        match value.into_inner() {
            DeValue::Table(table) => Some(sorted_by_position(table)),
            _ => None,
        }
    }

    /// Returns the tables of a list such as `[[hook]]`.
    pub fn tables(&self, value: TomlValue<'t>, name: &str) -> Option<Vec<TomlValue<'t>>> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(tables) => Some(tables.into_iter().collect()),
            other => {
                let message = format!("`{name}` is {}: expected `[[{name}]]`", shape(&other));
                let error = self.error(span.clone(), message);
                let (begin, line) = self.locations.line(span.start);
                let header = format!("[{name}]");
                let is_header = line.trim() == header;
                let at = begin + line.find('[').unwrap_or_default();
                self.report(match is_header {
                    true => self.corrected(error, at..at + header.len(), &format!("[[{name}]]")),
                    false => error.with_hint(format!("start each block with `[[{name}]]`")),
                });
                None
            }
        }
    }

    /// Reports a key that isn't one of the known keys of a table.
    pub fn unknown_key(&self, key: &Spanned<DeString<'t>>, table: &str, known: &[&str]) {
        let name = key.get_ref();
        let error = self.error(key.span(), format!("unknown key `{name}` in {table}"));
        self.report(match microsip_schema::nearest(name, known.iter().copied(), NEAR) {
            Some(near) => {
                let error = error.with_hint(format!("did you mean `{near}`?"));
                self.corrected(error, key.span(), near)
            }
            None => error.with_hint(format!("known keys: {}", known.join(", "))),
        });
    }

    /// Returns a value as it is written in the file, if it is short and holds no secret.
    pub(super) fn found(&self, value: &TomlValue<'t>) -> Option<&'t str> {
        let text = self.text_of(value.span())?;
        Some(match value.get_ref() {
            DeValue::String(_) => text.trim_matches(['"', '\'']),
            _ => text,
        })
    }

    /// Returns a part of the text if it is short and holds no secret.
    pub(super) fn text_of(&self, span: Range<usize>) -> Option<&'t str> {
        let is_secret =
            self.secrets.iter().any(|secret| secret.start < span.end && span.start < secret.end);
        let text = self.text.get(span)?;
        (!is_secret && text.len() <= MAX_VALUE && !text.contains('\n')).then_some(text)
    }

    /// Returns the line of a location, in which one word is marked.
    pub(super) fn excerpt_of(&self, location: &Location) -> Option<Excerpt> {
        let start = self.locations.offset(location)?;
        let rest = self.text.get(start..)?;
        let length = rest.find(|it: char| it.is_whitespace() || it == '=').unwrap_or(rest.len());
        self.excerpt(start..start + length)
    }

    /// Returns the line of a part of the text, with its secrets masked.
    pub(super) fn excerpt(&self, span: Range<usize>) -> Option<Excerpt> {
        let (begin, line) = self.locations.line(span.start);
        if line.len() > MAX_LINE {
            return None;
        }
        let end = begin + line.len();
        let mut text = String::with_capacity(line.len());
        let mut at = begin;
        let (mut from, mut to) = (None, None);
        let (start, stop) = (span.start.min(end), span.end.clamp(span.start.min(end), end));
        let first = self.secrets.partition_point(|secret| secret.end <= begin);
        for secret in self.secrets[first..].iter().take_while(|secret| secret.start < end) {
            let (secret_start, secret_end) = (secret.start.max(at), secret.end.min(end));
            if secret_end <= at {
                continue;
            }
            place(start, at, secret_start, text.len(), &mut from);
            place(stop, at, secret_start, text.len(), &mut to);
            text.push_str(self.text.get(at..secret_start)?);
            if (secret_start..secret_end).contains(&start) {
                from.get_or_insert(text.len());
            }
            text.push_str(MASK);
            if stop > secret_start && stop <= secret_end {
                to.get_or_insert(text.len());
            }
            at = secret_end;
        }
        place(start, at, end, text.len(), &mut from);
        place(stop, at, end, text.len(), &mut to);
        text.push_str(self.text.get(at..end)?);
        let marked = from.unwrap_or(0)..to.unwrap_or(text.len());
        Some(without_secret_comment(Excerpt { text, marked }))
    }

    /// Returns the line of a syntax error. Without values, secrets are found by the name before the last `=`.
    fn unparsed_excerpt(&self, span: Range<usize>) -> Option<Excerpt> {
        let (begin, line) = self.locations.line(span.start);
        let before = self.text.get(..begin)?;
        // A value can begin in a line above.
        let is_continued = !line.contains('=') && !line.trim_start().starts_with(['[', '#']);
        let above = before.lines().rev().find(|line| line.contains('=')).filter(|_| is_continued);
        if above.is_some_and(|above| secret_assignment(above).is_some()) {
            return None;
        }
        let Some(secret) = secret_assignment(line) else { return self.excerpt(span) };
        let shown = line.get(..secret).filter(|_| line.len() <= MAX_LINE)?;
        let text = format!("{shown} {MASK}");
        let start = (span.start - begin).min(text.len());
        let marked = if start < secret { start..secret.max(start) } else { secret + 1..text.len() };
        Some(masked(Excerpt { text, marked }))
    }
}

/// Notes where an offset of the file is in the text that is built of it, if it is in a part of the file.
fn place(offset: usize, start: usize, end: usize, shown: usize, place: &mut Option<usize>) {
    if place.is_none() && (start..=end).contains(&offset) {
        *place = Some(shown + offset - start);
    }
}

/// Masks secrets in the comment of a line.
fn without_secret_comment(excerpt: Excerpt) -> Excerpt {
    let Excerpt { text, marked } = &excerpt;
    let Some(comment) = comment(text) else { return excerpt };
    let shown = microsip_schema::mask(SETTINGS, "", &text[comment..]);
    if shown == text[comment..] {
        return excerpt;
    }
    let text = format!("{}{shown}", &text[..comment]);
    let marked = marked.start.min(comment)..marked.end.min(comment);
    Excerpt { text, marked }
}

/// Returns where the comment of a line begins.
fn comment(line: &str) -> Option<usize> {
    let (mut quote, mut is_escaped) = (None, false);
    for (at, character) in line.char_indices() {
        match quote {
            None if character == '#' => return Some(at),
            None if character == '"' || character == '\'' => quote = Some(character),
            Some(open) if character == open && !is_escaped => quote = None,
            _ => {}
        }
        is_escaped = quote == Some('"') && character == '\\' && !is_escaped;
    }
    None
}

/// Masks tokens and the like, by which the marked part may become the whole line.
fn masked(excerpt: Excerpt) -> Excerpt {
    let Excerpt { text, marked } = &excerpt;
    let shown = microsip_schema::mask(SETTINGS, "", text);
    if shown == *text {
        return excerpt;
    }
    let is_kept = text.get(..marked.end).is_some_and(|kept| shown.starts_with(kept));
    let marked = if is_kept { marked.clone() } else { 0..shown.len() };
    Excerpt { text: shown.into_owned(), marked }
}

/// Returns where the value of the first secret key of a line begins.
fn secret_assignment(line: &str) -> Option<usize> {
    let is_word = |it: char| it.is_alphanumeric() || it == '_' || it == '-';
    let mut assignments = line.match_indices('=');
    let found = assignments.find(|(at, _)| {
        let before = line[..*at].trim_end().trim_end_matches(['"', '\'']);
        let name = before
            .rfind(|it| !is_word(it))
            .map_or(before, |at| before[at..].trim_start_matches(|it| !is_word(it)));
        microsip_schema::is_secret_name(name)
    });
    found.map(|(at, _)| at + 1)
}

/// Adds where the values of secret keys are, at any depth.
fn add_secrets(name: &str, table: &DeTable<'_>, is_secret: bool, secrets: &mut Vec<Range<usize>>) {
    for (key, value) in table.iter() {
        let key = key.get_ref();
        // These state where a secret is, and aren't secret themselves.
        let is_reference = ["env", "file", "row"].contains(&key.as_ref());
        // A misspelled name must not reveal its value.
        let is_password = || microsip_schema::nearest(key, ["password"], SECRET_NEAR).is_some();
        let is_secret = is_secret && !is_reference
            || microsip_schema::is_secret(name, key)
            || microsip_schema::find(name, key).is_none() && is_password();
        add_secret(key, value, is_secret, secrets);
    }
}

fn add_secret(key: &str, value: &TomlValue<'_>, is_secret: bool, secrets: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => add_secrets(key, table, is_secret, secrets),
        DeValue::Array(values) => {
            values.iter().for_each(|value| add_secret(key, value, is_secret, secrets));
        }
        DeValue::String(text) if microsip_schema::mask(SETTINGS, "", text) != *text => {
            secrets.push(value.span());
        }
        _ if is_secret => secrets.push(value.span()),
        _ => {}
    }
}

/// Returns the pairs of a table in the order of the file.
fn sorted_by_position(table: DeTable<'_>) -> Vec<TomlPair<'_>> {
    let mut pairs: Vec<_> = table.into_iter().collect();
    pairs.sort_by_key(|(name, _)| name.span().start);
    pairs
}

/// Returns the type of a value, for people.
pub(super) fn shape(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excerpt(text: &str, marked: &str) -> (String, String) {
        let (file, _) = TomlFile::parse(Path::new("p.toml"), text);
        let start = text.find(marked).unwrap();
        let Excerpt { text, marked } = file.excerpt(start..start + marked.len()).unwrap();
        (text.clone(), text[marked].to_owned())
    }

    #[test]
    fn excerpt_masks_secrets_and_marks_the_same_part() {
        let pair = |text: &str, marked: &str| (text.to_owned(), marked.to_owned());
        let text = "[Account1]\npassword = \"hunter2\" # now\nlabel = { value = \"x\" }\n";
        assert_eq!(excerpt(text, "\"hunter2\""), pair("password = *** # now", "***"));
        assert_eq!(excerpt(text, "# now"), pair("password = *** # now", "# now"));
        assert_eq!(excerpt(text, "label"), pair("label = { value = \"x\" }", "label"));
        let text = "usersDirectory = \"https://a.example/?token=hunter2\" # token=hunter2";
        assert_eq!(
            excerpt(text, "usersDirectory"),
            pair("usersDirectory = *** # token=***", "usersDirectory")
        );
        let text = "Account1 = { pasword = \"hunter2\", AA = 1 }";
        assert_eq!(excerpt(text, "AA"), pair("Account1 = { pasword = ***, AA = 1 }", "AA"));
        let text = "Account1 = { password = { value = \"hunter2\", froce = true }, AA = 1 }";
        let shown = "Account1 = { password = { value = ***, froce = *** }, AA = 1 }";
        assert_eq!(excerpt(text, "froce"), pair(shown, "froce"));
        assert_eq!(excerpt(text, "AA"), pair(shown, "AA"));
    }

    #[test]
    fn syntax_errors_show_no_secret() {
        for text in [
            "[Account1]\npassword = hunter2\n",
            "[Account1]\npassword = \"hunter2\n",
            "[Account1]\npassword = \"\"\"\nhunter2\n",
            "[Account1]\npassword = '''\nhunter2''' x\n",
            "Account1 = { AA = 1, password = \"hunter2\", DND = }\n",
            "Account1 = { password = \"hunter2\"",
        ] {
            let (file, pairs) = TomlFile::parse(Path::new("p.toml"), text);
            assert!(pairs.is_empty());
            let errors = file.finish(()).unwrap_err();
            assert!(!format!("{errors:?}").contains("hunter2"), "{text}: {errors:?}");
        }
    }

    #[test]
    fn every_syntax_error_is_reported_with_its_line() {
        let (file, _) = TomlFile::parse(Path::new("p.toml"), "a = \nb = 1\nc = x\n");
        let errors = file.finish(()).unwrap_err();
        let lines: Vec<_> = errors.iter().map(|error| error.location().line()).collect();
        assert_eq!(lines, [1, 3]);
    }

    proptest! {
        #[test]
        fn excerpt_of_any_part_is_valid(
            parts in prop::collection::vec(prop::sample::select(vec![
                "[Account1]\n", "password", " = ", "\"hunter2\"", "\n", "{", "}", ",", "é", "'''", "value", "\r\n",
            ]), 0..16),
            offset in 0..80_usize,
            length in 0..40_usize,
        ) {
            let text = parts.concat();
            let (file, _) = TomlFile::parse(Path::new("p.toml"), &text);
            let (start, end) = (offset.min(text.len()), (offset + length).min(text.len()));
            if let Some(Excerpt { text, marked }) = file.excerpt(start..end)
                && text.is_char_boundary(marked.start)
            {
                prop_assert!(marked.start <= marked.end && marked.end <= text.len());
            }
            let _ = file.finish(());
        }
    }
}
