//! `device-names`: devices of one computer.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::profile;

rule! {
    /// ## What it does
    /// A name in `audioRingDevice`, `audioOutputDevice`, `audioInputDevice` or `videoCaptureDevice`, in a file that is meant for many. Looked for only with `--select hygiene`.
    ///
    /// ## Why is this bad?
    /// Windows names a device as its driver and its socket have it. On a computer where it is called otherwise, MicroSIP takes the default one without a word, and the headset stays silent.
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
    /// Leave the devices empty in a template, and choose the default in Windows.
    DeviceNames,
    on Known, requires FILLED,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if !is_device(key) || place.1.is_empty() {
        return;
    }
    let (section, name) = (place.0.name(), place.1.key());
    let message = message!("`{key}` names a device of one computer", key = name);
    let edits = profile::unset(context.document, &section, &name);
    let fix = Fix::edits(Safety::Unsafe, format!("take `{name}` out"), edits);
    findings.push(RULE.at_value(place, message).with_fix(fix));
}

/// Says whether a key names a device.
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
        check(&RULE, text, &["3: info: `videoCaptureDevice` names a device of one computer"]);
        fixes(&RULE, Safety::Unsafe, text, "[Settings]\naudioInputDevice=\"\"\n");
    }
}
