//! How files compare with a policy: each file, and all files together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::groups::{Group, Groups, shortened};
use crate::event::Event;
use crate::policy::{Drift, Expect, HookProblem, ResolvedPolicy};
use winini::Document;

/// The maximum number of different values of a key. Files with further values are counted together.
const MAX_VALUES: usize = 8;

/// One file compared with a policy. It contains nothing that the files of a run share, because another thread drops a
/// worker's results. Two threads that count references to the same value slow each other down.
#[derive(Debug, Clone)]
pub struct Audited {
    /// The number of keys and hooks that the policy has for it.
    pub keys: usize,
    /// The keys and hooks that drift, in the order of the policy.
    pub drift: Vec<Drift>,
    /// How many of the keys can't be verified: MicroSIP encrypted the password, or the secret isn't available.
    pub unverified: usize,
    /// The keys that can't be verified because the secret isn't available.
    pub missing_secrets: Vec<MissingSecret>,
}

/// A key that can't be verified because its secret isn't available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSecret {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// Why the secret isn't available.
    pub reason: String,
    /// The location in the policy.
    pub origin: String,
}

impl Audited {
    /// Compares a file with the policy for it.
    pub fn new(document: &Document, policy: &ResolvedPolicy) -> Self {
        let policy = policy.for_file(document);
        let (drift, unverified) = policy.compare(document);
        let missing =
            unverified.iter().filter(|item| matches!(item.expect, Expect::Unavailable(_)));
        let missing_secrets = missing.map(|item| MissingSecret {
            section: item.section.clone(),
            key: item.key.clone(),
            reason: policy.secrets().mask_text(item.unverified_reason()).into_owned(),
            origin: item.origin.to_string(),
        });
        let missing_secrets = missing_secrets.collect();
        Self {
            keys: policy.items().count() + policy.hooks().count(),
            drift,
            unverified: unverified.len(),
            missing_secrets,
        }
    }
}

/// What [`Tally`] counts of a file, whether it was just compared or is read from a report.
pub trait Compared {
    /// Returns the number of keys and hooks that the policy has for it.
    fn keys(&self) -> usize;

    /// Returns how many of the keys can't be verified.
    fn unverified(&self) -> usize;

    /// Returns the keys and hooks that drift, in the order of the policy.
    fn drift(&self) -> impl ExactSizeIterator<Item = DriftView<'_>>;
}

/// What [`Tally`] counts of a key or hook that drifts.
#[derive(Debug, Clone)]
pub struct DriftView<'d> {
    /// The section.
    pub section: &'d str,
    /// The key.
    pub key: &'d str,
    /// The expected value, for people.
    pub expected: &'d str,
    /// The actual value for people, as [`Drift::shown_actual`] returns it.
    pub actual: Option<Cow<'d, str>>,
    /// The template, the event, and the problem of a hook.
    pub hook: Option<(&'d str, Event, HookProblem)>,
}

impl Compared for Audited {
    fn keys(&self) -> usize {
        self.keys
    }

    fn unverified(&self) -> usize {
        self.unverified
    }

    fn drift(&self) -> impl ExactSizeIterator<Item = DriftView<'_>> {
        self.drift.iter().map(|drift| DriftView {
            section: &drift.section,
            key: &drift.key,
            expected: &drift.expected,
            actual: drift.shown_actual(),
            hook: drift.hook.as_ref().map(|it| (it.template.as_str(), it.event, it.problem)),
        })
    }
}

/// Many audited files together. However many they are, it keeps a few lines for each key.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    files: usize,
    in_sync: usize,
    drifted: usize,
    expected_values: usize,
    unverified: usize,
    drift: usize,
    /// The keys that drift in any file, by section and key.
    keys: BTreeMap<String, BTreeMap<String, KeyTally>>,
    /// The hooks that drift in any file.
    hooks: Groups<HookGap>,
}

/// The problem with the hooks of a template in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HookGap {
    /// The template.
    pub template: String,
    /// The problem.
    pub problem: HookProblem,
    /// The events that have this problem, in the order of the policy.
    pub events: Vec<Event>,
}

/// One key in many files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyTally {
    /// The expected value or constraint, for people; `None` if it differs between files.
    pub expected: Option<String>,
    /// The first eight actual values, each with the number of files; `None` is a key that isn't set.
    pub values: Vec<(Option<String>, usize)>,
    /// The files in which it drifts.
    pub drifted: Group,
}

