//! `duplicate-codec`: a codec that stands twice.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// A codec that stands in `audioCodecs` more than once.
    ///
    /// ## Why is this bad?
    /// The first place decides how much it is wanted. The second one takes room in a list that MicroSIP cuts off, and hides what was meant to stand there.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// audioCodecs=PCMA/8000/1 PCMU/8000/1 PCMA/8000/1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// audioCodecs=PCMA/8000/1 PCMU/8000/1
    /// ```
    ///
    /// ## How to fix
    /// An unsafe fix keeps the first one. MicroSIP then reads another list, so check the order of the codecs afterwards.
    DuplicateCodec,
    on Filled, kinds CODECS, requires INVALID,
    fix Sometimes
}

fn check(
    _: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if key.kind() != Kind::Codecs {
        return;
    }
    let value = entry.value();
    let (mut once, mut again): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for id in value.split(' ') {
        let is_there = once.iter().any(|it| it.eq_ignore_ascii_case(id));
        if is_there && !id.is_empty() { again.push(id) } else { once.push(id) }
    }
    if let Some(id) = again.first() {
        let message =
            message!("`{codec}` stands in `{key}` more than once", codec = id, key = entry.key());
        let text = once.join(" ");
        let edit = Edit::ReplaceValue { line: entry.line(), text };
        let fix = Fix::edits(Safety::Unsafe, "leave each codec where it stands first", vec![edit]);
        findings.push(RULE.at_value((section, entry), message).with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn unsafe_fix_keeps_the_first_of_duplicate_codecs() {
        let before = "[Settings]\naudioCodecs=a/1/1 b/1/1 A/1/1 b/1/1 c/1/1\n";
        check(&RULE, before, &["2: info: `A/1/1` stands in `audioCodecs` more than once"]);
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\naudioCodecs=a/1/1 b/1/1 c/1/1\n");
    }
}
