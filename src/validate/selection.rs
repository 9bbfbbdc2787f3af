//! Which rules are looked at.

use wildmatch::WildMatch;

use super::rule::{Group, Rule};
use super::rules::RULES;

/// The rules that a check looks at: by default all but those of [`Group::Hygiene`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    select: Vec<Pattern>,
    ignore: Vec<Pattern>,
}

/// Names of rules with `*` in them, the name of a group, or `all`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    text: String,
    rules: WildMatch,
}

/// A pattern that fits no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` names no rule and no group{}", near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default())]
pub struct PatternError {
    pattern: String,
    near: Option<&'static str>,
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
        let pattern = Self { text: text.to_owned(), rules: WildMatch::new(text) };
        if RULES.iter().any(|rule| pattern.fits(rule)) {
            return Ok(pattern);
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
        self.text == "all" || self.text == rule.group.name() || self.rules.matches(rule.name)
    }

    /// Says whether it names the rule of this name.
    pub(super) fn names(&self, rule: &str) -> bool {
        RULES.iter().any(|it| it.name == rule && self.fits(it))
    }
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
