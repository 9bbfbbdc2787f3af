//! `password-on-command-line`: placeholder that reveals the password.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `{password}` and `{md5_password}` in `cmdOutgoingCall`, which MicroSIP 3.21.3 and newer replaces with the account's password.
    ///
    /// ## Why is this bad?
    /// Every program of the user can read command lines, and monitoring tools often log them. With the password, others can make calls at the owner's expense.
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
    /// Remove the placeholder. If a program needs a password, store a separate one in its own configuration.
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
        let message = "2: warning: `cmdOutgoingCall`: `{password}` puts the account's password on the command line, which other programs can read";
        check(
            &RULE,
            "[Settings]\ncmdOutgoingCall=C:\\a.exe {password}\ncmdCallEnd=C:\\a.exe {password}\n",
            &[message],
        );
    }
}
