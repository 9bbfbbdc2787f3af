//! `text-after-header`: text on the line of a section header.

use crate::diagnostic::Severity;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;
use winini::profile::{Profile, SectionView, read_rule};

rule! {
    /// ## What it does
    /// Checks for text after the closing bracket of a section header.
    ///
    /// ## Why is this bad?
    /// Windows ignores everything after the bracket. A key there, for example after two lines were joined, has no effect.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Move the key to a separate line, and turn any other text into a comment.
    ///
    /// ## Fix safety
    /// Moves a key of that section to a separate line. Unsafe if the key is already set, or if the section isn't the first of its name. No fix is available if more than two lines were joined. Any other text becomes a comment below the header, which is always safe.
    TextAfterHeader,
    on Header, requires TEXT_AFTER_HEADER,
    fix Sometimes
}

fn check(context: Context<'_>, section: SectionView<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let number = section.place().header();
    let line = document.line(number);
    let text = document.text(line.content());
    let Some((_, after)) = text.split_once(']') else { return };
    let after = after.trim();
    if after.is_empty() {
        return;
    }
    let name = document.text(line.name());
    let header = Edit::ReplaceLine { line: number, text: format!("[{name}]") };
    let below = |text: String| vec![header.clone(), Edit::InsertLine { after: Some(number), text }];
    let entry =
        after.split_once('=').filter(|(key, _)| microsip_schema::find(&name, key.trim()).is_some());
    let (message, severity, fix) = match entry {
        Some((key, value)) => {
            let key = key.trim();
            let message =
                message!("Windows ignores `{key}` after `[{section}]`", key, section = name);
            let is_set = Profile::new(document).entry(&name, key).is_some();
            let is_first = Profile::new(document)
                .section(&name)
                .is_some_and(|it| it.place().header() == number);
            let safety = if is_set || !is_first { Safety::Unsafe } else { Safety::Safe };
            // If several lines were joined, it's unknown where each one ends.
            let is_whole = microsip_schema::find(&name, key)
                .is_some_and(|known| known.check(read_rule(value), context.microsip).is_ok());
            let title = format!("move `{key}` to a separate line");
            let fix = Fix::edits(safety, title, below(after.to_owned()));
            (message, Severity::Error, is_whole.then_some(fix))
        }
        None => {
            let message = message!("Windows ignores the text after `[{section}]`", section = name);
            let is_comment = after.starts_with([';', '#']) || after.starts_with("//");
            let severity = if is_comment { Severity::Info } else { Severity::Warning };
            let comment = match after.strip_prefix(';') {
                Some(_) => after.to_owned(),
                None => format!("; {after}"),
            };
            let title = "move the text to a comment below the header";
            (message, severity, Some(Fix::edits(Safety::Safe, title, below(comment))))
        }
    };
    let finding = RULE.at(number, line.content(), message).about(&name, None);
    let finding = finding.with_severity(severity);
    findings.push(finding.with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn keys_comments_and_text_after_headers_are_distinguished() {
        check(
            &RULE,
            "[Settings] AA=1\n[Account1] ; main\n[Account2] main\n[Dialed] \n[x]]\n",
            &[
                "1: error: Windows ignores `AA` after `[Settings]`",
                "2: info: Windows ignores the text after `[Account1]`",
                "3: warning: Windows ignores the text after `[Account2]`",
                "5: warning: Windows ignores the text after `[x]`",
            ],
        );
    }

    #[test]
    fn fix_moves_key_to_its_own_line_and_turns_text_into_comment() {
        let after = "[Settings]\nAA=1\nDND=1\n[Account1]\n; main\n";
        fixes(&RULE, Safety::Safe, "[Settings] AA=1\nDND=1\n[Account1] main\n", after);
        let joined = "[Settings]AA=1DND=0EC=1\n";
        fixes(&RULE, Safety::Unsafe, joined, joined);
        let set = "[Settings]AA=1\nAA=0\n";
        fixes(&RULE, Safety::Safe, set, set);
    }
}
