//! `no-program`: a command whose first word is empty.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A `cmd...` key that begins with an empty pair of quotes.
    ///
    /// ## Why is this bad?
    /// MicroSIP takes the first word for the program. It is empty, so nothing is started.
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
    /// Name the program first.
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
        let message = "2: error: `cmdCallEnd`: its first word is empty, expected a program";
        check(&RULE, "[Settings]\ncmdCallEnd=\"\" x\n", &[message]);
        check(&RULE, "[Settings]\ncmdCallEnd=\"\"\ncmdCallStart=\n", &[]);
    }
}
