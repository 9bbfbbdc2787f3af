//! Comments that are for msipctl: which findings somebody has looked at and wants to hear of no more, and why.

use std::ops::Range;

use super::rule_set::{PatternError, RuleSet};
use winini::{Document, Line, LineKind, Span};

/// The maximum number of names in a comment. There aren't as many rules.
pub(super) const MAX_NAMES: usize = 256;

/// How many names are listed in a message.
const MAX_LISTED: usize = 8;

/// What a comment begins with that is meant for msipctl.
const PREFIX: &str = "msipctl:";

/// A comment for msipctl: `; msipctl: ignore RULE[,RULE] reason`, or the same with `ignore-file`.
#[derive(Debug)]
pub(super) struct Comment {
    /// Its line, counted from 0.
    pub(super) line: usize,
    /// Where it stands.
    pub(super) span: Span,
    /// The word after `msipctl:`, if msipctl doesn't know it.
    pub(super) unknown_word: Option<String>,
    /// The rules it names: no more than [`MAX_NAMES`].
    pub(super) names: Vec<Name>,
    /// How many names it has.
    pub(super) count: usize,
    /// Why, without secrets; empty where nobody says.
    pub(super) reason: String,
    /// The lines it is about.
    pub(super) covers: Range<usize>,
}

/// What a comment takes for the name of a rule.
#[derive(Debug)]
pub(super) struct Name {
    /// As it stands there, without secrets.
    pub(super) text: String,
    /// What it names.
    pub(super) rules: Result<RuleSet, PatternError>,
}

/// Finds the rules that a text names.
pub(super) type Named = fn(&str) -> Result<RuleSet, PatternError>;

impl Name {
    fn new(text: &str, named: Named) -> Self {
        let text = masked(text);
        let rules = named(&text);
        Self { text, rules }
    }
}

impl Comment {
    /// Reads a comment; `None` if it is not for msipctl. `below` is the next line that is no comment.
    fn parse(document: &Document, line: usize, below: Option<usize>, named: Named) -> Option<Self> {
        let span = document.line(line).content();
        let text = document.text(span);
        let text = text
            .trim_start_matches(|character: char| character == ';' || character.is_whitespace());
        let (mark, rest) = text.split_at_checked(PREFIX.len())?;
        if !mark.eq_ignore_ascii_case(PREFIX) {
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
                    names.push(Name::new(part, named));
                }
            }
            is_more = list.ends_with(',');
            rest = behind;
        }
        let unknown_word = (!is_known).then(|| masked(word));
        Some(Self { line, span, unknown_word, names, count, reason: masked(rest.trim()), covers })
    }

    /// Says whether it suppresses anything at all.
    pub(super) fn acts(&self) -> bool {
        !self.reason.is_empty() && self.count <= MAX_NAMES
    }

    /// Says which of its names names the rule at this place of the list.
    pub(super) fn name_of(&self, rule: usize) -> Option<usize> {
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
    microsip_schema::mask("", "", text).into_owned()
}

/// Finds the comments that are for msipctl, in the order of their lines.
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

/// Lists names for people: each in backticks, and no more than the first few of them.
pub(super) fn list<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let count = names.len();
    let mut listed: Vec<_> = names.take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    if let Some(more) = count.checked_sub(MAX_LISTED).filter(|more| *more > 0) {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
}
