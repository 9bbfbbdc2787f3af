//! `fork-key`: a key that only a fork of MicroSIP reads.

use crate::diagnostic::Prose;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Availability, Key};

rule! {
    /// ## What it does
    /// A key that MicroSIP itself does not read, but a program built of its source does.
    ///
    /// ## Why is this bad?
    /// In MicroSIP the line does nothing. In the fork it does, so it is no fault; a file that came from there may also hold a password that MicroSIP cannot decrypt.
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
    /// Leave it, if the file is for the fork.
    ForkKey,
    on Known, requires UNAVAILABLE
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if let Availability::Fork(who) = key.available(context.microsip) {
        let message =
            message!("only a fork reads `{key}`: {who}", key = place.1.key(), who = Prose(who));
        findings.push(RULE.at_key(place, message));
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
