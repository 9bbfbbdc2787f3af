//! `breaks-when-saved`: a command that works until MicroSIP saves it.

use crate::event;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::quoting;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` values in two pairs of quotes if the target version is older than MicroSIP 3.21.6.
    ///
    /// ## Why is this bad?
    /// These versions save commands without the outer quotes, at the latest when they exit. At the next start, Windows strips the remaining pair, and the command is split.
    ///
    /// ## Example
    /// ```ini
    /// ; for MicroSIP 3.21.3
    /// [Settings]
    /// cmdCallEnd=""C:\My Hooks\end.exe""
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// ; for MicroSIP 3.21.3
    /// [Settings]
    /// cmdCallEnd="C:\My Hooks\end.exe" call-end
    /// ```
    ///
    /// ## How to fix
    /// Quote only the program, and end the command with a word that isn't quoted, such as the name of the event. If the command needs no quotes, remove them all.
    ///
    /// ## Fix safety
    /// Always unsafe, because the program can receive another argument. The fix ends the command with the unquoted name of the event, which the program receives as an argument. If the command needs no quotes, the fix removes them instead.
    BreaksWhenSaved,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(quoting::found(&RULE, context, event::read_back));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Safety;
    use crate::validate::rules::testing::{check, check_for, fixes_for};
    use microsip_schema::Version;

    const DOUBLED: &str = "[Settings]\ncmdCallEnd=\"\"C:\\My Hooks\\a.bat\"\"\n";

    #[test]
    fn double_quoted_command_is_reported_before_3_21_6() {
        let old = Version::new(3, 21, 3);
        let message = "2: error: `cmdCallEnd`: MicroSIP before 3.21.6 saves the command without its quotes, and then splits it at the spaces";
        check_for(&RULE, old, DOUBLED, &[message]);
        check(&RULE, DOUBLED, &[]);
        let with_event = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\" call-end\n";
        fixes_for(&RULE, old, Safety::Safe, DOUBLED, DOUBLED);
        fixes_for(&RULE, old, Safety::Unsafe, DOUBLED, with_event);
        let unneeded = "[Settings]\ncmdCallEnd=\"\"C:\\a.exe\" \"C:\\b\"\"\n";
        fixes_for(&RULE, old, Safety::Unsafe, unneeded, "[Settings]\ncmdCallEnd=C:\\a.exe C:\\b\n");
    }
}
