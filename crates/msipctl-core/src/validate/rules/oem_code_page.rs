//! `oem-code-page`: letters of the console, read as those of Windows.

use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::{CodePage, Edit, Encoding};

rule! {
    /// ## What it does
    /// A quote, a dagger or a letter that cannot be seen in the midst of a word, where the code page of the console has a letter with an accent.
    ///
    /// ## Why is this bad?
    /// Batch files and `Set-Content -Encoding oem` write in the code page of the console (437 or 850). MicroSIP and Windows read the file in the ANSI code page, in which the same bytes are other letters.
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
    /// An unsafe fix writes the letters of code page 850.
    OemCodePage,
    on Counted, requires NON_ASCII,
    fix Sometimes
}

/// The letters of code page 850 from 80 on, up to those that 437 has, too.
const CODE_PAGE_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº";

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    _: Option<&'static Key>,
    findings: &mut Vec<Finding>,
) {
    let (section, entry) = place;
    if !characters::has_beyond_ascii(context.document, entry.value_span()) {
        return;
    }
    let (key, written) = (entry.key(), entry.written());
    let Some(meant) = meant(&written) else { return };
    let message = message!("`{key}` holds letters of the console's code page", key);
    let shown = microsip_schema::mask(&section.name(), &key, &meant).into_owned();
    let edit = Edit::ReplaceValue { line: entry.line(), text: meant };
    let title = format!("write the letters meant in `{key}`");
    let finding = RULE.at_value(place, message);
    let finding = finding.with_help(format!("probably meant: `{shown}`"));
    findings.push(finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit])));
}

/// Finds the text that was meant, if a sign stands in a word that only the console's code page can have put there.
fn meant(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let is_letter = |character: Option<&char>| character.is_some_and(char::is_ascii_alphabetic);
    let is_told = characters.iter().enumerate().any(|(at, character)| {
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
    if !is_told {
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
                "2: warning: `label` holds letters of the console's code page",
                "3: warning: `displayName` holds letters of the console's code page",
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
