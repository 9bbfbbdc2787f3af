//! One line of a file as it may be shown.

use std::borrow::Cow;

use super::Secrets;
use crate::ini::{Document, LineKind};
use crate::profile::read_rule;

/// Returns a line's text without its line ending, the value of a secret key masked. A key that was
/// made a comment is masked all the same.
pub fn line_text(document: &Document, line: usize, secrets: Secrets) -> String {
    let section = document.section_of(line);
    let section = section.map(|section| document.text(document.line(section.header()).name()));
    shown(document, line, section.as_deref().unwrap_or_default(), secrets)
}

/// The same for all lines of a document.
pub(super) fn all_lines(document: &Document, secrets: Secrets) -> Vec<String> {
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

fn shown(document: &Document, line: usize, section: &str, secrets: Secrets) -> String {
    let text = document.text(document.line(line).content());
    if secrets == Secrets::Revealed {
        return text.into_owned();
    }
    let Some((name, value)) = text.split_once('=') else { return text.into_owned() };
    let key = name.trim_start_matches([' ', '\t', '\x0b', ';', '#']).trim_end();
    let read = read_rule(value);
    let masked = secrets.shown(section, key, read);
    if masked == read { text.into_owned() } else { format!("{name}={masked}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::Encoding;

    #[test]
    fn masks_secrets_also_in_comments_and_above_the_first_section() {
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
        assert_eq!(line_text(&document, 2, Secrets::Revealed), "password = \"s3\"");
    }
}
