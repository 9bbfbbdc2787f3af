//! Sets of rules, by their index in the list of all rules.

/// The number of 64-bit words for the bits of all rules.
const U64_COUNT: usize = 4;

/// A set of rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RuleSet([u64; U64_COUNT]);

impl RuleSet {
    /// The maximum number of rules.
    pub(super) const CAPACITY: usize = U64_COUNT * 64;

    /// Returns whether it contains the rule at an index.
    pub(super) fn has(&self, index: usize) -> bool {
        self.0[index / 64] & (1 << (index % 64)) != 0
    }

    /// Adds the rule at an index.
    pub(super) fn add(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    /// Adds the rules of another set.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Removes the rules of another set.
    pub(super) fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }

    /// Returns whether it has a rule in common with another set.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(word, other)| word & other != 0)
    }

    /// Returns whether it has no rule.
    pub(super) fn is_empty(&self) -> bool {
        self.0 == [0; U64_COUNT]
    }

    /// Returns the indexes of its rules, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        (0..).zip(self.0).flat_map(|(word, bits)| {
            let next = |bits: &u64| Some(bits & (bits - 1)).filter(|bits| *bits != 0);
            let each = std::iter::successors(Some(bits).filter(|bits| *bits != 0), next);
            each.map(move |bits| word * 64 + bits.trailing_zeros() as usize)
        })
    }
}

/// A pattern that matches no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule or group `{pattern}`{}", near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct PatternError {
    pattern: String,
    near: Option<&'static str>,
}

impl PatternError {
    /// Creates an error. `near` is the most similar name.
    pub(super) fn new(pattern: &str, near: Option<&'static str>) -> Self {
        Self { pattern: pattern.to_owned(), near }
    }

    /// Returns the most similar name.
    pub(super) fn near(&self) -> Option<&'static str> {
        self.near
    }
}
