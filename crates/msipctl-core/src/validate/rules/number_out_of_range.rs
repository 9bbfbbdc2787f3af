//! `number-out-of-range`: a number that the key cannot have.

use crate::diagnostic::Prose;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};

rule! {
    /// ## What it does
    /// A number below the least or above the most that its key can have.
    ///
    /// ## Why is this bad?
    /// MicroSIP passes such a number on, and what comes of it nobody promises: a port that cannot be opened, a time that overflows.
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
    // What MicroSIP itself remembers of windows and times it corrects by itself.
    let is_left = key.is_machine_state() || key.is_secret();
    if is_left || (min..=max).contains(&number) {
        return;
    }
    let range = if max >= i64::from(i32::MAX) {
        format!("from {min} on")
    } else {
        format!("from {min} to {max}")
    };
    let message = message!(
        "`{key}` is {value}, expected a number {range}",
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
                "2: warning: `volumeInput` is 150, expected a number from 0 to 100",
                "3: warning: `maxConcurrentCalls` is -1, expected a number from 0 on",
            ],
        );
        check(
            &RULE,
            "[Account1]\nkeepAlive=99999999999999999999\n",
            &[
                "2: warning: `keepAlive` is 9223372036854775807, expected a number from -2147483648 on",
            ],
        );
    }
}
