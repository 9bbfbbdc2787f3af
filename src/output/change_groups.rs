//! The changes of many files: one line for each change, with the number of files and a few examples.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::io;

use super::changes::shown_value;
use super::count::count;
use super::duplicates::{put_duplicate, without_line};
use super::grouped::examples;
use super::hook_changes::{HookChange, by_template};
use super::screen::{ADDED, CHANGED, DIM, REMOVED, Screen, Style};
use msipctl_core::engine::{ChangeRow, DuplicateRow, HookChangeRow};
use msipctl_core::fleet::{Group, Groups, shortened};

/// The maximum number of keys with lines of their own.
const MAX_KEYS: usize = 200;

/// The maximum number of different changes of a key that get lines of their own.
const MAX_CHANGES: usize = 3;

/// The maximum number of different values of a key that are counted.
const MAX_VALUES: usize = 1000;

/// The changes of many files. Its size doesn't depend on the number of files or the length of their values.
#[derive(Debug, Default)]
pub(super) struct ChangeGroups {
    keys: HashMap<(String, String), KeyChanges>,
    /// The files with changes of further keys.
    others: Group,
    hooks: Groups<HookChange>,
    duplicates: Groups<DuplicateRow>,
    bytes: Groups<String>,
    /// The files that changed without a change to show, such as restored ones.
    plain: Group,
}

/// The changes of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changes<'f> {
    pub(super) keys: &'f [ChangeRow],
    pub(super) hooks: &'f [HookChangeRow],
    pub(super) duplicates: &'f [DuplicateRow],
    pub(super) bytes: &'f [String],
}

/// The changes of one key.
#[derive(Debug, Default)]
struct KeyChanges {
    order: usize,
    files: Group,
    /// The first different changes: the values before and after, and the files.
    changes: Vec<([Option<String>; 2], Group)>,
    before: Values,
    after: Values,
    /// Whether the values are masked, so that users can't see whether they differ.
    is_masked: bool,
}

/// The different values of a key.
#[derive(Debug, Default)]
struct Values {
    hashes: HashSet<u64>,
    first: Option<Option<String>>,
}

impl Values {
    fn add(&mut self, value: Option<&str>) {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        if self.hashes.len() < MAX_VALUES {
            self.hashes.insert(hasher.finish());
        }
        self.first.get_or_insert_with(|| value.map(|value| shortened(value).into_owned()));
    }

    /// Returns the only value, if all are the same.
    fn only(&self) -> Option<Option<&str>> {
        let first = || self.first.as_ref().and_then(|first| first.as_deref());
        (self.hashes.len() == 1).then(first)
    }

    /// Returns how many values there are in a number of files, for people.
    fn counted(&self, files: usize) -> String {
        match self.hashes.len() {
            values if values == files || values == MAX_VALUES => "own value".to_owned(),
            values => format!("{values} different values"),
        }
    }
}

impl ChangeGroups {
    /// Adds a file that changes.
    pub(super) fn add(&mut self, path: &str, changes: &Changes<'_>) {
        let Changes { keys, hooks, duplicates, bytes } = *changes;
        keys.iter().for_each(|change| self.add_change(change, path));
        for change in by_template(hooks) {
            self.hooks.add(change, path);
        }
        // A file that has the same line twice counts once.
        let mut seen: Vec<DuplicateRow> = Vec::new();
        for duplicate in duplicates {
            let duplicate = without_line(duplicate);
            if !seen.contains(&duplicate) {
                self.duplicates.add(duplicate.clone(), path);
                seen.push(duplicate);
            }
        }
        self.add_bytes(bytes, path);
        if keys.is_empty() && hooks.is_empty() && duplicates.is_empty() && bytes.is_empty() {
            self.plain.add(path);
        }
    }

    /// Adds changes of the bytes of a file as a whole.
    pub(super) fn add_bytes(&mut self, changes: &[String], path: &str) {
        changes.iter().for_each(|change| self.bytes.add(change.clone(), path));
    }

