//! `missing-program`: a program that doesn't exist.

use crate::diagnostic::Code;
use crate::event::Hazard;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands and `Run` directives whose program doesn't exist.
    ///
    /// ## Why is this bad?
    /// MicroSIP silently starts nothing. msipctl can look for the program only on the PC on which MicroSIP runs, but reports a path that no file can have on every PC.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\missing\end.exe
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe
    /// ```
    ///
    /// ## How to fix
    /// Correct the path, or install the program there.
    MissingProgram,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        // No part of a split path is meant to exist.
        let is_split = |hazard: &Hazard| {
            matches!(hazard.code(), Code::SplitProgramPath | Code::CommandQuotesStripped)
        };
        if !(found.is_of_command() && found.explanation.hazards.iter().any(is_split)) {
            findings.push(found.finding());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn missing_programs_of_commands_and_directives_are_reported() {
        let text = "[Settings]\ncmdCallEnd=\"C:\\msipctl.exe\" hook run call-end\nOnCallEnd=Run,C:\\there.exe\nOnCallEnd.2=Run,C:\\missing.exe,x\nOnCallEnd.3=Run,C:\\missing.exe,y\ncmdCallStart='C:\\a.exe' x\n";
        check(
            &RULE,
            text,
            &[
                "4: error: `OnCallEnd.2`: program `C:\\missing.exe` not found; MicroSIP starts nothing and shows no error",
                "5: error: `OnCallEnd.3`: program `C:\\missing.exe` not found; MicroSIP starts nothing and shows no error",
                "6: error: `cmdCallStart`: program `'C:\\a.exe'` not found; MicroSIP starts nothing and shows no error",
            ],
        );
    }

    #[test]
    fn split_program_path_is_left_to_the_other_rule() {
        check(&RULE, "[Settings]\ncmdCallEnd=C:\\missing x\\a.exe\n", &[]);
        check(&RULE, "[Settings]\ncmdCallEnd=\"C:\\py.exe\" \"C:\\h.py\"\n", &[]);
    }
}
