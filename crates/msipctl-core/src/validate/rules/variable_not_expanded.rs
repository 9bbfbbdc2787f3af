//! `variable-not-expanded`: a variable that MicroSIP takes literally.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// A `%NAME%` in `recordingPath`.
    ///
    /// ## Why is this bad?
    /// MicroSIP expands variables in `ringingSound` only. It looks for a folder that is called `%NAME%`, makes only the last folder of a path, and so records nothing.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// recordingPath=%USERPROFILE%\Recordings
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// recordingPath=C:\Recordings
    /// ```
    ///
    /// ## How to fix
    /// Write the whole path, for each user his own.
    VariableNotExpanded,
    on Read, keys Settings "recordingPath", requires PERCENT
}

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    let value = place.1.value();
    if let Some(name) = variable(&value) {
        let message = message!("`%{name}%` in `recordingPath` is not expanded", name);
        findings.push(RULE.at_value(place, message));
    }
}

/// Returns the first name that stands between two `%`.
fn variable(value: &str) -> Option<&str> {
    let is_name = |name: &&str| {
        let is_letter =
            |character: char| character.is_ascii_alphanumeric() || "_()".contains(character);
        !name.is_empty() && name.chars().all(is_letter)
    };
    let parts: Vec<_> = value.split('%').collect();
    // The parts at both ends have one `%` only.
    let inner = parts.get(1..parts.len().saturating_sub(1))?;
    inner.iter().copied().find(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn variable_is_reported_only_between_percent_signs() {
        let path = |path: &str| format!("[Settings]\nrecordingPath={path}\n");
        let message = "2: warning: `%ProgramFiles(x86)%` in `recordingPath` is not expanded";
        check(&RULE, path("a%ProgramFiles(x86)%b"), &[message]);
        check(&RULE, path("C:\\100% sure"), &[]);
        check(&RULE, path("C:\\100%\\50%"), &[]);
        check(&RULE, "[Settings]\nringingSound=%windir%\\x.wav\n", &[]);
    }
}
