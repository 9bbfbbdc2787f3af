//! `button-without-effect`: a pressed button that nobody asks.

use crate::diagnostic::Prose;
use crate::event::SETTINGS;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;
use std::borrow::Cow;
use winini::profile::Entry;

rule! {
    /// ## What it does
    /// `AA=1`, `DND=1` or `FWD=1` while `autoAnswer`, `denyIncoming` or `forwarding` is not `button`.
    ///
    /// ## Why is this bad?
    /// The state of the button counts only with `button`. The phone answers, refuses or forwards by the other key alone.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// denyIncoming=
    /// DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// denyIncoming=button
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Set the other key to `button`, or to `all` if no button is wanted.
    ButtonWithoutEffect,
    on Read, keys Settings "AA" | "DND" | "FWD", requires NOT_ZERO
}

/// Buttons, and the key that asks them.
const BUTTONS: [(&str, &str); 3] =
    [("AA", "autoAnswer"), ("DND", "denyIncoming"), ("FWD", "forwarding")];

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    row: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some((button, key)) = BUTTONS.iter().find(|(button, _)| *button == row.name()) else {
        return;
    };
    let entry = context.setting(key).map(|(_, entry)| entry);
    // From 3.19.8 on, a missing key is `button` for two of them.
    let default = || {
        let row = microsip_schema::find(SETTINGS, key).filter(|row| context.reads(row))?;
        Some(Cow::Borrowed(row.default(context.microsip).unwrap_or_default()))
    };
    let Some(value) = entry.map(Entry::value).or_else(default) else { return };
    if context.is_on(button) && value != "button" {
        let word = match (&*value, entry) {
            ("", None) => "missing, which stands for empty,".to_owned(),
            ("", Some(_)) => "empty".to_owned(),
            (value, _) => format!("`{value}`"),
        };
        let message = message!(
            "`{button}` is pressed, but `{key}` is {word} and does not ask it",
            button,
            key,
            word = Prose(word);
            value = value
        );
        findings.push(RULE.at_value(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for};
    use microsip_schema::Version;

    #[test]
    fn button_is_reported_when_its_key_is_not_set_to_button() {
        check(
            &RULE,
            "[Settings]\nAA=1\nautoAnswer=all\nDND=1\ndenyIncoming=\nFWD=1\nforwarding=button\n",
            &[
                "2: info: `AA` is pressed, but `autoAnswer` is `all` and does not ask it",
                "4: info: `DND` is pressed, but `denyIncoming` is empty and does not ask it",
            ],
        );
        check(&RULE, "[Settings]\nAA=1\nDND=0\ndenyIncoming=\n", &[]);
    }

    #[test]
    fn button_is_reported_when_the_version_default_ignores_it() {
        let text = "[Settings]\nAA=1\nDND=1\nFWD=1\n";
        let forwarding = "4: info: `FWD` is pressed, but `forwarding` is missing, which stands for empty, and does not ask it";
        check(&RULE, text, &[forwarding]);
        check_for(&RULE, Version::new(3, 19, 8), text, &[]);
        check_for(
            &RULE,
            Version::new(3, 19, 2),
            text,
            &[
                "2: info: `AA` is pressed, but `autoAnswer` is missing, which stands for empty, and does not ask it",
                "3: info: `DND` is pressed, but `denyIncoming` is missing, which stands for empty, and does not ask it",
            ],
        );
    }
}
