//! `system-message`: window message that any window acts on.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `SendMessage` and `PostMessage` directives with a message ID below `WM_USER`, such as `WM_CLOSE`.
    ///
    /// ## Why is this bad?
    /// Windows defines these messages, so any window with that title acts on them. The window closes, moves, or treats the number as a memory address and crashes.
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
    /// Use `WM_USER+n`, `WM_APP+n`, or `CopyData` with a custom receiver. If you do mean a system message, turn this rule off with `--ignore system-message`.
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
        let message = "3: warning: `OnCallEnd.2`: `0x10` is a message that Windows defines, so any window may act on it";
        check(&RULE, text, &[message]);
    }
}
