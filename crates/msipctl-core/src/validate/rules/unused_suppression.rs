//! `unused-suppression`: suppression that matches no finding.

use crate::validate::comment::{Comment, list};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `; msipctl: ignore` and `; msipctl: ignore-file` comments with a rule that has no finding where the comment applies.
    ///
    /// ## Why is this bad?
    /// The problem no longer exists, and if it comes back, the comment hides it. Rules that didn't run aren't reported. Some rules find something only on the PC where MicroSIP runs.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// ; msipctl: ignore unknown-key our own build reads it
    /// AA=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// AA=1
    /// ```
    ///
    /// ## How to fix
    /// Remove the rule from the comment, or the complete comment.
    UnusedSuppression,
    on Document, requires COMMENT
}

/// Finds nothing. Unused suppressions are known only after all other rules have run, when [`finding`] is called.
fn check(_: Context<'_>, _: &mut Vec<Finding>) {}

/// Returns the finding for the unused rule names of a comment.
pub(in crate::validate) fn finding(comment: &Comment, names: &[&str]) -> Finding {
    let names = list(names.iter().copied());
    let message = message!("unused suppression of {names}", names);
    RULE.at(comment.line, comment.span, message)
}

#[cfg(test)]
mod tests {
    use crate::validate::{Check, check};
    use microsip_schema::Version;
    use winini::{Document, Encoding};

    #[test]
    fn unused_rules_of_one_comment_are_one_finding() {
        let text = "[Settings]\n; msipctl: ignore split-program-path,unknown-key,utf* r\nxA=1\n";
        let document = Document::parse(text.into(), Encoding::Ascii);
        let findings = check(&document, Check::new(Version::NEWEST));
        let messages: Vec<_> = findings.iter().map(|it| it.message().to_string()).collect();
        assert_eq!(messages, ["unused suppression of `split-program-path`, `utf*`"]);
    }
}
