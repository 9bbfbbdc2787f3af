//! The selection of the rules that a check runs.

use std::fmt;
use std::sync::OnceLock;

use wildmatch::WildMatch;

use super::listeners::Listeners;
use super::rule::Rule;
use super::rule_set::{PatternError, RuleSet};
use super::rules::RULES;
use crate::diagnostic::Group;
use microsip_schema::{NEAR, nearest};

/// The rules that a check runs: by default all except those of [`Group::Hygiene`].
#[derive(Clone)]
pub struct Selection {
    rules: RuleSet,
    /// Initialized when the first file is checked.
    listeners: OnceLock<Listeners>,
}

/// The maximum length of a pattern, in bytes, that is compared with rule names for a suggestion. The comparison takes time
/// proportional to the product of both lengths.
const MAX_COMPARED: usize = 128;

impl Default for Selection {
    fn default() -> Self {
        Self::of(where_each(|rule| rule.group != Group::Hygiene))
    }
}

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Selection").field(&self.rules).finish()
    }
}

impl Selection {
    /// Creates a selection from patterns: the rules that match `select`, or the default ones if `select` is empty, without
    /// those that match `ignore`.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for a pattern that matches no rule.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::validate::{RULES, Selection};
    ///
    /// let selection = Selection::new(&["encoding", "duplicate-*"], &["utf16*"])?;
    /// let names: Vec<_> = RULES.iter().filter(|it| selection.has(it)).map(|it| it.name).collect();
    /// assert!(names.contains(&"duplicate-key") && names.contains(&"utf8-bom"));
    /// assert!(!names.contains(&"utf16be") && !names.contains(&"unknown-key"));
    /// # Ok::<(), msipctl_core::validate::PatternError>(())
    /// ```
    pub fn new<T: AsRef<str>>(select: &[T], ignore: &[T]) -> Result<Self, PatternError> {
        let of = |patterns: &[T]| {
            patterns.iter().try_fold(RuleSet::default(), |mut rules, pattern| {
                rules.extend(&named(pattern.as_ref())?);
                Ok(rules)
            })
        };
        let mut rules = if select.is_empty() { Self::default().rules } else { of(select)? };
        rules.remove(&of(ignore)?);
        Ok(Self::of(rules))
    }

    fn of(rules: RuleSet) -> Self {
        Self { rules, listeners: OnceLock::new() }
    }

    /// Returns what its rules listen to.
    pub(super) fn listeners(&self) -> &Listeners {
        self.listeners.get_or_init(|| Listeners::new(RULES, &self.rules))
    }

    /// Returns the indexes of its rules in [`RULES`].
    #[cfg(test)]
    pub(super) fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Returns the rules that aren't selected.
    pub(super) fn unselected(&self) -> RuleSet {
        let mut rules = where_each(|_| true);
        rules.remove(&self.rules);
        rules
    }

    /// Returns whether a rule is selected.
    pub fn has(&self, rule: &Rule) -> bool {
        index_of(rule.name).is_some_and(|index| self.rules.has(index))
    }
}

/// Returns the rules for which a condition is true.
fn where_each(holds: impl Fn(&Rule) -> bool) -> RuleSet {
    let mut rules = RuleSet::default();
    let matching = RULES.iter().enumerate().filter(|(_, rule)| holds(rule));
    matching.for_each(|(index, _)| rules.add(index));
    rules
}

/// Returns the rules that match a pattern: the name of a rule with or without `*`, the name of a group, or `all`.
pub(super) fn named(pattern: &str) -> Result<RuleSet, PatternError> {
    let wild = WildMatch::new(pattern);
    let rules = where_each(|rule| {
        pattern == "all" || pattern == rule.group.name() || wild.matches(rule.name)
    });
    if !rules.is_empty() {
        return Ok(rules);
    }
    if pattern.len() > MAX_COMPARED {
        return Err(PatternError::new(pattern, None));
    }
    let groups = Group::ALL.iter().map(|group| group.name());
    let names = RULES.iter().map(|rule| rule.name).chain(groups);
    let near = nearest(pattern, names, NEAR);
    Err(PatternError::new(pattern, near))
}

/// Returns the index of a rule in [`RULES`], which are sorted by name.
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
    fn rules_are_selected_by_group_and_wildcard() {
        assert_eq!(names(&["all"], &[]).len(), RULES.len());
        assert!(names(&["utf8*"], &[]).iter().all(|name| name.starts_with("utf8")));
        assert_eq!(names(&["split-program-path"], &["hooks"]), Vec::<&str>::new());
        assert!(
            RULES
                .iter()
                .filter(|it| names(&[], &[]).contains(&it.name))
                .all(|it| it.group != Group::Hygiene)
        );
    }

    #[test]
    fn selection_that_matches_no_rule_is_rejected() {
        let error = Selection::new(&["split-progam-path"], &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown rule or group `split-progam-path`; did you mean `split-program-path`?"
        );
        assert!(Selection::new(&[], &["nothing at all"]).is_err());
    }
}
