//! `rtp-max-without-min`: a last port without a first one.

use super::leading_number;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// `rtpPortMax` where `rtpPortMin` is missing or 0.
    ///
    /// ## Why it matters
    /// MicroSIP looks at `rtpPortMax` only when `rtpPortMin` is above 0. Sound and video take any port, and a firewall that lets the range through lets none of them.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// rtpPortMax=20000
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// rtpPortMin=10000
    /// rtpPortMax=20000
    /// ```
    ///
    /// ## Fix
    /// Give the first port, too.
    RtpMaxWithoutMin,
    where LINKED
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let number = |key| {
        let place = context.setting(key)?;
        Some(leading_number(&place.1.value())).filter(|number| *number > 0)
    };
    if let (None, Some(last)) = (number("rtpPortMin"), number("rtpPortMax"))
        && let Some(place) = context.setting("rtpPortMax")
    {
        let message =
            message!("`rtpPortMax` is {last}, but not looked at while `rtpPortMin` is 0", last);
        findings.push(RULE.at_value(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn both_or_none() {
        let message = "3: warning: `rtpPortMax` is 9, but not looked at while `rtpPortMin` is 0";
        check(&RULE, "[Settings]\nrtpPortMin=0\nrtpPortMax=9\n", &[message]);
        check(&RULE, "[Settings]\nrtpPortMin=8\nrtpPortMax=9\n", &[]);
        check(&RULE, "[Settings]\nrtpPortMin=0\nrtpPortMax=0\n", &[]);
    }
}
