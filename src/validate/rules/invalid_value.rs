//! `invalid-value`: a value that MicroSIP takes for another one.

use crate::schema::{self, Availability};
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A value that the MicroSIP aimed at does not know: not 0 or 1, out of range, with a tail behind the number, or not one of the words, letter by letter.
    ///
    /// ## Why it matters
    /// MicroSIP never complains. `true`, `yes` and `on` read as off in most switches and as on in some; a number with a tail loses the tail; a word it does not know acts as if the key were empty.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// autoAnswer=Button
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// autoAnswer=button
    /// ```
    ///
    /// ## Fix
    /// Write one of the values in the help.
    "invalid-value", "value that MicroSIP takes for another one", Warning, Schema, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for (section, entry) in context.entries() {
        let (key, value) = (entry.key(), entry.value());
        let Some(known) = schema::find(&section.name(), &key) else { continue };
        // An empty value is what MicroSIP itself writes for "nothing chosen".
        let unread = !matches!(known.available(context.microsip), Availability::Yes);
        if unread || value.is_empty() {
            continue;
        }
        if let Err(error) = known.check(&value, context.microsip) {
            let finding = RULE.at_value((section, entry), format!("`{key}`: {error}"));
            findings.push(match known.switch_on(&value, context.microsip) {
                Some(true) => finding.with_help("MicroSIP reads it as on"),
                Some(false) => finding.with_help("MicroSIP reads it as off"),
                None => finding,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Version;
    use crate::validate::rules::testing::check;

    #[test]
    fn words_are_compared_letter_by_letter() {
        let text = "[Settings]\nautoAnswer=Button\nAA=1\nDND=yes\nautoHangUpTime=\n";
        let encoding = crate::ini::Encoding::Ascii;
        let document = crate::ini::Document::parse(text.into(), encoding);
        let findings =
            crate::validate::check(&document, crate::validate::Check::new(Version::NEWEST));
        let keys: Vec<_> =
            findings.iter().filter(|it| it.rule() == RULE.name).map(Finding::key).collect();
        assert_eq!(keys, [Some("autoAnswer"), Some("DND")]);
    }

    #[test]
    fn what_microsip_writes_is_allowed() {
        check(
            &RULE,
            "[Settings]\nautoAnswer=button\nupdatesInterval=\naudioInputDevice=\"\"\n",
            &[],
        );
    }
}
