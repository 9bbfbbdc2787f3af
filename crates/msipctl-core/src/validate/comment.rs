//! Suppression comments: which findings they suppress, and for what reason.

use std::ops::Range;

use super::rule_set::{PatternError, RuleSet};
use winini::{Document, Line, LineKind, Span};

/// The maximum number of names in a comment. There aren't as many rules.
pub(super) const MAX_NAMES: usize = 256;

/// The maximum number of names in a message.
const MAX_LISTED: usize = 8;

/// The start of a comment for msipctl.
const PREFIX: &str = "msipctl:";

/// A comment for msipctl: `; msipctl: ignore RULE[,RULE] reason`, or the same with `ignore-file`.
#[derive(Debug)]
pub(super) struct Comment {
    /// Its line, counted from 0.
    pub(super) line: usize,
    /// Its span in the document.
    pub(super) span: Span,
    /// The action after `msipctl:`, if it's unknown.
    pub(super) unknown_word: Option<String>,
    /// The names of rules, at most [`MAX_NAMES`].
    pub(super) names: Vec<Name>,
    /// The number of names, which can be greater than [`MAX_NAMES`].
    pub(super) count: usize,
    /// The reason, without secrets. Empty if there is none.
    pub(super) reason: String,
    /// The lines that it covers.
    pub(super) covers: Range<usize>,
}

/// The name of a rule in a comment.
#[derive(Debug)]
pub(super) struct Name {
    /// The text, without secrets.
    pub(super) text: String,
    /// The rules that match it.
    pub(super) rules: Result<RuleSet, PatternError>,
}

/// Returns the rules that match a pattern.
pub(super) type Named = fn(&str) -> Result<RuleSet, PatternError>;

impl Name {
    fn new(text: &str, named: Named) -> Self {
        let text = masked(text);
        let rules = named(&text);
        Self { text, rules }
    }
}

impl Comment {
    /// Parses a comment. `None` if it isn't for msipctl. `below` is the next line that isn't a comment.
    fn parse(document: &Document, line: usize, below: Option<usize>, named: Named) -> Option<Self> {
        let span = document.line(line).content();
        let text = document.text(span);
        let text = text
            .trim_start_matches(|character: char| character == ';' || character.is_whitespace());
        let (prefix, rest) = text.split_at_checked(PREFIX.len())?;
        if !prefix.eq_ignore_ascii_case(PREFIX) {
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
            let (list, after) = first_word(rest);
            for part in list.split(',').filter(|part| !part.is_empty()) {
                count += 1;
                if count <= MAX_NAMES {
                    names.push(Name::new(part, named));
                }
            }
            is_more = list.ends_with(',');
            rest = after;
        }
        let unknown_word = (!is_known).then(|| masked(word));
        Some(Self { line, span, unknown_word, names, count, reason: masked(rest.trim()), covers })
    }

    /// Returns whether it can suppress anything.
    pub(super) fn acts(&self) -> bool {
        !self.reason.is_empty() && self.count <= MAX_NAMES
    }

    /// Returns the index of its name that matches the rule at an index in the list of rules.
    pub(super) fn name_of(&self, rule: usize) -> Option<usize> {
        self.names.iter().position(|name| name.rules.as_ref().is_ok_and(|it| it.has(rule)))
    }
}

/// Returns the lines that a comment covers. If the next line that isn't a comment is a header, that is its section,
/// otherwise only this line.
fn covered(document: &Document, below: Option<usize>) -> Range<usize> {
    match below.map(|line| (line, document.line(line).kind())) {
        Some((line, LineKind::Header)) => {
            line..document.section_of(line).map_or(line, |section| section.body().end)
        }
        Some((line, LineKind::Entry | LineKind::Text)) => line..line + 1,
        _ => 0..0,
    }
}

/// Splits the first word from a text.
fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

fn masked(text: &str) -> String {
    microsip_schema::mask("", "", text).into_owned()
}

/// Returns the comments for msipctl, in the order of their lines.
pub(super) fn comments(document: &Document, named: Named) -> Vec<Comment> {
    let mut below = None;
    let mut comments = Vec::new();
    for (line, kind) in document.lines().iter().map(Line::kind).enumerate().rev() {
        match kind {
            LineKind::Comment => comments.extend(Comment::parse(document, line, below, named)),
            _ => below = Some(line),
        }
    }
    comments.reverse();
    comments
}

/// Lists names for a message: the first few of them, each in backticks.
pub(super) fn list<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let count = names.len();
    let mut listed: Vec<_> = names.take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    if let Some(more) = count.checked_sub(MAX_LISTED).filter(|more| *more > 0) {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
}
