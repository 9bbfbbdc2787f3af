//! `port-conflict`: a port that is wanted twice.

use crate::validate::context::{Context, EntryLocation, leading_number};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// A `sourcePort` within the range of `rtpPortMin` to `rtpPortMax`.
    ///
    /// ## Why is this bad?
    /// SIP takes the port first. A call that would use it for its sound finds it taken.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// sourcePort=10500
    /// rtpPortMin=10000
    /// rtpPortMax=20000
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// sourcePort=5060
    /// rtpPortMin=10000
    /// rtpPortMax=20000
    /// ```
    ///
    /// ## How to fix
    /// Put the SIP port outside the range.
    PortConflict,
    on Read, keys Settings "sourcePort", requires NOT_ZERO
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let number = |key| {
        context.setting(key).map(|place| leading_number(&place.1.value())).unwrap_or_default()
    };
    let port = leading_number(&place.1.value());
    let (first, last) = (number("rtpPortMin"), number("rtpPortMax"));
    if port > 0 && first > 0 && (first..=last).contains(&port) {
        let message = message!(
            "`sourcePort` is {port}, within the range for sound of {first} to {last}",
            port,
            first,
            last
        );
        findings.push(RULE.at_value(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn both_ends_of_the_rtp_port_range_are_checked() {
        let ports =
            |sip: u16| format!("[Settings]\nsourcePort={sip}\nrtpPortMin=8\nrtpPortMax=9\n");
        check(&RULE, ports(7), &[]);
        check(&RULE, ports(0), &[]);
        check(
            &RULE,
            ports(9),
            &["2: warning: `sourcePort` is 9, within the range for sound of 8 to 9"],
        );
    }
}
