//! `suppression-of-unknown-rule`: a comment for msipctl that it cannot follow.

use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A comment that begins with `; msipctl:` and names no rule, a rule or group that msipctl does not know, or something else to do than `ignore` and `ignore-file`.
    ///
    /// ## Why it matters
    /// It suppresses nothing, although it looks as if it did.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// ; msipctl: ignore unknwon-key our own build reads it
    /// frobnicate=1
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// ; msipctl: ignore unknown-key our own build reads it
    /// frobnicate=1
    /// ```
    ///
    /// ## Fix
    /// Name the rule as the finding does in its brackets.
    "suppression-of-unknown-rule", "suppression that names no rule", Warning, Structure, since "0.1.0",
    where COMMENT
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for comment in context.comments {
        let mut push =
            |message: String| findings.push(RULE.at(comment.line, comment.span, message));
        match &comment.word {
            Err(word) => push(format!(
                "`msipctl: {word}` says nothing to msipctl, expected `ignore` or `ignore-file`"
            )),
            Ok(()) if comment.names.is_empty() => {
                push("names no rule, expected one behind `ignore`".to_owned());
            }
            Ok(()) => {}
        }
        let errors = comment.names.iter().filter_map(|name| name.rules.as_ref().err());
        errors.for_each(|error| push(error.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn each_wrong_name_is_told() {
        check(
            &RULE,
            "; msipctl: ignore torn-progam,hooks,x-y r\n; msipctl: ignore\n; msipctl: disable all r\n",
            &[
                "1: warning: `torn-progam` names no rule and no group, did you mean `torn-program`?",
                "1: warning: `x-y` names no rule and no group",
                "2: warning: names no rule, expected one behind `ignore`",
                "3: warning: `msipctl: disable` says nothing to msipctl, expected `ignore` or `ignore-file`",
            ],
        );
    }
}
