//! Findings that somebody has looked at and wants to hear of no more: which ones, and why.
//!
//! A comment in the file says it for what stands below it, a configuration for many files. Either gives a reason.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use wildmatch::WildMatch;

use super::finding::Finding;
use super::rules::{UNUSED_SUPPRESSION, unused_suppression};
use super::selection::{Pattern, PatternError, Selection, index_of};
use crate::ini::{Document, Line, LineKind, Span};
use crate::schema;

/// The maximum number of names in a comment. There aren't as many rules.
pub(super) const MAX_NAMES: usize = 256;

/// How many names are listed in a message.
const MAX_LISTED: usize = 8;

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

    /// Says whether it covers a finding of the rule at this place of the list.
    fn covers(&self, rule: Option<usize>, finding: &Finding) -> bool {
        let fits = |wanted: &Option<WildMatch>, name: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| name.is_some_and(|name| wanted.matches(name)))
        };
        rule.is_some_and(|rule| self.rules.has(rule))
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
    /// The rules it names: no more than [`MAX_NAMES`].
    pub(super) names: Vec<Name>,
    /// How many names it has.
    pub(super) count: usize,
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
    /// Reads a comment; `None` if it is not for msipctl. `below` is the next line that is no comment.
    fn parse(document: &Document, line: usize, below: Option<usize>) -> Option<Self> {
        let span = document.line(line).content();
        let text = document.text(span);
        let text = text.trim_start_matches(|letter: char| letter == ';' || letter.is_whitespace());
        let (mark, rest) = text.split_at_checked(MARK.len())?;
        if !mark.eq_ignore_ascii_case(MARK) {
            return None;
        }
        let (word, mut rest) = first_word(rest);
        let covers = match word {
            "ignore" => covered(document, below),
            "ignore-file" => 0..usize::MAX,
            _ => 0..0,
        };
        let is_known = matches!(word, "ignore" | "ignore-file");
        let (mut names, mut count) = (Vec::new(), 0);
        let mut is_more = is_known;
        while is_more {
            let (list, behind) = first_word(rest);
            for part in list.split(',').filter(|part| !part.is_empty()) {
                count += 1;
                if count <= MAX_NAMES {
                    names.push(Name::new(part));
                }
            }
            is_more = list.ends_with(',');
            rest = behind;
        }
        let word = if is_known { Ok(()) } else { Err(masked(word)) };
        Some(Self { line, span, word, names, count, reason: masked(rest.trim()), covers })
    }

    /// Says whether it suppresses anything at all.
    fn acts(&self) -> bool {
        !self.reason.is_empty() && self.count <= MAX_NAMES
    }

    /// Says which of its names names the rule at this place of the list.
    fn name_of(&self, rule: usize) -> Option<usize> {
        self.names.iter().position(|name| name.rules.as_ref().is_ok_and(|it| it.has(rule)))
    }
}

/// Returns the lines that a comment is about: those of the section whose header is the next line that is no comment, or
/// else that one line.
fn covered(document: &Document, below: Option<usize>) -> Range<usize> {
    match below.map(|line| (line, document.line(line).kind())) {
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

/// Finds the comments that are for msipctl, in the order of their lines.
pub(super) fn comments(document: &Document) -> Vec<Comment> {
    let mut below = None;
    let mut comments = Vec::new();
    for (line, kind) in document.lines().iter().map(Line::kind).enumerate().rev() {
        match kind {
            LineKind::Comment => comments.extend(Comment::parse(document, line, below)),
            _ => below = Some(line),
        }
    }
    comments.reverse();
    comments
}

/// Parts findings into those that are to be heard and those that are not, and adds that comments suppress nothing.
pub(super) fn part(
    found: Vec<Finding>,
    comments: &[Comment],
    config: &[&Suppression],
    selection: &Selection,
) -> Judged {
    let mut judged = Judged { findings: Vec::new(), suppressed: Vec::new() };
    let mut acting = Acting::new(comments);
    judged.sort(found, &mut acting, config);

    let mut unused = Vec::new();
    if selection.has(UNUSED_SUPPRESSION) {
        // Of what was not looked for, nobody knows whether it is there.
        let mut unknown = selection.unselected();
        unknown.add(UNUSED_SUPPRESSION);
        let comments = comments.iter().zip(&acting.used);
        for (comment, used) in comments.filter(|(comment, _)| comment.acts()) {
            let names = comment.names.iter().zip(used).filter(|(_, used)| !**used);
            let names = names.map(|(name, _)| name);
            let was_looked_for =
                |name: &&Name| name.rules.as_ref().is_ok_and(|rules| !rules.meets(&unknown));
            let names: Vec<_> = names.filter(was_looked_for).map(|it| it.text.as_str()).collect();
            if !names.is_empty() {
                unused.push(unused_suppression(comment, &names));
            }
        }
    }
    judged.sort(unused, &mut acting, config);
    judged.findings.sort_by_key(Finding::line);
    judged.suppressed.sort_by_key(|it| it.finding.line());
    judged
}

/// Comments by what they are about, so that no finding is compared with each of them.
struct Acting<'c> {
    comments: &'c [Comment],
    /// Those about the same lines together. The lines of two groups differ, except for those about the whole file, and
    /// for a line in a section.
    groups: Vec<Group>,
    /// The groups by where their lines begin, with where they end.
    sections: BTreeMap<usize, (usize, usize)>,
    lines: HashMap<usize, usize>,
    file: Option<usize>,
    /// Which names of each comment were used.
    used: Vec<Vec<bool>>,
}

/// Comments that are about the same lines.
#[derive(Default)]
struct Group {
    comments: Vec<usize>,
    /// By rule, the first of the comments that names it. Then all that name it are noted as used.
    first: HashMap<usize, Option<usize>>,
}

impl<'c> Acting<'c> {
    fn new(comments: &'c [Comment]) -> Self {
        let used = comments.iter().map(|comment| vec![false; comment.names.len()]).collect();
        let mut acting = Self {
            comments,
            groups: Vec::new(),
            sections: BTreeMap::new(),
            lines: HashMap::new(),
            file: None,
            used,
        };
        for (index, comment) in comments.iter().enumerate().filter(|(_, comment)| comment.acts()) {
            let Range { start, end } = comment.covers;
            let next = acting.groups.len();
            let group = match end.checked_sub(start) {
                None | Some(0) => continue,
                Some(1) => *acting.lines.entry(start).or_insert(next),
                _ if end == usize::MAX => *acting.file.get_or_insert(next),
                _ => acting.sections.entry(start).or_insert((end, next)).1,
            };
            if group == next {
                acting.groups.push(Group::default());
            }
            acting.groups[group].comments.push(index);
        }
        acting
    }

    /// Finds the first comment that covers a finding, and notes which names of all that do are used.
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

impl Judged {
    /// Adds findings, each where it belongs, and notes which names of comments were used.
    fn sort(&mut self, found: Vec<Finding>, acting: &mut Acting<'_>, config: &[&Suppression]) {
        for finding in found {
            let rule = index_of(finding.rule());
            let comment = rule.and_then(|rule| acting.cover(rule, finding.line()));
            let reason = comment.map(|it| (&acting.comments[it].reason, Source::Comment));
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

/// Lists names for people: each in backticks, and no more than the first few of them.
pub(super) fn list<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let count = names.len();
    let mut listed: Vec<_> = names.take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    if let Some(more) = count.checked_sub(MAX_LISTED).filter(|more| *more > 0) {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
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
