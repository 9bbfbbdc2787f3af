//! `invalid-knock-port`: a port knocking entry that MicroSIP skips.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};

rule! {
    /// ## What it does
    /// Checks for entries of `portKnockerPorts` that aren't numbers from 1 to 65535.
    ///
    /// ## Why is this bad?
    /// MicroSIP skips such an entry, so the firewall doesn't see the sequence that it waits for.
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
    /// List ports from 1 to 65535, separated by commas.
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
            "MicroSIP skips `{skipped}` in `{key}`: expected ports from 1 to 65535",
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
                "2: warning: MicroSIP skips `0`, `x`, `65536` in `portKnockerPorts`: expected ports from 1 to 65535",
            ],
        );
    }
}
