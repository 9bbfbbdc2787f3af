//! `forwarding-without-number`: forwarding without a number to forward to.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for `forwarding` without a `forwardingNumber`.
    ///
    /// ## Why is this bad?
    /// Without a number, MicroSIP doesn't forward calls. They ring on this PC, where possibly no one answers.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// forwarding=all
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// forwarding=all
    /// forwardingNumber=200
    /// ```
    ///
    /// ## How to fix
    /// Set `forwardingNumber`.
    ForwardingWithoutNumber,
    on Read, keys Settings "forwarding", requires FILLED
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let number = context.setting("forwardingNumber");
    let has_number = number.is_some_and(|(_, entry)| !entry.is_empty());
    let value = location.1.value();
    if matches!(&*value, "all" | "button") && !has_number {
        let message =
            message!("`forwarding` is `{value}`, but `forwardingNumber` isn't set", value);
        findings.push(RULE.at_value(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn forwarding_is_reported_when_no_number_is_set() {
        let message = "2: warning: `forwarding` is `button`, but `forwardingNumber` isn't set";
        check(&RULE, "[Settings]\nforwarding=button\nforwardingNumber=\n", &[message]);
        check(&RULE, "[Settings]\nforwarding=\nforwardingNumber=\n", &[]);
    }
}
