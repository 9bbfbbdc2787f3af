//! `duplicate-key`: a key that Windows never reads.

use std::collections::HashMap;

use crate::event::{Event, SETTINGS};
use crate::profile::SectionView;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A second key of the same name in the section that Windows looks at.
    ///
    /// ## Why it matters
    /// Windows reads the first of like keys. The second one never acts, whatever it says.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// denyIncoming=
    /// denyIncoming=button
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// denyIncoming=button
    /// ```
    ///
    /// ## Fix
    /// Delete the line that was not meant. The first one is what MicroSIP acts on now.
    "duplicate-key", "second key of one name, which is never read", Warning, Structure, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for section in context.profile.counting_sections() {
        let first = section.counting_entries();
        let first: HashMap<_, _> =
            first.iter().map(|entry| (entry.key().to_ascii_lowercase(), entry.line())).collect();
        for entry in section.entries() {
            let key = entry.key();
            match first.get(&key.to_ascii_lowercase()) {
                // A directive has a rule of its own.
                Some(line) if *line != entry.line() && !is_directive(section, &key) => {
                    let above = line + 1;
                    let message =
                        format!("second key `{key}`, only the one in line {above} is read");
                    findings.push(RULE.at_key((section, entry), message));
                }
                _ => {}
            }
        }
    }
}

fn is_directive(section: SectionView<'_>, key: &str) -> bool {
    section.name().eq_ignore_ascii_case(SETTINGS) && Event::of_directive(key).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn a_key_of_another_section_is_no_double() {
        check(
            &RULE,
            "[A]\nk=1\nK=2\n[B]\nk=3\n;k=4\n",
            &["3: warning: second key `K`, only the one in line 2 is read"],
        );
    }
}
