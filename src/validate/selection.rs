//! Which rules are looked at.

use wildmatch::WildMatch;

use super::rule::Rule;
use super::rules::RULES;
use crate::diagnostic::Group;

/// The rules that a check looks at: by default all but those of [`Group::Hygiene`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    select: Vec<Pattern>,
    ignore: Vec<Pattern>,
}

/// Names of rules with `*` in them, the name of a group, or `all`, as the rules that they stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pattern {
    /// A bit for each of [`RULES`].
    rules: [u64; WORDS],
}

/// How many words the bits of all rules need.
const WORDS: usize = RULES.len().div_ceil(64);

/// The longest pattern that is compared with names of rules for a suggestion, in bytes. That takes as much time as the
/// product of both lengths.
const MAX_COMPARED: usize = 128;

/// A pattern that fits no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` names no rule and no group{}", near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default())]
pub struct PatternError {
    pattern: String,
    near: Option<&'static str>,
}

impl PatternError {
    /// Returns the name that was perhaps meant.
    pub(super) fn near(&self) -> Option<&'static str> {
        self.near
    }
}

impl Selection {
    /// The usual rules.
    pub(super) const USUAL: Self = Self { select: Vec::new(), ignore: Vec::new() };

    /// Makes a selection of patterns: rules that one of `select` names, or the usual ones where there is none,
    /// without those that one of `ignore` names.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for a pattern that fits no rule.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl::validate::{RULES, Selection};
    ///
    /// let selection = Selection::new(&["encoding", "duplicate-*"], &["utf16*"])?;
    /// let names: Vec<_> = RULES.iter().filter(|it| selection.has(it)).map(|it| it.name).collect();
    /// assert!(names.contains(&"duplicate-key") && names.contains(&"utf8-bom"));
    /// assert!(!names.contains(&"utf16be") && !names.contains(&"unknown-key"));
    /// # Ok::<(), msipctl::validate::PatternError>(())
    /// ```
    pub fn new<T: AsRef<str>>(select: &[T], ignore: &[T]) -> Result<Self, PatternError> {
        let patterns = |texts: &[T]| {
            texts.iter().map(|text| Pattern::new(text.as_ref())).collect::<Result<_, _>>()
        };
        Ok(Self { select: patterns(select)?, ignore: patterns(ignore)? })
    }

    /// Returns the rules that are not looked at.
    pub(super) fn unselected(&self) -> Pattern {
        let mut rules = [0; WORDS];
        for (index, _) in RULES.iter().enumerate().filter(|(_, rule)| !self.has(rule)) {
            rules[index / 64] |= 1 << (index % 64);
        }
        Pattern { rules }
    }

    /// Says whether a rule is looked at.
    pub fn has(&self, rule: &Rule) -> bool {
        let is_selected = match self.select.as_slice() {
            [] => rule.group != Group::Hygiene,
            some => some.iter().any(|pattern| pattern.fits(rule)),
        };
        is_selected && !self.ignore.iter().any(|pattern| pattern.fits(rule))
    }
}

impl Pattern {
    /// Makes a pattern that fits at least one rule.
    pub(super) fn new(text: &str) -> Result<Self, PatternError> {
        let mut rules = [0; WORDS];
        let wild = WildMatch::new(text);
        let fits =
            |rule: &Rule| text == "all" || text == rule.group.name() || wild.matches(rule.name);
        for (index, _) in RULES.iter().enumerate().filter(|(_, rule)| fits(rule)) {
            rules[index / 64] |= 1 << (index % 64);
        }
        if rules != [0; WORDS] {
            return Ok(Self { rules });
        }
        if text.len() > MAX_COMPARED {
            return Err(PatternError { pattern: text.to_owned(), near: None });
        }
        let groups = Group::ALL.iter().map(|group| group.name());
        let near = RULES
            .iter()
            .map(|rule| rule.name)
            .chain(groups)
            .map(|name| (strsim::jaro_winkler(text, name), name))
            .filter(|(nearness, _)| *nearness > 0.85)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, name)| name);
        Err(PatternError { pattern: text.to_owned(), near })
    }

    /// Says whether it names a rule.
    pub(super) fn fits(&self, rule: &Rule) -> bool {
        index_of(rule.name).is_some_and(|index| self.has(index))
    }

    /// Says whether it names the rule at this place of [`RULES`].
    pub(super) fn has(&self, index: usize) -> bool {
        self.rules[index / 64] & (1 << (index % 64)) != 0
    }

    /// Adds a rule to those that it names.
    pub(super) fn add(&mut self, rule: &Rule) {
        if let Some(index) = index_of(rule.name) {
            self.rules[index / 64] |= 1 << (index % 64);
        }
    }

    /// Says whether it names a rule that another one names, too.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.rules.iter().zip(&other.rules).any(|(one, other)| one & other != 0)
    }
}

/// Finds the place of a rule in [`RULES`], which are in order of name.
pub(super) fn index_of(rule: &str) -> Option<usize> {
    RULES.binary_search_by(|it| it.name.cmp(rule)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(select: &[&str], ignore: &[&str]) -> Vec<&'static str> {
        let selection = Selection::new(select, ignore).unwrap();
        RULES.iter().filter(|rule| selection.has(rule)).map(|rule| rule.name).collect()
    }

    #[test]
    fn groups_and_stars_name_rules() {
        assert_eq!(names(&["all"], &[]).len(), RULES.len());
        assert!(names(&["utf8*"], &[]).iter().all(|name| name.starts_with("utf8")));
        assert_eq!(names(&["torn-program"], &["hooks"]), Vec::<&str>::new());
        assert!(
            RULES
                .iter()
                .filter(|it| names(&[], &[]).contains(&it.name))
                .all(|it| it.group != Group::Hygiene)
        );
    }

    #[test]
    fn what_fits_nothing_is_refused() {
        let error = Selection::new(&["torn-progam"], &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`torn-progam` names no rule and no group, did you mean `torn-program`?"
        );
        assert!(Selection::new(&[], &["nothing at all"]).is_err());
    }
}
