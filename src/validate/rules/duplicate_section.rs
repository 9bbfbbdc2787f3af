//! `duplicate-section`: a section that Windows never looks at.

use std::collections::HashMap;

use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A second section of the same name, in any case of letters.
    ///
    /// ## Why it matters
    /// Windows looks at the first section of a name only. Nothing in the second one is read, and what MicroSIP saves goes into the first.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// AA=0
    /// [settings]
    /// DND=1
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// AA=0
    /// DND=1
    /// ```
    ///
    /// ## Fix
    /// Move the keys into the first section and delete the second; of keys in both, the first section's is the one in use.
    "duplicate-section", "second section of one name, which is never read", Warning, Structure, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut first = HashMap::new();
    for section in context.profile.sections() {
        let (name, line) = (section.name(), section.place().header());
        let above = *first.entry(name.to_ascii_lowercase()).or_insert(line) + 1;
        if above != line + 1 {
            let message =
                format!("second section `[{name}]`, only the one in line {above} is read");
            let span = context.document.line(line).content();
            let finding = RULE.at(line, span, message).about(&name, None);
            findings.push(finding.with_help(format!("move its keys to line {above}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn every_later_section_of_a_name_is_found() {
        check(
            &RULE,
            "[A]\n[b]\n[a]\n[ A ]\n",
            &[
                "3: warning: second section `[a]`, only the one in line 1 is read",
                "4: warning: second section `[A]`, only the one in line 1 is read",
            ],
        );
    }
}
