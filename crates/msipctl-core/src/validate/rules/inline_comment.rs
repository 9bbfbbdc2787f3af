//! `inline-comment`: a comment that Windows reads as part of the value.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for comments after a number, a fixed value, a host name, or a user name.
    ///
    /// ## Why is this bad?
    /// Windows has no comments after values, so the comment is part of the value. MicroSIP then doesn't recognize a fixed value, and an on/off setting that must be exactly `1` is off.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// autoAnswer=all ; for the night shift
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// autoAnswer=all
    /// ; for the night shift
    /// ```
    ///
    /// ## How to fix
    /// Move the comment to a separate line.
    ///
    /// ## Fix safety
    /// Unsafe if the comment follows anything but a number, because MicroSIP then reads another value. MicroSIP reads a number up to the comment, so that value stays the same. The fix moves the comment to a separate line below.
    InlineComment,
    on Known, kinds SWITCH | NUMBER | CHOICE | CODECS | PORTS | TEXT, requires INVALID | COMMENT_START,
    fix Always
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    known: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if !context.document.raw(entry.value_span()).iter().any(|byte| b";#/".contains(byte)) {
        return;
    }
    let (key, value) = (entry.key(), entry.value());
    let is_valid = |value: &str| known.check(value, context.microsip).is_ok();
    let split_comment = match known.kind() {
        _ if is_valid(&value) && known.kind() != Kind::Text => None,
        Kind::Switch(_) | Kind::Number { .. } | Kind::Choice(_) | Kind::Codecs | Kind::Ports => {
            split_comment(&value, false).filter(|(before, _)| is_valid(before))
        }
        Kind::Text if matches!(known.name(), "domain" | "server" | "username" | "authID") => {
            split_comment(&value, true).filter(|(before, _)| !before.is_empty())
        }
        _ => None,
    };
    let Some((before, comment)) = split_comment else { return };
    let is_text = known.kind() == Kind::Text;
    let safety = if is_text { Safety::Unsafe } else { Safety::Safe };
    let message = message!("Windows reads the comment as part of the value of `{key}`", key);
    let edits = vec![
        Edit::ReplaceValue { line: entry.line(), text: before.to_owned() },
        Edit::InsertLine { after: Some(entry.line()), text: format!("; {comment}") },
    ];
    let fix = Fix::edits(safety, "move the comment to a separate line", edits);
    findings.push(RULE.at_value((section, entry), message).with_fix(fix));
}

/// Splits a value from the comment after it. With `needs_space`, whitespace must separate them, because the comment could
/// otherwise be text.
fn split_comment(value: &str, needs_space: bool) -> Option<(&str, &str)> {
    let prefixes = [";", "#", "//"];
    let start = value.char_indices().map(|(at, _)| at).find(|at| {
        let is_comment = prefixes.iter().any(|prefix| value[*at..].starts_with(prefix));
        let is_after_space = value[..*at].ends_with([' ', '\t']);
        is_comment
            && (is_after_space || *at == 0 || (!needs_space && value[*at..].starts_with(';')))
    })?;
    let (before, comment) = value.split_at(start);
    Some((before.trim_end(), comment.trim_start_matches([';', '#', '/', ' ', '\t'])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn inline_comments_are_distinguished_from_values() {
        check(
            &RULE,
            "[Settings]\nDND=0 ; off\nAA=1;on\nautoAnswer=all # always\nlocalDTMF=1 // x\nSTUN=a ; b\nuserAgent=x ; y\n[Account1]\nserver=a ; main\ndomain=a;b\nlabel=a ; b\n",
            &[
                "2: error: Windows reads the comment as part of the value of `DND`",
                "3: error: Windows reads the comment as part of the value of `AA`",
                "4: error: Windows reads the comment as part of the value of `autoAnswer`",
                "5: error: Windows reads the comment as part of the value of `localDTMF`",
                "9: error: Windows reads the comment as part of the value of `server`",
            ],
        );
    }

    #[test]
    fn fix_moves_inline_comment_to_its_own_line() {
        let before = "[Settings]\nDND = 0 ; off\nautoAnswer= ; none\n[Account1]\nserver=a ; main";
        let after = "[Settings]\nDND = 0\n; off\nautoAnswer= ; none\n[Account1]\nserver=a ; main";
        fixes(&RULE, Safety::Safe, before, after);
        let after =
            "[Settings]\nDND = 0\n; off\nautoAnswer= \n; none\n[Account1]\nserver=a\n; main";
        fixes(&RULE, Safety::Unsafe, before, after);
    }
}
