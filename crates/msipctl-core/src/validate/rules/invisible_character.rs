//! `invisible-character`: letters that look like a blank or like nothing, and are none for Windows.

use crate::diagnostic::Severity;
use crate::event::Event;
use crate::validate::characters::{self, is_invisible};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::profile::{self, SectionView};
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// No-break spaces, zero-width letters, marks of direction and the like in a header, in a key, or in and round a value.
    ///
    /// ## Why is this bad?
    /// They come with text that was copied from a web page, a chat or a dialog of Windows, and cannot be seen. Windows drops spaces and tabs only: the key has another name, the value is another one.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// DND =1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// They are removed. That is safe in a key or header that doesn't exist yet without them, and where MicroSIP reads the same value as before. In other values it is unsafe, because MicroSIP reads another value afterwards.
    InvisibleCharacter,
    on Line, requires NON_ASCII,
    fix Sometimes
}

fn check(context: Context<'_>, number: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let line = document.line(number);
    let Some(section) = context.profile.section_at(number) else { return };
    if line.kind() == LineKind::Header {
        in_header(context, section, findings);
    }
    let Some(place) = context.profile.entry_at(number) else { return };
    if characters::has_beyond_ascii(document, line.content()) {
        in_key(&cleaned(&section.name()), place, findings);
    }
    if characters::has_beyond_ascii(document, line.value())
        && let Some((place, Some(known))) = context.counted(number)
    {
        in_value(context, place, known, findings);
    }
}

/// Looks at a header.
fn in_header(context: Context<'_>, section: SectionView<'_>, findings: &mut Vec<Finding>) {
    let name = section.name();
    let clean = cleaned(&name);
    if clean.len() == name.len() || !characters::is_known(&clean) {
        return;
    }
    let number = section.place().header();
    let is_alone = context.profile.section(&clean).is_none();
    let message = message!(
        "a letter that cannot be seen stands in the header `[{section}]`",
        section = clean
    );
    let edit = Edit::ReplaceLine { line: number, text: format!("[{clean}]") };
    let safety = if is_alone { Safety::Safe } else { Safety::Unsafe };
    let finding = RULE.at(number, context.document.line(number).name(), message);
    findings.push(finding.about(&clean, None).with_fix(taken_away(safety, edit)));
}

fn in_key(name: &str, place: EntryLocation<'_>, findings: &mut Vec<Finding>) {
    let (section, entry) = place;
    let key = entry.key();
    let clean = cleaned(&key);
    let is_known =
        microsip_schema::find(name, &clean).is_some() || Event::of_directive(&clean).is_some();
    if clean.len() == key.len() || !is_known {
        return;
    }
    let message = message!("a letter that cannot be seen stands in the key `{key}`", key = clean);
    let safety = if section.entry(&clean).is_none() { Safety::Safe } else { Safety::Unsafe };
    let text = format!("{clean}={}", entry.written());
    let fix = taken_away(safety, Edit::ReplaceLine { line: entry.line(), text });
    let finding = RULE.at(entry.line(), entry.key_span(), message);
    findings.push(finding.about(name, Some(&clean)).with_fix(fix));
}

