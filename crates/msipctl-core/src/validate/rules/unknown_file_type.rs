//! `unknown-file-type`: file type whose program depends on the PC.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands that are a file of a type that Windows itself can't run, such as `.py`.
    ///
    /// ## Why is this bad?
    /// Each PC decides which program opens the file, and whether the program gets the caller ID. Many programs register their file types without arguments.
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
    /// Write the program that runs the file before it.
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
        let message = "2: info: `cmdCallEnd`: each PC decides which program opens `C:\\a.py`, and with which arguments";
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=C:\\a.py\ncmdCallStart=C:\\py.exe C:\\a.py\n",
            &[message],
        );
    }
}
