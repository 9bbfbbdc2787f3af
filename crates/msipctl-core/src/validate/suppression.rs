//! Suppressed findings, and the reasons for their suppression.
//!
//! A comment in a file suppresses findings in the lines after it, and a configuration suppresses findings in many files.
//! Both give a reason.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use wildmatch::WildMatch;

use super::comment::{Comment, Name};
use super::finding::Finding;
use super::rule_set::{PatternError, RuleSet};
use super::rules::{UNUSED_SUPPRESSION, unused_suppression};
use super::selection::{Selection, index_of, named};

/// A suppression of some findings in a configuration.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use microsip_schema::Version;
/// use msipctl_core::validate::{Check, Suppression, check_with_suppressions};
///
/// let document = Document::parse(b"[Settings]\nsingleMod=1\n".to_vec(), Encoding::Ascii);
/// let suppression =
///     Suppression::new("unknown-key", Some("Settings"), Some("single*"), "used by our fork")?;
/// let by = Check { suppress: &[&suppression], ..Check::new(Version::NEWEST) };
/// let outcome = check_with_suppressions(&document, by);
/// assert!(outcome.findings.is_empty());
/// assert_eq!(outcome.suppressed[0].reason, "used by our fork");
/// # Ok::<(), msipctl_core::validate::PatternError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Suppression {
    rules: RuleSet,
    section: Option<WildMatch>,
    key: Option<WildMatch>,
    reason: String,
}

impl Suppression {
    /// Creates a suppression of the rules that match a pattern, for a section and a key. Both ignore case and can contain `*`
    /// for any characters. Without a section, it covers the complete file.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for a pattern that matches no rule.
    pub fn new(
        rules: &str,
        section: Option<&str>,
        key: Option<&str>,
        reason: &str,
    ) -> Result<Self, PatternError> {
        let rules = named(rules)?;
        let [section, key] = [section, key].map(|name| name.map(WildMatch::new_case_insensitive));
        Ok(Self { rules, section, key, reason: reason.to_owned() })
    }

    /// Returns whether it covers a finding of the rule at an index in the list of rules.
    fn covers(&self, rule: Option<usize>, finding: &Finding) -> bool {
        let matches = |pattern: &Option<WildMatch>, name: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| name.is_some_and(|name| pattern.matches(name)))
        };
        rule.is_some_and(|rule| self.rules.has(rule))
            && matches(&self.section, finding.section())
            && matches(&self.key, finding.key())
    }
}

/// The result of a check: the findings, and the suppressed findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutcome {
    /// The findings, in the order of their lines.
    pub findings: Vec<Finding>,
    /// The suppressed findings, in the order of their lines.
    pub suppressed: Vec<Suppressed>,
}

/// A suppressed finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The reason, without secrets.
    pub reason: String,
    /// The source of the suppression.
    pub source: Source,
}

/// The source of a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A comment in the file.
    Comment,
    /// A configuration.
    Config,
}

/// Separates the suppressed findings from the others, and adds a finding for each comment that suppresses nothing.
pub(super) fn apply(
    found: Vec<Finding>,
    comments: &[Comment],
    config: &[&Suppression],
    selection: &Selection,
) -> CheckOutcome {
    let mut outcome = CheckOutcome { findings: Vec::new(), suppressed: Vec::new() };
    let mut index = SuppressionIndex::new(comments);
    outcome.sort(found, &mut index, config);

    let mut unused = Vec::new();
    if selection.has(UNUSED_SUPPRESSION) {
        // It's unknown whether rules that weren't selected would find something.
        let mut unselected = selection.unselected();
        if let Some(unused) = index_of(UNUSED_SUPPRESSION.name) {
            unselected.add(unused);
        }
        let comments = comments.iter().zip(&index.used);
        for (comment, used) in comments.filter(|(comment, _)| comment.acts()) {
            let names = comment.names.iter().zip(used).filter(|(_, used)| !**used);
            let names = names.map(|(name, _)| name);
            let was_selected =
                |name: &&Name| name.rules.as_ref().is_ok_and(|rules| !rules.meets(&unselected));
            let names: Vec<_> = names.filter(was_selected).map(|it| it.text.as_str()).collect();
            if !names.is_empty() {
                unused.push(unused_suppression(comment, &names));
            }
        }
    }
    outcome.sort(unused, &mut index, config);
    outcome.findings.sort_by_key(Finding::line);
    outcome.suppressed.sort_by_key(|it| it.finding.line());
    outcome
}

