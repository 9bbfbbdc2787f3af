//! `suppression-without-reason`: a comment that suppresses findings and does not say why.

use crate::diagnostic::Prose;
use crate::validate::comment::list;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A comment `; msipctl: ignore` or `; msipctl: ignore-file` with nothing behind the names of the rules.
    ///
    /// ## Why is this bad?
    /// The next one to read the file cannot tell whether the finding is wrong or was only in the way. Without a reason the comment does not act.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// ; msipctl: ignore unknown-key
    /// frobnicate=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// ; msipctl: ignore unknown-key our own build reads it
    /// frobnicate=1
    /// ```
    ///
    /// ## How to fix
    /// Write why, on the same line behind the rules.
    SuppressionWithoutReason,
    on Document, requires COMMENT
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for comment in context.comments {
        if comment.names.is_empty() || !comment.reason.is_empty() {
            continue;
        }
        let is = if comment.names.len() == 1 { "is" } else { "are" };
        let names = list(comment.names.iter().map(|name| name.text.as_str()));
        let message = message!(
            "{names} {is} suppressed without a reason, so it is not",
            names,
            is = Prose(is)
        );
        let finding = RULE.at(comment.line, comment.span, message);
        findings.push(finding.with_help("write why behind the names of the rules"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn suppression_with_only_spaces_as_reason_is_reported() {
        check(
            &RULE,
            "; msipctl: ignore-file split-program-path, unknown-key  \n;msipctl: ignore a b\n",
            &[
                "1: warning: `split-program-path`, `unknown-key` are suppressed without a reason, so it is not",
            ],
        );
    }
}