impl Tally {
    /// Counts a file.
    pub fn add(&mut self, path: &str, compared: &impl Compared) {
        let drift = compared.drift();
        self.files += 1;
        *(if drift.len() == 0 { &mut self.in_sync } else { &mut self.drifted }) += 1;
        self.unverified += compared.unverified();
        self.drift += drift.len();
        self.expected_values += compared.keys();
        let mut gaps: Vec<HookGap> = Vec::new();
        for drift in drift {
            let Some((template, event, problem)) = drift.hook else {
                self.key(drift.section, drift.key).add(path, &drift);
                continue;
            };
            let is_same = |gap: &&mut HookGap| gap.template == template && gap.problem == problem;
            match gaps.iter_mut().find(is_same) {
                Some(gap) => gap.events.push(event),
                None => gaps.push(HookGap {
                    template: template.to_owned(),
                    problem,
                    events: vec![event],
                }),
            }
        }
        gaps.into_iter().for_each(|gap| self.hooks.add(gap, path));
    }

    fn key(&mut self, section: &str, key: &str) -> &mut KeyTally {
        let keys = self.keys.entry(section.to_owned()).or_default();
        keys.entry(key.to_owned()).or_default()
    }

    /// Counts a file that couldn't be compared with the policy.
    pub fn add_failed(&mut self) {
        self.files += 1;
    }

    /// Returns the number of files, including failed ones.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Returns the number of files that match the policy.
    pub fn in_sync(&self) -> usize {
        self.in_sync
    }

    /// Returns the number of files that drift.
    pub fn drifted(&self) -> usize {
        self.drifted
    }

    /// Returns the number of files that couldn't be compared with the policy.
    pub fn failed(&self) -> usize {
        self.files - self.in_sync - self.drifted
    }

    /// Returns the keys that drift in any file, in order of name.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str, &KeyTally)> {
        self.keys.iter().flat_map(|(section, keys)| {
            keys.iter().map(|(key, tally)| (section.as_str(), key.as_str(), tally))
        })
    }

    /// Returns the hooks that drift in any file.
    pub fn hooks(&self) -> &Groups<HookGap> {
        &self.hooks
    }

    /// Returns the percentage of verified values that match the policy; `None` if no value was verified.
    pub fn score(&self) -> Option<f64> {
        share(self.compliant(), self.verified())
    }

    /// Returns the number of expected values, in all files, that can't be verified.
    pub fn unverified(&self) -> usize {
        self.unverified
    }

    /// Returns the number of expected values, in all files, that were verified.
    pub fn verified(&self) -> usize {
        self.expected_values.max(self.drift).saturating_sub(self.unverified)
    }

    /// Returns the number of verified values that match the policy.
    pub fn compliant(&self) -> usize {
        self.verified().saturating_sub(self.drift)
    }

    /// Returns the percentage of files that were compared with the policy; `None` if there are no files.
    pub fn coverage(&self) -> Option<f64> {
        share(self.files - self.failed(), self.files)
    }
}

/// Returns a share as a percentage.
fn share(part: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| 100.0 * part as f64 / all as f64)
}

impl KeyTally {
    fn add(&mut self, path: &str, drift: &DriftView<'_>) {
        let expected = shortened(drift.expected);
        if self.drifted.files() == 0 {
            self.expected = Some(expected.into_owned());
        } else if self.expected.as_ref().is_some_and(|it| *it != expected) {
            self.expected = None;
        }
        self.drifted.add(path);
        let is_full = self.values.len() >= MAX_VALUES;
        let actual = drift.actual.as_deref().map(|actual| shortened(actual).into_owned());
        match self.values.iter_mut().find(|(value, _)| *value == actual) {
            Some((_, files)) => *files += 1,
            None if is_full => {}
            None => self.values.push((actual, 1)),
        }
    }

    /// Returns the number of files with a value that isn't in [`Self::values`].
    pub fn others(&self) -> usize {
        self.drifted.files() - self.values.iter().map(|(_, files)| files).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::hook::Catalogue;
    use crate::policy::{HookDrift, Inputs, Location, Policy, Row, Source};
    use microsip_schema::Version;
    use winini::CodePage;

    fn drift(key: &str, expected: &str, actual: Option<&str>) -> Drift {
        Drift {
            section: "Settings".into(),
            key: key.into(),
            expected: expected.into(),
            actual: actual.map(str::to_owned),
            line: None,
            origin: Location::at_start(Path::new("p.toml")),
            fixable: true,
            default: None,
            hook: None,
        }
    }

    fn view(drift: &Drift) -> DriftView<'_> {
        let (section, key, expected) = (&*drift.section, &*drift.key, &*drift.expected);
        DriftView { section, key, expected, actual: drift.shown_actual(), hook: None }
    }

