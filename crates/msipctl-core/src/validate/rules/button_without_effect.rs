//! `button-without-effect`: a button setting that has no effect.

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
    /// Checks for `AA=1`, `DND=1`, or `FWD=1` if `autoAnswer`, `denyIncoming`, or `forwarding` isn't `button`.
    ///
    /// ## Why is this bad?
    /// MicroSIP uses the state of the button only with the value `button`. Otherwise, the other key alone decides whether MicroSIP answers, rejects, or forwards calls.
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
    /// Set the other key to `button`. If you don't need the button, set it to `all`.
    ButtonWithoutEffect,
    on Read, keys Settings "AA" | "DND" | "FWD", requires NOT_ZERO
}

/// The buttons, and the keys that use them.
const BUTTONS: [(&str, &str); 3] =
    [("AA", "autoAnswer"), ("DND", "denyIncoming"), ("FWD", "forwarding")];

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    row: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some((button, key)) = BUTTONS.iter().find(|(button, _)| *button == row.name()) else {
        return;
    };
    let entry = context.setting(key).map(|(_, entry)| entry);
    // In 3.19.8 and newer, two of these keys default to `button`.
    let default = || {
        let row = microsip_schema::find(SETTINGS, key).filter(|row| context.reads(row))?;
        Some(Cow::Borrowed(row.default(context.microsip).unwrap_or_default()))
    };
    let Some(value) = entry.map(Entry::value).or_else(default) else { return };
    if context.is_on(button) && value != "button" {
        let state = match (&*value, entry) {
            ("", None) => "isn't set (default: empty)".to_owned(),
            ("", Some(_)) => "is empty".to_owned(),
            (value, _) => format!("is `{value}`"),
        };
        let message = message!(
            "`{button}` has no effect because `{key}` {state}",
            button,
            key,
            state = Prose(state);
            value = value
        );
        findings.push(RULE.at_value(location, message));
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
                "2: info: `AA` has no effect because `autoAnswer` is `all`",
                "4: info: `DND` has no effect because `denyIncoming` is empty",
            ],
        );
        check(&RULE, "[Settings]\nAA=1\nDND=0\ndenyIncoming=\n", &[]);
    }

    #[test]
    fn button_is_reported_when_the_version_default_ignores_it() {
        let text = "[Settings]\nAA=1\nDND=1\nFWD=1\n";
        let forwarding =
            "4: info: `FWD` has no effect because `forwarding` isn't set (default: empty)";
        check(&RULE, text, &[forwarding]);
        check_for(&RULE, Version::new(3, 19, 8), text, &[]);
        check_for(
            &RULE,
            Version::new(3, 19, 2),
            text,
            &[
                "2: info: `AA` has no effect because `autoAnswer` isn't set (default: empty)",
                "3: info: `DND` has no effect because `denyIncoming` isn't set (default: empty)",
            ],
        );
    }
}