/// Comments by the lines that they cover, so that a finding isn't compared with every comment.
struct SuppressionIndex<'c> {
    comments: &'c [Comment],
    /// Comments that cover the same lines. The groups don't overlap, except for comments that cover the complete file, and
    /// for a line in a section.
    groups: Vec<Group>,
    /// The groups by the start of their lines, with the end of their lines.
    sections: BTreeMap<usize, (usize, usize)>,
    lines: HashMap<usize, usize>,
    file: Option<usize>,
    /// For each name of each comment, whether it was used.
    used: Vec<Vec<bool>>,
}

/// Comments that cover the same lines.
#[derive(Default)]
struct Group {
    comments: Vec<usize>,
    /// For each rule that was looked up, the first comment that names it. All comments that name it are then marked as used.
    first: HashMap<usize, Option<usize>>,
}

impl<'c> SuppressionIndex<'c> {
    fn new(comments: &'c [Comment]) -> Self {
        let used = comments.iter().map(|comment| vec![false; comment.names.len()]).collect();
        let mut this = Self {
            comments,
            groups: Vec::new(),
            sections: BTreeMap::new(),
            lines: HashMap::new(),
            file: None,
            used,
        };
        for (index, comment) in comments.iter().enumerate().filter(|(_, comment)| comment.acts()) {
            let Range { start, end } = comment.covers;
            let next = this.groups.len();
            let group = match end.checked_sub(start) {
                None | Some(0) => continue,
                Some(1) => *this.lines.entry(start).or_insert(next),
                _ if end == usize::MAX => *this.file.get_or_insert(next),
                _ => this.sections.entry(start).or_insert((end, next)).1,
            };
            if group == next {
                this.groups.push(Group::default());
            }
            this.groups[group].comments.push(index);
        }
        this
    }

    /// Returns the first comment that covers a finding, and marks the matching names of all comments that cover it as used.
    fn cover(&mut self, rule: usize, line: usize) -> Option<usize> {
        let section = self.sections.range(..=line).next_back();
        let section = section.filter(|(_, (end, _))| line < *end).map(|(_, (_, group))| *group);
        let groups = [section, self.lines.get(&line).copied(), self.file];
        groups.into_iter().flatten().filter_map(|group| self.first(group, rule)).min()
    }

    fn first(&mut self, group: usize, rule: usize) -> Option<usize> {
        let Group { comments, first } = &mut self.groups[group];
        *first.entry(rule).or_insert_with(|| {
            let mut first = None;
            for index in comments.iter().copied() {
                if let Some(name) = self.comments[index].name_of(rule) {
                    self.used[index][name] = true;
                    first.get_or_insert(index);
                }
            }
            first
        })
    }
}

