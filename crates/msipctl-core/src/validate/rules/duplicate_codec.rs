//! `duplicate-codec`: a codec that is listed more than once.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for codecs that are listed more than once in `audioCodecs`.
    ///
    /// ## Why is this bad?
    /// The first occurrence of a codec sets its priority. MicroSIP truncates the list, so a duplicate takes space from other codecs, and can hide the one that you intended there.
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
    /// Remove the duplicates, or replace them with the codecs that you intended.
    ///
    /// ## Fix safety
    /// Always unsafe, because MicroSIP then reads another list. The fix keeps the first occurrence of each codec. Check the order of the codecs afterward.
    DuplicateCodec,
    on Filled, kinds CODECS, requires INVALID,
    fix Always
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
    let (mut once, mut duplicates): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for id in value.split(' ') {
        let is_listed = once.iter().any(|it| it.eq_ignore_ascii_case(id));
        if is_listed && !id.is_empty() { duplicates.push(id) } else { once.push(id) }
    }
    if let Some(id) = duplicates.first() {
        let message =
            message!("`{codec}` is in `{key}` more than once", codec = id, key = entry.key());
        let text = once.join(" ");
        let edit = Edit::ReplaceValue { line: entry.line(), text };
        let fix = Fix::edits(Safety::Unsafe, "keep the first occurrence of each codec", vec![edit]);
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
        check(&RULE, before, &["2: info: `A/1/1` is in `audioCodecs` more than once"]);
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\naudioCodecs=a/1/1 b/1/1 c/1/1\n");
    }
}
