//! `relative-program`: a program that is looked for.

use crate::diagnostic::Code;
use crate::event::Hazard;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A command whose program is no full path. Programs that come with Windows are told of as information only.
    ///
    /// ## Why is this bad?
    /// Windows looks in MicroSIP's current folder first and then along PATH. Who can put a file of that name there chooses what runs, and where the program is not found nothing is said.
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
    /// Write the full path. msipctl does not know which program was meant.
    RelativeProgram,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        // A variable in a path is reported as a placeholder that stays.
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
                "`{key}`: `{program}` is no full path: what stands first in MicroSIP's current folder or in PATH is started"
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
