//! `key-in-wrong-section`: a key in a section where MicroSIP doesn't read it.

use std::collections::HashMap;

use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::features::FeatureSet;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Availability, Key, Section, Suggestion};
use winini::profile::{self, Profile, read_rule};
use winini::{Document, Edit, LineKind, Section as DocumentSection};

rule! {
    /// ## What it does
    /// Checks for keys in a section where MicroSIP doesn't read them, or before the first section.
    ///
    /// ## Why is this bad?
    /// MicroSIP keeps the line, but never reads it. Scripts that append a key to the file add it to the last section, where hooks and settings have no effect. Keys of the single account of MicroSIP 3.1.18 in `[Settings]` are reported, too, if `accountId` is set.
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
    /// Move the key to the section that the help of the finding names.
    ///
    /// ## Fix safety
    /// Unsafe if the section is missing, or sets the key to another value, even an empty one, because MicroSIP then reads another value. The fix moves a key that belongs to only one section, or removes it if that section has the same value. It replaces another value only for keys from the last section, or from before the first one. It always replaces an empty command.
    KeyInWrongSection,
    on Document, requires UNKNOWN_KEY | ABOVE | UNAVAILABLE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut ambiguity = None;
    for ((section, entry), _) in context.entries_with(FeatureSet::UNKNOWN_KEY) {
        let (name, key) = (section.name(), entry.key());
        if microsip_schema::find(&name, &key).is_none()
            && let Some(right_section) = right_section(&key)
        {
            let message = message!(
                "`{key}` is in `[{section}]`, where MicroSIP doesn't read it",
                key,
                section = name
            );
            let finding =
                RULE.at_key((section, entry), message).with_help(right_section.to_string());
            let ambiguity = ambiguity.get_or_insert_with(|| Ambiguity::of(context));
            findings.push(with_move(context, finding, entry.line(), ambiguity));
        }
    }
    check_old_account(context, findings);
    check_before_first_section(context, ambiguity, findings);
}

/// Reports keys of the single account of MicroSIP 3.1.18 if `accountId` selects another account.
fn check_old_account(context: Context<'_>, findings: &mut Vec<Finding>) {
    let has_account = context.setting("accountId").is_some_and(|(_, entry)| !entry.is_empty());
    if !has_account {
        return;
    }
    let entries = context.entries_with(FeatureSet::ACCOUNTS);
    let legacy = entries.filter(|(_, key)| key.is_some_and(Key::is_legacy_account));
    for (location, _) in legacy {
        let (name, key) = (location.0.name(), location.1.key());
        if !location.1.is_empty()
            && let Some(suggestion) = microsip_schema::suggest(&name, &key)
        {
            let message = message!(
                "`{key}` is in `[{section}]`, where MicroSIP doesn't read it when `accountId` is set",
                key,
                section = name
            );
            findings.push(RULE.at_key(location, message).with_help(suggestion.to_string()));
        }
    }
}

/// Reports keys before the first section.
fn check_before_first_section(
    context: Context<'_>,
    mut ambiguity: Option<Ambiguity>,
    findings: &mut Vec<Finding>,
) {
    let document = context.document;
    let first = document.sections().next().map_or(document.lines().len(), DocumentSection::header);
    for (index, line) in document.lines()[..first].iter().enumerate() {
        let key = document.text(line.name());
        if line.kind() == LineKind::Entry
            && let Some(right_section) = right_section(&key)
        {
            let message =
                message!("`{key}` is before the first section, so MicroSIP never reads it", key);
            let finding = RULE.at(index, line.name(), message);
            let finding = finding.with_help(right_section.to_string());
            let ambiguity = ambiguity.get_or_insert_with(|| Ambiguity::of(context));
            findings.push(with_move(context, finding, index, ambiguity));
        }
    }
}

