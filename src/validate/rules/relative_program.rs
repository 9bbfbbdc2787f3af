//! `relative-program`: a program that is looked for.

use crate::event::Danger;
use crate::validate::context::Context;
use crate::validate::dangers;
use crate::validate::finding::{Finding, Severity};
use crate::validate::rule::rule;

rule! {
    /// ## What it checks
    /// A command whose program is no full path. Programs that come with Windows are told of as information only.
    ///
    /// ## Why it matters
    /// Windows looks in MicroSIP's current folder first and then along PATH. Who can put a file of that name there chooses what runs, and where the program is not found nothing is said.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=notify.exe call-end
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\tools\notify.exe call-end
    /// ```
    ///
    /// ## Fix
    /// Write the full path. msipctl does not know which program was meant.
    "relative-program", "program that is looked for, as its path is not full", Warning, Hooks, since "0.1.0",
    on Document, requires HOOK
}

/// Programs that come with Windows.
const OF_WINDOWS: [&str; 12] = [
    "cmd",
    "cscript",
    "curl",
    "explorer",
    "msg",
    "mshta",
    "notepad",
    "powershell",
    "rundll32",
    "schtasks",
    "taskkill",
    "wscript",
];

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in dangers::of(&RULE, context) {
        // A variable in a path is told of as a placeholder that stays.
        let is_variable = |danger: &Danger| {
            let Danger::PlaceholderUnknown { placeholder, .. } = danger else { return false };
            found.explanation.program.as_ref().is_some_and(|it| it.contains(placeholder))
        };
        if found.explanation.dangers.iter().any(is_variable) {
            continue;
        }
        let program = found.explanation.program.as_deref().unwrap_or_default().to_ascii_lowercase();
        let name = program.strip_suffix(".exe").unwrap_or(&program);
        let finding = found.finding().with_help("write the full path");
        findings.push(match OF_WINDOWS.contains(&name) {
            true => finding.with_severity(Severity::Info),
            false => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn programs_of_windows_are_information() {
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
