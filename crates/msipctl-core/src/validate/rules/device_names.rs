//! `device-names`: device names that belong to one PC.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for names in `audioRingDevice`, `audioOutputDevice`, `audioInputDevice`, or `videoCaptureDevice` in a file that serves as a template.
    ///
    /// ## Why is this bad?
    /// In Windows, the name of a device depends on its driver and its socket. On a PC with another name, MicroSIP silently uses the default device, and the headset has no audio. This rule runs only with `--select hygiene`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// audioInputDevice="Headset (USB 4)"
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// audioInputDevice=""
    /// ```
    ///
    /// ## How to fix
    /// Leave the devices empty in a template, and set the default device in Windows.
    ///
    /// ## Fix safety
    /// Always unsafe, because MicroSIP then uses the default device. The fix removes the key.
    DeviceNames,
    on Known, requires FILLED,
    fix Always
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if !is_device(key) || location.1.is_empty() {
        return;
    }
    let (section, name) = (location.0.name(), location.1.key());
    let message = message!("`{key}` names a device of one PC", key = name);
    let edits = profile::unset(context.document, &section, &name);
    let fix = Fix::edits(Safety::Unsafe, format!("remove `{name}`"), edits);
    findings.push(RULE.at_value(location, message).with_fix(fix));
}

/// Returns whether a key names a device.
pub(super) fn is_device(key: &Key) -> bool {
    key.is_machine_state() && key.kind() == Kind::Text && key.name().ends_with("Device")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn device_name_is_reported_unless_it_is_empty() {
        let text = "[Settings]\naudioInputDevice=\"\"\nvideoCaptureDevice=\"x\"\n";
        check(&RULE, text, &["3: info: `videoCaptureDevice` names a device of one PC"]);
        fixes(&RULE, Safety::Unsafe, text, "[Settings]\naudioInputDevice=\"\"\n");
    }
}
