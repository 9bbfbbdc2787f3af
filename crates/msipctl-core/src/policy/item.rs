//! What a policy expects of one key.

use std::fmt;
use std::sync::Arc;

use super::drift::Drift;
use super::error::Error;
use super::location::Location;
use super::password::{self, Verdict};
use crate::hook::Pattern;
use microsip_schema::{SecretKeys, Version};

/// What is expected of one key.
#[derive(Debug, Clone)]
pub struct Item {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The expectation.
    pub expect: Expect,
    /// The location in the policy.
    pub origin: Location,
    /// Whether its value is never shown.
    pub secret: bool,
    /// Whether it is written even if the value in the file can't be verified.
    pub always: bool,
    /// The environment variable that contains its value.
    pub variable: Option<Arc<str>>,
}

/// What is expected of a key. `apply` writes [`Expect::Value`], [`Expect::Default`], and [`Expect::Absent`]; the others are only audited.
#[derive(Clone)]
pub enum Expect {
    /// Has this value.
    Value(String),
    /// Is set to any value. Otherwise, `apply` writes this one.
    Default(String),
    /// Isn't set. `apply` removes it.
    Absent,
    /// Is set to any value.
    Present,
    /// Is an integer in a range.
    Range {
        /// The minimum.
        min: Option<i64>,
        /// The maximum.
        max: Option<i64>,
    },
    /// Is one of these values.
    OneOf(Vec<String>),
    /// A part of the value matches.
    Matches(Pattern),
    /// Is set to a secret that isn't available here, for this reason. Only whether the key is set can be verified.
    Unavailable(String),
}

// A value can be secret, so it isn't shown.
impl fmt::Debug for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value(..)",
            Self::Default(_) => "Default(..)",
            Self::Absent => "Absent",
            Self::Present => "Present",
            Self::Range { .. } => "Range(..)",
            Self::OneOf(_) => "OneOf(..)",
            Self::Matches(_) => "Matches(..)",
            Self::Unavailable(_) => "Unavailable(..)",
        })
    }
}

impl Expect {
    /// Returns whether two expectations mean the same.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(one), Self::Value(other))
            | (Self::Default(one), Self::Default(other))
            | (Self::Unavailable(one), Self::Unavailable(other)) => one == other,
            (Self::Absent, Self::Absent) | (Self::Present, Self::Present) => true,
            (Self::Range { min, max }, Self::Range { min: other_min, max: other_max }) => {
                (min, max) == (other_min, other_max)
            }
            (Self::OneOf(one), Self::OneOf(other)) => one == other,
            (Self::Matches(one), Self::Matches(other)) => one.to_string() == other.to_string(),
            _ => false,
        }
    }
}