/// Adds the fix that moves a line to the section where MicroSIP reads its key, if that section is certain.
fn with_move(
    context: Context<'_>,
    finding: Finding,
    number: usize,
    ambiguity: &Ambiguity,
) -> Finding {
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
    // A key below an unrecognized header is in the right section.
    if !is_read || ambiguity.is_below_lost_header(document, number) || ambiguity.is_repeated(&key) {
        return finding;
    }
    let Ok(mut edits) = profile::set_written(document, target, &key, &written) else {
        return finding;
    };
    edits.push(Edit::RemoveLine { line: number });
    let section = context.profile.section(target);
    let set = section.and_then(|section| section.entry(&key)).map(profile::Entry::value);
    // MicroSIP saves all commands, and an empty one has the same effect as a missing one.
    let is_command = matches!(
        microsip_schema::find(target, &key).map(Key::kind),
        Some(microsip_schema::Kind::Command)
    );
    let is_at_end = document
        .section_of(number)
        .is_none_or(|section| section.body().end == document.lines().len());
    let value = read_rule(&written);
    let (safety, title) = match set.as_deref() {
        _ if section.is_none() => {
            (Safety::Unsafe, format!("create `[{target}]`, and move `{key}` to it"))
        }
        None => (Safety::Safe, format!("move `{key}` to `[{target}]`")),
        Some(set) if set == value => {
            (Safety::Safe, format!("remove `{key}`, because `[{target}]` has the same value"))
        }
        Some("") if is_command => (Safety::Unsafe, format!("move `{key}` to `[{target}]`")),
        Some(_) if is_at_end => {
            let title = format!("move `{key}` to `[{target}]`, replacing the value there");
            (Safety::Unsafe, title)
        }
        Some(_) => return finding,
    };
    // A line before the first section has no section that the finding could name.
    let finding = match document.section_of(number) {
        Some(_) => finding,
        None => finding.about(target, Some(&key)),
    };
    finding.with_fix(Fix::edits(safety, title, edits))
}

/// The facts that make it uncertain where a misplaced line belongs.
struct Ambiguity {
    /// The lines that were meant as headers.
    lost_headers: Vec<usize>,
    /// The number of misplaced lines that set a key.
    keys: HashMap<String, usize>,
}

impl Ambiguity {
    /// Collects the facts about a file.
    fn of(context: Context<'_>) -> Self {
        let document = context.document;
        let (mut lost_headers, mut keys) = (Vec::new(), HashMap::new());
        for (number, line) in document.lines().iter().enumerate() {
            if characters::lost_header(document, number).is_some() {
                lost_headers.push(number);
            }
            let key = document.text(line.name());
            let section = document.section_of(number);
            if line.kind() == LineKind::Entry
                && !is_in_right_section(context.profile, section, &key)
            {
                *keys.entry(key.to_ascii_lowercase()).or_default() += 1;
            }
        }
        Self { lost_headers, keys }
    }

    /// Returns whether an unrecognized header is between a line and the header above it.
    fn is_below_lost_header(&self, document: &Document, line: usize) -> bool {
        let from = document.section_of(line).map_or(0, DocumentSection::header);
        self.lost_headers.iter().any(|lost| (from..line).contains(lost))
    }

    /// Returns whether several misplaced lines set a key, so that the intended one is unclear.
    fn is_repeated(&self, key: &str) -> bool {
        self.keys.get(&key.to_ascii_lowercase()).is_some_and(|count| *count > 1)
    }
}

/// Returns whether MicroSIP reads a key in this section, or the section belongs to another program.
fn is_in_right_section(profile: Profile<'_>, section: Option<DocumentSection>, key: &str) -> bool {
    let document = profile.document();
    section.is_some_and(|section| {
        let name = document.text(document.line(section.header()).name());
        Section::of(&name).is_none() || microsip_schema::find(&name, key).is_some()
    })
}

/// Returns the sections in which MicroSIP reads a key.
fn right_section(key: &str) -> Option<Suggestion> {
    let sections = microsip_schema::sections_of(key);
    // Many lists have numbers as keys.
    let is_number = key.bytes().all(|byte| byte.is_ascii_digit());
    (!sections.is_empty() && !is_number).then_some(Suggestion::Sections(sections))
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
                "1: warning: `AA` is before the first section, so MicroSIP never reads it",
                "5: warning: `CMDCALLEND` is in `[Account1]`, where MicroSIP doesn't read it",
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
                "5: warning: `registerRefresh` is in `[Settings]`, where MicroSIP doesn't read it",
                "8: warning: `volumeRing` is in `[Account1]`, where MicroSIP doesn't read it",
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
        // Scripts append only to the last section.
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
