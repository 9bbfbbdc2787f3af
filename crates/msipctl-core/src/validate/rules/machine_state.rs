//! `machine-state`: what belongs to one computer.

use super::device_names::is_device;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::profile;

rule! {
    /// ## What it does
    /// Window places and sizes, column widths, the tab that is open, the time of the last update check and the like, in a file that is meant for many. Looked for only with `--select hygiene`.
    ///
    /// ## Why is this bad?
    /// On another computer windows open where no screen is, and each machine writes the lines anew anyway: files that should be equal never are.
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
    /// Take the lines out of a template. MicroSIP then begins with its defaults.
    MachineState,
    on Known, requires FILLED,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let (section, name, value) = (place.0.name(), place.1.key(), place.1.value());
    // A value that is empty or the default is nobody's.
    let is_usual = value.is_empty() || key.default(context.microsip) == Some(&*value);
    let has_rule = is_device(key) || key.is_personal();
    if !key.is_machine_state() || is_usual || has_rule {
        return;
    }
    let message = message!("`{key}` is the state of one computer", key = name);
    let edits = profile::unset(context.document, &section, &name);
    let fix = Fix::edits(Safety::Unsafe, format!("take `{name}` out"), edits);
    findings.push(RULE.at_key(place, message).with_fix(fix));
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
                "2: info: `mainX` is the state of one computer",
                "4: info: `checkUpdatesTime` is the state of one computer",
            ],
        );
        let after = "[Settings]\nmainY=0\naudioInputDevice=x\nlastCallNumber=1\nAA=1\n";
        fixes(&RULE, Safety::Unsafe, text, after);
        fixes(&RULE, Safety::Safe, text, text);
    }
}