    /// Adds a change of a file.
    pub(super) fn add_change(&mut self, change: &ChangeRow, path: &str) {
        let order = self.keys.len();
        let name = (change.section.clone(), change.key.clone());
        if order >= MAX_KEYS && !self.keys.contains_key(&name) {
            return self.others.add(path);
        }
        let key = self.keys.entry(name).or_insert(KeyChanges { order, ..KeyChanges::default() });
        key.add(change, path);
    }

    /// Writes all lines, those of most files first. `plain` describes files without changes to show.
    pub(super) fn human(&self, out: &mut Screen<'_>, plain: &str) -> io::Result<()> {
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort_by_key(|(_, key)| (std::cmp::Reverse(key.files.files()), key.order));
        let mut merged: Vec<(&str, Vec<&str>, &KeyChanges)> = Vec::new();
        for ((section, name), key) in &keys {
            let is_same = |(of, _, other): &&mut (&str, Vec<&str>, &KeyChanges)| {
                of == section && key.merges_with(other)
            };
            match merged.iter_mut().find(is_same) {
                Some((_, names, other)) => {
                    names.push(name);
                    // Values that aren't masked can be counted.
                    if other.is_masked {
                        *other = key;
                    }
                }
                None => merged.push((section, vec![name], key)),
            }
        }
        for (section, names, key) in merged {
            key.human(out, &format!("{section}.{}", names.join(", ")))?;
        }
        for (change, group) in self.hooks.by_size() {
            change.put(out)?;
            examples(out, group)?;
        }
        for (duplicate, group) in self.duplicates.by_size() {
            put_duplicate(duplicate, out)?;
            examples(out, group)?;
        }
        for (change, group) in self.bytes.by_size() {
            put!(out, "{CHANGED}~ {change}{CHANGED:#}")?;
            examples(out, group)?;
        }
        if self.plain.files() > 0 {
            put!(out, "{CHANGED}~ {plain}{CHANGED:#}")?;
            examples(out, &self.plain)?;
        }
        let others = self.others.files() + self.hooks.others() + self.duplicates.others();
        match others + self.bytes.others() {
            0 => Ok(()),
            others => putln!(
                out,
                "{DIM}and {} more; to list all of them, pass `-v`{DIM:#}",
                count(others, "change")
            ),
        }
    }
}

impl KeyChanges {
    fn add(&mut self, change: &ChangeRow, path: &str) {
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        self.files.add(path);
        self.before.add(before);
        self.after.add(after);
        self.is_masked |= [before, after].into_iter().flatten().any(|value| value.contains("***"));
        let kept = [before, after].map(|it| it.map(|value| shortened(value).into_owned()));
        // One more than is shown: then there are too many.
        let is_full = self.changes.len() > MAX_CHANGES;
        match self.changes.iter_mut().find(|(change, _)| *change == kept) {
            Some((_, group)) => group.add(path),
            None if !is_full => {
                let mut group = Group::default();
                group.add(path);
                self.changes.push((kept, group));
            }
            None => {}
        }
    }

    /// Returns whether the files get different values.
    fn has_own_values(&self) -> bool {
        self.changes.len() > MAX_CHANGES && self.after.only().is_none()
    }

    /// Returns whether two keys of a section share a line: the same files have equally many different values of both.
    /// Masked values count as different.
    fn merges_with(&self, other: &Self) -> bool {
        let is_own = self.has_own_values() || other.has_own_values();
        let may_be = |key: &Self| key.has_own_values() || key.is_masked;
        let counted = |key: &Self| key.after.counted(key.files.files());
        let is_alike = self.is_masked || other.is_masked || counted(self) == counted(other);
        is_own && may_be(self) && may_be(other) && is_alike && self.files.has_files_of(&other.files)
    }

