//! `history-in-template`: call history in a file that serves as a template.

use crate::diagnostic::Prose;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Section;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for entries in `[Calls]`, `[Dialed]`, or `[Contacts]` in a file that serves as a template.
    ///
    /// ## Why is this bad?
    /// The calls of the file's previous user appear on every PC, with names and times. This rule runs only with `--select hygiene`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Dialed]
    /// 0=5550100
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// ```
    ///
    /// ## How to fix
    /// Remove the sections.
    ///
    /// ## Fix safety
    /// Always unsafe, because the entries are lost. The fix removes the section.
    HistoryInTemplate,
    on Document,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for section in context.profile.counting_sections() {
        let name = section.name();
        let is_list = matches!(
            Section::of(&name),
            Some(Section::Calls | Section::Dialed | Section::Contacts)
        );
        let count = section.counting_entries().len();
        if !is_list || count == 0 {
            continue;
        }
        let header = section.place().header();
        let entries = if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
        let message = message!(
            "`[{section}]` contains {entries} about a person's calls",
            section = name,
            entries = Prose(entries);
            count = count
        );
        let edits = profile::unset_section(context.document, &name);
        let fix = Fix::edits(Safety::Unsafe, format!("remove `[{name}]`"), edits);
        let span = context.document.line(header).content();
        findings.push(RULE.at(header, span, message).about(&name, None).with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn each_call_list_is_reported_once() {
        let text = "[Calls]\n0=1;x\n1=2;y\n[Settings]\nAA=1\n[Dialed]\n[calls]\n2=x\n";
        check(&RULE, text, &["1: info: `[Calls]` contains 2 entries about a person's calls"]);
        fixes(&RULE, Safety::Unsafe, text, "[Settings]\nAA=1\n[Dialed]\n");
    }
}
