//! `shell-injection`: a shell that acts on the caller's text.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A command that is a batch file, `cmd.exe`, or PowerShell that is given code.
    ///
    /// ## Why is this bad?
    /// The caller's text comes from the network, and MicroSIP puts it behind the command as it is. In it `&` and other letters begin new commands: who calls can run programs.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\hooks\ring.bat
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\msipctl\msipctl.exe hook run incoming-call
    /// OnIncomingCall=Run,C:\hooks\ring.bat,%number%
    /// ```
    ///
    /// ## How to fix
    /// Let msipctl start it by a directive `Run`, which hands over letters and digits only, run PowerShell with `-File`, or take a program that is no shell.
    ShellInjection,
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
    fn batch_files_and_inline_code_are_reported() {
        let message = |key: &str, shell: &str| {
            format!("`{key}`: {shell} in the caller's text, which comes from the network")
        };
        let text = r"[Settings]
    cmdCallStart=C:\a.bat x
    cmdCallEnd=powershell.exe -File C:\a.ps1
    cmdCallBusy=powershell.exe -Command C:\a.ps1
    cmdCallRing=pwsh.exe C:\a.ps1
    cmdCallAnswer=
    ";
        check(
            &RULE,
            text,
            &[
                &format!(
                    "2: warning: {}",
                    message("cmdCallStart", "cmd.exe acts on & | < > ^ % \"")
                ),
                &format!(
                    "4: warning: {}",
                    message("cmdCallBusy", "PowerShell acts on ; | & $ ( ) { } < > ` ' \"")
                ),
            ],
        );
    }
}
