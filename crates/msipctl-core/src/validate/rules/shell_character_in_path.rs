//! `shell-character-in-path`: character in the path of a batch file that cmd.exe interprets.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands that are batch files with `&`, `^`, or `%` in their path.
    ///
    /// ## Why is this bad?
    /// cmd.exe interprets the character wherever the batch file uses its own path or folder without quotes. The path is then split, or another command starts.
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
    /// Move the file to a folder without such characters, or write `"%~dp0"` with quotes in the batch file.
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
        let message = "2: info: `cmdCallEnd`: the path of the batch file contains `&`, which cmd.exe interprets where the file uses its path without quotes";
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=C:\\a&b\\x.bat\ncmdCallStart=C:\\a&b\\x.exe\n",
            &[message],
        );
    }
}
