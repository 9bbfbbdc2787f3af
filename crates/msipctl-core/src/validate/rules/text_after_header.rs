//! `text-after-header`: what stands in the line of a header is never read.

use crate::diagnostic::Severity;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;
use winini::profile::{Profile, SectionView, read_rule};

rule! {
    /// ## What it does
    /// Text behind the bracket that closes a header.
    ///
    /// ## Why is this bad?
    /// Windows reads nothing behind the bracket. A key that stands there, as its line was joined to the header's, does not act.
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
    /// A key of that section is put on a line of its own, unless it is set already or more than one line was joined; any other text becomes a comment below the header.
    TextAfterHeader,
    on Header, requires TEXT_AFTER_HEADER,
    fix Sometimes
}

fn check(context: Context<'_>, section: SectionView<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let number = section.place().header();
    let line = document.line(number);
    let text = document.text(line.content());
    let Some((_, behind)) = text.split_once(']') else { return };
    let behind = behind.trim();
    if behind.is_empty() {
        return;
    }
    let name = document.text(line.name());
    let header = Edit::ReplaceLine { line: number, text: format!("[{name}]") };
    let below = |text: String| vec![header.clone(), Edit::InsertLine { after: Some(number), text }];
    let entry = behind
        .split_once('=')
        .filter(|(key, _)| microsip_schema::find(&name, key.trim()).is_some());
    let (message, severity, fix) = match entry {
        Some((key, value)) => {
            let key = key.trim();
            let message = message!(
                "`{key}` stands behind `[{section}]`, where it is never read",
                key,
                section = name
            );
            let is_set = Profile::new(document).entry(&name, key).is_some();
            let is_first = Profile::new(document)
                .section(&name)
                .is_some_and(|it| it.place().header() == number);
            let safety = if is_set || !is_first { Safety::Unsafe } else { Safety::Safe };
            // Where more than one line was joined, no one can tell where each ends.
            let is_whole = microsip_schema::find(&name, key)
                .is_some_and(|known| known.check(read_rule(value), context.microsip).is_ok());
            let title = format!("put `{key}` on a line of its own");
            let fix = Fix::edits(safety, title, below(behind.to_owned()));
            (message, Severity::Error, is_whole.then_some(fix))
        }
        None => {
            let message = message!("text behind `[{section}]` is never read", section = name);
            let is_comment = behind.starts_with([';', '#']) || behind.starts_with("//");
            let severity = if is_comment { Severity::Info } else { Severity::Warning };
            let comment = match behind.strip_prefix(';') {
                Some(_) => behind.to_owned(),
                None => format!("; {behind}"),
            };
            let title = "make it a comment below the header";
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
                "1: error: `AA` stands behind `[Settings]`, where it is never read",
                "2: info: text behind `[Account1]` is never read",
                "3: warning: text behind `[Account2]` is never read",
                "5: warning: text behind `[x]` is never read",
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
