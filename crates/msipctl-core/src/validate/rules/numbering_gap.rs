//! `numbering-gap`: numbered lines behind a number that is missing.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Section;
use winini::Edit;

rule! {
    /// ## What it does
    /// Numbered lines of `[Shortcuts]`, `[Dialed]` and `[Contacts]` behind a number that is missing, or without a line `0`.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads 0, 1, 2 and so on, and stops at the first number that is missing. It then writes the section anew, and the lines behind the gap are gone.
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
    /// The lines are numbered anew, in the same order. That is safe where only `0` is missing, as nothing of the section is read, and unsafe behind another gap.
    NumberingGap,
    on Document, requires GAP,
    fix Sometimes
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
        let moved: Vec<_> = numbered.filter(|(place, (number, _))| place != number).collect();
        let Some((missing, (first, entry))) = moved.first() else { continue };
        let message = message!(
            "`{key}` in `[{section}]` is not read, as `{missing}` is missing",
            key = first,
            section = name,
            missing
        );
        let document = context.document;
        let edits = moved.iter().map(|(place, (_, entry))| {
            let line = document.line(entry.line());
            let (content, key) = (line.content().range(), line.name().range());
            let text = |bytes: std::ops::Range<usize>| {
                document.encoding().decode(&document.bytes()[bytes]).into_owned()
            };
            let (before, behind) = (text(content.start..key.start), text(key.end..content.end));
            Edit::ReplaceLine { line: entry.line(), text: format!("{before}{place}{behind}") }
        });
        let gaps = moved.iter().all(|(place, (number, _))| place + 1 == *number);
        let safety = if *missing == 0 && gaps { Safety::Safe } else { Safety::Unsafe };
        let fix =
            Fix::edits(safety, format!("number the lines of `[{name}]` anew"), edits.collect());
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
                "4: error: `2` in `[Shortcuts]` is not read, as `1` is missing",
                "6: error: `1` in `[Dialed]` is not read, as `0` is missing",
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
