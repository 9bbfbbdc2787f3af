//! `blocks-ringing`: a command that delays ringing until it exits.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmdIncomingCall` commands that aren't the launcher.
    ///
    /// ## Why is this bad?
    /// MicroSIP waits until the program exits, for up to 10 seconds. On this event, it waits before it rings, so the caller waits too.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\hooks\ring.exe
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallRing=C:\hooks\ring.exe
    /// ```
    ///
    /// ## How to fix
    /// Use `cmdCallRing` if the program doesn't have to run before the phone rings. Otherwise, make the program exit immediately, or let msipctl run it. The launcher returns before it does its work.
    BlocksRinging,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(hazards::findings(&RULE, context));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn command_for_incoming_calls_is_reported_as_blocking() {
        let message = "2: info: `cmdIncomingCall`: the phone doesn't ring until the program exits, for up to 10 s; the launcher returns immediately";
        check(&RULE, "[Settings]\ncmdIncomingCall=C:\\a.exe\ncmdCallRing=C:\\a.exe\n", &[message]);
        check(&RULE, "[Settings]\ncmdIncomingCall=\"\"\n", &[]);
        check(&RULE, "[Settings]\ncmdIncomingCall=C:\\msipctl.exe hook run incoming-call\n", &[]);
    }
}
