//! `rtp-range-reversed`: RTP port range whose minimum is greater than its maximum.

use crate::validate::context::{Context, EntryLocation, leading_number};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for an `rtpPortMin` greater than `rtpPortMax`, if both are set.
    ///
    /// ## Why is this bad?
    /// MicroSIP uses the difference of the two as the size of the range. The range then has no ports, and calls may have no audio.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// rtpPortMin=32000
    /// rtpPortMax=16384
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// rtpPortMin=16384
    /// rtpPortMax=32000
    /// ```
    ///
    /// ## How to fix
    /// Swap the two values.
    ///
    /// ## Fix safety
    /// Swaps the two values. Unsafe, because MicroSIP then uses other ports than today.
    RtpRangeReversed,
    on Known, keys Settings "rtpPortMin", requires NOT_ZERO,
    fix Always
}

fn check(
    _: Context<'_>,
    (section, low): EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(high) = section.entry("rtpPortMax") else { return };
    let (first, last) = (leading_number(&low.value()), leading_number(&high.value()));
    if last > 0 && first > last {
        let message =
            message!("`rtpPortMin` ({first}) is greater than `rtpPortMax` ({last})", first, last);
        let swapped = [(low.line(), last), (high.line(), first)];
        let edit = |(line, port): (usize, u64)| Edit::ReplaceValue { line, text: port.to_string() };
        let title = "swap `rtpPortMin` and `rtpPortMax`";
        let fix = Fix::edits(Safety::Unsafe, title, swapped.map(edit).to_vec());
        findings.push(RULE.at_value((section, low), message).with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn reversed_range_is_reported_unless_the_maximum_is_zero() {
        let ports =
            |low: u32, high: u32| format!("[Settings]\nrtpPortMin={low}\nrtpPortMax={high}\n");
        check(&RULE, ports(9, 8), &["2: error: `rtpPortMin` (9) is greater than `rtpPortMax` (8)"]);
        check(&RULE, ports(8, 9), &[]);
        check(&RULE, ports(9, 0), &[]);
    }

    #[test]
    fn unsafe_fix_swaps_minimum_and_maximum() {
        let before = "[Settings]\nrtpPortMax=8x\nrtpPortMin=9\n";
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\nrtpPortMax=9\nrtpPortMin=8\n");
        fixes(&RULE, Safety::Safe, before, before);
    }
}
