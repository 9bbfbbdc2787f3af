//! `key-in-wrong-section`: a key where MicroSIP does not look for it.

use std::collections::HashMap;

use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::features::FeatureSet;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Availability, Key, Section, Suggestion};
use winini::profile::{self, Profile, read_rule};
use winini::{Document, Edit, LineKind, Section as EntryLocation};

rule! {
    /// ## What it does
    /// A key that MicroSIP reads, in a section where it does not look for it, or above the first section. So is a key of the one account that MicroSIP 3.1.18 had, in `[Settings]`, when `accountId` is set.
    ///
    /// ## Why is this bad?
    /// MicroSIP keeps the line and never reads it. Scripts that append a key at the end of the file put it into the last section, where hooks and settings do nothing.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// cmdCallEnd=C:\hooks\end.exe
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe
    /// ```
    ///
    /// ## How to fix
    /// A key that acts in one section only is moved there, if it is not set there yet: nothing else can have been meant. In place of another value, also an empty one, it is put by an unsafe fix, and only from the end of the file, where scripts append, or from above the first section.
    KeyInWrongSection,
    on Document, requires UNKNOWN_KEY | ABOVE | UNAVAILABLE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut astray = None;
    for ((section, entry), _) in context.entries_with(FeatureSet::UNKNOWN_KEY) {
        let (name, key) = (section.name(), entry.key());
        if microsip_schema::find(&name, &key).is_none()
            && let Some(right_section) = right_section(&key)
        {
            let message = message!(
                "`{key}` stands in `[{section}]`, where MicroSIP does not read it",
                key,
                section = name
            );
            let finding =
                RULE.at_key((section, entry), message).with_help(right_section.to_string());
            let astray = astray.get_or_insert_with(|| Ambiguity::of(context));
            findings.push(fixed(context, finding, entry.line(), astray));
        }
    }
    of_old_account(context, findings);
    above_first_section(context, astray, findings);
}

/// Finds the keys of the one account that MicroSIP 3.1.18 had, where `accountId` names another account.
fn of_old_account(context: Context<'_>, findings: &mut Vec<Finding>) {
    let has_account = context.setting("accountId").is_some_and(|(_, entry)| !entry.is_empty());
    if !has_account {
        return;
    }
    let entries = context.entries_with(FeatureSet::ACCOUNTS);
    let legacy = entries.filter(|(_, key)| key.is_some_and(Key::is_legacy_account));
    for (right_section, _) in legacy {
        let (name, key) = (right_section.0.name(), right_section.1.key());
        if !right_section.1.is_empty()
            && let Some(suggestion) = microsip_schema::suggest(&name, &key)
        {
            let message = message!(
                "`{key}` is in `[{section}]`, where MicroSIP doesn't read it when `accountId` is set",
                key,
                section = name
            );
            findings.push(RULE.at_key(right_section, message).with_help(suggestion.to_string()));
        }
    }
}

fn above_first_section(
    context: Context<'_>,
    mut astray: Option<Ambiguity>,
    findings: &mut Vec<Finding>,
) {
    let document = context.document;
    let first = document.sections().next().map_or(document.lines().len(), EntryLocation::header);
    for (index, line) in document.lines()[..first].iter().enumerate() {
        let key = document.text(line.name());
        if line.kind() == LineKind::Entry
            && let Some(right_section) = right_section(&key)
        {
            let message =
                message!("`{key}` stands above the first section, where it is never read", key);
            let finding = RULE.at(index, line.name(), message);
            let finding = finding.with_help(right_section.to_string());
            let astray = astray.get_or_insert_with(|| Ambiguity::of(context));
            findings.push(fixed(context, finding, index, astray));
        }
    }
}

