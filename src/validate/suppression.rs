//! Findings that somebody has looked at and wants to hear of no more: which ones, and why.
//!
//! A comment in the file says it for what stands below it, a configuration for many files. Either gives a reason.

use std::ops::Range;

use wildmatch::WildMatch;

use super::finding::Finding;
use super::rules::{RULES, UNUSED_SUPPRESSION, unused_suppression};
use super::selection::{Pattern, PatternError, Selection};
use crate::ini::{Document, LineKind, Span};
use crate::schema;

/// What a comment begins with that is meant for msipctl.
const MARK: &str = "msipctl:";

/// A wish to hear no more of some findings, as a configuration holds it.
///
/// # Example
///
/// ```
/// use msipctl::ini::{Document, Encoding};
/// use msipctl::schema::Version;
/// use msipctl::validate::{Check, Suppression, judge};
///
/// let document = Document::parse(b"[Settings]\nsingleMod=1\n".to_vec(), Encoding::Ascii);
/// let wish = Suppression::new("unknown-key", Some("Settings"), Some("single*"), "of a fork")?;
/// let by = Check { suppress: &[&wish], ..Check::new(Version::NEWEST) };
/// let judged = judge(&document, by);
/// assert!(judged.findings.is_empty());
/// assert_eq!(judged.suppressed[0].reason, "of a fork");
/// # Ok::<(), msipctl::validate::PatternError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Suppression {
    rules: Pattern,
    section: Option<WildMatch>,
    key: Option<WildMatch>,
    reason: String,
}

impl Suppression {
    /// Makes one: of the rules that a pattern names, about a section and a key, in any case, with `*` for any
    /// letters. Without a section it is about the whole file.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for a pattern that fits no rule.
    pub fn new(
        rules: &str,
        section: Option<&str>,
        key: Option<&str>,
        reason: &str,
    ) -> Result<Self, PatternError> {
        let rules = Pattern::new(rules)?;
        let [section, key] = [section, key].map(|name| name.map(WildMatch::new_case_insensitive));
        Ok(Self { rules, section, key, reason: reason.to_owned() })
    }

    fn covers(&self, finding: &Finding) -> bool {
        let fits = |wanted: &Option<WildMatch>, name: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| name.is_some_and(|name| wanted.matches(name)))
        };
        self.rules.names(finding.rule())
            && fits(&self.section, finding.section())
            && fits(&self.key, finding.key())
    }
}

/// What a check found: what is to be heard, and what is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The findings, in the order of their lines.
    pub findings: Vec<Finding>,
    /// The suppressed ones, in the order of their lines.
    pub suppressed: Vec<Suppressed>,
}

/// A finding of which nobody wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// Why, without secrets.
    pub reason: String,
    /// Who says so.
    pub source: Source,
}

/// Who suppresses a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A comment in the file.
    Comment,
    /// A configuration beside it.
    Config,
}

/// A comment for msipctl: `; msipctl: ignore RULE[,RULE] reason`, or the same with `ignore-file`.
#[derive(Debug)]
pub(super) struct Comment {
    /// Its line, counted from 0.
    pub(super) line: usize,
    /// Where it stands.
    pub(super) span: Span,
    /// Whether its word is one that msipctl knows; else the word.
    pub(super) word: Result<(), String>,
    /// The rules it names.
    pub(super) names: Vec<Name>,
    /// Why, without secrets; empty where nobody says.
    pub(super) reason: String,
    /// The lines it is about.
    covers: Range<usize>,
}

/// What a comment takes for the name of a rule.
#[derive(Debug)]
pub(super) struct Name {
    /// As it stands there, without secrets.
    pub(super) text: String,
    /// What it names.
    pub(super) rules: Result<Pattern, PatternError>,
}

impl Name {
    fn new(text: &str) -> Self {
        let text = masked(text);
        let rules = Pattern::new(&text);
        Self { text, rules }
    }
}

