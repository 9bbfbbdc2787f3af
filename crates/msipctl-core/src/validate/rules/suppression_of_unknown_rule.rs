//! `suppression-of-unknown-rule`: suppression comment that msipctl doesn't understand.

use crate::diagnostic::{Message, Prose};
use crate::validate::comment::{MAX_NAMES, Name, list};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `; msipctl:` comments without a rule, with an unknown rule or group, or with an action other than `ignore` and `ignore-file`.
    ///
    /// ## Why is this bad?
    /// The comment suppresses nothing, although it looks as if it does.
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
    /// Write the name of the rule as the finding shows it in brackets.
    SuppressionOfUnknownRule,
    on Document, requires COMMENT
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for comment in context.comments {
        let mut push =
            |message: Message| findings.push(RULE.at(comment.line, comment.span, message));
        match &comment.unknown_word {
            Some(word) => {
                push(message!("unknown action `{word}`: expected `ignore` or `ignore-file`", word));
            }
            None if comment.names.is_empty() => {
                push(message!("missing rule: expected the name of a rule after `ignore`"));
            }
            None => {}
        }
        if comment.count > MAX_NAMES {
            let count = comment.count;
            push(message!(
                "too many rules: {count} of at most {max}, so the comment suppresses none",
                count,
                max = MAX_NAMES
            ));
            continue;
        }
        let is_unknown = |name: &&Name| name.rules.is_err();
        let unknown: Vec<_> = comment.names.iter().filter(is_unknown).collect();
        match unknown.as_slice() {
            [] => {}
            [name] => {
                if let Err(error) = &name.rules {
                    push(message!("{reason}", reason = Prose(error); name = name.text));
                }
            }
            names => {
                let listed = list(names.iter().map(|name| name.text.as_str()));
                let message = message!("unknown rules or groups {names}", names = listed);
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
                "1: warning: unknown rules or groups `split-progam-path`, `x-y`",
                "2: warning: missing rule: expected the name of a rule after `ignore`",
                "3: warning: unknown action `disable`: expected `ignore` or `ignore-file`",
            ],
        );
    }
}
