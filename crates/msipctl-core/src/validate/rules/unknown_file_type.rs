//! `unknown-file-type`: a file that each machine opens as it likes.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A command that names a file whose type Windows itself does not know how to run, such as `.py`.
    ///
    /// ## Why is this bad?
    /// What opens it is set on each machine, and so is whether that gets the caller's text: many programs register their files without arguments.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.py
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\Python\python.exe C:\hooks\end.py
    /// ```
    ///
    /// ## How to fix
    /// Name the program that runs it in front of it.
    UnknownFileType,
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
    fn unknown_file_type_is_reported_only_for_the_program() {
        let message = "2: info: `cmdCallEnd`: what opens `C:\\a.py`, and with which arguments, is set on each machine";
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=C:\\a.py\ncmdCallStart=C:\\py.exe C:\\a.py\n",
            &[message],
        );
    }
}
