//! How far files are from a policy: one file, and all of them together.

use std::collections::BTreeMap;

use super::groups::Group;
use crate::ini::Document;
use crate::policy::{Drift, Wanted};

/// So many different values of a key are told apart; further ones are counted together.
const VALUES: usize = 8;

/// One file held against a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The keys that are not as wanted, in the order of the policy.
    pub drift: Vec<Drift>,
    /// The keys that were wanted: section, key.
    pub wanted: Vec<(String, String)>,
    /// How many of those nobody can judge.
    pub unjudged: usize,
}

impl Audited {
    /// Holds a file against what is wanted of it.
    pub fn new(document: &Document, wanted: &Wanted) -> Self {
        let names = wanted.items().map(|item| (item.section.clone(), item.key.clone()));
        Self {
            drift: wanted.drift(document),
            wanted: names.collect(),
            unjudged: wanted.unjudged(document).len(),
        }
    }
}

/// Many audited files together. However many they are, it keeps a few lines for each key.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    files: usize,
    in_sync: usize,
    drifted: usize,
    wanted: usize,
    unjudged: usize,
    drift: usize,
    keys: BTreeMap<(String, String), KeyTally>,
}

/// How one key is in many files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyTally {
    /// In how many files it was wanted.
    pub wanted: usize,
    /// What was expected, for people; `None` when files are to have different values.
    pub expected: Option<String>,
    /// The values that stand there instead, `None` for a key that is not set, each with the number of files; the
    /// first eight of them.
    pub values: Vec<(Option<String>, usize)>,
    /// The files in which it is not as wanted.
    pub drifted: Group,
}

impl Tally {
    /// Counts a file.
    pub fn add(&mut self, path: &str, audited: &Audited) {
        self.files += 1;
        *(if audited.drift.is_empty() { &mut self.in_sync } else { &mut self.drifted }) += 1;
        self.wanted += audited.wanted.len();
        self.unjudged += audited.unjudged;
        self.drift += audited.drift.len();
        for name in &audited.wanted {
            // Most keys are known from the first file, and are not copied again.
            match self.keys.get_mut(name) {
                Some(key) => key.wanted += 1,
                None => {
                    let key = KeyTally { wanted: 1, ..KeyTally::default() };
                    self.keys.insert(name.clone(), key);
                }
            }
        }
        for drift in &audited.drift {
            let name = (drift.section.clone(), drift.key.clone());
            self.keys.entry(name).or_default().add(path, drift);
        }
    }

    /// Counts a file that could not be held against the policy.
    pub fn add_failed(&mut self) {
        self.files += 1;
    }

    /// Returns the number of files, failed ones too.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Returns how many files are as wanted.
    pub fn in_sync(&self) -> usize {
        self.in_sync
    }

    /// Returns how many files are not.
    pub fn drifted(&self) -> usize {
        self.drifted
    }

    /// Returns how many files could not be held against the policy.
    pub fn failed(&self) -> usize {
        self.files - self.in_sync - self.drifted
    }

    /// Returns the keys that are wanted anywhere, in order of name.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str, &KeyTally)> {
        self.keys.iter().map(|((section, key), tally)| (section.as_str(), key.as_str(), tally))
    }

    /// Returns the share of the keys wanted and judged that are as wanted, in per cent; 100 when none is.
    pub fn score(&self) -> f64 {
        let judged = self.wanted.max(self.drift).saturating_sub(self.unjudged);
        share(judged.saturating_sub(self.drift), judged)
    }

    /// Returns the share of the keys wanted, in all files, that could be judged, in per cent. A file that failed
    /// counts as if the same was wanted of it as of the others.
    pub fn coverage(&self) -> f64 {
        let keys = share(self.wanted.saturating_sub(self.unjudged), self.wanted);
        keys * share(self.files - self.failed(), self.files) / 100.0
    }
}

/// Returns a share in per cent, of nothing all of it.
fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 100.0 } else { 100.0 * part as f64 / all as f64 }
}

impl KeyTally {
    fn add(&mut self, path: &str, drift: &Drift) {
        if self.drifted.files() == 0 {
            self.expected = Some(drift.expected.clone());
        } else if self.expected.as_ref().is_some_and(|it| *it != drift.expected) {
            self.expected = None;
        }
        self.drifted.add(path);
        let is_full = self.values.len() >= VALUES;
        match self.values.iter_mut().find(|(value, _)| *value == drift.actual) {
            Some((_, files)) => *files += 1,
            None if is_full => {}
            None => self.values.push((drift.actual.clone(), 1)),
        }
    }

    /// Returns in how many files a value stands that is none of [`Self::values`].
    pub fn others(&self) -> usize {
        self.drifted.files() - self.values.iter().map(|(_, files)| files).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::Place;

    fn drift(key: &str, expected: &str, actual: Option<&str>) -> Drift {
        Drift {
            section: "Settings".into(),
            key: key.into(),
            expected: expected.into(),
            actual: actual.map(str::to_owned),
            line: None,
            origin: Place::at_start(Path::new("p.toml")),
            fixable: true,
        }
    }

    fn audited(drift: Vec<Drift>, unjudged: usize) -> Audited {
        let wanted = ["AA", "DND", "x"].map(|key| ("Settings".to_owned(), key.to_owned()));
        Audited { drift, wanted: wanted.into(), unjudged }
    }

    #[test]
    fn counts_files_keys_and_values() {
        let mut tally = Tally::default();
        tally.add("a", &audited(vec![], 0));
        tally.add("b", &audited(vec![drift("AA", "1", Some("0"))], 1));
        tally.add("c", &audited(vec![drift("AA", "1", None), drift("x", "7", None)], 0));
        tally.add_failed();
        assert_eq!(
            (tally.files(), tally.in_sync(), tally.drifted(), tally.failed()),
            (4, 1, 2, 1)
        );
        let aa = tally.keys().find(|(_, key, _)| *key == "AA").unwrap().2;
        assert_eq!((aa.wanted, aa.drifted.files(), aa.expected.as_deref()), (3, 2, Some("1")));
        assert_eq!(aa.values, [(Some("0".to_owned()), 1), (None, 1)]);
        assert_eq!(aa.drifted.named(), "b, c");
        // 9 wanted, 1 not judged, 3 not so; 3 of 4 files.
        assert_eq!((tally.score() * 8.0).round(), 500.0);
        assert_eq!((tally.coverage() * 12.0).round(), 800.0);
    }

    #[test]
    fn many_values_are_counted_together() {
        let mut tally = KeyTally::default();
        for number in 0..100 {
            let value = number.to_string();
            tally.add(&value, &drift("AA", &value, Some(&value)));
        }
        assert_eq!((tally.values.len(), tally.others()), (VALUES, 92));
        assert_eq!(tally.expected, None);
    }

    #[test]
    fn of_nothing_all_is_well() {
        assert_eq!((Tally::default().score(), Tally::default().coverage()), (100.0, 100.0));
    }
}
