//! `conflict-marker`: a merge conflict that was never resolved.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use winini::LineKind;

rule! {
    /// ## What it does
    /// Checks for lines of seven `<`, `=`, `>`, or `|` characters, which Git writes where two versions of a file conflict.
    ///
    /// ## Why is this bad?
    /// The file contains both versions. Windows reads the first key with a given name, so the version above `=======` takes effect, even if it's the wrong one.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// <<<<<<< HEAD
    /// DND=0
    /// =======
    /// DND=1
    /// >>>>>>> office
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Keep one version, and delete the other one and the conflict markers. msipctl can't know which version is correct.
    ConflictMarker,
    on Line, requires TEXT | ODD_KEY
}

fn check(context: Context<'_>, number: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let line = document.line(number);
    if !matches!(line.kind(), LineKind::Text | LineKind::Entry) {
        return;
    }
    let text = document.text(line.content());
    let is_marker = text == "======="
        || ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|marker| text.starts_with(marker));
    if is_marker {
        let message = message!("unresolved merge conflict");
        let finding = RULE.at(number, line.content(), message);
        findings.push(
            finding
                .with_help("keep one version, and delete the other one and the conflict markers"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn each_conflict_marker_is_reported() {
        let message = "error: unresolved merge conflict";
        check(
            &RULE,
            "<<<<<<< HEAD\nk=1\n=======\nk=2\n>>>>>>> x\n; =======\n========\n",
            &[&format!("1: {message}"), &format!("3: {message}"), &format!("5: {message}")],
        );
    }
}