    fn human(&self, out: &mut Screen<'_>, name: &str) -> io::Result<()> {
        let files = self.files.files();
        if self.changes.len() <= MAX_CHANGES {
            let mut changes: Vec<_> = self.changes.iter().collect();
            changes.sort_by_key(|(_, group)| std::cmp::Reverse(group.files()));
            return changes.into_iter().try_for_each(|([before, after], group)| {
                let (sign, style) = sign(before.is_some(), after.is_some());
                put!(out, "{style}{sign} {name} = ")?;
                match (before.as_deref(), after.as_deref()) {
                    (Some(before), Some(after)) => {
                        put!(out, "{} -> {}", shown_value(before), shown_value(after))?;
                    }
                    (before, after) => {
                        put!(out, "{}", shown_value(after.or(before).unwrap_or_default()))?;
                    }
                }
                put!(out, "{style:#}")?;
                examples(out, group)
            });
        }
        let before = self.before.counted(files);
        match self.after.only() {
            Some(Some(after)) => {
                put!(out, "{CHANGED}~ {name} = {before} -> {}{CHANGED:#}", shown_value(after))?;
            }
            Some(None) => put!(out, "{REMOVED}- {name}: {before}{REMOVED:#}")?,
            None => {
                let is_new = self.before.only() == Some(None);
                let (sign, style) = sign(!is_new, true);
                put!(out, "{style}{sign} {name}: {}{style:#}", self.after.counted(files))?;
            }
        }
        examples(out, &self.files)
    }
}

/// Returns the sign of a change, and its style.
fn sign(has_before: bool, has_after: bool) -> (char, Style) {
    match (has_before, has_after) {
        (false, _) => ('+', ADDED),
        (_, false) => ('-', REMOVED),
        _ => ('~', CHANGED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::changes::change_row;

    fn shown(groups: &ChangeGroups) -> String {
        let mut bytes = Vec::new();
        groups.human(&mut Screen::new(&mut bytes).with_styles(false), "restored").unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn equal_changes_are_one_line_and_different_ones_are_counted() {
        let mut groups = ChangeGroups::default();
        for number in 0..50 {
            let path = format!("d{number}");
            let mut add = |section, key, before: Option<&str>, after: Option<&str>| {
                groups.add_change(&change_row(section, key, before, after), &path);
            };
            let own = number.to_string();
            add("Account1", "label", None, Some(&own));
            add("Settings", "AA", Some(if number == 7 { "2" } else { "0" }), Some("1"));
            add("Account1", "username", None, Some(&own));
            add("Account1", "password", None, Some("***"));
            add("Account1", "proxy", None, Some(&(number % 5).to_string()));
            add("Settings", "DND", Some(&own), Some("0"));
            add("Settings", "site", None, Some(&(number % 5).to_string()));
            add("Settings", "log", Some(&own), None);
            add("Settings", "proxy", Some("a"), Some(""));
        }
        insta::assert_snapshot!(shown(&groups), @"
        + Account1.label, username, password: own value in 50 files: d0, d1, d2, and 47 more
        ~ Settings.AA = 0 -> 1 in 49 files: d0, d1, d2, and 46 more
        ~ Settings.AA = 2 -> 1 in 1 file: d7
        + Account1.proxy: 5 different values in 50 files: d0, d1, d2, and 47 more
        ~ Settings.DND = own value -> 0 in 50 files: d0, d1, d2, and 47 more
        + Settings.site: 5 different values in 50 files: d0, d1, d2, and 47 more
        - Settings.log: own value in 50 files: d0, d1, d2, and 47 more
        ~ Settings.proxy = a -> (empty) in 50 files: d0, d1, d2, and 47 more
        ");
    }

    #[test]
    fn groups_stay_small_when_nothing_repeats() {
        let mut groups = ChangeGroups::default();
        for number in 0..20_000 {
            let value = format!("{number}{}", "x".repeat(300));
            let path = format!("{value}.ini");
            groups.add_change(&change_row(&value, "key", None, Some(&value)), &path);
            groups.add_change(&change_row("Settings", "AA", Some(&value), Some(&value)), &path);
        }
        assert_eq!(groups.keys.len(), MAX_KEYS);
        let (_, key) = groups.keys.iter().find(|((section, _), _)| section == "Settings").unwrap();
        assert_eq!((key.changes.len(), key.after.hashes.len()), (MAX_CHANGES + 1, MAX_VALUES));
        let lines = shown(&groups);
        assert!(lines.len() < 400_000, "{}", lines.len());
        assert!(lines.contains("~ Settings.AA: own value in 20000 files: "), "{lines}");
        assert!(lines.contains("more; to list all of them, pass `-v`\n"), "{lines}");
    }
}
