//! `program-writable-by-others`: a program that others may change.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// The program of a command, or of a directive `Run`: whether the rights of everyone, of all users or of guests let them change it, or put another one in its place. It is looked at on Windows.
    ///
    /// ## Why is this bad?
    /// MicroSIP starts it with the rights of its user. Who may change it chooses what that user runs.
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
    /// Put the program into a folder below `C:\Program Files`, or take the others' rights away with `icacls`.
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
        let message = "2: warning: `cmdCallEnd`: other users may change `C:\\open\\a.exe`, and so run what they like as this one";
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=C:\\open\\a.exe\ncmdCallStart=C:\\a.exe\n",
            &[message],
        );
    }
}
