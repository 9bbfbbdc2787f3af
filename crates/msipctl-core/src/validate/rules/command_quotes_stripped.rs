//! `command-quotes-stripped`: quotes that are dropped as a pair, and are none.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::quoting;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A `cmd...` key that begins and ends with a quote, of which the first one ends behind the program.
    ///
    /// ## Why is this bad?
    /// Windows drops the first and the last letter if both are the same quote. What is left begins without one, and has a quote in the middle of its first word: MicroSIP looks for a file that cannot be there.
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
    /// An unsafe fix removes quotes that aren't needed, and keeps the others from being dropped: MicroSIP then starts another command than today. Before 3.21.6, a path with a space and no word without quotes after it needs one, so the fix also adds the name of the event, which the program gets as an argument.
    CommandQuotesStripped,
    on Document, requires HOOK
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
        let lost = "[Settings]\ncmdCallEnd=\"C:\\Py 3\\py.exe\" \"C:\\my x\\h.py\"\n";
        let held = "[Settings]\ncmdCallEnd=\"\"C:\\Py 3\\py.exe\" \"\\\"C:\\my x\\h.py\\\"\"\"\n";
        fixes(&RULE, Safety::Unsafe, lost, held);
        let held =
            "[Settings]\ncmdCallEnd=\"C:\\Py 3\\py.exe\" \"\\\"C:\\my x\\h.py\\\"\" call-end\n";
        fixes_for(&RULE, Version::new(3, 20, 1), Safety::Unsafe, lost, held);
    }
}
