//! `blocks-ringing`: a command before whose end the phone does not ring.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A command in `cmdIncomingCall` that is not the launcher.
    ///
    /// ## Why is this bad?
    /// MicroSIP waits for the end of what it starts, 10 seconds at most. On this event it does so before it rings, and the caller waits, too.
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
    /// Take `cmdCallRing` where the call need not be known before it rings, let the program end at once, or let msipctl run it: the launcher returns before it does its work.
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
