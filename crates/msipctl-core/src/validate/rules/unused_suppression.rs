//! `unused-suppression`: a comment that suppresses what is not there.

use crate::diagnostic::Prose;
use crate::validate::comment::{Comment, list};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A comment `; msipctl: ignore` or `; msipctl: ignore-file` that names a rule which finds nothing where the comment acts.
    ///
    /// ## Why is this bad?
    /// What it was written for is gone. If it comes back, nobody hears of it. Rules that were not looked at are not counted; some rules find something on the computer of the MicroSIP only.
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
    /// Take the name of the rule out, or the whole comment.
    UnusedSuppression,
    on Document, requires COMMENT
}

/// Finds nothing: what is unused is known when all other rules have run, and then [`finding`] is called.
fn check(_: Context<'_>, _: &mut Vec<Finding>) {}

/// Makes the finding for the unused names of a comment.
pub(in crate::validate) fn finding(comment: &Comment, names: &[&str]) -> Finding {
    let find = if names.len() == 1 { "finds" } else { "find" };
    let names = list(names.iter().copied());
    let message =
        message!("{names} {find} nothing here that could be suppressed", names, find = Prose(find));
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
        assert_eq!(
            messages,
            ["`split-program-path`, `utf*` find nothing here that could be suppressed"]
        );
    }
}