/// Adds the fix that moves a line to where MicroSIP looks for its key, if that is certain.
fn fixed(context: Context<'_>, finding: Finding, number: usize, astray: &Ambiguity) -> Finding {
    let document = context.document;
    let line = document.line(number);
    let (key, written) = (document.text(line.name()), document.text(line.value()));
    let [target @ (Section::Settings | Section::Global)] = microsip_schema::sections_of(&key)[..]
    else {
        return finding;
    };
    let target = target.label();
    let is_read = microsip_schema::find(target, &key)
        .is_some_and(|known| known.available(context.microsip) == Availability::Yes);
    // Below a header that was lost, the key stands where it should.
    if !is_read || astray.is_below_lost_header(document, number) || astray.is_twice(&key) {
        return finding;
    }
    let Ok(mut edits) = profile::set_written(document, target, &key, &written) else {
        return finding;
    };
    edits.push(Edit::RemoveLine { line: number });
    let section = context.profile.section(target);
    let set = section.and_then(|section| section.entry(&key)).map(profile::Entry::value);
    // MicroSIP saves every command, and an empty one is as good as none.
    let is_command = matches!(
        microsip_schema::find(target, &key).map(Key::kind),
        Some(microsip_schema::Kind::Command)
    );
    let is_at_an_end = document
        .section_of(number)
        .is_none_or(|section| section.body().end == document.lines().len());
    let value = read_rule(&written);
    let (safety, title) = match set.as_deref() {
        _ if section.is_none() => {
            (Safety::Unsafe, format!("make `[{target}]` and move `{key}` into it"))
        }
        None => (Safety::Safe, format!("move `{key}` into `[{target}]`")),
        Some(set) if set == value => {
            (Safety::Safe, format!("take `{key}` away, `[{target}]` says the same"))
        }
        Some("") if is_command => (Safety::Unsafe, format!("move `{key}` into `[{target}]`")),
        Some(_) if is_at_an_end => {
            let title = format!("move `{key}` into `[{target}]`, in place of what stands there");
            (Safety::Unsafe, title)
        }
        Some(_) => return finding,
    };
    // A line above the first section is in none that could be named.
    let finding = match document.section_of(number) {
        Some(_) => finding,
        None => finding.about(target, Some(&key)),
    };
    finding.with_fix(Fix::edits(safety, title, edits))
}

/// What tells that it is not certain what a line in a wrong place was meant for.
struct Ambiguity {
    /// The lines that were to be headers.
    lost_headers: Vec<usize>,
    /// How many lines in wrong places set a key.
    keys: HashMap<String, usize>,
}

impl Ambiguity {
    fn of(context: Context<'_>) -> Self {
        let document = context.document;
        let (mut lost_headers, mut keys) = (Vec::new(), HashMap::new());
        for (number, line) in document.lines().iter().enumerate() {
            if characters::lost_header(document, number).is_some() {
                lost_headers.push(number);
            }
            let key = document.text(line.name());
            let section = document.section_of(number);
            if line.kind() == LineKind::Entry && !is_at_home(context.profile, section, &key) {
                *keys.entry(key.to_ascii_lowercase()).or_default() += 1;
            }
        }
        Self { lost_headers, keys }
    }

    /// Says whether a header was lost between a line and the header above it.
    fn is_below_lost_header(&self, document: &Document, line: usize) -> bool {
        let from = document.section_of(line).map_or(0, EntryLocation::header);
        self.lost_headers.iter().any(|lost| (from..line).contains(lost))
    }

    /// Says whether several lines in wrong places set a key: no one can tell which was meant.
    fn is_twice(&self, key: &str) -> bool {
        self.keys.get(&key.to_ascii_lowercase()).is_some_and(|count| *count > 1)
    }
}

/// Says whether MicroSIP looks for a key in the section of that header, or the section is none of MicroSIP's.
fn is_at_home(profile: Profile<'_>, section: Option<EntryLocation>, key: &str) -> bool {
    let document = profile.document();
    section.is_some_and(|section| {
        let name = document.text(document.line(section.header()).name());
        Section::of(&name).is_none() || microsip_schema::find(&name, key).is_some()
    })
}

