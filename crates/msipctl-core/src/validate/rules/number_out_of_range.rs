//! `number-out-of-range`: number outside of the range of its key.

use crate::diagnostic::Prose;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};

rule! {
    /// ## What it does
    /// Checks for numbers below the minimum or above the maximum of their key.
    ///
    /// ## Why is this bad?
    /// MicroSIP uses the number anyway, with unpredictable results: for example, a port that can't be opened, or a time that overflows.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// sourcePort=70000
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// sourcePort=5060
    /// ```
    ///
    /// ## How to fix
    /// Write a number in the range.
    NumberOutOfRange,
    on Filled, kinds NUMBER, requires INVALID
}

fn check(
    _: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Kind::Number { min, max } = key.kind() else { return };
    let (Some(number), _) = leading_number(&entry.value()) else { return };
    // MicroSIP itself corrects what it stores about windows and times.
    let is_excluded = key.is_machine_state() || key.is_secret();
    if is_excluded || (min..=max).contains(&number) {
        return;
    }
    let range = if max >= i64::from(i32::MAX) {
        format!("of at least {min}")
    } else {
        format!("from {min} to {max}")
    };
    let message = message!(
        "invalid value `{value}` for `{key}`: expected an integer {range}",
        key = entry.key(),
        value = number,
        range = Prose(range)
    );
    findings.push(RULE.at_value((section, entry), message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn numbers_outside_the_range_of_their_key_are_reported() {
        check(
            &RULE,
            "[Settings]\nvolumeInput=150\nmaxConcurrentCalls=-1\nmainX=-9\ncallsWidth0=-1\nautoHangUpTime=-1\nsourcePort=65535\n",
            &[
                "2: warning: invalid value `150` for `volumeInput`: expected an integer from 0 to 100",
                "3: warning: invalid value `-1` for `maxConcurrentCalls`: expected an integer of at least 0",
            ],
        );
        check(
            &RULE,
            "[Account1]\nkeepAlive=99999999999999999999\n",
            &[
                "2: warning: invalid value `9223372036854775807` for `keepAlive`: expected an integer of at least -2147483648",
            ],
        );
    }
}