impl CheckOutcome {
    /// Adds findings to the suppressed ones or the others, and marks the used names of comments.
    fn sort(
        &mut self,
        found: Vec<Finding>,
        index: &mut SuppressionIndex<'_>,
        config: &[&Suppression],
    ) {
        for finding in found {
            let rule = index_of(finding.rule());
            let comment = rule.and_then(|rule| index.cover(rule, finding.line()));
            let reason = comment.map(|it| (&index.comments[it].reason, Source::Comment));
            let by_config = || config.iter().find(|it| it.covers(rule, &finding));
            match reason.or_else(|| Some((&by_config()?.reason, Source::Config))) {
                Some((reason, source)) => {
                    let reason = reason.clone();
                    self.suppressed.push(Suppressed { finding, reason, source });
                }
                None => self.findings.push(finding),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{Check, Safety, apply_fixes, check_with_suppressions};
    use microsip_schema::Version;
    use winini::{CodePage, Document, Encoding};

    fn document(text: &str) -> Document {
        Document::parse(text.into(), Encoding::detect(text.as_bytes(), CodePage::WESTERN))
    }

    /// Checks a file, and compares the findings as `line rule` and the suppressed ones as `line rule: reason`. Lines are counted
    /// from 1.
    #[track_caller]
    fn check(text: &str, expected: &[&str], suppressed: &[&str]) {
        let outcome = check_with_suppressions(&document(text), Check::new(Version::NEWEST));
        let shown = |finding: &Finding| format!("{} {}", finding.line() + 1, finding.rule());
        let found: Vec<_> = outcome.findings.iter().map(shown).collect();
        assert_eq!(found, expected);
        let found = outcome.suppressed.iter();
        let found: Vec<_> =
            found.map(|it| format!("{}: {}", shown(&it.finding), it.reason)).collect();
        assert_eq!(found, suppressed);
    }

    #[test]
    fn suppression_comment_applies_to_the_next_line() {
        check(
            "[Settings]\n; msipctl: ignore unknown-key of a fork\nxA=1\nxB=1\n",
            &["4 unknown-key"],
            &["3 unknown-key: of a fork"],
        );
        check(
            "[Settings]\n;MSIPCTL:ignore  duplicate-*, unknown-key  of  a fork \n; more\nxA=1\nxA=2\n",
            &["2 unused-suppression", "5 duplicate-key"],
            &["4 unknown-key: of  a fork"],
        );
        check("; msipctl ignore unknown-key r\n[Settings]\nxA=1\n", &["3 unknown-key"], &[]);
    }

    #[test]
    fn suppression_before_a_header_applies_to_the_section() {
        check(
            "; msipctl: ignore unknown-key r\n[Settings]\nxA=1\nxB=1\n[Account1]\nxC=1\n",
            &["6 unknown-key"],
            &["3 unknown-key: r", "4 unknown-key: r"],
        );
        check(
            "[Settings]\n; msipctl: ignore unknown-key r\n\n[Account1]\nxC=1\n",
            &["2 unused-suppression", "5 unknown-key"],
            &[],
        );
    }

    #[test]
    fn file_suppression_works_on_any_line() {
        let text = "[Settings]\nxA=1\n[Account1]\nxC=1\n; msipctl: ignore-file schema r";
        check(text, &[], &["2 unknown-key: r", "4 unknown-key: r"]);
        let text = "; msipctl: ignore-file utf8-without-bom r\n[Account1]\nlabel=Büro\n";
        check(text, &[], &["3 utf8-without-bom: r"]);
    }

    #[test]
    fn suppression_without_rule_or_reason_has_no_effect() {
        check(
            "[Settings]\n; msipctl: ignore unknown-key\nxA=1\n; msipctl: ignore unknown-kei r\nxB=1\n\
             ; msipctl: hide unknown-key r\nxC=1\n; msipctl: ignore\n",
            &[
                "2 suppression-without-reason",
                "3 unknown-key",
                "4 suppression-of-unknown-rule",
                "5 unknown-key",
                "6 suppression-of-unknown-rule",
                "7 unknown-key",
                "8 suppression-of-unknown-rule",
            ],
            &[],
        );
    }

    #[test]
    fn suppression_of_an_unselected_rule_is_not_unused() {
        let text =
            "; msipctl: ignore-file unknown-key r\n; msipctl: ignore-file split-program-path r\n";
        let selection = Selection::new(&["split-program-path", "unused-suppression"], &[]).unwrap();
        let by = Check { selection: &selection, ..Check::new(Version::NEWEST) };
        let lines: Vec<_> = check_with_suppressions(&document(text), by)
            .findings
            .iter()
            .map(Finding::line)
            .collect();
        assert_eq!(lines, [1]);
        check(
            &format!("{text}; msipctl: ignore-file unused-suppression r\n[A]\n"),
            &[],
            &["1 unused-suppression: r", "2 unused-suppression: r"],
        );
    }

    #[test]
    fn configured_suppression_ignores_case_of_sections_and_keys() {
        let text = "[Settings]\nxA=1\n[Account1]\nxA=1\n[Account2]\nxA=1\nyA=1\n";
        let count = |section, key| {
            let suppression = Suppression::new("unknown-key", section, key, "r").unwrap();
            let by = Check { suppress: &[&suppression], ..Check::new(Version::NEWEST) };
            check_with_suppressions(&document(text), by).suppressed.len()
        };
        assert_eq!(count(None, None), 4);
        assert_eq!(count(Some("account*"), None), 3);
        assert_eq!(count(Some("Account2"), Some("XA")), 1);
        assert_eq!(count(None, Some("nope")), 0);
    }

    #[test]
    fn suppressed_findings_are_not_fixed() {
        let text = "[Settings]\n; msipctl: ignore directive-without-launcher by hand\nOnCallEnd=Log,C:\\a.csv\n";
        let fixed = apply_fixes(&document(text), Check::new(Version::NEWEST), Safety::Unsafe);
        assert_eq!(fixed.after.bytes(), text.as_bytes());
    }

    #[test]
    fn suppression_output_contains_no_secrets_from_comments() {
        let text = "; msipctl: ignore password=hunter2 token=hunter2\n\
                    ; msipctl: password=hunter2\n[Settings]\n; msipctl: ignore unknown-key password=hunter2\nxA=1\n";
        let outcome = check_with_suppressions(&document(text), Check::new(Version::NEWEST));
        assert_eq!((outcome.findings.len(), outcome.suppressed.len()), (2, 1));
        assert!(!format!("{outcome:?}").contains("hunter2"), "{outcome:?}");
    }
}
