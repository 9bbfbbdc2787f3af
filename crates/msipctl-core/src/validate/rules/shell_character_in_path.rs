//! `shell-character-in-path`: a letter in a batch file's path on which cmd.exe acts.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A command that is a batch file with `&`, `^` or `%` in its path.
    ///
    /// ## Why is this bad?
    /// Wherever the batch file names itself or its folder without quotes, cmd.exe acts on that letter: the path is torn, or another command begins.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\R&D\end.bat
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.bat
    /// ```
    ///
    /// ## How to fix
    /// Put the file into a folder without such a letter, or write `"%~dp0"` with quotes in it.
    ShellCharacterInPath,
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
    fn shell_characters_are_reported_only_in_paths_of_batch_files() {
        let message = "2: info: `cmdCallEnd`: the batch file's path has a `&`, on which cmd.exe acts wherever the file names itself without quotes";
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=C:\\a&b\\x.bat\ncmdCallStart=C:\\a&b\\x.exe\n",
            &[message],
        );
    }
}
