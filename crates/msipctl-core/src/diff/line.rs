//! Shows lines of a file with secrets masked.

use std::borrow::Cow;

use super::secrets::Secrets;
use microsip_schema::is_secret_name;
use winini::profile::read_rule;
use winini::{Document, Encoding, LineKind, WHITESPACE};

/// Returns the text of a line without its line ending. Masks the values of secret keys, also in comments.
pub fn line_text(document: &Document, line: usize, secrets: Secrets<'_>) -> String {
    let section = document.section_of(line);
    let section = section.map(|section| document.text(document.line(section.header()).name()));
    shown(document, line, section.as_deref().unwrap_or_default(), secrets)
}

/// Returns the masked text of all lines of a document.
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
    // A comment or the name of a key can also contain a secret.
    secrets.shown_text(shown_by_name(document, line, section, secrets))
}

fn shown_by_name(document: &Document, line: usize, section: &str, secrets: Secrets<'_>) -> String {
    let text = document.text(document.line(line).content());
    if secrets == Secrets::Revealed {
        return text.into_owned();
    }
    // ANSI text that was appended to a UTF-16 file is only readable in the raw bytes.
    if is_wide(document) && names_secret(document.raw(document.line(line).content())) {
        return "***".to_owned();
    }
    // If all lines of a file were joined into one, the end of a secret in it is unknown.
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
    // UTF-16 text in an ANSI file has NUL characters between its characters.
    let (name_read, value) = (name.replace('\0', ""), value.replace('\0', ""));
    let key = name_read
        .trim_start_matches(|it| WHITESPACE.contains(&it) || matches!(it, ';' | '#'))
        .trim_end();
    let read = read_rule(&value);
    let masked = secrets.shown(section, key, read);
    if masked == read { text.into_owned() } else { format!("{name}={masked}") }
}

/// Words that occur in the names of secrets.
const SECRET_WORDS: [&str; 4] = ["pass", "pwd", "secret", "token"];

fn is_wide(document: &Document) -> bool {
    matches!(document.encoding(), Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. })
}

/// Returns whether bytes that aren't UTF-16 contain the name of a secret.
fn names_secret(raw: &[u8]) -> bool {
    let bytes = raw.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| memchr::memmem::find(&bytes, word.as_bytes()).is_some())
        || secret_name_at(&String::from_utf8_lossy(raw)).is_some()
}

/// Returns the offset of the first name of a secret in a text.
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

/// Masks a line without `=`, such as `password: s3`: the text after the name of a secret.
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
