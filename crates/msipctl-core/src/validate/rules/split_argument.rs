//! `split-argument`: argument that is split at a space.

use crate::event;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::quoting::{IntendedCommand, fix};
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for paths with a space among the arguments of a `cmd...` key, without quotes or in quotes that MicroSIP removes.
    ///
    /// ## Why is this bad?
    /// MicroSIP splits the command at spaces and joins the words again without their quotes. The program then gets half a path, and the rest as another argument.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=powershell.exe -NoProfile -File C:\Users\Rep One\end.ps1 call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=powershell.exe -NoProfile -File "\"C:\Users\Rep One\end.ps1\"" call-end
    /// ```
    ///
    /// ## How to fix
    /// Put escaped quotes within the quotes, as in the example. For `cmd.exe /c`, inline PowerShell code, and code in other languages, use a script file in a folder without spaces instead. A path starts with a drive, a share, a variable, or `.\`, and its extension comes only after the space. A file name without a folder, such as `C:\My file.txt`, is only `info`, unless `powershell.exe -File`, `python`, or a similar program runs it as a script.
    ///
    /// ## Fix safety
    /// Unsafe, because MicroSIP then starts another command than today. Puts escaped quotes within the quotes. Before 3.21.6, a path with a space also needs an argument without quotes after it. If it's missing, the fix adds the name of the event, which the program gets as an argument. Inline code has no fix.
    SplitArgument,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let written = found.entry().written();
        let is_certain = event::is_fatal(found.hazard);
        let fix = IntendedCommand::rejoined(event::read_back(&written))
            .filter(|_| is_certain)
            .and_then(|meant| fix(&found, &meant, context.microsip));
        findings.push(found.finding().with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Safety;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn unsafe_fix_escapes_quotes_of_a_quoted_path() {
        let split = "[Settings]\ncmdCallEnd=C:\\py.exe \"C:\\my x\\h.py\"\n";
        let message = r"2: error: `cmdCallEnd`: the argument `C:\my x\h.py` is split at the space: the program receives `C:\my` and `x\h.py`";
        check(&RULE, split, &[message]);
        let quoted = "[Settings]\ncmdCallEnd=C:\\py.exe \"\\\"C:\\my x\\h.py\\\"\"\n";
        check(&RULE, quoted, &[]);
        fixes(&RULE, Safety::Unsafe, split, quoted);
    }

    #[test]
    fn unsafe_fix_quotes_an_unquoted_path() {
        let split = "[Settings]\ncmdCallEnd=powershell.exe -NoProfile -File C:\\Users\\Rep One\\b.ps1 start\n";
        let message = r"2: error: `cmdCallEnd`: the argument `C:\Users\Rep One\b.ps1` is split at the space: the program receives `C:\Users\Rep` and `One\b.ps1`";
        check(&RULE, split, &[message]);
        fixes(&RULE, Safety::Safe, split, split);
        let quoted = "[Settings]\ncmdCallEnd=powershell.exe -NoProfile -File \"\\\"C:\\Users\\Rep One\\b.ps1\\\"\" start\n";
        fixes(&RULE, Safety::Unsafe, split, quoted);
        check(&RULE, quoted, &[]);
    }

    #[test]
    fn unsafe_fix_quotes_several_paths() {
        let split = "[Settings]\ncmdCallEnd=C:\\a.exe C:\\my x\\a.txt \"C:\\my y\\b.txt\" end\n";
        let quoted = "[Settings]\ncmdCallEnd=C:\\a.exe \"\\\"C:\\my x\\a.txt\\\"\" \"\\\"C:\\my y\\b.txt\\\"\" end\n";
        fixes(&RULE, Safety::Unsafe, split, quoted);
        check(&RULE, quoted, &[]);
    }

    #[test]
    fn file_name_that_may_contain_a_space_is_info() {
        let message = r"2: info: `cmdCallEnd`: `C:\My file.txt` may be one path that is split at the space: the program receives `C:\My` and `file.txt`";
        let text = "[Settings]\ncmdCallEnd=C:\\a.exe C:\\My file.txt\n";
        check(&RULE, text, &[message]);
        fixes(&RULE, Safety::Unsafe, text, text);
    }

    #[test]
    fn inline_code_is_not_fixed() {
        for command in
            [r"cmd.exe /c C:\My Hooks\a.bat", r"powershell.exe -Command C:\My Hooks\a.ps1"]
        {
            let text = format!("[Settings]\ncmdCallEnd={command}\n");
            fixes(&RULE, Safety::Unsafe, &text, &text);
        }
    }

    #[test]
    fn command_with_escaped_quotes_is_not_fixed() {
        let split = "[Settings]\ncmdCallEnd=C:\\a.exe \"\\\"x y\\\"\" \"C:\\my x\\h.py\" end\n";
        fixes(&RULE, Safety::Unsafe, split, split);
    }

    #[test]
    fn separate_arguments_are_not_reported() {
        for command in [
            r"powershell.exe -File C:\a.ps1 D:\b.txt",
            r"C:\a.exe C:\hooks\script end",
            r"curl.exe https://example.com/a b.txt",
        ] {
            check(&RULE, format!("[Settings]\ncmdCallEnd={command}\n"), &[]);
        }
    }
}
