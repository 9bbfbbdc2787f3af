//! `command-too-long-when-saved`: a command that is too long for the quotes that MicroSIP adds.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` values of 254 or 255 UTF-16 code units if the target version is MicroSIP 3.21.6 or newer.
    ///
    /// ## Why is this bad?
    /// These versions add quotes when they save a command. The result is longer than the 255 code units that MicroSIP reads, so the end of the command can be lost at the next start.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe call-end
    /// ```
    ///
    /// ## How to fix
    /// Shorten the command to 253 code units, move part of it to a script, or use a directive.
    CommandTooLongWhenSaved,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(hazards::findings(&RULE, context));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for};
    use microsip_schema::Version;

    #[test]
    fn command_is_reported_above_253_utf16_units() {
        let hook = |units: usize| format!("[Settings]\ncmdCallEnd={}\n", "x".repeat(units));
        check(&RULE, hook(253), &[]);
        let message = "2: warning: `cmdCallEnd`: the command has 254 UTF-16 code units, and MicroSIP may truncate it when it saves it with two quotes";
        check(&RULE, hook(254), &[message]);
        check_for(&RULE, Version::new(3, 21, 3), hook(254), &[]);
    }
}
