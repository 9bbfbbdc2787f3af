//! `script-in-editor`: a PowerShell script that is shown and not run.

use crate::event;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::quoting::IntendedCommand;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A command whose program is a `.ps1` file.
    ///
    /// ## Why is this bad?
    /// Windows opens such a file in an editor. The script never runs, and a window comes up on every call.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.ps1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File C:\hooks\end.ps1
    /// ```
    ///
    /// ## How to fix
    /// `powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File` is put in front, so that the caller's text is an argument and not code. Unsafe: a machine may need another policy.
    ScriptInEditor,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let finding = found.finding();
        let text = script(event::read_back(&found.entry().written()))
            .and_then(|meant| meant.written(context.microsip));
        findings.push(match text {
            Some(text) => finding.with_fix(found.rewrite(
                Safety::Unsafe,
                "put `powershell.exe -File` in front",
                text,
            )),
            None => finding,
        });
    }
}

/// Returns the command that runs a script by its full path.
fn script(value: &str) -> Option<IntendedCommand> {
    const BEFORE: [&str; 4] = ["-NoProfile", "-ExecutionPolicy", "RemoteSigned", "-File"];
    let IntendedCommand { program, arguments } = IntendedCommand::of_quoted(value)?;
    let is_full = program.get(1..3) == Some(r":\") || program.starts_with(r"\\");
    let before = BEFORE.iter().map(|word| (*word).to_owned());
    is_full.then(|| IntendedCommand {
        program: "powershell.exe".to_owned(),
        arguments: before.chain([program]).chain(arguments).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn unsafe_fix_prepends_powershell() {
        let shown = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.ps1\" end\n";
        let message = "2: error: `cmdCallEnd`: Windows opens a .ps1 in an editor, expected `powershell.exe -File` in front of it";
        check(&RULE, shown, &[message]);
        let run = "[Settings]\ncmdCallEnd=powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File \"\\\"C:\\My Hooks\\a.ps1\\\"\" end\n";
        check(&RULE, run, &[]);
        fixes(&RULE, Safety::Safe, shown, shown);
        fixes(&RULE, Safety::Unsafe, shown, run);
    }

    #[test]
    fn fix_keeps_script_without_full_path() {
        let shown = "[Settings]\ncmdCallEnd=a.ps1\n";
        fixes(&RULE, Safety::Unsafe, shown, shown);
    }
}
