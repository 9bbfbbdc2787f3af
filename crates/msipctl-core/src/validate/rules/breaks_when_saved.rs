//! `breaks-when-saved`: a command that works until MicroSIP saves it.

use crate::event;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::quoting;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A `cmd...` key in doubled quotes, for a MicroSIP before 3.21.6.
    ///
    /// ## Why is this bad?
    /// These versions save commands without the outer quotes, at the latest when they exit. At the next start Windows drops the pair that is left, and the command is torn.
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
    /// An unsafe fix ends the command with the name of the event as a word without quotes, which the program gets as an argument. If the command needs no quotes at all, it removes them.
    BreaksWhenSaved,
    on Document, requires HOOK
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
        let longer = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\" call-end\n";
        fixes_for(&RULE, old, Safety::Safe, DOUBLED, DOUBLED);
        fixes_for(&RULE, old, Safety::Unsafe, DOUBLED, longer);
        let needless = "[Settings]\ncmdCallEnd=\"\"C:\\a.exe\" \"C:\\b\"\"\n";
        fixes_for(&RULE, old, Safety::Unsafe, needless, "[Settings]\ncmdCallEnd=C:\\a.exe C:\\b\n");
    }
}
