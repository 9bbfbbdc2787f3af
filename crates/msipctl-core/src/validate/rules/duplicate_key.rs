//! `duplicate-key`: a key that Windows never reads.

use crate::event::{Event, SETTINGS};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;
use winini::profile::SectionView;

rule! {
    /// ## What it does
    /// A second key of the same name in the section that Windows looks at.
    ///
    /// ## Why is this bad?
    /// Windows reads the first of like keys. The second one never acts, whatever it says.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// denyIncoming=
    /// denyIncoming=button
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// denyIncoming=button
    /// ```
    ///
    /// ## How to fix
    /// A second line that says the same is taken away. One that says something else is taken away by an unsafe fix: the first one is what MicroSIP acts on now, so look first whether the second was meant.
    DuplicateKey,
    on Entry, requires SHADOWED,
    fix Sometimes
}

fn check(context: Context<'_>, place: EntryLocation<'_>, findings: &mut Vec<Finding>) {
    let (section, entry) = place;
    let key = entry.key();
    let Some(first) = context.table.shadowing(entry.line()) else { return };
    // A directive has a rule of its own.
    if !context.is_counted(first) || is_directive(section, &key) {
        return;
    }
    let Some((_, read)) = context.profile.entry_at(first) else { return };
    let above = first + 1;
    let message =
        message!("second key `{key}`, only the one in line {line} is read", key, line = above);
    let (safety, title) = if read.value() == entry.value() {
        (Safety::Safe, format!("take the second `{key}`, which says the same, away"))
    } else {
        (Safety::Unsafe, format!("take the second `{key}`, which is never read, away"))
    };
    let fix = Fix::edits(safety, title, vec![Edit::RemoveLine { line: entry.line() }]);
    findings.push(RULE.at_key(place, message).with_fix(fix));
}

fn is_directive(section: SectionView<'_>, key: &str) -> bool {
    section.name().eq_ignore_ascii_case(SETTINGS) && Event::of_directive(key).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn same_key_in_another_section_is_not_a_duplicate() {
        check(
            &RULE,
            "[A]\nk=1\nK=2\n[B]\nk=3\n;k=4\n",
            &["3: warning: second key `K`, only the one in line 2 is read"],
        );
    }

    #[test]
    fn fix_removes_differing_duplicates_only_when_unsafe() {
        let before = "[A]\nk=1\nK = \"1\"\nk=2\n";
        fixes(&RULE, Safety::Safe, before, "[A]\nk=1\nk=2\n");
        fixes(&RULE, Safety::Unsafe, before, "[A]\nk=1\n");
    }
}
