//! `script-in-editor`: PowerShell script that opens in an editor.

use crate::event;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::quoting::IntendedCommand;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands whose program is a `.ps1` file.
    ///
    /// ## Why is this bad?
    /// Windows opens such a file in an editor. The script never runs, and a window appears on every call.
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
    /// Run the script with `powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File`. With `-File`, the caller ID is an argument and not code.
    ///
    /// ## Fix safety
    /// Inserts this command before the script, if the script has a full path. Unsafe, because a PC may need another execution policy.
    ScriptInEditor,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let finding = found.finding();
        let text = run_script(event::read_back(&found.entry().written()))
            .and_then(|meant| meant.written(context.microsip));
        findings.push(match text {
            Some(text) => finding.with_fix(found.rewrite(
                Safety::Unsafe,
                "run the script with `powershell.exe -File`",
                text,
            )),
            None => finding,
        });
    }
}

/// Returns the command that runs a script by its full path.
fn run_script(value: &str) -> Option<IntendedCommand> {
    const OPTIONS: [&str; 4] = ["-NoProfile", "-ExecutionPolicy", "RemoteSigned", "-File"];
    let IntendedCommand { program, arguments } = IntendedCommand::of_quoted(value)?;
    let is_full = program.get(1..3) == Some(r":\") || program.starts_with(r"\\");
    let options = OPTIONS.iter().map(|option| (*option).to_owned());
    is_full.then(|| IntendedCommand {
        program: "powershell.exe".to_owned(),
        arguments: options.chain([program]).chain(arguments).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn unsafe_fix_prepends_powershell() {
        let shown = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.ps1\" end\n";
        let message = "2: error: `cmdCallEnd`: Windows opens `.ps1` files in an editor instead of running them; use `powershell.exe -File`";
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
