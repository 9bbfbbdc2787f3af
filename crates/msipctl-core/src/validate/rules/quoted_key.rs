//! `quoted-key`: quotes round a key, or round a whole line.

use crate::event::Event;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// A key of MicroSIP's in quotes, or one whose whole line stands in quotes.
    ///
    /// ## Why is this bad?
    /// Windows drops quotes round values only. With a quote in its name it is another key. `echo "DND=1" >> file` writes such a line, and so do exports of the registry.
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
    /// The quotes are taken away. That is unsafe where the section has the key without them.
    QuotedKey,
    on Entry, requires ODD_KEY,
    fix Sometimes
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
    // The quote that ends the line belongs to the one in front of the key.
    let is_line = clean.len() == open.len();
    let value = if is_line { written.strip_suffix(quote).unwrap_or(&written) } else { &written };
    let message = message!("the quotes round `{key}` are part of the key's name", key = clean);
    let safety = if section.entry(clean).is_none() { Safety::Safe } else { Safety::Unsafe };
    let text = format!("{clean}={value}");
    let edit = Edit::ReplaceLine { line: entry.line(), text };
    let fix = Fix::edits(safety, "take the quotes away", vec![edit]);
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
                "2: error: the quotes round `DND` are part of the key's name",
                "3: error: the quotes round `AA` are part of the key's name",
                "4: error: the quotes round `EC` are part of the key's name",
                "7: error: the quotes round `0` are part of the key's name",
            ],
        );
        let after = "[Settings]\nDND=\"1\"\nAA=1\nEC=0\n\"x\"=1\n[Dialed]\n0=1\n";
        fixes(&RULE, Safety::Safe, before, after);
        let twice = "[Settings]\nDND=0\n\"DND\"=1\n";
        fixes(&RULE, Safety::Safe, twice, twice);
    }
}
