//! `no-program`: command that names no program.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` keys whose value starts with an empty pair of quotes.
    ///
    /// ## Why is this bad?
    /// MicroSIP treats the first word as the program. The word is empty, so MicroSIP starts nothing.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="" call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe call-end
    /// ```
    ///
    /// ## How to fix
    /// Write the path of the program as the first word.
    NoProgram,
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
    fn command_with_an_empty_program_is_reported() {
        let message = "2: error: `cmdCallEnd`: missing program: the command starts with an empty pair of quotes";
        check(&RULE, "[Settings]\ncmdCallEnd=\"\" x\n", &[message]);
        check(&RULE, "[Settings]\ncmdCallEnd=\"\"\ncmdCallStart=\n", &[]);
    }
}
