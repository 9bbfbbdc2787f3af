//! `launcher-for-wrong-file`: a launcher that reads another file.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` keys that start msipctl with `--ini` and the path of a file other than the checked one.
    ///
    /// ## Why is this bad?
    /// The directives of the other file run, and those of this file never do. The usual cause is a file that was copied from another PC or folder. The finding is an error if this file has directives for the event, and otherwise a warning. msipctl checks the path only on Windows.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run --ini C:\other\MicroSIP.ini call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// Run `msipctl hook add` with the template of the directive. It writes the launcher again, with the path of this file if needed.
    LauncherForWrongFile,
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
    fn launcher_is_reported_when_it_names_another_file() {
        let launcher =
            |ini: &str| format!("[Settings]\ncmdCallEnd=C:\\m.exe hook run --ini {ini} call-end\n");
        let message =
            r"`cmdCallEnd`: the launcher runs the directives of another file, `C:\other.ini`";
        check(&RULE, launcher(r"C:\other.ini"), &[&format!("2: warning: {message}")]);
        let directive = launcher(r"C:\other.ini") + "OnCallEnd=Log,C:\\x.csv\n";
        check(&RULE, directive, &[&format!("2: error: {message}")]);
        check(&RULE, launcher(r"C:\own.ini"), &[]);
    }
}
