//! `fork-key`: a key that only a fork of MicroSIP reads.

use crate::diagnostic::Prose;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Availability, Key};

rule! {
    /// ## What it does
    /// Checks for keys that only a fork reads, which is a program built from MicroSIP's source code.
    ///
    /// ## Why is this bad?
    /// In MicroSIP, the line has no effect. In the fork it does, so the key isn't an error. A file from a fork can also contain a password that MicroSIP can't decrypt.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// apiLogin=ann
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// username=ann
    /// ```
    ///
    /// ## How to fix
    /// If the file is for the fork, keep the line. Otherwise, remove it.
    ForkKey,
    on Known, requires UNAVAILABLE
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if let Availability::Fork(fork) = key.available(context.microsip) {
        let message = message!(
            "only a fork reads `{key}`: {fork}",
            key = location.1.key(),
            fork = Prose(fork)
        );
        findings.push(RULE.at_key(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn finding_names_the_fork_that_reads_the_key() {
        let message = "2: info: only a fork reads `AVPF`: litkinger 3.20.5";
        check(&RULE, "[Account1]\nAVPF=1\ndomain=x\n", &[message]);
    }
}
