//! `invalid-knock-port`: a port to knock at that is none.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};

rule! {
    /// ## What it does
    /// An entry of `portKnockerPorts` that is no number from 1 to 65535.
    ///
    /// ## Why is this bad?
    /// MicroSIP skips it, so the firewall does not see the sequence it waits for.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// portKnockerPorts=7000,80000,9000
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// portKnockerPorts=7000,8000,9000
    /// ```
    ///
    /// ## How to fix
    /// Write ports from 1 to 65535 with commas between.
    InvalidKnockPort,
    on Filled, kinds PORTS, requires INVALID
}

fn check(
    _: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if key.kind() != Kind::Ports {
        return;
    }
    let value = entry.value();
    let is_port = |port: &&str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let skipped: Vec<_> = value.split(',').map(str::trim).filter(|port| !is_port(port)).collect();
    if !skipped.is_empty() {
        let (name, skipped) = (entry.key(), skipped.join("`, `"));
        let message = message!(
            "`{key}` holds `{skipped}`, expected ports from 1 to 65535",
            key = name,
            skipped
        );
        findings.push(RULE.at_value((section, entry), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn knock_ports_outside_1_to_65535_are_reported() {
        check(
            &RULE,
            "[Settings]\nportKnockerPorts=1, 0,x,65535,65536\n",
            &[
                "2: warning: `portKnockerPorts` holds `0`, `x`, `65536`, expected ports from 1 to 65535",
            ],
        );
    }
}
