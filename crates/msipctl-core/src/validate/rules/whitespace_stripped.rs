//! `whitespace-stripped`: blanks at the ends of a password or name, which Windows does not read.

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
    /// A password, name or other free text with a blank in front or behind that is not in quotes, unless the whole section is written with blanks round `=`.
    ///
    /// ## Why is this bad?
    /// Windows drops the blank. `echo password=x >> file` writes one behind the value that was never meant; in a password it may be part of it, and the login fails.
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
    /// Put the value in quotes if the blank is part of it. An unsafe fix takes the blanks, which are not read, away.
    WhitespaceStripped,
    on Known, kinds TEXT | SECRET, requires SPACE,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    known: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let document = context.document;
    let value = entry.value_span();
    let whole = document.line(entry.line()).content();
    let (key_end, text) = (entry.key_span().range().end, document.text(whole));
    let (key, written) = (entry.key(), entry.written());
    let has_blank_in_front = value.start() > key_end
        && text.split_once('=').is_some_and(|(_, behind)| {
            behind.starts_with(is_whitespace_byte) && !written.is_empty()
        });
    let has_blank_behind = text.ends_with(is_whitespace_byte) && !written.is_empty();
    let in_front = has_blank_in_front && !is_spaced(context, section);
    // In quotes, what is a blank of the value is told already.
    if written != entry.value() || !in_front && !has_blank_behind {
        return;
    }
    if !matches!(known.kind(), Kind::Text | Kind::Secret) || known.is_machine_state() {
        return;
    }
    let place = if in_front { "in front of" } else { "behind" };
    let message =
        message!("the blank {place} the value of `{key}` is not read", place = Prose(place), key);
    let start = text.trim_start_matches(is_whitespace_byte);
    let name = &start[..start.find('=').unwrap_or(start.len())];
    let name = name.trim_end_matches(is_whitespace_byte);
    let sign = if in_front { "=" } else { spacing(&text) };
    let edit = Edit::ReplaceLine { line: entry.line(), text: format!("{name}{sign}{written}") };
    let fix = Fix::edits(Safety::Unsafe, "take the blanks, which are not read, away", vec![edit]);
    let finding = RULE.at_key((section, entry), message);
    let finding = finding.with_help("put the value in quotes if the blank is part of it");
    findings.push(finding.with_fix(fix));
}

/// Says whether other entries of a section have a blank behind `=`, too.
fn is_spaced(context: Context<'_>, section: SectionView<'_>) -> bool {
    let document = context.document;
    let mut all = section.entries().filter(|entry| !entry.value_span().is_empty());
    all.by_ref()
        .take(50)
        .filter(|entry| {
            let text = document.text(document.line(entry.line()).content());
            text.split_once('=').is_some_and(|(_, behind)| behind.starts_with(is_whitespace_byte))
        })
        .count()
        > 1
}

/// Returns `=` with the blanks round it.
fn spacing(text: &str) -> &str {
    let Some(equals) = text.find('=') else { return "=" };
    let start = text[..equals].trim_end_matches(is_whitespace_byte).len();
    let behind = &text[equals + 1..];
    let end = text.len() - behind.trim_start_matches(is_whitespace_byte).len();
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
                "3: info: the blank in front of the value of `password` is not read",
                "4: info: the blank behind the value of `label` is not read",
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
