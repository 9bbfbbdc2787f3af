//! What a policy wants of one file.

use std::fmt;
use std::sync::Arc;

use regex_lite::Regex;

use super::error::Error;
use super::place::Place;
use crate::ini::Document;
use crate::plan::Desired;

/// What a policy wants of one file: conditions judged, templates rendered, secrets fetched.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    items: Vec<Arc<Item>>,
}

/// What is wanted of one key.
#[derive(Debug, Clone)]
pub struct Item {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// What it shall be.
    pub expect: Expect,
    /// Where the policy says so.
    pub origin: Place,
    /// Whether its value is never shown.
    pub secret: bool,
}

/// What a key shall be. A value and [`Expect::Absent`] are written, the others are only looked at.
#[derive(Clone)]
pub enum Expect {
    /// Reads so.
    Value(String),
    /// Is not set. Whoever applies the policy takes it out.
    Absent,
    /// Is set, to whatever.
    Present,
    /// Reads as a number in a range, both ends in it.
    Range {
        /// The least.
        min: Option<i64>,
        /// The most.
        max: Option<i64>,
    },
    /// Reads as one of these.
    OneOf(Vec<String>),
    /// Matches somewhere.
    Matches(Regex),
}

// A value may be secret, so it is not shown.
impl fmt::Debug for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value(..)",
            Self::Absent => "Absent",
            Self::Present => "Present",
            Self::Range { .. } => "Range(..)",
            Self::OneOf(_) => "OneOf(..)",
            Self::Matches(_) => "Matches(..)",
        })
    }
}

/// A key that is not as the policy wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// What was expected, for people; a secret as `***`.
    pub expected: String,
    /// The value that stands there; `None` when not set, a secret as `***`.
    pub actual: Option<String>,
    /// Its line, counted from 1.
    pub line: Option<usize>,
    /// Where the policy says so.
    pub origin: Place,
    /// Whether applying the policy mends it.
    pub fixable: bool,
}

impl Wanted {
    /// Returns what is wanted of keys, in the order of the policy; hooks are not among them.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().map(|item| &**item)
    }

    /// Says whether the value of a key is a secret, by its name or by where the policy gets it.
    pub fn is_secret(&self, section: &str, key: &str) -> bool {
        let _ = (section, key);
        false
    }

    /// Finds what bringing a file to the policy asks of it: values, keys that shall be absent, and hooks.
    /// A plan of it, made again after it was applied, is empty.
    ///
    /// # Errors
    ///
    /// [`Error`] when a hook cannot be put in, as [`crate::hook::add`] says.
    pub fn desired(&self, document: &Document) -> Result<Desired, Error> {
        let _ = document;
        Ok(Desired::new())
    }

    /// Finds the keys of a file that are not as the policy wants them, in the order of the policy. A password of
    /// which nobody can say what it is, as MicroSIP encrypted it, is none of them; see [`Self::unjudged`].
    pub fn drift(&self, document: &Document) -> Vec<Drift> {
        let _ = document;
        Vec::new()
    }

    /// Finds what the policy wants and nobody can judge: passwords that MicroSIP has encrypted.
    pub fn unjudged(&self, document: &Document) -> Vec<&Item> {
        let _ = document;
        Vec::new()
    }

    /// Returns how many keys and hooks are wanted.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Says whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
