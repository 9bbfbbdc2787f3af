//! `invisible-character`: characters that look like a space, or like nothing, but aren't whitespace for Windows.

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
    /// Checks for no-break spaces, zero-width characters, direction marks, and the like in a header or key, or in or around a value.
    ///
    /// ## Why is this bad?
    /// Text that you copy from a web page, a chat, or a Windows dialog can contain these characters. Windows strips only spaces and tabs, so the key has another name, or the value is another one.
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
    /// Remove the characters, for example by typing the line again.
    ///
    /// ## Fix safety
    /// Unsafe if MicroSIP then reads another value, or if the key or header also exists without the characters, because the intention is then unclear. The fix removes the characters.
    InvisibleCharacter,
    on Line, requires NON_ASCII,
    fix Always
}

fn check(context: Context<'_>, number: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let line = document.line(number);
    let Some(section) = context.profile.section_at(number) else { return };
    if line.kind() == LineKind::Header {
        check_header(context, section, findings);
    }
    let Some(location) = context.profile.entry_at(number) else { return };
    if characters::has_beyond_ascii(document, line.content()) {
        check_key(&without_invisible(&section.name()), location, findings);
    }
    if characters::has_beyond_ascii(document, line.value())
        && let Some((location, Some(known))) = context.counted(number)
    {
        check_value(context, location, known, findings);
    }
}

/// Reports invisible characters in a header.
fn check_header(context: Context<'_>, section: SectionView<'_>, findings: &mut Vec<Finding>) {
    let name = section.name();
    let clean = without_invisible(&name);
    if clean.len() == name.len() || !characters::is_known(&clean) {
        return;
    }
    let number = section.place().header();
    let is_unique = context.profile.section(&clean).is_none();
    let message = message!("invisible character in the header `[{section}]`", section = clean);
    let edit = Edit::ReplaceLine { line: number, text: format!("[{clean}]") };
    let safety = if is_unique { Safety::Safe } else { Safety::Unsafe };
    let finding = RULE.at(number, context.document.line(number).name(), message);
    findings.push(finding.about(&clean, None).with_fix(removal(safety, edit)));
}

/// Reports invisible characters in a key. `name` is the name of its section without them.
fn check_key(name: &str, location: EntryLocation<'_>, findings: &mut Vec<Finding>) {
    let (section, entry) = location;
    let key = entry.key();
    let clean = without_invisible(&key);
    let is_known =
        microsip_schema::find(name, &clean).is_some() || Event::of_directive(&clean).is_some();
    if clean.len() == key.len() || !is_known {
        return;
    }
    let message = message!("invisible character in the key `{key}`", key = clean);
    let safety = if section.entry(&clean).is_none() { Safety::Safe } else { Safety::Unsafe };
    let text = format!("{clean}={}", entry.written());
    let fix = removal(safety, Edit::ReplaceLine { line: entry.line(), text });
    let finding = RULE.at(entry.line(), entry.key_span(), message);
    findings.push(finding.about(name, Some(&clean)).with_fix(fix));
}

/// Reports invisible characters in or around a value.
fn check_value(
    context: Context<'_>,
    location: EntryLocation<'_>,
    known: &Key,
    findings: &mut Vec<Finding>,
) {
    let entry = location.1;
    let (key, value) = (entry.key(), entry.value());
    // MicroSIP writes what it detects about the PC and the calls unchanged.
    if known.is_machine_state() || known.is_personal() || !value.contains(is_invisible) {
        return;
    }
    let trimmed = characters::trimmed(&value);
    let is_at_end = trimmed.len() < value.trim().len() || value.trim().len() < value.len();
    let (severity, safety, clean) = match known.kind() {
        Kind::Switch(_) | Kind::Number { .. } | Kind::Choice(_) | Kind::Codecs | Kind::Ports => {
            let spaced = trimmed.replace('\u{a0}', " ");
            let clean = without_invisible(&spaced);
            if known.check(&clean, context.microsip).is_err() {
                return;
            }
            (Severity::Error, Safety::Safe, clean)
        }
        Kind::Secret if is_at_end => (Severity::Warning, Safety::Unsafe, trimmed.to_owned()),
        // In a name, a direction mark can be intended, and does no harm.
        Kind::Text if is_at_end && matches!(known.name(), "label" | "displayName") => {
            (Severity::Info, Safety::Unsafe, trimmed.to_owned())
        }
        Kind::Text | Kind::Path | Kind::Command | Kind::List if is_at_end => {
            (Severity::Warning, Safety::Unsafe, trimmed.to_owned())
        }
        Kind::Path | Kind::Command if value.contains(has_no_width) => {
            (Severity::Warning, Safety::Unsafe, without_invisible(&value))
        }
        Kind::Text | Kind::List if is_address(known.name()) => {
            (Severity::Warning, Safety::Unsafe, without_invisible(&value))
        }
        _ => return,
    };
    let Ok(text) = profile::written(&clean) else { return };
    let message = message!("invisible character in the value of `{key}`", key);
    let edit = Edit::ReplaceValue { line: entry.line(), text: text.into_owned() };
    let finding = RULE.at_value(location, message).with_severity(severity);
    findings.push(finding.with_fix(removal(safety, edit)));
}

/// Returns the fix that removes the characters.
fn removal(safety: Safety, edit: Edit) -> Fix {
    Fix::edits(safety, "remove the invisible characters", vec![edit])
}

/// Returns a text without invisible characters, trimmed.
fn without_invisible(text: &str) -> String {
    let clean: String = text.chars().filter(|character| !is_invisible(*character)).collect();
    clean.trim().to_owned()
}

/// Returns whether a character has no width at all.
fn has_no_width(character: char) -> bool {
    is_invisible(character)
        && !matches!(character, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}')
}

/// Returns whether a key contains an address or login, which contains no whitespace.
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
                "1: error: invisible character in the header `[Settings]`",
                "2: error: invisible character in the key `DND`",
                "3: error: invisible character in the key `AA`",
            ],
        );
        let after = "[Settings]\nDND=1\nAA=1\nringingSound=C:\\x.wav\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        // Headers and keys that Windows didn't find, and values that MicroSIP reads the same way.
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