fn in_value(
    context: Context<'_>,
    place: EntryLocation<'_>,
    known: &Key,
    findings: &mut Vec<Finding>,
) {
    let entry = place.1;
    let (key, value) = (entry.key(), entry.value());
    // What MicroSIP itself found out about the computer and the calls, it writes as it is.
    if known.is_machine_state() || known.is_personal() || !value.contains(is_invisible) {
        return;
    }
    let trimmed = characters::trimmed(&value);
    let is_at_end = trimmed.len() < value.trim().len() || value.trim().len() < value.len();
    let (severity, safety, clean) = match known.kind() {
        Kind::Switch(_) | Kind::Number { .. } | Kind::Choice(_) | Kind::Codecs | Kind::Ports => {
            let spaced = trimmed.replace('\u{a0}', " ");
            let clean = cleaned(&spaced);
            if known.check(&clean, context.microsip).is_err() {
                return;
            }
            (Severity::Error, Safety::Safe, clean)
        }
        Kind::Secret if is_at_end => (Severity::Warning, Safety::Unsafe, trimmed.to_owned()),
        // In a name a mark of direction may be meant, and does no harm.
        Kind::Text if is_at_end && matches!(known.name(), "label" | "displayName") => {
            (Severity::Info, Safety::Unsafe, trimmed.to_owned())
        }
        Kind::Text | Kind::Path | Kind::Command | Kind::List if is_at_end => {
            (Severity::Warning, Safety::Unsafe, trimmed.to_owned())
        }
        Kind::Path | Kind::Command if value.contains(is_unseen) => {
            (Severity::Warning, Safety::Unsafe, cleaned(&value))
        }
        Kind::Text | Kind::List if is_address(known.name()) => {
            (Severity::Warning, Safety::Unsafe, cleaned(&value))
        }
        _ => return,
    };
    let Ok(text) = profile::written(&clean) else { return };
    let message = message!("a letter that cannot be seen stands in the value of `{key}`", key);
    let edit = Edit::ReplaceValue { line: entry.line(), text: text.into_owned() };
    let finding = RULE.at_value(place, message).with_severity(severity);
    findings.push(finding.with_fix(taken_away(safety, edit)));
}

fn taken_away(safety: Safety, edit: Edit) -> Fix {
    Fix::edits(safety, "take away what cannot be seen", vec![edit])
}

fn cleaned(text: &str) -> String {
    let clean: String = text.chars().filter(|character| !is_invisible(*character)).collect();
    clean.trim().to_owned()
}

/// Says whether a letter has no width at all.
fn is_unseen(character: char) -> bool {
    is_invisible(character)
        && !matches!(character, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}')
}

/// Says whether no address or login of that kind holds a blank.
fn is_address(key: &str) -> bool {
    matches!(key, "domain" | "server" | "username" | "authID" | "proxy" | "STUN" | "publicAddr")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn invisible_characters_in_headers_keys_and_values_are_fixed() {
        let before = "[Settings\u{200b}]\nDND\u{a0}=1\n\u{feff}AA=\u{a0}1\u{200b}\nringingSound=\u{200e}C:\\x.wav\n";
        check(
            &RULE,
            before,
            &[
                "1: error: a letter that cannot be seen stands in the header `[Settings]`",
                "2: error: a letter that cannot be seen stands in the key `DND`",
                "3: error: a letter that cannot be seen stands in the key `AA`",
            ],
        );
        let after = "[Settings]\nDND=1\nAA=1\nringingSound=C:\\x.wav\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        // Headers and keys that were not found, and values that read the same.
        let safe = "[Settings]\nDND=1\nAA=\u{a0}1\u{200b}\nringingSound=\u{200e}C:\\x.wav\n";
        fixes(&RULE, Safety::Safe, before, safe);
        fixes(&RULE, Safety::Safe, "[Settings]\nAA=1\u{a0}\n", "[Settings]\nAA=1\n");
    }

    #[test]
    fn fix_is_unsafe_when_the_effective_value_changes() {
        for (before, after) in [
            ("[Account1]\npassword=x\u{a0}\n", "[Account1]\npassword=x\n"),
            (
                "[Account1]\ndomain=sip.\u{200b}example.com\n",
                "[Account1]\ndomain=sip.example.com\n",
            ),
            ("[Settings]\nDND=0\nDND\u{a0}=1\n", "[Settings]\nDND=0\nDND=1\n"),
        ] {
            fixes(&RULE, Safety::Safe, before, before);
            fixes(&RULE, Safety::Unsafe, before, after);
        }
    }

    #[test]
    fn invisible_characters_in_free_text_are_not_reported() {
        check(
            &RULE,
            "[Settings]\naudioInputDevice=Mic\u{a0}\ncmdCallEnd=C:\\a\u{a0}b.exe\n[Account1]\nlabel=a\u{a0}b\npassword=a\u{200b}b\n[Calls]\n0=1;\u{200e}x;0;1;1;\n[Other]\nDND\u{a0}=1\n",
            &[],
        );
    }
}
