//! `arguments-in-path`: arguments that old versions treat as part of the path.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands with arguments or quotes if the target version is older than MicroSIP 3.19.10.
    ///
    /// ## Why is this bad?
    /// These versions treat the complete value as the path of a file. That file doesn't exist, so MicroSIP silently starts nothing.
    ///
    /// ## Example
    /// ```ini
    /// ; for MicroSIP 3.19.8
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// ; for MicroSIP 3.19.8
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe
    /// ```
    ///
    /// ## How to fix
    /// Move the arguments to a batch file or shortcut and set the key to its path, or update MicroSIP.
    ArgumentsInPath,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(hazards::findings(&RULE, context));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for};
    use microsip_schema::Version;

    #[test]
    fn arguments_are_reported_before_3_19_10() {
        let text = "[Settings]\ncmdCallEnd=C:\\a.exe x\n";
        let message = "2: error: `cmdCallEnd`: MicroSIP before 3.19.10 reads the complete command as a path, so it can't have arguments";
        check_for(&RULE, Version::new(3, 19, 8), text, &[message]);
        check(&RULE, text, &[]);
        check_for(&RULE, Version::new(3, 19, 8), "[Settings]\ncmdCallEnd=C:\\a b\\x.exe\n", &[]);
    }
}
