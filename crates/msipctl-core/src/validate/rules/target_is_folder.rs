//! `target-is-folder`: folder instead of a program.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands and `Run` directives that name a folder instead of a program.
    ///
    /// ## Why is this bad?
    /// Windows shows the folder in a window on every call, and runs nothing. msipctl checks this only on the PC where MicroSIP runs.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\tools\folder
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\tools\end.exe
    /// ```
    ///
    /// ## How to fix
    /// Write the path of the program in the folder.
    TargetIsFolder,
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
    fn command_that_is_a_folder_is_reported() {
        let message =
            "2: error: `cmdCallEnd`: `C:\\a\\folder` is a folder: Windows shows it in a window";
        check(&RULE, "[Settings]\ncmdCallEnd=C:\\a\\folder\ncmdCallStart=C:\\a.exe\n", &[message]);
    }
}
