//! `program-writable-by-others`: program that other users can change.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for programs of commands and `Run` directives that other users can change or replace.
    ///
    /// ## Why is this bad?
    /// MicroSIP starts the program with the rights of its user. A person who can change the program controls what that user runs. msipctl checks the permissions that everyone, all users, or guests have, and only on Windows.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\open\end.exe
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\tools\end.exe
    /// ```
    ///
    /// ## How to fix
    /// Move the program to a folder in `C:\Program Files`, or remove the permissions of the other users with `icacls`.
    ProgramWritableByOthers,
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
    fn program_writable_by_other_users_is_reported() {
        let message = "2: warning: `cmdCallEnd`: other users can change `C:\\open\\a.exe`, which runs with this user's rights";
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=C:\\open\\a.exe\ncmdCallStart=C:\\a.exe\n",
            &[message],
        );
    }
}
