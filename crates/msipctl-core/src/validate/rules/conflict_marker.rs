//! `conflict-marker`: a merge that was never finished.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use winini::LineKind;

rule! {
    /// ## What it does
    /// Lines of seven `<`, `=`, `>` or `|` that git leaves where two versions of a file differ.
    ///
    /// ## Why is this bad?
    /// Both versions stand in the file. Of each key Windows reads the first, which is the version above `=======`, whoever's that is.
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
    /// Choose a version, and take the other one and the marks away. Nobody else can know which was meant.
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
    let is_mark = text == "======="
        || ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| text.starts_with(mark));
    if is_mark {
        let message = message!("a merge of two versions was never finished here");
        let finding = RULE.at(number, line.content(), message);
        findings.push(finding.with_help("choose a version, and take the marks away"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn each_conflict_marker_is_reported() {
        let message = "error: a merge of two versions was never finished here";
        check(
            &RULE,
            "<<<<<<< HEAD\nk=1\n=======\nk=2\n>>>>>>> x\n; =======\n========\n",
            &[&format!("1: {message}"), &format!("3: {message}"), &format!("5: {message}")],
        );
    }
}
