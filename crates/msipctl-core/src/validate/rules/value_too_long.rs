//! `value-too-long`: value that is longer than MicroSIP's buffer.

use crate::event::Event;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for values with more UTF-16 code units than the target version reads.
    ///
    /// ## Why is this bad?
    /// MicroSIP silently truncates the value, and later saves the truncated one. For hooks, see `command-too-long`.
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
            "`{key}` has {units} UTF-16 code units, but MicroSIP reads only {limit}",
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
        let message = "2: error: `domain` has 300 UTF-16 code units, but MicroSIP reads only 255";
        let old = Version::new(3, 21, 3);
        crate::validate::rules::testing::check_for(&RULE, old, &text, &[message]);
    }
}
