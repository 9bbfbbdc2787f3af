//! `inline-comment`: a comment that is part of the value for Windows.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// A value with a comment behind it, where only a number or a word of a list can stand, or a host or user name.
    ///
    /// ## Why is this bad?
    /// There is no comment behind a value. All of it is the value: a word is not recognised any more, a switch that must be exactly `1` is off.
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
    /// The comment gets a line of its own, below. That is safe after a number, which MicroSIP reads up to the comment. After any other value it is unsafe, because MicroSIP reads another value afterwards.
    InlineComment,
    on Known, kinds SWITCH | NUMBER | CHOICE | CODECS | PORTS | TEXT, requires INVALID | COMMENT_START,
    fix Sometimes
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
    let fits = |value: &str| known.check(value, context.microsip).is_ok();
    let split_comment = match known.kind() {
        _ if fits(&value) && known.kind() != Kind::Text => None,
        Kind::Switch(_) | Kind::Number { .. } | Kind::Choice(_) | Kind::Codecs | Kind::Ports => {
            split_comment(&value, false).filter(|(before, _)| fits(before))
        }
        Kind::Text if matches!(known.name(), "domain" | "server" | "username" | "authID") => {
            split_comment(&value, true).filter(|(before, _)| !before.is_empty())
        }
        _ => None,
    };
    let Some((before, comment)) = split_comment else { return };
    let is_text = known.kind() == Kind::Text;
    let safety = if is_text { Safety::Unsafe } else { Safety::Safe };
    let message = message!("`{key}`: the comment is part of the value", key);
    let edits = vec![
        Edit::ReplaceValue { line: entry.line(), text: before.to_owned() },
        Edit::InsertLine { after: Some(entry.line()), text: format!("; {comment}") },
    ];
    let fix = Fix::edits(safety, "put the comment on a line of its own", edits);
    findings.push(RULE.at_value((section, entry), message).with_fix(fix));
}

/// Parts a value and the comment behind it, which a blank must part where it may be text otherwise.
fn split_comment(value: &str, needs_blank: bool) -> Option<(&str, &str)> {
    let marks = [";", "#", "//"];
    let start = value.char_indices().map(|(at, _)| at).find(|at| {
        let is_mark = marks.iter().any(|mark| value[*at..].starts_with(mark));
        let is_behind_blank = value[..*at].ends_with([' ', '\t']);
        is_mark && (is_behind_blank || *at == 0 || (!needs_blank && value[*at..].starts_with(';')))
    })?;
    let (before, behind) = value.split_at(start);
    Some((before.trim_end(), behind.trim_start_matches([';', '#', '/', ' ', '\t'])))
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
                "2: error: `DND`: the comment is part of the value",
                "3: error: `AA`: the comment is part of the value",
                "4: error: `autoAnswer`: the comment is part of the value",
                "5: error: `localDTMF`: the comment is part of the value",
                "9: error: `server`: the comment is part of the value",
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
