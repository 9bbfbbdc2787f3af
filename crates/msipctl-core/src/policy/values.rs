//! Reads the values of a policy: scalars, tables with an expectation, and the sources of secrets.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::item::Expect;
use super::reader::{Reader, set};
use super::text::{Secret, Text};
use super::toml_file::TomlValue;
use super::written::{Scalar, SecretTable, True, ValueTable};
use crate::hook;

/// Where users find the syntax.
const SYNTAX: &str = "run `msipctl explain policy` for the syntax of policies";

/// The expectation for a key.
pub(super) enum Setting {
    Expect(Expect),
    Text(Text),
}

impl<'a> Reader<'a> {
    /// Reads the value of a key: a scalar, or a table.
    pub(super) fn value_table(&self, value: TomlValue<'a>, name: &str) -> Option<ValueTable> {
        const KNOWN: [&str; 12] = [
            "value", "default", "env", "file", "row", "min", "max", "one_of", "matches", "absent",
            "present", "force",
        ];
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            let value = self.scalar(&value, name)?;
            return Some(ValueTable { value: Some(value), ..ValueTable::default() });
        }
        let mut table = ValueTable::default();
        let pairs = self.file.table(value, name, "{ value = \"...\" }")?;
        let expected = pairs.len();
        let mut read = 0;
        for (key, value) in pairs {
            let key_name = key.get_ref().as_ref();
            let inner = format!("{name}.{key_name}");
            let is_read = match key_name {
                "value" => set(&mut table.value, self.scalar(&value, &inner)),
                "default" => set(&mut table.default, self.scalar(&value, &inner)),
                "env" => set(&mut table.env, self.file.string(&value, &inner)),
                "file" => set(&mut table.file, self.file.string(&value, &inner)),
                "row" => set(&mut table.row, self.file.string(&value, &inner)),
                "min" => set(&mut table.min, self.file.integer(&value, &inner)),
                "max" => set(&mut table.max, self.file.integer(&value, &inner)),
                "one_of" => set(&mut table.one_of, self.scalars(&value, &inner)),
                "matches" => set(&mut table.matches, self.pattern(&value, &inner)),
                "absent" => set(&mut table.absent, self.only_true(&value, &key)),
                "present" => set(&mut table.present, self.only_true(&value, &key)),
                "force" => {
                    let is_forced = self.file.boolean(&value, &inner);
                    table.force = is_forced.unwrap_or_default();
                    is_forced.is_some()
                }
                _ => {
                    self.file.unknown_key(&key, &format!("the value of `{name}`"), &KNOWN);
                    false
                }
            };
            read += usize::from(is_read);
        }
        (read == expected).then_some(table)
    }

    pub(super) fn scalar(&self, value: &TomlValue<'a>, name: &str) -> Option<Scalar> {
        let number = |text: &str, radix| {
            let signed = i64::from_str_radix(text, radix).map(|number| number.to_string());
            signed
                .or_else(|_| u64::from_str_radix(text, radix).map(|number| number.to_string()))
                .ok()
        };
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Integer(integer) => number(integer.as_str(), integer.radix()),
            DeValue::Boolean(is_on) => Some(u8::from(*is_on).to_string()),
            _ => None,
        };
        if text.is_none() {
            let expected = "a string, an integer, `true`, or `false`";
            let error = self.file.invalid(value, name, expected);
            let is_plain = matches!(value.get_ref(), DeValue::Float(_) | DeValue::Datetime(_));
            self.report(match self.file.found(value).filter(|_| is_plain) {
                Some(found) => self.file.corrected(error, value.span(), &format!("\"{found}\"")),
                None => error,
            });
        }
        text.map(Scalar)
    }

    fn scalars(&self, value: &TomlValue<'a>, name: &str) -> Option<Vec<Scalar>> {
        let DeValue::Array(values) = value.get_ref() else {
            let error = self.file.invalid(value, name, "a list");
            let text = self.file.text_of(value.span());
            self.report(match text {
                Some(text) => self.file.corrected(error, value.span(), &format!("[{text}]")),
                None => error,
            });
            return None;
        };
        let scalars: Vec<_> = values.iter().map(|value| self.scalar(value, name)).collect();
        scalars.into_iter().collect()
    }

    fn pattern(&self, value: &TomlValue<'a>, name: &str) -> Option<hook::Pattern> {
        let text = self.file.string(value, name)?;
        let pattern = hook::Pattern::new(&text);
        pattern
            .map_err(|error| {
                let found = self.file.found(value).map(|text| format!("`{text}` ")).unwrap_or_default();
                let message = format!(
                    "invalid value {found}for `{name}`: expected a regular expression that matches allowed values, but {}",
                    in_words(&error)
                );
                let hint = "to list the allowed values instead, use `one_of = [\"...\"]`";
                self.report(self.file.error(value.span(), message).with_hint(hint));
            })
            .ok()
    }

    pub(super) fn only_true(
        &self,
        value: &TomlValue<'a>,
        key: &Spanned<DeString<'a>>,
    ) -> Option<True> {
        let name = key.get_ref();
        match self.file.boolean(value, name)? {
            true => Some(True),
            false => {
                let error = self.file.invalid(value, name, "`true`");
                self.report(error.with_hint(format!("remove `{name}`")));
                None
            }
        }
    }

    /// Reads the expectation for a key: a table can have only one.
    pub(super) fn want(
        &self,
        table: ValueTable,
        span: &Range<usize>,
        name: &str,
    ) -> Option<Setting> {
        let ValueTable {
            value,
            default,
            env,
            file,
            row,
            min,
            max,
            one_of,
            matches,
            absent,
            present,
            force: _,
        } = table;
        let sources = [("env", env.is_some()), ("file", file.is_some()), ("row", row.is_some())];
        let others = [
            ("value", value.is_some()),
            ("default", default.is_some()),
            ("min` or `max", min.is_some() || max.is_some()),
            ("one_of", one_of.is_some()),
            ("matches", matches.is_some()),
            ("absent", absent.is_some()),
            ("present", present.is_some()),
        ];
        let given = sources.into_iter().chain(others).filter(|(_, is_there)| *is_there);
        let given: Vec<_> = given.map(|(name, _)| name).collect();
        if given.len() != 1 {
            let message = match given.as_slice() {
                [] => format!(
                    "the table for `{name}` is missing the expectation: expected `value`, `default`, `env`, `file`, `row`, `min`, `max`, `one_of`, `matches`, `absent`, or `present`"
                ),
                _ => format!(
                    "`{}` can't be combined for `{name}`: expected one of them",
                    given.join("`, `")
                ),
            };
            self.report(self.file.error(span.clone(), message).with_hint(SYNTAX));
            return None;
        }
        if let Some(secret) = self.source_of(SecretTable { env, file, row }, span)? {
            return Some(Setting::Text(Text::Secret(secret)));
        }
        if let Some(value) = value {
            return Some(match self.text(value, span)? {
                Text::Fixed(value) => Setting::Expect(Expect::Value(value)),
                text => Setting::Text(text),
            });
        }
        if let Some(default) = default {
            return Some(match self.text(default, span)? {
                Text::Fixed(value) => Setting::Expect(Expect::Default(value)),
                text => Setting::Text(text),
            });
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let message = format!("`min` is {min}, which is more than `max`, {max}");
            self.report(self.file.error(span.clone(), message));
            return None;
        }
        Some(Setting::Expect(match (one_of, matches, absent, present) {
            (Some(scalars), ..) => {
                Expect::OneOf(scalars.into_iter().map(|Scalar(text)| text).collect())
            }
            (_, Some(pattern), ..) => Expect::Matches(pattern),
            (_, _, Some(_), _) => Expect::Absent,
            (_, _, _, Some(_)) => Expect::Present,
            _ => Expect::Range { min, max },
        }))
    }

    /// Reads where a secret is found.
    pub(super) fn secret(&self, value: TomlValue<'a>, name: &str) -> Option<Secret> {
        let span = value.span();
        let mut table = SecretTable::default();
        let mut is_complete = true;
        for (key, value) in self.file.table(value, name, "{ env = \"...\" }")? {
            let inner = format!("{name}.{}", key.get_ref());
            is_complete &= match key.get_ref().as_ref() {
                "env" => set(&mut table.env, self.file.string(&value, &inner)),
                "file" => set(&mut table.file, self.file.string(&value, &inner)),
                "row" => set(&mut table.row, self.file.string(&value, &inner)),
                _ => {
                    let known = ["env", "file", "row"];
                    self.file.unknown_key(&key, &format!("the value of `{name}`"), &known);
                    false
                }
            };
        }
        if !is_complete {
            return None;
        }
        let secret = self.source_of(table, &span)?;
        if secret.is_none() {
            let message =
                format!("invalid value for `{name}`: expected one of `env`, `file`, or `row`");
            self.report(self.file.error(span, message));
        }
        secret
    }

    /// Returns the source of a secret, if the table has exactly one. `None` if its name is invalid.
    fn source_of(&self, table: SecretTable, span: &Range<usize>) -> Option<Option<Secret>> {
        let location = self.file.location(span.start);
        let secret = Secret::new(table, self.folder(), &location, self.engine);
        secret
            .map_err(|error| self.report(error.with_excerpt(self.file.excerpt(span.clone()))))
            .ok()
    }
}

/// Returns why a text isn't a regular expression, as the end of a sentence.
fn in_words(error: &hook::PatternError) -> String {
    match error {
        hook::PatternError::Syntax(reason) => format!("it isn't one: {reason}"),
        error => error.to_string(),
    }
}
