//! `relative-program`: program without a full path.

use crate::diagnostic::Code;
use crate::event::Hazard;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands whose program isn't a full path.
    ///
    /// ## Why is this bad?
    /// Windows searches MicroSIP's current folder first, and then the folders in `PATH`. A person who can put a file with this name in one of them controls what runs. If Windows doesn't find the program, no error message appears.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=notify.exe call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\tools\notify.exe call-end
    /// ```
    ///
    /// ## How to fix
    /// Write the full path. msipctl doesn't know which program you mean. Programs that come with Windows are only `info`.
    RelativeProgram,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        // `unknown-placeholder` reports a variable in a path.
        let is_variable = |hazard: &Hazard| {
            let placeholder = hazard.message().argument("placeholder");
            hazard.code() == Code::UnknownPlaceholder
                && placeholder.is_some_and(|it| found.argument("program").contains(it))
        };
        if !found.explanation.hazards.iter().any(is_variable) {
            findings.push(found.finding());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn relative_windows_program_is_info_and_others_are_warnings() {
        let text = "[Settings]\ncmdCallStart=tool.exe x\ncmdCallEnd=PowerShell.exe -File C:\\a.ps1\ncmdCallBusy=C:\\a.exe\ncmdCallRing=%ProgramFiles%\\a.exe\n";
        let message = |key: &str, program: &str| {
            format!(
                "`{key}`: `{program}` isn't a full path: Windows searches MicroSIP's current folder first, then `PATH`"
            )
        };
        check(
            &RULE,
            text,
            &[
                &format!("2: warning: {}", message("cmdCallStart", "tool.exe")),
                &format!("3: info: {}", message("cmdCallEnd", "PowerShell.exe")),
            ],
        );
    }
}