impl Comment {
    /// Reads a comment; `None` if it is not for msipctl.
    fn parse(document: &Document, line: usize) -> Option<Self> {
        let span = document.line(line).content();
        let text = document.text(span);
        let text = text.trim_start_matches(|letter: char| letter == ';' || letter.is_whitespace());
        let (mark, rest) = text.split_at_checked(MARK.len())?;
        if !mark.eq_ignore_ascii_case(MARK) {
            return None;
        }
        let (word, mut rest) = first_word(rest);
        let covers = match word {
            "ignore" => below(document, line),
            "ignore-file" => 0..usize::MAX,
            _ => 0..0,
        };
        let is_known = matches!(word, "ignore" | "ignore-file");
        let mut names = Vec::new();
        let mut is_more = is_known;
        while is_more {
            let (list, behind) = first_word(rest);
            let parts = list.split(',').filter(|part| !part.is_empty());
            names.extend(parts.map(Name::new));
            is_more = list.ends_with(',');
            rest = behind;
        }
        let word = if is_known { Ok(()) } else { Err(masked(word)) };
        Some(Self { line, span, word, names, reason: masked(rest.trim()), covers })
    }

    /// Says whether it suppresses anything at all.
    fn acts(&self) -> bool {
        !self.reason.is_empty()
    }

    /// Says by which of its names it covers a finding.
    fn covers(&self, finding: &Finding) -> Option<usize> {
        let is_here = self.acts() && self.covers.contains(&finding.line());
        let names = |name: &Name| name.rules.as_ref().is_ok_and(|it| it.names(finding.rule()));
        if is_here { self.names.iter().position(names) } else { None }
    }
}

/// Returns the lines that a comment is about: those of the section whose header stands below it, or else the one
/// line below it. Only comments may stand between.
fn below(document: &Document, line: usize) -> Range<usize> {
    let mut lines =
        (line + 1..document.lines().len()).map(|line| (line, document.line(line).kind()));
    match lines.find(|(_, kind)| *kind != LineKind::Comment) {
        Some((line, LineKind::Header)) => {
            line..document.section_of(line).map_or(line, |section| section.body().end)
        }
        Some((line, LineKind::Entry | LineKind::Text)) => line..line + 1,
        _ => 0..0,
    }
}

/// Takes the first word off a text.
fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

fn masked(text: &str) -> String {
    schema::mask("", "", text).into_owned()
}

/// Finds the comments that are for msipctl.
pub(super) fn comments(document: &Document) -> Vec<Comment> {
    let lines = document.lines().iter().enumerate();
    let comments = lines.filter(|(_, line)| line.kind() == LineKind::Comment);
    comments.filter_map(|(line, _)| Comment::parse(document, line)).collect()
}

/// Parts findings into those that are to be heard and those that are not, and adds that comments suppress nothing.
pub(super) fn part(
    found: Vec<Finding>,
    comments: &[Comment],
    config: &[&Suppression],
    selection: &Selection,
) -> Judged {
    let mut judged = Judged { findings: Vec::new(), suppressed: Vec::new() };
    let mut used: Vec<Vec<bool>> =
        comments.iter().map(|comment| vec![false; comment.names.len()]).collect();
    judged.sort(found, comments, config, &mut used);

    let mut unused = Vec::new();
    if selection.has(UNUSED_SUPPRESSION) {
        for (comment, used) in comments.iter().zip(&used).filter(|(comment, _)| comment.acts()) {
            for (name, _) in comment.names.iter().zip(used).filter(|(_, used)| !**used) {
                // Of what was not looked for, nobody knows whether it is there.
                let was_looked_for = |pattern: &Pattern| {
                    let mut named = RULES.iter().filter(|rule| pattern.fits(rule));
                    named.all(|rule| selection.has(rule)) && !pattern.fits(UNUSED_SUPPRESSION)
                };
                if name.rules.as_ref().is_ok_and(was_looked_for) {
                    unused.push(unused_suppression(comment, name));
                }
            }
        }
    }
    judged.sort(unused, comments, config, &mut used);
    judged.findings.sort_by_key(Finding::line);
    judged.suppressed.sort_by_key(|it| it.finding.line());
    judged
}

