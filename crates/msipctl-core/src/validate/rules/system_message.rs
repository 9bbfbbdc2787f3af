//! `system-message`: a message on which any window acts.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A directive `SendMessage` or `PostMessage` with a message below `WM_USER`, such as `WM_CLOSE`.
    ///
    /// ## Why is this bad?
    /// These messages belong to Windows itself. Whatever window has that title acts on them: it closes, moves, or takes the number for the address of something in its memory, and crashes.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallEnd=PostMessage,MyAppWindow,WM_CLOSE,%number%
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=PostMessage,MyAppWindow,WM_USER+100,%number%
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// Take `WM_USER+n`, `WM_APP+n` or `CopyData` with a receiver of your own. Where the message is meant, leave out this rule: `--ignore system-message`.
    SystemMessage,
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
    fn system_messages_are_reported_and_custom_messages_are_not() {
        let text = "[Settings]\nOnCallEnd=SendMessage,A,WM_USER+1,x\nOnCallEnd.2=SendMessage,A,0x10,x\ncmdCallEnd=C:\\m.exe hook run call-end\n";
        let message = "3: warning: `OnCallEnd.2`: `0x10` is a message of Windows itself, on which any window may act";
        check(&RULE, text, &[message]);
    }
}
