//! `target-is-folder`: a folder where a program belongs.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// The program of a command, or of a directive `Run`, where it can be looked for: on the machine on which MicroSIP runs.
    ///
    /// ## Why is this bad?
    /// Windows opens a window that shows the folder, on every call, and runs nothing.
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
    /// Name the program in the folder.
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
            "2: error: `cmdCallEnd`: `C:\\a\\folder` is a folder, which is shown in a window";
        check(&RULE, "[Settings]\ncmdCallEnd=C:\\a\\folder\ncmdCallStart=C:\\a.exe\n", &[message]);
    }
}
