//! `port-conflict`: SIP port inside the RTP port range.

use crate::validate::context::{Context, EntryLocation, leading_number};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for a `sourcePort` between `rtpPortMin` and `rtpPortMax`.
    ///
    /// ## Why is this bad?
    /// SIP opens its port first. A call that needs the same port for its audio can't use it.
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
    /// Set `sourcePort` to a port outside the range.
    PortConflict,
    on Read, keys Settings "sourcePort", requires NOT_ZERO
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let number = |key| {
        context.setting(key).map(|location| leading_number(&location.1.value())).unwrap_or_default()
    };
    let port = leading_number(&location.1.value());
    let (first, last) = (number("rtpPortMin"), number("rtpPortMax"));
    if port > 0 && first > 0 && (first..=last).contains(&port) {
        let message = message!(
            "`sourcePort` is {port}, which is in the RTP port range {first} to {last}",
            port,
            first,
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
    fn both_ends_of_the_rtp_port_range_are_checked() {
        let ports =
            |sip: u16| format!("[Settings]\nsourcePort={sip}\nrtpPortMin=8\nrtpPortMax=9\n");
        check(&RULE, ports(7), &[]);
        check(&RULE, ports(0), &[]);
        check(
            &RULE,
            ports(9),
            &["2: warning: `sourcePort` is 9, which is in the RTP port range 8 to 9"],
        );
    }
}
