//! Checks that don't depend on the contents of files, before any of them is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::condition::RowCondition;
use super::error::{Error, Errors};
use super::load::{Located, Policy};
use super::location::{Excerpt, Location};
use super::source::Source;
use super::statement::{Conditions, HookParameter, HookStatement, Statement, Want};
use super::text::{self, Text};
use crate::hook::TextEngine;

/// A value that depends on the file.
struct Usage<'p> {
    /// The statement and its index; `None` for a parameter of a hook.
    statement: Option<(usize, &'p Located<Statement>)>,
    conditions: &'p Conditions,
    text: &'p Text,
    location: &'p Location,
    excerpt: Option<&'p Excerpt>,
    is_reported: bool,
}

impl Usage<'_> {
    /// Returns the error that each file with these columns has, if there is one.
    fn error(&self, source: &Source<'_>, engine: &TextEngine) -> Option<Error> {
        if let Err(error) = self.text.check_columns(source, self.location) {
            return Some(error);
        }
        if !self.text.is_same_secret() {
            return None;
        }
        match (self.text.get(source, self.location, engine), self.statement) {
            (Err(error), _) if error.is_missing_secret() && !source.requires_secrets => None,
            (Err(error), _) => Some(error),
            (Ok(value), Some((_, located))) => located.stated.check_early(&value, true).err(),
            (Ok(_), None) => None,
        }
    }
}

impl Policy {
    /// Checks what doesn't depend on the contents of files, before any of them is read: the columns of inventories, and
    /// each secret that is the same for all files. The versions of `sources` are ignored.
    ///
    /// # Errors
    ///
    /// Returns each error once, however many files it affects.
    pub fn check_sources<'s>(
        &self,
        sources: impl Iterator<Item = Source<'s>>,
    ) -> Result<(), Errors> {
        let mut usages: Vec<_> = self.usages().collect();
        let mut errors = Errors::default();
        let mut columns: Option<Vec<String>> = None;
        let mut missing = Vec::new();
        let mut conditions = self.row_conditions();
        for source in sources {
            if columns.as_ref().is_none_or(|columns| !source.row.names().eq(columns)) {
                columns = Some(source.row.names().map(str::to_owned).collect());
                let error = |(index, usage): (usize, &Usage<'_>)| {
                    Some((index, usage.error(&source, &self.engine)?))
                };
                missing = usages.iter().enumerate().filter_map(error).collect();
                conditions.retain(|condition| {
                    let RowCondition { column, location, excerpt, .. } = condition;
                    match text::column(column, &source, location) {
                        Ok(_) => true,
                        Err(error) => {
                            errors.push(error.with_excerpt(excerpt.clone()));
                            false
                        }
                    }
                });
            }
            missing.retain(|(index, error)| {
                let usage = &mut usages[*index];
                if usage.is_reported || !self.applies(usage, &source) {
                    return !usage.is_reported;
                }
                usage.is_reported = true;
                errors.push(error.clone().with_excerpt(usage.excerpt.cloned()));
                false
            });
        }
        errors.or_ok(())
    }

    /// Returns each condition on a column.
    fn row_conditions(&self) -> Vec<&RowCondition> {
        let keys = self.statements.iter().flat_map(|located| &located.stated.conditions);
        let hooks = self.hooks.iter().flat_map(|located| &located.stated.conditions);
        let sections = self.sections.iter().flat_map(|stated| &stated.conditions);
        let mut seen = BTreeSet::new();
        let conditions =
            keys.chain(hooks).chain(sections).filter(|it| seen.insert(Arc::as_ptr(*it)));
        conditions.flat_map(|condition| &condition.row).collect()
    }

    /// Rejects secret columns in the names of variables and files, which messages show.
    pub(super) fn check_names(&self) -> Result<(), Errors> {
        let mut errors = Errors::default();
        for usage in self.usages() {
            if let Some(column) = usage.text.secret_in_name(&self.secret_columns) {
                let message = format!(
                    "the name of a secret uses the secret column `{column}`, but messages show names"
                );
                let error = Error::new(usage.location, message);
                let hint = "use a column that isn't secret, such as the extension";
                errors.push(error.with_hint(hint).with_excerpt(usage.excerpt.cloned()));
            }
        }
        errors.or_ok(())
    }

    /// Returns each value that depends on the file.
    fn usages(&self) -> impl Iterator<Item = Usage<'_>> {
        let keys = self.statements.iter().enumerate().filter_map(|(index, located)| {
            let Statement { want: Want::Value(text), value_place, conditions, excerpt, .. } =
                &located.stated
            else {
                return None;
            };
            let (location, excerpt) = (value_place, excerpt.as_ref());
            let statement = Some((index, located));
            Some(Usage { statement, conditions, text, location, excerpt, is_reported: false })
        });
        let parameters = self.hooks.iter().flat_map(|located| {
            let HookStatement { with, conditions, .. } = &located.stated;
            with.iter().map(move |HookParameter { location, text, excerpt, .. }| {
                let excerpt = excerpt.as_ref();
                Usage { statement: None, conditions, text, location, excerpt, is_reported: false }
            })
        });
        keys.chain(parameters)
    }

    /// Returns whether a value applies to a file of any version. If the version decides, it may not.
    fn applies(&self, usage: &Usage<'_>, source: &Source<'_>) -> bool {
        let is_certain = |conditions: &Conditions| {
            conditions.iter().all(|it| !it.depends_on_version() && it.holds_for_row(source))
        };
        if !is_certain(usage.conditions) {
            return false;
        }
        let Some((index, Located { stated, slot, .. })) = usage.statement else { return true };
        if stated.event().is_some() && !self.hooks.is_empty() {
            return false;
        }
        let overrides = |later: &Located<Statement>| {
            later.slot == *slot && later.stated.conditions.iter().all(|it| it.holds_for_row(source))
        };
        !self.statements[index + 1..].iter().any(overrides)
    }
}
