//! `mojibake`: UTF-8 that was read in a code page and saved so.

use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::{CodePage, Edit, Encoding};

rule! {
    /// ## What it does
    /// A value that becomes text of one script when it is written in a code page and read as UTF-8, such as `BÃ¼ro`.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer reads every file without the byte order mark of UTF-16LE in the code page of the computer and rewrites it. Letters of UTF-8 become two or three wrong ones, for good: names look wrong, a password is refused, a path leads nowhere.
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
    /// An unsafe fix writes the letters that were meant. Write the file as UTF-16LE with byte order mark the next time.
    Mojibake,
    on Counted, requires NON_ASCII,
    fix Sometimes
}

/// The code pages it is looked for in, the most usual first.
const PAGES: [u16; 6] = [1252, 1251, 1250, 1254, 1253, 1257];

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
    let Some((page, meant)) = meant(&written) else { return };
    let message = message!("`{key}` holds UTF-8 that was read in code page {page}", key, page);
    let finding = RULE.at_value(place, message);
    let shown = microsip_schema::mask(&section.name(), &key, &meant);
    let finding = finding.with_help(format!("probably meant: `{shown}`"));
    let edit = Edit::ReplaceValue { line: entry.line(), text: meant };
    let title = format!("write the letters meant in `{key}`");
    let document = context.document;
    let fix = if document.edit(std::slice::from_ref(&edit)).is_ok() {
        Some(Fix::edits(Safety::Unsafe, title, vec![edit]))
    } else {
        // The code page of the file has no such letter.
        let wide = document.convert(Encoding::MICROSIP).ok();
        let after = wide.and_then(|wide| wide.edit(&[edit]).ok());
        after.map(|after| Fix::whole(Safety::Unsafe, title, after))
    };
    findings.push(finding.with_fix(fix));
}

/// Finds the text that was meant, and the code page in which it was read.
fn meant(text: &str) -> Option<(u16, String)> {
    PAGES.iter().find_map(|number| {
        let page = Encoding::Ansi(CodePage::new(*number)?);
        let bytes = page.encode(text).ok()?;
        let meant = str::from_utf8(&bytes).ok()?;
        is_plausible(meant).then(|| (*number, meant.to_owned()))
    })
}

/// Says whether all letters beyond ASCII are of one script, but for signs.
fn is_plausible(text: &str) -> bool {
    let mut script = None;
    let mut has_letters = false;
    for character in text.chars().filter(|character| !character.is_ascii()) {
        let of = match character {
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
        has_letters = true;
        if *script.get_or_insert(of) != of {
            return false;
        }
    }
    // Signs alone are too little to tell by, but for those that stand in texts.
    has_letters || text.contains(['’', '“', '”', '–', '—', '…', '€', '™', '°'])
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
        check(&RULE, before, &["2: warning: `label` holds UTF-8 that was read in code page 1252"]);
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