    /// Compares a file with a policy of three keys.
    fn audited(drift: Vec<Drift>, unverified: usize) -> Audited {
        let toml = b"[Settings]\nAA = 1\nDND = 0\nautoAnswer = \"all\"\n";
        let templates = Catalogue::shipped();
        let inputs =
            Inputs { read: &|_| Ok(toml.to_vec()), ansi: CodePage::WESTERN, templates: &templates };
        let policy = Policy::load(Path::new("p.toml"), &inputs).unwrap();
        let source = Source {
            row: &Row::default(),
            microsip: Version::NEWEST,
            user: "",
            host: "",
            env: &|_| None,
            read: &|_| Err(std::io::ErrorKind::NotFound.into()),
            requires_secrets: true,
            program: "",
            launcher_ini: None,
        };
        let document = Document::parse(Vec::new(), winini::Encoding::Ascii);
        let audited = Audited::new(&document, &policy.resolved(&source).unwrap());
        Audited { drift, unverified, ..audited }
    }

    #[test]
    fn tally_counts_files_keys_and_values() {
        let mut tally = Tally::default();
        tally.add("a", &audited(vec![], 0));
        tally.add("b", &audited(vec![drift("AA", "1", Some("0"))], 1));
        tally.add("c", &audited(vec![drift("AA", "1", None), drift("DND", "0", None)], 0));
        tally.add_failed();
        assert_eq!((tally.files(), tally.in_sync(), tally.drifted(), tally.failed()), (4, 1, 2, 1));
        let aa = tally.keys().find(|(_, key, _)| *key == "AA").unwrap().2;
        assert_eq!((aa.drifted.files(), aa.expected.as_deref()), (2, Some("1")));
        assert_eq!(aa.values, [(Some("0".to_owned()), 1), (None, 1)]);
        assert_eq!(aa.drifted.named(), "b, c");
        // 9 expected, 1 unverified, 3 drift; 3 of 4 files.
        assert_eq!((tally.verified(), tally.compliant(), tally.unverified()), (8, 5, 1));
        assert_eq!((tally.score(), tally.coverage()), (Some(62.5), Some(75.0)));
    }

    #[test]
    fn tally_groups_values_above_the_limit() {
        let mut tally = KeyTally::default();
        for number in 0..100 {
            let value = number.to_string();
            tally.add(&value, &view(&drift("AA", &value, Some(&value))));
        }
        assert_eq!((tally.values.len(), tally.others()), (MAX_VALUES, 92));
        assert_eq!(tally.expected, None);
    }

    #[test]
    fn tally_counts_the_hooks_of_a_template_together() {
        let hook = |event: Event, problem| {
            let hook = HookDrift { template: "call-log".to_owned(), event, problem };
            Drift { hook: Some(hook), ..drift(event.directive(), "Log,a.csv", None) }
        };
        let missing = || Event::ALL.map(|event| hook(event, HookProblem::Missing)).to_vec();
        let mut tally = Tally::default();
        tally.add("a", &audited(missing(), 0));
        tally.add("b", &audited(missing(), 0));
        tally.add("c", &audited(vec![hook(Event::CallEnd, HookProblem::Different)], 0));
        assert_eq!(tally.keys().count(), 0);
        let gaps = tally.hooks().by_size();
        let [(missing, two), (different, one)] = gaps[..] else { panic!("{gaps:?}") };
        assert_eq!((missing.problem, missing.events.len()), (HookProblem::Missing, 8));
        assert_eq!((two.named(), one.named()), ("a, b".to_owned(), "c".to_owned()));
        assert_eq!(different.events, [Event::CallEnd]);
    }

    #[test]
    fn tally_keeps_only_the_start_of_long_values() {
        let mut tally = KeyTally::default();
        for number in 0..100 {
            let value = "x".repeat(100_000 + number);
            tally.add(&value, &view(&drift("AA", &value, Some(&value))));
        }
        let kept = tally.values.iter().map(|(value, _)| value.as_ref().map_or(0, String::len));
        assert!(kept.sum::<usize>() + tally.drifted.named().len() < 10_000);
        assert_eq!(tally.others(), 0);
    }

    #[test]
    fn empty_tally_has_no_score_or_coverage() {
        assert_eq!((Tally::default().score(), Tally::default().coverage()), (None, None));
    }
}
