//! One line of a file as it may be shown.

use std::borrow::Cow;

use super::secrets::Secrets;
use microsip_schema::is_secret_name;
use winini::profile::read_rule;
use winini::{Document, Encoding, LineKind, WHITESPACE};

/// Returns a line's text without its line ending, the value of a secret key masked. A key that was
/// made a comment is masked all the same.
pub fn line_text(document: &Document, line: usize, secrets: Secrets<'_>) -> String {
    let section = document.section_of(line);
    let section = section.map(|section| document.text(document.line(section.header()).name()));
    shown(document, line, section.as_deref().unwrap_or_default(), secrets)
}

/// The same for all lines of a document.
pub(super) fn all_lines(document: &Document, secrets: Secrets<'_>) -> Vec<String> {
    let mut section = Cow::Borrowed("");
    (0..document.lines().len())
        .map(|line| {
            if document.line(line).kind() == LineKind::Header {
                section = document.text(document.line(line).name());
            }
            shown(document, line, &section, secrets)
        })
        .collect()
}

fn shown(document: &Document, line: usize, section: &str, secrets: Secrets<'_>) -> String {
    // A comment, or the name of a key, may hold a secret, too.
    secrets.shown_text(shown_by_name(document, line, section, secrets))
}

fn shown_by_name(document: &Document, line: usize, section: &str, secrets: Secrets<'_>) -> String {
    let text = document.text(document.line(line).content());
    if secrets == Secrets::Revealed {
        return text.into_owned();
    }
    // Bytes that were appended to UTF-16 spell its letters.
    if is_wide(document) && names_secret(document.raw(document.line(line).content())) {
        return "***".to_owned();
    }
    // All lines of a file joined to one: nothing tells where a secret in it ends.
    if document.line(line).kind() == LineKind::Header && names_secret(text.as_bytes()) {
        let folded = text.to_ascii_lowercase();
        let by_word = SECRET_WORDS.iter().filter_map(|word| folded.find(word));
        let from = by_word.chain(secret_name_at(&text)).min().unwrap_or_default();
        return match text[from..].find('=') {
            Some(equals) => format!("{}=***", &text[..from + equals]),
            None => text.into_owned(),
        };
    }
    let Some((name, value)) = text.split_once('=') else {
        return without_equals(&text, section, secrets);
    };
    // Between the letters of UTF-16 in a file of bytes stand zeros.
    let (name_read, value) = (name.replace('\0', ""), value.replace('\0', ""));
    let key = name_read
        .trim_start_matches(|it| WHITESPACE.contains(&it) || matches!(it, ';' | '#'))
        .trim_end();
    let read = read_rule(&value);
    let masked = secrets.shown(section, key, read);
    if masked == read { text.into_owned() } else { format!("{name}={masked}") }
}

/// Words in the names of secrets.
const SECRET_WORDS: [&str; 4] = ["pass", "pwd", "secret", "token"];

fn is_wide(document: &Document) -> bool {
    matches!(document.encoding(), Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. })
}

/// Says whether bytes, which are none of UTF-16, spell the name of a secret.
fn names_secret(raw: &[u8]) -> bool {
    let bytes = raw.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| memchr::memmem::find(&bytes, word.as_bytes()).is_some())
        || secret_name_at(&String::from_utf8_lossy(raw)).is_some()
}

/// Finds the first name in a text that speaks of a secret.
fn secret_name_at(text: &str) -> Option<usize> {
    let is_part = |character: char| character.is_alphanumeric() || "_-".contains(character);
    let mut from = 0;
    for name in text.split(|character: char| !is_part(character)) {
        if is_secret_name(name) {
            return Some(from);
        }
        from += name.len();
        from += text[from..].chars().next().map_or(0, char::len_utf8);
    }
    None
}

/// A line that lost its `=`, such as `password: s3`: what stands behind the name of a secret is masked, too.
fn without_equals(text: &str, section: &str, secrets: Secrets<'_>) -> String {
    let is_name = |character: char| character.is_ascii_alphanumeric();
    let start = text.find(is_name).unwrap_or(text.len());
    let end =
        text[start..].find(|character| !is_name(character)).map_or(text.len(), |end| start + end);
    let (before, rest) = text.split_at(end);
    let masked = secrets.shown(section, &before[start..], rest);
    if masked == rest || rest.trim().is_empty() {
        text.to_owned()
    } else {
        format!("{before} {}", masked.trim_start())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_comments_and_before_the_first_section() {
        let text = "password=s3\n[Account1]\npassword = \"s3\"\n;password=s3\nusername=s3\n[S]x\n";
        let document = Document::parse(text.into(), Encoding::Ascii);
        let lines = all_lines(&document, Secrets::Masked);
        assert_eq!(
            lines,
            ["password=***", "[Account1]", "password =***", ";password=***", "username=s3", "[S]x",]
        );
        for (line, text) in lines.iter().enumerate() {
            assert_eq!(line_text(&document, line, Secrets::Masked), *text);
        }
        for (text, shown) in [
            ("password: s3", "password ***"),
            ("password s3", "password ***"),
            ("password+AD0-s3", "password ***"),
            ("password", "password"),
            ("[Account1]", "[Account1]"),
            ("a comment", "a comment"),
            ("[A]x=1[B]password=s3;s3 s3", "[A]x=1[B]password=***"),
            ("[A]x=1[B]apiKey=s3;s3 s3", "[A]x=1[B]apiKey=***"),
            ("[A]x=1[B]ping=5", "[A]x=1[B]ping=5"),
            ("pin: s3", "pin ***"),
            ("sessionId=s3", "sessionId=***"),
            ("[password]", "[password]"),
            ("p\0a\0s\0s\0w\0o\0r\0d\0=\0s\0", "p\0a\0s\0s\0w\0o\0r\0d\0=***"),
        ] {
            let text = format!("[Account1]\n{text}\n");
            let document = Document::parse(text.into(), Encoding::Ascii);
            assert_eq!(line_text(&document, 1, Secrets::Masked), shown);
        }
        let appended = b"\xff\xfe[\0S\0]\0\n\0password=s3\r\n".to_vec();
        let appended = Document::parse(appended, Encoding::MICROSIP);
        assert_eq!(line_text(&appended, 1, Secrets::Masked), "***");
        assert_eq!(line_text(&document, 2, Secrets::Revealed), "password = \"s3\"");
    }
}
