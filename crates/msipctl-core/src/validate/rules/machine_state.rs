//! `machine-state`: machine-specific state in a file that serves as a template.

use super::device_names::is_device;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for window positions and sizes, column widths, the open tab, the time of the last update check, and the like in a template.
    ///
    /// ## Why is this bad?
    /// On another PC, windows can open outside the screen. Each PC also writes these lines again, so files that should be equal never are. This rule runs only with `--select hygiene`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// mainX=1720
    /// mainY=212
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// ```
    ///
    /// ## How to fix
    /// Remove the lines from the template. MicroSIP then starts with its defaults.
    ///
    /// ## Fix safety
    /// Always unsafe, because MicroSIP then uses its default. The fix removes the key.
    MachineState,
    on Known, requires FILLED,
    fix Always
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let (section, name, value) = (location.0.name(), location.1.key(), location.1.value());
    // An empty or default value isn't machine-specific.
    let is_default = value.is_empty() || key.default(context.microsip) == Some(&*value);
    let has_other_rule = is_device(key) || key.is_personal();
    if !key.is_machine_state() || is_default || has_other_rule {
        return;
    }
    let message = message!("`{key}` is machine-specific state", key = name);
    let edits = profile::unset(context.document, &section, &name);
    let fix = Fix::edits(Safety::Unsafe, format!("remove `{name}`"), edits);
    findings.push(RULE.at_key(location, message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn machine_state_is_reported_unless_it_has_the_default_value() {
        let text = "[Settings]\nmainX=5\nmainY=0\ncheckUpdatesTime=9\naudioInputDevice=x\nlastCallNumber=1\nAA=1\n";
        check(
            &RULE,
            text,
            &[
                "2: info: `mainX` is machine-specific state",
                "4: info: `checkUpdatesTime` is machine-specific state",
            ],
        );
        let after = "[Settings]\nmainY=0\naudioInputDevice=x\nlastCallNumber=1\nAA=1\n";
        fixes(&RULE, Safety::Unsafe, text, after);
        fixes(&RULE, Safety::Safe, text, text);
    }
}