impl Judged {
    /// Adds findings, each where it belongs, and notes which names of comments were used.
    fn sort(
        &mut self,
        found: Vec<Finding>,
        comments: &[Comment],
        config: &[&Suppression],
        used: &mut [Vec<bool>],
    ) {
        for finding in found {
            let mut reason = None;
            for (comment, used) in comments.iter().zip(&mut *used) {
                if let Some(name) = comment.covers(&finding) {
                    used[name] = true;
                    reason.get_or_insert((&comment.reason, Source::Comment));
                }
            }
            let by_config = || config.iter().find(|it| it.covers(&finding));
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
    use crate::ini::{CodePage, Encoding};
    use crate::schema::Version;
    use crate::validate::{Check, Safety, judge, mend};

    fn document(text: &str) -> Document {
        Document::parse(text.into(), Encoding::detect(text.as_bytes(), CodePage::WESTERN))
    }

    /// Checks a file: each finding as `line rule`, each suppressed one as `line rule: reason`, lines from 1.
    #[track_caller]
    fn check(text: &str, expected: &[&str], suppressed: &[&str]) {
        let judged = judge(&document(text), Check::new(Version::NEWEST));
        let place = |finding: &Finding| format!("{} {}", finding.line() + 1, finding.rule());
        let found: Vec<_> = judged.findings.iter().map(place).collect();
        assert_eq!(found, expected);
        let found = judged.suppressed.iter();
        let found: Vec<_> =
            found.map(|it| format!("{}: {}", place(&it.finding), it.reason)).collect();
        assert_eq!(found, suppressed);
    }

    #[test]
    fn a_comment_is_about_the_line_below_it() {
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
    fn above_a_header_it_is_about_the_section() {
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
    fn one_for_the_file_stands_anywhere() {
        let text = "[Settings]\nxA=1\n[Account1]\nxC=1\n; msipctl: ignore-file schema r";
        check(text, &[], &["2 unknown-key: r", "4 unknown-key: r"]);
        let text = "; msipctl: ignore-file utf8-without-bom r\n[Account1]\nlabel=Büro\n";
        check(text, &[], &["3 utf8-without-bom: r"]);
    }

    #[test]
    fn what_names_no_rule_or_gives_no_reason_does_not_act() {
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
    fn nobody_is_told_that_what_was_not_looked_for_is_not_there() {
        let text = "; msipctl: ignore-file unknown-key r\n; msipctl: ignore-file torn-program r\n";
        let selection = Selection::new(&["torn-program", "unused-suppression"], &[]).unwrap();
        let by = Check { selection: &selection, ..Check::new(Version::NEWEST) };
        let lines: Vec<_> = judge(&document(text), by).findings.iter().map(Finding::line).collect();
        assert_eq!(lines, [1]);
        check(
            &format!("{text}; msipctl: ignore-file unused-suppression r\n[A]\n"),
            &[],
            &["1 unused-suppression: r", "2 unused-suppression: r"],
        );
    }

    #[test]
    fn a_configuration_names_sections_and_keys_in_any_case() {
        let text = "[Settings]\nxA=1\n[Account1]\nxA=1\n[Account2]\nxA=1\nyA=1\n";
        let count = |section, key| {
            let wish = Suppression::new("unknown-key", section, key, "r").unwrap();
            let by = Check { suppress: &[&wish], ..Check::new(Version::NEWEST) };
            judge(&document(text), by).suppressed.len()
        };
        assert_eq!(count(None, None), 4);
        assert_eq!(count(Some("account*"), None), 3);
        assert_eq!(count(Some("Account2"), Some("XA")), 1);
        assert_eq!(count(None, Some("nope")), 0);
    }

    #[test]
    fn what_is_suppressed_is_not_mended() {
        let text = "[Settings]\n; msipctl: ignore directive-without-bridge by hand\nOnCallEnd=Log,C:\\a.csv\n";
        let mended = mend(&document(text), Check::new(Version::NEWEST), Safety::Unsafe);
        assert_eq!(mended.after.bytes(), text.as_bytes());
    }

    #[test]
    fn a_secret_in_a_comment_stays_there() {
        let text = "; msipctl: ignore password=hunter2 token=hunter2\n\
                    ; msipctl: password=hunter2\n[Settings]\n; msipctl: ignore unknown-key password=hunter2\nxA=1\n";
        let judged = judge(&document(text), Check::new(Version::NEWEST));
        assert_eq!((judged.findings.len(), judged.suppressed.len()), (2, 1));
        assert!(!format!("{judged:?}").contains("hunter2"), "{judged:?}");
    }
}
