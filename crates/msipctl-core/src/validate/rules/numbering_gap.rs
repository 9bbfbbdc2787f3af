//! `numbering-gap`: numbered lines after a missing number.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Section;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for numbered lines in `[Shortcuts]`, `[Dialed]`, and `[Contacts]` that come after a missing number, or that have no line `0`.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads 0, 1, 2, and so on, and stops at the first missing number. When it then saves the section, the lines after the gap are lost.
    ///
    /// ## Example
    /// ```ini
    /// [Shortcuts]
    /// 1=Reception;100;call
    /// 2=Support;200;call
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Shortcuts]
    /// 0=Reception;100;call
    /// 1=Support;200;call
    /// ```
    ///
    /// ## How to fix
    /// Renumber the lines without a gap, starting at 0.
    ///
    /// ## Fix safety
    /// Renumbers the lines in the same order. Safe if only `0` is missing, because MicroSIP reads nothing from the section then. Unsafe for any other gap, because MicroSIP then reads more lines than today.
    NumberingGap,
    on Document, requires GAP,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for section in context.profile.counting_sections() {
        let name = section.name();
        let kind = Section::of(&name);
        if !matches!(kind, Some(Section::Shortcuts | Section::Dialed | Section::Contacts)) {
            continue;
        }
        let number = |key: &str| key.parse::<u32>().ok().filter(|number| number.to_string() == key);
        let mut records: Vec<_> = section
            .counting_entries()
            .into_iter()
            .filter_map(|entry| Some((number(&entry.key())?, entry)))
            .collect();
        records.sort_by_key(|(number, _)| *number);
        let numbered = (0_u32..).zip(&records);
        let renumbered: Vec<_> = numbered.filter(|(new, (number, _))| new != number).collect();
        let Some((missing, (first, entry))) = renumbered.first() else { continue };
        let message = message!(
            "MicroSIP doesn't read `{key}` in `[{section}]` because `{missing}` is missing",
            key = first,
            section = name,
            missing
        );
        let document = context.document;
        let edits = renumbered.iter().map(|(new, (_, entry))| {
            let line = document.line(entry.line());
            let (content, key) = (line.content().range(), line.name().range());
            let text = |bytes: std::ops::Range<usize>| {
                document.encoding().decode(&document.bytes()[bytes]).into_owned()
            };
            let (before, after) = (text(content.start..key.start), text(key.end..content.end));
            Edit::ReplaceLine { line: entry.line(), text: format!("{before}{new}{after}") }
        });
        let is_shifted = renumbered.iter().all(|(new, (number, _))| new + 1 == *number);
        let safety = if *missing == 0 && is_shifted { Safety::Safe } else { Safety::Unsafe };
        let title = format!("renumber the lines of `[{name}]`");
        let fix = Fix::edits(safety, title, edits.collect());
        findings.push(RULE.at_key((section, *entry), message).with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn first_entry_after_a_gap_is_reported() {
        check(
            &RULE,
            "[Shortcuts]\n0=a\n3=b\n2=c\n[Dialed]\n1=x\n[Calls]\n5=y\n[Contacts]\n1=b\n0=a\n",
            &[
                "4: error: MicroSIP doesn't read `2` in `[Shortcuts]` because `1` is missing",
                "6: error: MicroSIP doesn't read `1` in `[Dialed]` because `0` is missing",
            ],
        );
    }

    #[test]
    fn fix_renumbers_entries() {
        let before = "[Shortcuts]\n1 = a\n2=b\n[Dialed]\n0=x\n3=z\n2=y\n";
        fixes(&RULE, Safety::Safe, before, "[Shortcuts]\n0 = a\n1=b\n[Dialed]\n0=x\n3=z\n2=y\n");
        let after = "[Shortcuts]\n0 = a\n1=b\n[Dialed]\n0=x\n2=z\n1=y\n";
        fixes(&RULE, Safety::Unsafe, before, after);
    }
}
