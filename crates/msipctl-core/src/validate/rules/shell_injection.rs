//! `shell-injection`: shell that interprets the caller ID.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands that are a batch file, `cmd.exe`, or PowerShell with inline code.
    ///
    /// ## Why is this bad?
    /// The caller ID comes from the network, and MicroSIP appends it to the command unchanged. Characters such as `&` start a new command, so a caller can run programs on this PC.
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
    /// Start the program with a `Run` directive, which removes the characters that a shell interprets. Or run PowerShell with `-File`, or use a program that isn't a shell.
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
            format!("`{key}`: {shell} in the caller ID, which comes from the network")
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
                    message("cmdCallStart", "cmd.exe interprets & | < > ^ % \"")
                ),
                &format!(
                    "4: warning: {}",
                    message("cmdCallBusy", "PowerShell interprets ; | & $ ( ) { } < > ` ' \"")
                ),
            ],
        );
    }
}
