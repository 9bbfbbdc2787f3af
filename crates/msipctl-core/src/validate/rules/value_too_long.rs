//! `value-too-long`: a value longer than MicroSIP's buffer.

use crate::event::Event;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// A value with more UTF-16 units than the MicroSIP aimed at reads.
    ///
    /// ## Why is this bad?
    /// The rest is cut off without a word, and the cut value is saved back later. For hooks see `command-too-long`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// userAgent=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// userAgent=Desk phone
    /// ```
    ///
    /// ## How to fix
    /// Write a shorter value.
    ValueTooLong,
    on Known, requires LONG
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    known: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let key = entry.key();
    let (units, limit) = (entry.value().encode_utf16().count(), known.limit(context.microsip));
    if units > limit && Event::of_key(&key).is_none() {
        let message = message!(
            "`{key}` has {units} UTF-16 units, MicroSIP reads {limit} of them",
            key,
            units,
            limit
        );
        findings.push(RULE.at_value((section, entry), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;
    use microsip_schema::Version;

    #[test]
    fn value_is_reported_above_the_limit_of_the_version() {
        let text = format!("[Account1]\ndomain={}\n", "x".repeat(300));
        check(&RULE, &text, &[]);
        let message = "2: error: `domain` has 300 UTF-16 units, MicroSIP reads 255 of them";
        let old = Version::new(3, 21, 3);
        crate::validate::rules::testing::check_for(&RULE, old, &text, &[message]);
    }
}