/// Returns where MicroSIP looks for a key.
fn right_section(key: &str) -> Option<Suggestion> {
    let places = microsip_schema::sections_of(key);
    // A number is a key of many lists.
    let is_number = key.bytes().all(|byte| byte.is_ascii_digit());
    (!places.is_empty() && !is_number).then_some(Suggestion::Sections(places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn keys_outside_their_section_are_reported() {
        check(
            &RULE,
            "AA=1\n[Settings]\nserver=x\n[Account1]\nCMDCALLEND=x\ndomain=y\n[Foo]\nAA=1\n",
            &[
                "1: warning: `AA` stands above the first section, where it is never read",
                "5: warning: `CMDCALLEND` stands in `[Account1]`, where MicroSIP does not read it",
            ],
        );
    }

    #[test]
    fn account_keys_in_settings_are_reported() {
        check(
            &RULE,
            "[Settings]\naccountId=1\nusername=5\nproxy=\nregisterRefresh=60\n[Account1]\ndomain=y\nvolumeRing=5\n",
            &[
                "3: warning: `username` is in `[Settings]`, where MicroSIP doesn't read it when `accountId` is set",
                "5: warning: `registerRefresh` stands in `[Settings]`, where MicroSIP does not read it",
                "8: warning: `volumeRing` stands in `[Account1]`, where MicroSIP does not read it",
            ],
        );
        let old = "[Settings]\nusername=5\ndomain=y\n";
        check(&RULE, old, &[]);
    }

    #[test]
    fn safe_fix_moves_key_to_its_only_valid_section() {
        let before = "[Settings]\nAA=0\n[Account1]\ndomain=y\ncmdCallEnd=x\n";
        let after = "[Settings]\nAA=0\ncmdCallEnd=x\n[Account1]\ndomain=y\n";
        fixes(&RULE, Safety::Safe, before, after);
        let before = "[Settings]\ncmdCallEnd=\"\"\n[Dialed]\n0=1\ncmdCallEnd=x\nDND=1";
        let after = "[Settings]\ncmdCallEnd=\"\"\nDND=1\n[Dialed]\n0=1\ncmdCallEnd=x";
        fixes(&RULE, Safety::Safe, before, after);
        let after = "[Settings]\ncmdCallEnd=x\nDND=1\n[Dialed]\n0=1";
        fixes(&RULE, Safety::Unsafe, before, after);
        fixes(&RULE, Safety::Safe, "DND=1\n[Settings]\nAA=0\n", "[Settings]\nAA=0\nDND=1\n");
    }

    #[test]
    fn unsafe_fix_replaces_value_already_set() {
        let before = "[Settings]\nDND=0\nAA=1\n[Account1]\ndomain=y\nDND=1\nAA=1\n";
        let after = "[Settings]\nDND=0\nAA=1\n[Account1]\ndomain=y\nDND=1\n";
        fixes(&RULE, Safety::Safe, before, after);
        let after = "[Settings]\nDND=1\nAA=1\n[Account1]\ndomain=y\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        // In the midst of the file nobody appends.
        let before = "[Account1]\nDND=1\n[Settings]\nDND=0\n";
        fixes(&RULE, Safety::Unsafe, before, before);
    }

    #[test]
    fn fix_keeps_ambiguous_keys() {
        for before in [
            "[Settings]\nAA=0\n[Dialed]\ndomain=x\n",
            "[Settings]\n[Account1]\nDND=1\n[Account2]\nDND=0\n",
            "[Settings]\nServer=x\n[Account1]\nsilent=1\n",
            "\u{ef}\u{bb}\u{bf}[Settings]\nDND=1\n[Settings]\nAA=1\n",
        ] {
            fixes(&RULE, Safety::Unsafe, before, before);
        }
    }

    #[test]
    fn unsafe_fix_creates_missing_section() {
        fixes(&RULE, Safety::Safe, "DND=1\n", "DND=1\n");
        fixes(&RULE, Safety::Unsafe, "DND=1\nAA=1\n", "[Settings]\nDND=1\nAA=1\n");
    }
}
