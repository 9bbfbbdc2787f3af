//! `command-quotes-stripped`: outer quotes that Windows strips although they aren't a pair.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::quoting;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` values that start and end with a quote, but whose first quoted part is only the program.
    ///
    /// ## Why is this bad?
    /// Windows strips the first and the last character if both are the same quote. The rest has a quote in the middle of its first word. MicroSIP then looks for a file that can't exist.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\py.exe" "C:\hooks\end.py"
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\py.exe" "C:\hooks\end.py" call-end
    /// ```
    ///
    /// ## How to fix
    /// Remove the quotes around words without spaces. If quotes are still needed, end the command with a word that isn't quoted, such as the name of the event.
    ///
    /// ## Fix safety
    /// Always unsafe, because MicroSIP then starts another command than before. The fix removes quotes that aren't needed, and writes the others so that Windows doesn't strip them. Before 3.21.6, a program path with a space needs an unquoted word after it. If the command has no such word, the fix adds the name of the event, which the program receives as an argument.
    CommandQuotesStripped,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(quoting::found(&RULE, context, |written| written));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Safety;
    use crate::validate::rules::testing::{check, fixes, fixes_for};
    use microsip_schema::Version;

    #[test]
    fn unneeded_quotes_are_reported_and_removed() {
        let lost = "[Settings]\ncmdCallEnd=\"C:\\py.exe\" \"C:\\h.py\"\n";
        let message = r#"2: error: `cmdCallEnd`: Windows strips the first and last quote, which leaves `C:\py.exe" "C:\h.py`"#;
        check(&RULE, lost, &[message]);
        fixes(&RULE, Safety::Unsafe, lost, "[Settings]\ncmdCallEnd=C:\\py.exe C:\\h.py\n");
    }

    #[test]
    fn fix_keeps_quotes_around_values_with_spaces() {
        let stripped = "[Settings]\ncmdCallEnd=\"C:\\Py 3\\py.exe\" \"C:\\my x\\h.py\"\n";
        let requoted =
            "[Settings]\ncmdCallEnd=\"\"C:\\Py 3\\py.exe\" \"\\\"C:\\my x\\h.py\\\"\"\"\n";
        fixes(&RULE, Safety::Unsafe, stripped, requoted);
        let requoted =
            "[Settings]\ncmdCallEnd=\"C:\\Py 3\\py.exe\" \"\\\"C:\\my x\\h.py\\\"\" call-end\n";
        fixes_for(&RULE, Version::new(3, 20, 1), Safety::Unsafe, stripped, requoted);
    }
}
