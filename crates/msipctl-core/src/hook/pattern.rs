//! Regular expressions from untrusted authors, with limits for their length, compiled size, and matched text.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

/// The maximum length of an expression, in bytes.
const MAX_LENGTH: usize = 1024;

/// The size limits of compiled expressions to try, in KiB. The last one is the maximum.
const SIZES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// The maximum nesting depth of brackets.
const MAX_NESTING: u32 = 32;

/// The maximum length of a text that can match, in bytes. The limits of MicroSIP are far lower.
pub(crate) const MAX_MATCHED: usize = 4096;

/// A regular expression and the amount of work to match it.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    /// Whether the expression is a plain text, for which no regular expression is needed.
    is_literal: bool,
    /// The compiled size in KiB. Matching visits each part of the expression at each byte.
    weight: usize,
}

/// Why a text can't be used as a regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The text isn't a regular expression.
    #[error("{0}")]
    Syntax(String),
    /// The text is too long.
    #[error("it has {0} bytes: expected at most {MAX_LENGTH}")]
    Long(usize),
    /// The repetitions are too large.
    #[error("it takes more than {} KiB when it's compiled: use fewer or shorter repetitions", SIZES[SIZES.len() - 1])]
    Large,
}

impl Pattern {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for a text that isn't a regular expression, or is too long or too large.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::hook::Pattern;
    ///
    /// assert!(Pattern::new("^[0-9]{1,255}$")?.is_match("4930123"));
    /// assert!(Pattern::new("((a{100}){100}){100}").is_err());
    /// # Ok::<(), msipctl_core::hook::PatternError>(())
    /// ```
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::Long(text.len()));
        }
        let compile = |size: usize| {
            RegexBuilder::new(text).size_limit(size << 10).nest_limit(MAX_NESTING).build()
        };
        let mut failure = None;
        for weight in SIZES {
            match compile(weight) {
                Ok(regex) => {
                    let is_literal = regex_lite::escape(text) == text;
                    return Ok(Self { regex, is_literal, weight });
                }
                Err(error) => failure = Some(error.to_string()),
            }
        }
        let failure = failure.unwrap_or_default();
        // The type of the error doesn't distinguish the cases.
        match failure.contains("size limit") {
            true => Err(PatternError::Large),
            false => Err(PatternError::Syntax(failure)),
        }
    }

    /// Returns whether the expression matches somewhere in a text. A text of more than 4096 bytes doesn't match.
    pub fn is_match(&self, text: &str) -> bool {
        let is_found = || match self.is_literal {
            true => text.contains(self.regex.as_str()),
            false => self.regex.is_match(text),
        };
        text.len() <= MAX_MATCHED && is_found()
    }

    /// Returns the work to match a text, in steps of some nanoseconds.
    pub(super) fn work(&self, text: &str) -> usize {
        self.weight * text.len().min(MAX_MATCHED)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.regex.as_str())
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn oversized_patterns_are_rejected() {
        for text in ["((a{100}){100}){100}", "(a{1000}){1000}", "[a-z]{9999}"] {
            assert_eq!(Pattern::new(text).unwrap_err(), PatternError::Large, "{text}");
        }
        assert_eq!(Pattern::new(&"a".repeat(1025)).unwrap_err(), PatternError::Long(1025));
        let nested = format!("{}a{}", "(".repeat(400), ")".repeat(400));
        assert!(matches!(Pattern::new(&nested), Err(PatternError::Syntax(_))));
        assert!(matches!(Pattern::new("("), Err(PatternError::Syntax(_))));
    }

    #[test]
    fn plain_text_matches_as_the_same_regular_expression_does() {
        for text in ["PCM", "", "a b", "\u{e4}", "a.c", "^a", "a|b", "[a]", r"a\.c"] {
            let (pattern, regex) = (Pattern::new(text).unwrap(), Regex::new(text).unwrap());
            for found in ["PCMA PCMU", "", "a b", "\u{c4}\u{e4}", "abc", "a.c", "[a]"] {
                assert_eq!(pattern.is_match(found), regex.is_match(found), "{text} {found}");
            }
        }
        assert!(
            Pattern::new("PCM").unwrap().is_literal && !Pattern::new("a.c").unwrap().is_literal
        );
    }

    #[test]
    fn common_patterns_compile() {
        for text in ["^[A-Za-z0-9][A-Za-z0-9 _.()-]{0,255}$", "^.{1,255}$", r"^https?://[^\s]+$"] {
            let pattern = Pattern::new(text).unwrap();
            assert_eq!(pattern.to_string(), text);
        }
        assert!(!Pattern::new("a").unwrap().is_match(&"a".repeat(MAX_MATCHED + 1)));
    }
}
