//! `personal-data`: data about one person.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Section};
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for phone numbers and call data of a person in single keys, such as `lastCallNumber`, in a file that is meant for many PCs.
    ///
    /// ## Why is this bad?
    /// All users who get the file can see whom its author called, and can redial the number with one click. The rule runs only with `--select hygiene`; for the call lists, see `history-in-template`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// lastCallNumber=5550100
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// lastCallNumber=
    /// ```
    ///
    /// ## How to fix
    /// Delete the lines.
    ///
    /// ## Fix safety
    /// Deletes the key. Unsafe, because MicroSIP then reads another value.
    PersonalData,
    on Known, requires FILLED,
    fix Always
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let value = location.1.value();
    let is_default = value.is_empty() || value == "0";
    if !key.is_personal() || is_default || key.section() != Section::Settings {
        return;
    }
    let (section, name) = (location.0.name(), location.1.key());
    let message = message!("`{key}` contains personal data", key = name);
    let edits = profile::unset(context.document, &section, &name);
    let fix = Fix::edits(Safety::Unsafe, format!("delete `{name}`"), edits);
    findings.push(RULE.at_key(location, message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn finding_does_not_contain_the_phone_number() {
        let text = "[Settings]\nlastCallNumber=5550100\nlastCallHasVideo=0\nAA=1\n";
        check(&RULE, text, &["2: info: `lastCallNumber` contains personal data"]);
        fixes(&RULE, Safety::Unsafe, text, "[Settings]\nlastCallHasVideo=0\nAA=1\n");
    }
}
