//! `whitespace-stripped`: outer whitespace of a value, which Windows strips.

use crate::diagnostic::Prose;
use crate::validate::characters::is_whitespace_byte;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;
use winini::profile::SectionView;

rule! {
    /// ## What it does
    /// Checks for passwords, names, and other text with whitespace before or after it that isn't in quotes.
    ///
    /// ## Why is this bad?
    /// Windows strips the whitespace. If it's part of a password, the login fails. For example, `echo password=x >> file` writes an unintended space after the value.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// password= hunter2
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// password=" hunter2"
    /// ```
    ///
    /// ## How to fix
    /// If the whitespace is part of the value, put the value in quotes. Otherwise, delete it. Sections that are consistently written with spaces around `=` aren't reported.
    ///
    /// ## Fix safety
    /// Deletes the whitespace, which MicroSIP doesn't read. Unsafe, because it may belong to the value.
    WhitespaceStripped,
    on Known, kinds TEXT | SECRET, requires SPACE,
    fix Always
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    known: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let document = context.document;
    let value = entry.value_span();
    let content = document.line(entry.line()).content();
    let (key_end, text) = (entry.key_span().range().end, document.text(content));
    let (key, written) = (entry.key(), entry.written());
    let has_space_before = value.start() > key_end
        && text
            .split_once('=')
            .is_some_and(|(_, after)| after.starts_with(is_whitespace_byte) && !written.is_empty());
    let has_space_after = text.ends_with(is_whitespace_byte) && !written.is_empty();
    let is_before = has_space_before && !is_spaced(context, section);
    // Quotes already show which whitespace belongs to the value.
    if written != entry.value() || !is_before && !has_space_after {
        return;
    }
    if !matches!(known.kind(), Kind::Text | Kind::Secret) || known.is_machine_state() {
        return;
    }
    let position = if is_before { "before" } else { "after" };
    let message = message!(
        "Windows strips the whitespace {position} the value of `{key}`",
        position = Prose(position),
        key
    );
    let start = text.trim_start_matches(is_whitespace_byte);
    let name = &start[..start.find('=').unwrap_or(start.len())];
    let name = name.trim_end_matches(is_whitespace_byte);
    let equals = if is_before { "=" } else { spacing(&text) };
    let edit = Edit::ReplaceLine { line: entry.line(), text: format!("{name}{equals}{written}") };
    let fix = Fix::edits(Safety::Unsafe, "delete the whitespace, which Windows strips", vec![edit]);
    let finding = RULE.at_key((section, entry), message);
    let finding = finding.with_help("put the value in quotes if the whitespace is part of it");
    findings.push(finding.with_fix(fix));
}

/// Returns whether several entries of a section have whitespace after `=`.
fn is_spaced(context: Context<'_>, section: SectionView<'_>) -> bool {
    let document = context.document;
    let mut all = section.entries().filter(|entry| !entry.value_span().is_empty());
    all.by_ref()
        .take(50)
        .filter(|entry| {
            let text = document.text(document.line(entry.line()).content());
            text.split_once('=').is_some_and(|(_, after)| after.starts_with(is_whitespace_byte))
        })
        .count()
        > 1
}

/// Returns `=` with the whitespace around it.
fn spacing(text: &str) -> &str {
    let Some(equals) = text.find('=') else { return "=" };
    let start = text[..equals].trim_end_matches(is_whitespace_byte).len();
    let after = &text[equals + 1..];
    let end = text.len() - after.trim_start_matches(is_whitespace_byte).len();
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn outer_whitespace_of_values_is_reported() {
        check(
            &RULE,
            "[Account1]\ndomain=a\npassword= x\nlabel=b \nusername=\" c \"\nauthID= \npublish=1 \n",
            &[
                "3: info: Windows strips the whitespace before the value of `password`",
                "4: info: Windows strips the whitespace after the value of `label`",
            ],
        );
        check(&RULE, "[Account1]\ndomain=a\npassword= \"x\"\n", &[]);
        check(&RULE, "[Account1]\ndomain = a\npassword = x\nlabel = b\n", &[]);
    }

    #[test]
    fn unsafe_fix_removes_outer_whitespace() {
        let before = "[Account1]\ndomain=a\npassword= x \nlabel=b\t\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Account1]\ndomain=a\npassword=x\nlabel=b\n");
    }
}
