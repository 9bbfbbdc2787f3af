//! `mojibake`: UTF-8 text that was read in a code page and saved.

use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::{CodePage, Edit, Encoding};

rule! {
    /// ## What it does
    /// Checks for values such as `BÃ¼ro`, which become text in one script if they are written in a code page and read as UTF-8.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer reads every file without a UTF-16LE BOM in the PC's code page, and saves it. Each non-ASCII character of UTF-8 permanently becomes two or three wrong ones. Names look wrong, passwords are rejected, and paths don't exist.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// label=BÃ¼ro
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// label=Büro
    /// ```
    ///
    /// ## How to fix
    /// Type the value again. Next time, save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Always unsafe, because msipctl only infers the intended text. The fix writes that text. If the file's code page lacks a character, the fix also converts the file to UTF-16LE.
    Mojibake,
    on Counted, requires NON_ASCII,
    fix Sometimes
}

/// The code pages to try, the most common first.
const PAGES: [u16; 6] = [1252, 1251, 1250, 1254, 1253, 1257];

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
    let Some((page, meant)) = meant(&written) else { return };
    let message =
        message!("`{key}` contains UTF-8 text that was read in code page {page}", key, page);
    let finding = RULE.at_value(location, message);
    let shown = microsip_schema::mask(&section.name(), &key, &meant);
    let finding = finding.with_help(format!("did you mean `{shown}`?"));
    let edit = Edit::ReplaceValue { line: entry.line(), text: meant };
    let title = format!("restore the text of `{key}`");
    let document = context.document;
    let fix = if document.edit(std::slice::from_ref(&edit)).is_ok() {
        Some(Fix::edits(Safety::Unsafe, title, vec![edit]))
    } else {
        // The code page of the file lacks a character.
        let wide = document.convert(Encoding::MICROSIP).ok();
        let after = wide.and_then(|wide| wide.edit(&[edit]).ok());
        after.map(|after| Fix::whole(Safety::Unsafe, title, after))
    };
    findings.push(finding.with_fix(fix));
}

/// Returns the code page in which a text was read, and the intended text.
fn meant(text: &str) -> Option<(u16, String)> {
    PAGES.iter().find_map(|number| {
        let page = Encoding::Ansi(CodePage::new(*number)?);
        let bytes = page.encode(text).ok()?;
        let meant = str::from_utf8(&bytes).ok()?;
        is_plausible(meant).then(|| (*number, meant.to_owned()))
    })
}

/// Returns whether all non-ASCII characters, except for punctuation and symbols, are of one script.
fn is_plausible(text: &str) -> bool {
    let mut script = None;
    let mut has_script = false;
    for character in text.chars().filter(|character| !character.is_ascii()) {
        let class = match character {
            '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{2044}' | '€' | '№' | '™' | '\u{a0}' => {
                continue;
            }
            'À'..='ž' | 'ƒ' | 'Ș'..='ț' => 1,
            'ά'..='ώ' | 'Ά'..='Ϋ' => 2,
            'Ё'..='Џ' | 'А'..='џ' | 'Ґ' | 'ґ' => 3,
            'א'..='ת' => 4,
            'ء'..='ي' | '٠'..='٩' | 'پ'..='ی' => 5,
            'ก'..='๛' => 6,
            '\u{3001}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff9f}' => 7,
            '가'..='힣' => 8,
            'Ạ'..='ỹ' | 'Ơ'..='ư' => 1,
            _ => return false,
        };
        has_script = true;
        if *script.get_or_insert(class) != class {
            return false;
        }
    }
    // Symbols alone prove nothing, except for those that are common in texts.
    has_script || text.contains(['’', '“', '”', '–', '—', '…', '€', '™', '°'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn misread_text_of_any_script_is_recovered() {
        for (page, text) in [
            (1252, "Büro Öst"),
            (1252, "Приве"),
            (1251, "Привет"),
            (1250, "Příjem"),
            (1252, "Anna’s"),
            (1252, "東京"),
            (1252, "Ελένη"),
        ] {
            let read = Encoding::Ansi(CodePage::new(page).unwrap());
            let wrong = read.decode(text.as_bytes());
            assert_eq!(meant(&wrong).map(|(_, meant)| meant).as_deref(), Some(text), "{wrong}");
        }
    }

    #[test]
    fn correct_text_is_not_changed() {
        for text in [
            "Büro",
            "SÃO PAULO",
            "Привет",
            "Сёмга",
            "Ünal & Söhne",
            "“x”",
            "Ångström®",
            "ÄÖÜ",
            "東京",
            "Řeřicha",
            "Ă",
            "£5",
        ] {
            assert_eq!(meant(text), None, "{text}");
        }
    }

    #[test]
    fn unsafe_fix_repairs_text_that_was_misread_once_or_twice() {
        let before = "[Account1]\nlabel=BÃ¼ro\n";
        check(
            &RULE,
            before,
            &["2: warning: `label` contains UTF-8 text that was read in code page 1252"],
        );
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Account1]\nlabel=Büro\n");
        fixes(&RULE, Safety::Unsafe, "[Account1]\nlabel=BÃƒÂ¼ro\n", "[Account1]\nlabel=Büro\n");
    }

    #[test]
    fn fix_changes_encoding_when_the_code_page_lacks_a_character() {
        let before = "[Account1]\nlabel=".to_owned();
        let before = [before.as_bytes(), "\u{436}".as_bytes(), b"\ndisplayName=\xfc\n"].concat();
        let after = segments("[Account1]\nlabel=\u{436}\ndisplayName=\u{fc}\n");
        fixes(&RULE, Safety::Unsafe, before, after);
    }

    fn segments(text: &str) -> Vec<u8> {
        crate::validate::segments::document_of(text).into_bytes()
    }
}
