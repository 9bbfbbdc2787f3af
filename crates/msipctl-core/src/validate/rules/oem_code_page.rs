//! `oem-code-page`: text in the OEM code page that MicroSIP reads as ANSI.

use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::{CodePage, Edit, Encoding};

rule! {
    /// ## What it does
    /// Checks for quotes, daggers, and invisible characters within a word, where the OEM code page has an accented character.
    ///
    /// ## Why is this bad?
    /// Batch files and `Set-Content -Encoding oem` write text in the OEM code page (437 or 850). MicroSIP and Windows read the file in the ANSI code page, where the same bytes are different characters.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// label=J„ger
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// label=Jäger
    /// ```
    ///
    /// ## How to fix
    /// Retype the text in an editor that saves UTF-16LE, or convert the file from the OEM code page.
    ///
    /// ## Fix safety
    /// Converts the value from code page 850. Unsafe, because the text may be correct as it is, or come from another code page.
    OemCodePage,
    on Counted, requires NON_ASCII,
    fix Always
}

/// The characters of code page 850 from 0x80 on that code page 437 has too.
const CODE_PAGE_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº";

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: Option<&'static Key>,
    findings: &mut Vec<Finding>,
) {
    let (section, entry) = location;
    if !characters::has_beyond_ascii(context.document, entry.value_span()) {
        return;
    }
    let (key, written) = (entry.key(), entry.written());
    let Some(meant) = meant(&written) else { return };
    let message = message!("`{key}` contains characters from the OEM code page", key);
    let shown = microsip_schema::mask(&section.name(), &key, &meant).into_owned();
    let edit = Edit::ReplaceValue { line: entry.line(), text: meant };
    let title = format!("convert `{key}` from code page 850");
    let finding = RULE.at_value(location, message);
    let finding = finding.with_help(format!("did you mean `{shown}`?"));
    findings.push(finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit])));
}

/// Returns the text that was meant, if a word contains a character that only the OEM code page explains.
fn meant(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let is_letter = |character: Option<&char>| character.is_some_and(char::is_ascii_alphabetic);
    let is_certain = characters.iter().enumerate().any(|(at, character)| {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let is_in_word = is_letter(before) && is_letter(characters.get(at + 1));
        match character {
            '\u{81}' | '\u{8d}' | '\u{8f}' | '\u{90}' => true,
            '‚' | 'ƒ' | '„' | '†' | '‡' | 'ˆ' | '‰' | '‹' | '”' | '“' => {
                is_in_word
            }
            _ => false,
        }
    });
    if !is_certain {
        return None;
    }
    let page = Encoding::Ansi(CodePage::WESTERN);
    characters
        .iter()
        .map(|character| {
            if character.is_ascii() {
                return Some(*character);
            }
            let mut buffer = [0; 4];
            let bytes = page.encode(character.encode_utf8(&mut buffer)).ok()?.into_owned();
            match bytes[..] {
                [0xe1] => Some('ß'),
                [byte] => CODE_PAGE_850.chars().nth(usize::from(byte.checked_sub(0x80)?)),
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn oem_characters_within_text_are_reported_and_fixed() {
        let before = b"[Account1]\nlabel=B\x81ro S\x81d\ndisplayName=J\x84ger\nusername=x\n";
        check(
            &RULE,
            before,
            &[
                "2: warning: `label` contains characters from the OEM code page",
                "3: warning: `displayName` contains characters from the OEM code page",
            ],
        );
        let after = b"[Account1]\nlabel=B\xfcro S\xfcd\ndisplayName=J\xe4ger\nusername=x\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        fixes(&RULE, Safety::Safe, before, before);
    }

    #[test]
    fn correct_text_is_not_changed() {
        for text in ["Büro", "„Büro“", "a „b” c", "Anna’s", "x–y", "Zażółć", "Škoda", "50‰", "東京"]
        {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
