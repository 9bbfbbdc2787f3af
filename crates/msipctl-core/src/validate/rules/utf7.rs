//! `utf7`: UTF-7, in which Windows finds no keys.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;
use winini::LineKind;

rule! {
    /// ## What it does
    /// Checks for lines with `+AD0-` instead of `=`, and `+AFs-` instead of `[`, which is UTF-7.
    ///
    /// ## Why is this bad?
    /// Windows doesn't support UTF-7. The lines contain no `=`, so Windows finds no keys.
    ///
    /// ## Example
    /// ```ini
    /// +AFs-Settings+AF0-
    /// DND+AD0-1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Always safe. Decodes the UTF-7 and converts the file to UTF-16LE with BOM. A file with invalid UTF-7 has no fix.
    Utf7,
    on Document, requires TEXT,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let is_text = |line: &winini::Line| {
        line.kind() == LineKind::Text
            && memchr::memmem::find(document.raw(line.content()), b"+AD0-").is_some()
    };
    let Some(first) = document.lines().iter().position(is_text) else { return };
    let message = message!("the file is UTF-7, in which Windows finds no keys");
    let finding = RULE.at(first, document.line(first).content(), message);
    let text = str::from_utf8(document.bytes()).ok().and_then(decoded);
    findings.push(match text {
        Some(text) => {
            let title = "decode the UTF-7, and convert the file to UTF-16LE with BOM";
            finding.with_fix(Fix::whole(Safety::Safe, title, segments::document_of(&text)))
        }
        None => finding,
    });
}

/// Decodes UTF-7: the text between `+` and `-` is UTF-16 in Base64.
fn decoded(text: &str) -> Option<String> {
    let (mut read, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('+') {
        read.push_str(before);
        let end = after.find(|character: char| sextet(character).is_none()).unwrap_or(after.len());
        let (characters, after) = after.split_at(end);
        rest = after.strip_prefix('-').unwrap_or(after);
        if characters.is_empty() {
            read.push('+');
            continue;
        }
        let (mut bits, mut count, mut units) = (0_u32, 0, Vec::new());
        for character in characters.chars() {
            bits = (bits << 6 | sextet(character)?) & 0x3f_ffff;
            count += 6;
            if count >= 16 {
                count -= 16;
                units.push(u16::try_from(bits >> count & 0xffff).ok()?);
            }
        }
        read.push_str(&String::from_utf16(&units).ok()?);
    }
    read.push_str(rest);
    Some(read)
}

/// Returns the six bits that a Base64 character encodes.
fn sextet(character: char) -> Option<u32> {
    match character {
        'A'..='Z' => Some(character as u32 - 'A' as u32),
        'a'..='z' => Some(character as u32 - 'a' as u32 + 26),
        '0'..='9' => Some(character as u32 - '0' as u32 + 52),
        '+' => Some(62),
        '/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn utf7_is_decoded_and_reported() {
        assert_eq!(decoded("+AFs-S+AF0-\nk+AD0-B+APw-ro 1+-2").as_deref(), Some("[S]\nk=Büro 1+2"));
        assert_eq!(decoded("a+"), Some("a+".to_owned()));
        check(&RULE, "[S]\nk=+AD0-\n", &[]);
        check(
            &RULE,
            "+AFs-S+AF0-\nk+AD0-1\n",
            &["2: error: the file is UTF-7, in which Windows finds no keys"],
        );
    }
}
