//! The sections that a statement is about: one, the account that a row names, or each account that matches.

use std::sync::Arc;

use wildmatch::WildMatch;

use super::error::Error;
use super::location::{Excerpt, Location};
use super::source::Source;
use super::text::{Text, of_row};
use crate::hook::TextEngine;
use microsip_schema::{SecretKeys, account_number};

/// The section of a policy that means each account that a file has.
pub(super) const EACH_ACCOUNT: &str = "Account*";

/// An account, whose keys are those of each account.
pub(super) const ANY_ACCOUNT: &str = "Account1";

/// The sections that a statement is about.
#[derive(Clone)]
pub(super) enum Scope {
    /// The section with this name.
    Section,
    /// The account that the row names.
    OfRow(Arc<RowAccount>),
    /// Each account that a file has, or each one that matches.
    Accounts(Option<Arc<AccountMatch>>),
}

/// The name of an account as a template over a row.
pub(super) struct RowAccount {
    pub(super) text: Text,
    pub(super) location: Location,
    pub(super) excerpt: Option<Excerpt>,
}

/// Which accounts a block is about, by their values.
pub(super) struct AccountMatch {
    pub(super) keys: Vec<MatchKey>,
    pub(super) location: Location,
    /// The same for every file, if no value is a template.
    pub(super) fixed: Option<Arc<ResolvedMatch>>,
}

/// The values of one key, of which an account must have one.
pub(super) struct MatchKey {
    pub(super) key: String,
    pub(super) values: Vec<MatchText>,
}

/// A value that an account must have.
pub(super) struct MatchText {
    pub(super) text: Text,
    pub(super) location: Location,
    pub(super) excerpt: Option<Excerpt>,
}

/// [`AccountMatch`] for one file and row.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ResolvedMatch {
    keys: Vec<(String, Vec<MatchValue>)>,
    pub(super) location: Location,
}

#[derive(Clone, PartialEq, Eq)]
enum MatchValue {
    /// A pattern with `*` and `?`.
    Pattern(String),
    /// A text from a row, in which no character is a wildcard.
    Literal(String),
}

impl Scope {
    /// Returns what is rendered for each file, with its location.
    pub(super) fn texts(&self) -> Vec<(&Text, &Location, Option<&Excerpt>)> {
        match self {
            Self::OfRow(account) => {
                vec![(&account.text, &account.location, account.excerpt.as_ref())]
            }
            Self::Accounts(Some(accounts)) => {
                let values = accounts.keys.iter().flat_map(|key| &key.values);
                values.map(|it| (&it.text, &it.location, it.excerpt.as_ref())).collect()
            }
            Self::Section | Self::Accounts(None) => Vec::new(),
        }
    }

    /// Returns whether two scopes come from the same text of the policy.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::OfRow(one), Self::OfRow(other)) => Arc::ptr_eq(one, other),
            (Self::Accounts(Some(one)), Self::Accounts(Some(other))) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// Returns whether it is the same for every file.
    pub(super) fn is_fixed(&self) -> bool {
        match self {
            Self::Section | Self::Accounts(None) => true,
            Self::OfRow(_) => false,
            Self::Accounts(Some(accounts)) => accounts.fixed.is_some(),
        }
    }
}

impl RowAccount {
    /// Returns the section that a row names. A row can name accounts only.
    pub(super) fn section(
        &self,
        source: &Source<'_>,
        engine: &TextEngine,
    ) -> Result<String, Error> {
        if let Some(column) = self.text.empty_column(source) {
            let message = format!(
                "column `{column}` is empty{}: expected the number of an account",
                of_row(source)
            );
            let hint = "fill it in with the number of an account, such as 1 for `[Account1]`";
            return Err(self.error(message).with_hint(hint));
        }
        let name = self.text.get(source, &self.location, engine)?;
        match account_number(&name) {
            Some(number) => Ok(format!("Account{number}")),
            None => {
                let message = format!(
                    "invalid account `{name}`{}: expected a section such as `Account1`",
                    of_row(source)
                );
                let hint =
                    "the column must contain the number of an account, such as 1 for `[Account1]`";
                Err(self.error(message).with_hint(hint))
            }
        }
    }

    fn error(&self, message: String) -> Error {
        Error::new(&self.location, message).with_excerpt(self.excerpt.clone())
    }
}

impl AccountMatch {
    pub(super) fn new(keys: Vec<MatchKey>, location: Location) -> Self {
        let values = |key: &MatchKey| {
            let pattern = |value: &MatchText| match &value.text {
                Text::Fixed(text) => Some(MatchValue::Pattern(text.clone())),
                _ => None,
            };
            let values: Option<_> = key.values.iter().map(pattern).collect();
            Some((key.key.clone(), values?))
        };
        let fixed: Option<_> = keys.iter().map(values).collect();
        let fixed = fixed.map(|keys| Arc::new(ResolvedMatch { keys, location: location.clone() }));
        Self { keys, location, fixed }
    }

    /// Renders the values for a file and a row. An empty value would select the accounts without one.
    pub(super) fn resolved(
        &self,
        source: &Source<'_>,
        engine: &TextEngine,
    ) -> Result<Arc<ResolvedMatch>, Error> {
        if let Some(fixed) = &self.fixed {
            return Ok(fixed.clone());
        }
        let mut keys = Vec::new();
        for MatchKey { key, values } in &self.keys {
            let mut resolved = Vec::new();
            for MatchText { text, location, excerpt } in values {
                let placed = |error: Error| error.with_excerpt(excerpt.clone());
                if let Some(column) = text.empty_column(source) {
                    let message = format!(
                        "column `{column}` is empty{}: expected a value that selects an account",
                        of_row(source)
                    );
                    let error = Error::new(location, message).with_hint("fill in the column");
                    return Err(placed(error));
                }
                resolved.push(match text {
                    Text::Fixed(text) => MatchValue::Pattern(text.clone()),
                    text => match text.get(source, location, engine).map_err(placed)? {
                        value if value.is_empty() => {
                            let message = format!(
                                "the value of `match` is empty{}: expected a value that selects an account",
                                of_row(source)
                            );
                            return Err(placed(Error::new(location, message)));
                        }
                        value => MatchValue::Literal(value),
                    },
                });
            }
            keys.push((key.clone(), resolved));
        }
        Ok(Arc::new(ResolvedMatch { keys, location: self.location.clone() }))
    }
}

impl ResolvedMatch {
    /// Returns whether an account with these values matches. Case doesn't matter, as in all conditions.
    pub(super) fn holds(&self, value: impl Fn(&str) -> String) -> bool {
        self.keys.iter().all(|(key, values)| {
            let value = value(key);
            values.iter().any(|expected| match expected {
                MatchValue::Pattern(pattern) => {
                    WildMatch::new_case_insensitive(pattern).matches(&value)
                }
                MatchValue::Literal(text) => text.to_lowercase() == value.to_lowercase(),
            })
        })
    }

    /// Returns the expected values for people, for example `domain` `sip.example.com`.
    pub(super) fn shown(&self, secrets: &SecretKeys) -> String {
        let key = |(key, values): &(String, Vec<MatchValue>)| {
            let value = |value: &MatchValue| {
                let (MatchValue::Pattern(text) | MatchValue::Literal(text)) = value;
                format!("`{}`", secrets.mask(ANY_ACCOUNT, key, text))
            };
            let values: Vec<_> = values.iter().map(value).collect();
            format!("`{key}` {}", values.join(" or "))
        };
        self.keys.iter().map(key).collect::<Vec<_>>().join(" and ")
    }
}
