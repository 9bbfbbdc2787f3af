//! `personal-data`: what is about one person.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Section};
use winini::profile;

rule! {
    /// ## What it does
    /// Numbers and calls of a person in single keys, as `lastCallNumber`, in a file that is meant for many. For the lists see `history-in-template`. Looked for only with `--select hygiene`.
    ///
    /// ## Why is this bad?
    /// Everyone who gets the file can see whom its author called, and redials it with one click.
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
    /// Take the lines out.
    PersonalData,
    on Known, requires FILLED,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let value = place.1.value();
    let is_usual = value.is_empty() || value == "0";
    if !key.is_personal() || is_usual || key.section() != Section::Settings {
        return;
    }
    let (section, name) = (place.0.name(), place.1.key());
    let message = message!("`{key}` is about a person", key = name);
    let edits = profile::unset(context.document, &section, &name);
    let fix = Fix::edits(Safety::Unsafe, format!("take `{name}` out"), edits);
    findings.push(RULE.at_key(place, message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn finding_does_not_contain_the_phone_number() {
        let text = "[Settings]\nlastCallNumber=5550100\nlastCallHasVideo=0\nAA=1\n";
        check(&RULE, text, &["2: info: `lastCallNumber` is about a person"]);
        fixes(&RULE, Safety::Unsafe, text, "[Settings]\nlastCallHasVideo=0\nAA=1\n");
    }
}
