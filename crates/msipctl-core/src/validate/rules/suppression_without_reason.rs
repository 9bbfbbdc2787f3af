//! `suppression-without-reason`: suppression comment without a reason.

use crate::validate::comment::list;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `; msipctl: ignore` and `; msipctl: ignore-file` comments without any text after the rule names.
    ///
    /// ## Why is this bad?
    /// Without a reason, the next reader can't know whether the finding is wrong or was just inconvenient. msipctl therefore ignores the comment.
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
    /// Add a reason on the same line, after the rule names.
    SuppressionWithoutReason,
    on Document, requires COMMENT
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for comment in context.comments {
        if comment.names.is_empty() || !comment.reason.is_empty() {
            continue;
        }
        let names = list(comment.names.iter().map(|name| name.text.as_str()));
        let message = message!("missing reason for the suppression of {names}", names);
        let finding = RULE.at(comment.line, comment.span, message);
        findings.push(finding.with_help(
            "add a reason after the rule names; without one, the comment has no effect",
        ));
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
                "1: warning: missing reason for the suppression of `split-program-path`, `unknown-key`",
            ],
        );
    }
}
