//! Checks that don't depend on the contents of files, before any of them is read.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::condition::{Condition, RowCondition};
use super::error::{Error, Errors};
use super::load::{Located, Policy};
use super::location::{Excerpt, Location};
use super::scope::Scope;
use super::source::Source;
use super::statement::{Conditions, HookParameter, HookStatement, Statement, Want};
use super::text::{self, Text};
use super::versions::Versions;
use crate::hook::TextEngine;
use microsip_schema::Version;

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
            let is_optional = error.is_missing_secret() && !source.requires_secrets;
            return (!is_optional).then_some(error);
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

/// The values of rows that no version accepts.
#[derive(Default)]
struct RowErrors {
    /// Each error, with the rows that have it: their number and the first few.
    errors: Vec<(Error, usize, Vec<String>)>,
    /// The index of each error, by the index of the value and the message.
    known: HashMap<(usize, String), usize>,
    seen: HashSet<(usize, String)>,
}

impl RowErrors {
    /// The number of rows that an error names.
    const NAMED: usize = 3;

    /// Adds the error of the value with an index, unless the row has it already, for another file.
    fn add(&mut self, index: usize, error: Error, row: &str) {
        if !self.seen.insert((index, row.to_owned())) {
            return;
        }
        let key = (index, error.message().to_owned());
        let known = *self.known.entry(key).or_insert_with(|| {
            self.errors.push((error, 0, Vec::new()));
            self.errors.len() - 1
        });
        let (_, count, rows) = &mut self.errors[known];
        *count += 1;
        if rows.len() < Self::NAMED {
            rows.push(row.to_owned());
        }
    }

    /// Returns the errors, in the order in which they were found.
    fn into_errors(self) -> impl Iterator<Item = Error> {
        self.errors.into_iter().map(|(error, count, rows)| {
            let message = match (&rows[..], count.saturating_sub(rows.len())) {
                ([row], _) => format!("{row}: {}", error.message()),
                (rows, 0) => format!("{} ({count} rows: {})", error.message(), rows.join(", ")),
                (rows, more) => {
                    let rows = rows.join(", ");
                    format!("{} ({count} rows: {rows}, and {more} more)", error.message())
                }
            };
            error.with_message(message)
        })
    }
}

impl Policy {
    /// Checks what doesn't depend on the contents of files, before any of them is read: the columns of inventories, the
    /// values of their rows, and each secret that is the same for all files. The versions of `sources` are ignored.
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
        let mut rows = RowErrors::default();
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
            for (index, usage) in usages.iter().enumerate().filter(|(_, it)| !it.is_reported) {
                if let Some(error) = self.row_error(usage, &source)
                    && self.applies(usage, &source)
                {
                    rows.add(index, error, source.row.origin());
                }
            }
        }
        rows.into_errors().for_each(|error| errors.push(error));
        errors.or_ok(())
    }

    /// Returns the error of a value from a row, if no version accepts the value.
    fn row_error(&self, usage: &Usage<'_>, source: &Source<'_>) -> Option<Error> {
        let (_, Located { stated, .. }) = usage.statement?;
        if source.row.origin().is_empty() || !usage.text.depends_only_on_row() {
            return None;
        }
        // Another error depends on the file, or was already reported with the columns.
        let value = usage.text.get(source, usage.location, &self.engine).ok()?;
        let error = stated.check_early(&value, self.is_secret(stated, usage.text)).err()?;
        Some(error.with_excerpt(usage.excerpt.cloned()))
    }

    /// Checks that the rows about one file don't contradict each other, before any file is read. `files` are the sources of
    /// each file that several rows name. Their versions are ignored: each version that the policy distinguishes is checked.
    ///
    /// # Errors
    ///
    /// Returns the first contradiction of each file. It names both rows.
    pub fn check_rows<'s>(
        &self,
        files: impl Iterator<Item = Vec<Source<'s>>>,
    ) -> Result<(), Errors> {
        let conditions = self.conditions();
        let mut versions: Vec<Version> =
            conditions.filter_map(|it| it.microsip.as_ref()).flat_map(Versions::samples).collect();
        versions.push(Version::NEWEST);
        versions.sort_unstable();
        versions.dedup();
        let mut errors = Errors::default();
        for sources in files {
            let found = versions.iter().find_map(|version| {
                let of_version = |source: &Source<'s>| Source {
                    microsip: *version,
                    requires_secrets: false,
                    ..source.clone()
                };
                let sources: Vec<_> = sources.iter().map(of_version).collect();
                self.contradiction(&sources)
            });
            if let Some(error) = found {
                errors.push(error);
            }
        }
        errors.or_ok(())
    }

    /// Returns each condition on a column.
    fn row_conditions(&self) -> Vec<&RowCondition> {
        self.conditions().flat_map(|condition| &condition.row).collect()
    }

    /// Returns each condition.
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let keys = self.statements.iter().flat_map(|located| &located.stated.conditions);
        let hooks = self.hooks.iter().flat_map(|located| &located.stated.conditions);
        let sections = self.sections.iter().flat_map(|stated| &stated.conditions);
        let mut seen = BTreeSet::new();
        let conditions = keys.chain(hooks).chain(sections);
        conditions.filter(move |it| seen.insert(Arc::as_ptr(*it))).map(|it| &**it)
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
        for (scope, _) in self.scopes() {
            if let Scope::OfRow(account) = scope
                && account.text.is_secret(&self.secret_columns)
                && !errors.iter().any(|error| *error.location() == account.location)
            {
                let message =
                    "the name of a section uses a secret column, but messages show sections";
                let error = Error::new(&account.location, message);
                let hint = "use a column that isn't secret, with the number of the account";
                errors.push(error.with_hint(hint).with_excerpt(account.excerpt.clone()));
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
        let mut seen: Vec<&Scope> = Vec::new();
        let scopes = self.scopes().filter(move |(scope, _)| {
            let is_new = !seen.iter().any(|other| other.is_same(scope));
            if is_new && !scope.texts().is_empty() {
                seen.push(scope);
            }
            is_new
        });
        let scopes = scopes.flat_map(|(scope, conditions)| {
            scope.texts().into_iter().map(move |(text, location, excerpt)| Usage {
                statement: None,
                conditions,
                text,
                location,
                excerpt,
                is_reported: false,
            })
        });
        keys.chain(parameters).chain(scopes)
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
        let is_of_row = |stated: &Statement| matches!(stated.scope, Scope::OfRow(_));
        let overrides = |later: &Located<Statement>| {
            // A row can name an account that the policy also names.
            let is_same = later.slot == *slot
                || (is_of_row(stated) || is_of_row(&later.stated))
                    && later.stated.key.eq_ignore_ascii_case(&stated.key);
            is_same && later.stated.conditions.iter().all(|it| it.holds_for_row(source))
        };
        !self.statements[index + 1..].iter().any(overrides)
    }
}
