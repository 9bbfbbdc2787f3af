//! `variable-not-expanded`: variable that MicroSIP doesn't expand.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for variables such as `%NAME%` in `recordingPath`.
    ///
    /// ## Why is this bad?
    /// MicroSIP expands variables only in `ringingSound`. Here it looks for a folder called `%NAME%`. It creates only the last folder of a path, so it records nothing.
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
    /// Write the full path, separately for each user.
    VariableNotExpanded,
    on Read, keys Settings "recordingPath", requires PERCENT
}

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let value = location.1.value();
    if let Some(name) = variable(&value) {
        let message = message!("MicroSIP doesn't expand `%{name}%` in `recordingPath`", name);
        findings.push(RULE.at_value(location, message));
    }
}

/// Returns the first name between two `%`.
fn variable(value: &str) -> Option<&str> {
    let is_name = |name: &&str| {
        let is_name_character =
            |character: char| character.is_ascii_alphanumeric() || "_()".contains(character);
        !name.is_empty() && name.chars().all(is_name_character)
    };
    let parts: Vec<_> = value.split('%').collect();
    // The first and last part have only one `%`.
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
        let message =
            "2: warning: MicroSIP doesn't expand `%ProgramFiles(x86)%` in `recordingPath`";
        check(&RULE, path("a%ProgramFiles(x86)%b"), &[message]);
        check(&RULE, path("C:\\100% sure"), &[]);
        check(&RULE, path("C:\\100%\\50%"), &[]);
        check(&RULE, "[Settings]\nringingSound=%windir%\\x.wav\n", &[]);
    }
}
