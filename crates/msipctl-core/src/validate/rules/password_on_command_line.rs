//! `password-on-command-line`: a placeholder that shows the password.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// `{password}` or `{md5_password}` in `cmdOutgoingCall`, where MicroSIP 3.21.3 and newer puts the account's password.
    ///
    /// ## Why is this bad?
    /// Command lines are shown to every program of the user, and are kept by many that watch a machine. With the password, calls are made at the cost of its owner.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdOutgoingCall=C:\hooks\out.exe {number} {password}
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdOutgoingCall=C:\hooks\out.exe {number}
    /// ```
    ///
    /// ## How to fix
    /// Leave it out. A program that needs a password keeps one of its own.
    PasswordOnCommandLine,
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
    fn password_placeholder_is_reported_only_for_outgoing_calls() {
        let message = "2: warning: `cmdOutgoingCall`: `{password}` shows the account's password to every program of the user";
        check(
            &RULE,
            "[Settings]\ncmdOutgoingCall=C:\\a.exe {password}\ncmdCallEnd=C:\\a.exe {password}\n",
            &[message],
        );
    }
}
