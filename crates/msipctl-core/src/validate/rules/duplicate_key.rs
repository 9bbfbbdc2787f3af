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
    /// Checks for keys that appear more than once in a section.
    ///
    /// ## Why is this bad?
    /// Windows reads only the first key with a given name. Later duplicates have no effect.
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
    /// Keep one line with the value that you need, and remove the others.
    ///
    /// ## Fix safety
    /// Unsafe if the values differ, because the later one can be the intended one. MicroSIP uses the first one now, so compare them first. The fix removes the later line.
    DuplicateKey,
    on Entry, requires SHADOWED,
    fix Always
}

fn check(context: Context<'_>, location: EntryLocation<'_>, findings: &mut Vec<Finding>) {
    let (section, entry) = location;
    let key = entry.key();
    let Some(first) = context.table.shadowing(entry.line()) else { return };
    // `duplicate-directive` reports directives.
    if !context.is_counted(first) || is_directive(section, &key) {
        return;
    }
    let Some((_, read)) = context.profile.entry_at(first) else { return };
    let line = first + 1;
    let message =
        message!("duplicate key `{key}`: Windows reads only the one in line {line}", key, line);
    let (safety, title) = if read.value() == entry.value() {
        (Safety::Safe, format!("remove the second `{key}`, which has the same value"))
    } else {
        (Safety::Unsafe, format!("remove the second `{key}`, which Windows never reads"))
    };
    let fix = Fix::edits(safety, title, vec![Edit::RemoveLine { line: entry.line() }]);
    findings.push(RULE.at_key(location, message).with_fix(fix));
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
            &["3: warning: duplicate key `K`: Windows reads only the one in line 2"],
        );
    }

    #[test]
    fn fix_removes_differing_duplicates_only_when_unsafe() {
        let before = "[A]\nk=1\nK = \"1\"\nk=2\n";
        fixes(&RULE, Safety::Safe, before, "[A]\nk=1\nk=2\n");
        fixes(&RULE, Safety::Unsafe, before, "[A]\nk=1\n");
    }
}
