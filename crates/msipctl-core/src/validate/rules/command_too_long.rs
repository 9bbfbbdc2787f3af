//! `command-too-long`: a command that exceeds MicroSIP's buffer.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` values with more than 255 UTF-16 code units.
    ///
    /// ## Why is this bad?
    /// MicroSIP truncates the command and runs the rest. Directives have no such limit, because msipctl reads them.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe call-end
    /// ```
    ///
    /// ## How to fix
    /// Move part of the command to a script, or use a directive.
    CommandTooLong,
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
    fn command_is_reported_above_255_utf16_units() {
        let hook = |units: usize| format!("[Settings]\ncmdCallEnd={}\n", "x".repeat(units));
        check(&RULE, hook(255), &[]);
        check(
            &RULE,
            hook(256),
            &[
                "2: error: `cmdCallEnd`: the command has 256 UTF-16 code units, but MicroSIP reads only 255",
            ],
        );
    }
}
