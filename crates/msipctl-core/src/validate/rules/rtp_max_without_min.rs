//! `rtp-max-without-min`: rtpPortMax that MicroSIP ignores.

use crate::validate::context::{Context, EntryLocation, leading_number};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for `rtpPortMax` if `rtpPortMin` is missing or 0.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads `rtpPortMax` only if `rtpPortMin` is greater than 0. Otherwise, audio and video use any port, and a firewall that allows only the range blocks them.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// rtpPortMax=20000
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// rtpPortMin=10000
    /// rtpPortMax=20000
    /// ```
    ///
    /// ## How to fix
    /// Set `rtpPortMin` to the first port of the range.
    RtpMaxWithoutMin,
    on Read, keys Settings "rtpPortMax", requires NOT_ZERO
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let last = leading_number(&location.1.value());
    let first = context.setting("rtpPortMin").map(|(_, entry)| leading_number(&entry.value()));
    if last > 0 && first.unwrap_or_default() == 0 {
        let message = message!(
            "`rtpPortMax` is {last}, but MicroSIP ignores it while `rtpPortMin` is 0",
            last
        );
        findings.push(RULE.at_value(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn rtp_port_max_is_reported_when_rtp_port_min_is_zero() {
        let message =
            "3: warning: `rtpPortMax` is 9, but MicroSIP ignores it while `rtpPortMin` is 0";
        check(&RULE, "[Settings]\nrtpPortMin=0\nrtpPortMax=9\n", &[message]);
        check(&RULE, "[Settings]\nrtpPortMin=8\nrtpPortMax=9\n", &[]);
        check(&RULE, "[Settings]\nrtpPortMin=0\nrtpPortMax=0\n", &[]);
    }
}
