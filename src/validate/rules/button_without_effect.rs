//! `button-without-effect`: a pressed button that nobody asks.

use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// `AA=1`, `DND=1` or `FWD=1` while `autoAnswer`, `denyIncoming` or `forwarding` is not `button`.
    ///
    /// ## Why it matters
    /// The state of the button counts only with `button`. The phone answers, refuses or forwards by the other key alone.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// denyIncoming=
    /// DND=1
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// denyIncoming=button
    /// DND=1
    /// ```
    ///
    /// ## Fix
    /// Set the other key to `button`, or to `all` if no button is wanted.
    "button-without-effect", "button that is pressed and does nothing", Info, Schema, since "0.1.0",
    where LINKED
}

/// Buttons, and the key that asks them.
const BUTTONS: [(&str, &str); 3] =
    [("AA", "autoAnswer"), ("DND", "denyIncoming"), ("FWD", "forwarding")];

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for (button, key) in BUTTONS {
        let Some(place) = context.setting(button) else { continue };
        // A missing key is `button` for two of them.
        let Some((_, entry)) = context.setting(key) else { continue };
        let value = entry.value();
        if context.is_on(button) && value != "button" {
            let word = if value.is_empty() { "empty".to_owned() } else { format!("`{value}`") };
            let message =
                format!("`{button}` is pressed, but `{key}` is {word} and does not ask it");
            findings.push(RULE.at_value(place, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn only_button_asks_it() {
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
}
