//! `suppression-of-unknown-rule`: a comment for msipctl that it cannot follow.

use crate::diagnostic::{Message, Prose};
use crate::validate::comment::{MAX_NAMES, Name, list};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A comment that begins with `; msipctl:` and names no rule, a rule or group that msipctl does not know, or something else to do than `ignore` and `ignore-file`.
    ///
    /// ## Why is this bad?
    /// It suppresses nothing, although it looks as if it did.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// ; msipctl: ignore unknwon-key our own build reads it
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
    /// Name the rule as the finding does in its brackets.
    SuppressionOfUnknownRule,
    on Document, requires COMMENT
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for comment in context.comments {
        let mut push =
            |message: Message| findings.push(RULE.at(comment.line, comment.span, message));
        match &comment.unknown_word {
            Some(word) => push(message!(
                "`msipctl: {word}` says nothing to msipctl, expected `ignore` or `ignore-file`",
                word
            )),
            None if comment.names.is_empty() => {
                push(message!("names no rule, expected one behind `ignore`"));
            }
            None => {}
        }
        if comment.count > MAX_NAMES {
            let count = comment.count;
            push(message!(
                "names {count} rules, expected at most {most}, so it suppresses none",
                count,
                most = MAX_NAMES
            ));
            continue;
        }
        let is_wrong = |name: &&Name| name.rules.is_err();
        let wrong: Vec<_> = comment.names.iter().filter(is_wrong).collect();
        match wrong.as_slice() {
            [] => {}
            [name] => {
                if let Err(error) = &name.rules {
                    push(message!("{reason}", reason = Prose(error); name = name.text));
                }
            }
            names => {
                let listed = list(names.iter().map(|name| name.text.as_str()));
                let message = message!("{names} name no rule and no group", names = listed);
                let near = names.iter().find_map(|name| name.rules.as_ref().err()?.near());
                let finding = RULE.at(comment.line, comment.span, message);
                findings.push(match near {
                    Some(near) => finding.with_help(format!("did you mean `{near}`?")),
                    None => finding,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn unknown_rules_of_one_comment_are_one_finding() {
        check(
            &RULE,
            "; msipctl: ignore split-progam-path,hooks,x-y r\n; msipctl: ignore\n; msipctl: disable all r\n",
            &[
                "1: warning: `split-progam-path`, `x-y` name no rule and no group",
                "2: warning: names no rule, expected one behind `ignore`",
                "3: warning: `msipctl: disable` says nothing to msipctl, expected `ignore` or `ignore-file`",
            ],
        );
    }
}