impl Item {
    /// Returns whether two statements contradict each other. A secret that isn't available here contradicts none.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        let is_unavailable = |item: &Self| matches!(item.expect, Expect::Unavailable(_));
        let is_same = self.expect.is_same(&other.expect) && self.always == other.always;
        !(is_same || is_unavailable(self) || is_unavailable(other))
    }

    /// Returns whether two statements are the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is_of(&other.section, &other.key)
            && self.origin == other.origin
            && self.always == other.always
            && self.expect.is_same(&other.expect)
    }

    /// Returns why the value in a file can't be verified, if it can't.
    pub fn unverified_reason(&self) -> &str {
        match &self.expect {
            Expect::Unavailable(reason) => reason,
            _ => "MicroSIP encrypted the password",
        }
    }

    /// Returns whether it is about this key.
    pub fn is_of(&self, section: &str, key: &str) -> bool {
        self.section.eq_ignore_ascii_case(section) && self.key.eq_ignore_ascii_case(key)
    }

    /// Returns whether `apply` writes it.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.expect, Expect::Value(_) | Expect::Default(_) | Expect::Absent)
    }

    /// Compares the expectation with the value in a file.
    pub(super) fn verdict(&self, value: Option<&str>, microsip: Version) -> Verdict {
        let right = |is_right: bool| if is_right { Verdict::Right } else { Verdict::Wrong };
        match &self.expect {
            Expect::Absent => return right(value.is_none()),
            Expect::Present => return right(value.is_some()),
            Expect::Default(default) => {
                let is_set = value.is_some_and(|value| !value.is_empty());
                return right(is_set || default.is_empty());
            }
            Expect::Unavailable(_) => {
                let is_set = value.is_some_and(|value| !value.is_empty());
                return if is_set { Verdict::Unknown } else { Verdict::Wrong };
            }
            Expect::Value(resolved) => {
                let Some(value) = value else { return Verdict::Wrong };
                return match password::is_encrypted_in_place(&self.section, &self.key) {
                    true => match password::compare(resolved, value) {
                        Verdict::Unknown if self.always => Verdict::Wrong,
                        verdict => verdict,
                    },
                    false => right(resolved == value),
                };
            }
            _ => {}
        }
        // MicroSIP uses its default if the key isn't set.
        let default = || microsip_schema::find(&self.section, &self.key)?.default(microsip);
        let Some(value) = value.or_else(default) else { return Verdict::Wrong };
        if password::is_encrypted_in_place(&self.section, &self.key)
            && password::is_encrypted(value)
        {
            return Verdict::Unknown;
        }
        right(match &self.expect {
            Expect::Range { min, max } => value.parse().is_ok_and(|number: i64| {
                min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max)
            }),
            Expect::OneOf(values) => values.iter().any(|resolved| resolved == value),
            Expect::Matches(pattern) => pattern.is_match(value),
            Expect::Value(_)
            | Expect::Default(_)
            | Expect::Absent
            | Expect::Present
            | Expect::Unavailable(_) => true,
        })
    }

    /// Returns the difference between the expectation and the value in a file.
    pub(super) fn drift(
        &self,
        value: Option<&str>,
        line: Option<usize>,
        secrets: &SecretKeys,
        microsip: Version,
    ) -> Drift {
        let shown = |value: &str| secrets.mask(&self.section, &self.key, value).into_owned();
        Drift {
            section: self.section.clone(),
            key: self.key.clone(),
            expected: self.expected(secrets),
            actual: value.map(shown),
            line: line.map(|line| line + 1),
            origin: self.origin.clone(),
            fixable: self.is_written(),
            default: microsip_schema::find(&self.section, &self.key)
                .filter(|_| value.is_none())
                .and_then(|key| key.default(microsip)),
            hook: None,
        }
    }

    /// Returns the expected value, for people.
    fn expected(&self, secrets: &SecretKeys) -> String {
        let shown = |value: &str| secrets.mask(&self.section, &self.key, value).into_owned();
        match &self.expect {
            Expect::Value(value) | Expect::Default(value) => shown(value),
            Expect::Unavailable(_) => shown("secret"),
            Expect::Absent => "not set".to_owned(),
            Expect::Present => "set".to_owned(),
            // A pattern or a range would help to guess a secret.
            _ if self.secret => shown("constraint"),
            Expect::Range { min: Some(min), max: Some(max) } => format!("{min} to {max}"),
            Expect::Range { min: Some(min), .. } => format!("{min} or more"),
            Expect::Range { max, .. } => format!("{} or less", max.unwrap_or_default()),
            Expect::OneOf(values) => {
                let shown = |value: &String| match value.is_empty() {
                    true => "`\"\"` (empty)".to_owned(),
                    false => shown(value),
                };
                values.iter().map(shown).collect::<Vec<_>>().join(" or ")
            }
            Expect::Matches(pattern) => {
                secrets.mask_text(&format!("text that matches `{pattern}`")).into_owned()
            }
        }
    }
}

/// Returns the expectation for a key whose value is a secret that isn't available here.
pub(super) fn unavailable_item(
    section: &str,
    key: &str,
    origin: &Location,
    error: &Error,
) -> Arc<Item> {
    Arc::new(Item {
        section: section.to_owned(),
        key: key.to_owned(),
        expect: Expect::Unavailable(error.message().to_owned()),
        origin: origin.clone(),
        secret: true,
        always: false,
        variable: None,
    })
}
