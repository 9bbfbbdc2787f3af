//! `quoted-key`: quotes around a key or a line.

use crate::event::Event;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for keys in quotes, and for lines that are entirely in quotes.
    ///
    /// ## Why is this bad?
    /// Windows strips quotes only around values, so a key with a quote in its name is a different key. `echo "DND=1" >> file` writes such lines, and so do registry exports.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// "DND"="1"
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Remove the quotes.
    ///
    /// ## Fix safety
    /// Removes the quotes. Unsafe if the section also has the key without quotes, because MicroSIP may then read another value.
    QuotedKey,
    on Entry, requires ODD_KEY,
    fix Always
}

fn check(context: Context<'_>, (section, entry): EntryLocation<'_>, findings: &mut Vec<Finding>) {
    if !context.is_counted(entry.line()) {
        return;
    }
    let name = section.name();
    let key = entry.key();
    let quote = |character: char| matches!(character, '"' | '\'' | '`' | '“' | '”');
    let Some(open) = key.strip_prefix(quote) else { return };
    let clean = open.trim_end_matches(quote).trim();
    if microsip_schema::find(&name, clean).is_none() && Event::of_directive(clean).is_none() {
        return;
    }
    let written = entry.written();
    // The quote at the end of the line is the partner of the one before the key.
    let is_line = clean.len() == open.len();
    let value = if is_line { written.strip_suffix(quote).unwrap_or(&written) } else { &written };
    let message =
        message!("Windows reads the quotes around `{key}` as part of the key", key = clean);
    let safety = if section.entry(clean).is_none() { Safety::Safe } else { Safety::Unsafe };
    let text = format!("{clean}={value}");
    let edit = Edit::ReplaceLine { line: entry.line(), text };
    let fix = Fix::edits(safety, "remove the quotes", vec![edit]);
    let finding = RULE.at(entry.line(), entry.key_span(), message);
    findings.push(finding.about(&name, Some(clean)).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_removes_quotes_around_keys_and_lines() {
        let before = "[Settings]\n\"DND\"=\"1\"\n\"AA=1\"\n'EC'=0\n\"x\"=1\n[Dialed]\n\"0\"=1\n";
        check(
            &RULE,
            before,
            &[
                "2: error: Windows reads the quotes around `DND` as part of the key",
                "3: error: Windows reads the quotes around `AA` as part of the key",
                "4: error: Windows reads the quotes around `EC` as part of the key",
                "7: error: Windows reads the quotes around `0` as part of the key",
            ],
        );
        let after = "[Settings]\nDND=\"1\"\nAA=1\nEC=0\n\"x\"=1\n[Dialed]\n0=1\n";
        fixes(&RULE, Safety::Safe, before, after);
        let twice = "[Settings]\nDND=0\n\"DND\"=1\n";
        fixes(&RULE, Safety::Safe, twice, twice);
    }
}
