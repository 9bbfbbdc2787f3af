//! Reads the sections of a policy: one section, the account that a row names, or each account that matches.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::error::Error;
use super::item::{Expect, Item};
use super::layer::{Layer, TOP_LEVEL};
use super::reader::Reader;
use super::scope::{
    ANY_ACCOUNT, AccountMatch, EACH_ACCOUNT, MatchKey, MatchText, RowAccount, Scope,
};
use super::sections::SectionKind;
use super::statement::{Conditions, FORCE, SectionStatement, Statement, Trust, Want, is_directive};
use super::text::has_tag;
use super::toml_file::{TomlPair, TomlValue, shape};
use super::values::Setting;
use super::written::Scalar;
use crate::hook::nearest;
use microsip_schema::{Kind, Section, SettingError, Suggestion};

/// An example of `match`, for hints.
const ACCOUNT_MATCH: &str = "match = { domain = \"sip.example.com\" }";

impl<'a> Reader<'a> {
    /// Reads a section.
    pub(super) fn section(
        &self,
        name: &Spanned<DeString<'a>>,
        value: TomlValue<'a>,
        conditions: &Conditions,
        layer: &mut Layer,
    ) {
        let section = name.get_ref();
        if section.eq_ignore_ascii_case(EACH_ACCOUNT) {
            return self.accounts(value, conditions, layer);
        }
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            self.report(self.not_a_section(name, value.get_ref()));
            return;
        }
        let scope = match has_tag(section) {
            true => match self.row_account(name) {
                Some(account) => Scope::OfRow(Arc::new(account)),
                None => return,
            },
            false => Scope::Section,
        };
        if matches!(scope, Scope::Section)
            && let Some(near) = self.misspelled_section(section, &value)
        {
            let error = self.file.error(name.span(), format!("unknown section `[{section}]`"));
            let error = error.with_hint(format!("did you mean `[{near}]`?"));
            self.report(self.file.corrected(error, name.span(), near));
            return;
        }
        let pairs = self.file.table(value, section, "[Settings]").unwrap_or_default();
        self.pairs(section, &scope, pairs, conditions, layer);
    }

    /// Reads `["Account*"]`, or each `[["Account*"]]`.
    fn accounts(&self, value: TomlValue<'a>, conditions: &Conditions, layer: &mut Layer) {
        let blocks = match value.get_ref() {
            DeValue::Array(_) => self.file.tables(value, EACH_ACCOUNT).unwrap_or_default(),
            _ => vec![value],
        };
        for block in blocks {
            let example = "[\"Account*\"]";
            let Some(mut pairs) = self.file.table(block, EACH_ACCOUNT, example) else { continue };
            let index = pairs.iter().position(|(name, _)| name.get_ref() == "match");
            let accounts = match index.map(|index| pairs.remove(index)) {
                Some((_, table)) => match self.account_match(table) {
                    Some(accounts) => Some(Arc::new(accounts)),
                    None => continue,
                },
                None => None,
            };
            let scope = Scope::Accounts(accounts);
            self.pairs(EACH_ACCOUNT, &scope, pairs, conditions, layer);
        }
    }

    /// Reads which accounts a block is about.
    fn account_match(&self, value: TomlValue<'a>) -> Option<AccountMatch> {
        let span = value.span();
        let pairs = self.file.table(value, "match", ACCOUNT_MATCH)?;
        if pairs.is_empty() {
            let error = "`match` is empty: expected at least one key of an account";
            let error = self.file.error(span, error);
            self.report(error.with_hint(format!("for example: `{ACCOUNT_MATCH}`")));
            return None;
        }
        let expected = pairs.len();
        let keys = pairs.into_iter().filter_map(|(key, value)| self.match_key(&key, &value));
        let keys: Vec<_> = keys.collect();
        let location = self.file.location(span.start);
        (keys.len() == expected).then(|| AccountMatch::new(keys, location))
    }

    fn match_key(
        &self,
        written: &Spanned<DeString<'a>>,
        value: &TomlValue<'a>,
    ) -> Option<MatchKey> {
        let (section, key) = microsip_schema::spelled(ANY_ACCOUNT, written.get_ref());
        if let Err(invalid) = microsip_schema::known(&section, &key) {
            let error = self.file.error(written.span(), invalid.to_string());
            let keys = microsip_schema::keys().filter(|key| key.section() == Section::Account);
            self.report(match nearest(&key, keys.map(microsip_schema::Key::name)) {
                Some(near) => {
                    let error = error.with_hint(format!("did you mean `{near}`?"));
                    self.file.corrected(error, written.span(), near)
                }
                None => error.with_hint("test keys of an account, such as `domain` or `username`"),
            });
            return None;
        }
        if microsip_schema::is_secret(&section, &key) {
            let message = format!("`match` can't test `{key}`, because its value is secret");
            let error = self.file.error(written.span(), message);
            self.report(error.with_hint("test other keys, such as `domain` or `username`"));
            return None;
        }
        let texts = self.file.strings(value, &format!("match.{key}"))?;
        if texts.is_empty() {
            let message = format!("`match.{key}` is empty: expected at least one value");
            self.report(self.file.error(value.span(), message));
            return None;
        }
        let text = |written: &Spanned<String>| {
            let text = self.text(Scalar(written.get_ref().clone()), &written.span())?;
            let location = self.file.location(written.span().start);
            Some(MatchText { text, location, excerpt: self.file.excerpt(written.span()) })
        };
        let values: Option<Vec<_>> = texts.iter().map(text).collect();
        Some(MatchKey { key, values: values? })
    }

    /// Reads the name of an account that is a template. Anything else that a row could name isn't an account.
    fn row_account(&self, name: &Spanned<DeString<'a>>) -> Option<RowAccount> {
        let section = name.get_ref();
        let is_account = section
            .split('{')
            .next()
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case(EACH_ACCOUNT.trim_end_matches('*')));
        if !is_account {
            let message = format!("`[{section}]` is a template: a row can name only accounts");
            let hint = "for example: `[\"Account{{ row.account }}\"]`";
            self.report(self.file.error(name.span(), message).with_hint(hint));
            return None;
        }
        let text = self.text(Scalar(section.clone().into_owned()), &name.span())?;
        let location = self.file.location(name.span().start);
        Some(RowAccount { text, location, excerpt: self.file.excerpt(name.span()) })
    }

    /// Reads the keys of a section, and what is expected of the section as a whole.
    fn pairs(
        &self,
        section: &str,
        scope: &Scope,
        pairs: Vec<TomlPair<'a>>,
        conditions: &Conditions,
        layer: &mut Layer,
    ) {
        for (key, value) in pairs {
            let kind = match key.get_ref().as_ref() {
                "absent" => Some(SectionKind::Absent),
                "replace" => Some(SectionKind::Replaced),
                _ => None,
            };
            match kind.filter(|_| !matches!(value.get_ref(), DeValue::Table(_))) {
                Some(_) if matches!(scope, Scope::Accounts(None)) => {
                    let message =
                        format!("`{}` isn't available for `[\"Account*\"]`", key.get_ref());
                    let hint = "add `match`, or name each section, such as `[Account2]`";
                    self.report(self.file.error(key.span(), message).with_hint(hint));
                }
                Some(kind) if self.only_true(&value, &key).is_some() => {
                    let section = match scope {
                        Scope::Section => microsip_schema::spelled(section, "").0,
                        Scope::OfRow(_) | Scope::Accounts(_) => section.to_owned(),
                    };
                    let origin = self.file.location(key.span().start);
                    let (scope, conditions) = (scope.clone(), conditions.clone());
                    let statement = SectionStatement { section, kind, origin, scope, conditions };
                    layer.sections.push(statement);
                }
                Some(_) => {}
                None => {
                    let statement = self.statement(section, scope, &key, value, conditions);
                    layer.statements.extend(statement);
                }
            }
        }
    }

    /// Returns the error for a value at the top level that isn't a section.
    fn not_a_section(&self, name: &Spanned<DeString<'a>>, value: &DeValue<'a>) -> Error {
        let section = name.get_ref();
        let error = self
            .file
            .error(name.span(), format!("`{section}` is {} outside of a section", shape(value)));
        if let Some(near) = nearest(section, TOP_LEVEL.into_iter()) {
            let error = error.with_hint(format!("did you mean `{near}`?"));
            return self.file.corrected(error, name.span(), near);
        }
        match microsip_schema::sections_of(section).as_slice() {
            [only] => error.with_hint(format!("write it below `[{}]`", only.label())),
            _ => error.with_hint(format!(
                "write keys below the header of their section; outside of sections, only {} are known",
                TOP_LEVEL.map(|name| format!("`{name}`")).join(", ")
            )),
        }
    }

    /// Returns the section that was probably meant by an unknown one, unless all of its keys are forced.
    fn misspelled_section(&self, section: &str, value: &TomlValue<'a>) -> Option<&'static str> {
        if Section::of(section).is_some() {
            return None;
        }
        let near = nearest(section, Section::ALL.map(Section::label).into_iter())?;
        let DeValue::Table(keys) = value.get_ref() else { return None };
        let is_forced = |value: &TomlValue<'a>| match value.get_ref() {
            DeValue::Table(table) => table.contains_key("force"),
            _ => false,
        };
        let is_meant = keys.iter().any(|(_, value)| !is_forced(value));
        is_meant
            .then(|| Section::ALL.into_iter().map(Section::label).find(|label| *label == near))?
    }

    fn statement(
        &self,
        section: &str,
        scope: &Scope,
        written: &Spanned<DeString<'a>>,
        value: TomlValue<'a>,
        conditions: &Conditions,
    ) -> Option<Statement> {
        let location = self.file.location(written.span().start);
        let span = value.span();
        let (value_place, value_span) = (self.file.location(span.start), span.clone());
        let known_section = if matches!(scope, Scope::Section) { section } else { ANY_ACCOUNT };
        let (spelled, key) = microsip_schema::spelled(known_section, written.get_ref());
        let section = match scope {
            Scope::Section => spelled.clone(),
            Scope::OfRow(_) | Scope::Accounts(_) => section.to_owned(),
        };
        let name = format!("{section}.{key}");
        let found = value.clone();
        let table = self.value_table(value, &name)?;
        let (force, is_default) = (table.force, table.default.is_some());
        if !force
            && !is_directive(&section, &key)
            && let Err(invalid) = microsip_schema::known(&spelled, &key)
        {
            self.report(self.unknown_setting(&invalid, &spelled, written));
            return None;
        }
        let want = self.want(table, &span, &name)?;
        let secret = microsip_schema::is_secret(&spelled, &key);
        let want = match want {
            Setting::Expect(expect) => {
                let item = Item {
                    section: section.clone(),
                    key: key.clone(),
                    expect,
                    origin: location.clone(),
                    secret,
                    always: force,
                    variable: None,
                };
                Want::Fixed(Arc::new(item))
            }
            Setting::Text(text) => Want::Value(text),
        };
        let excerpt = match &want {
            Want::Value(_) => self.file.excerpt(span),
            Want::Fixed(_) => None,
        };
        let statement = Statement {
            section,
            scope: scope.clone(),
            key,
            location,
            value_place,
            value_span,
            want,
            trust: if force { Trust::Everything } else { Trust::Nothing },
            conditions: conditions.clone(),
            excerpt,
            is_default,
        };
        if let Want::Fixed(item) = &statement.want
            && let Expect::Value(text) | Expect::Default(text) = &item.expect
            && let Err(error) = statement.check_early(text, secret)
        {
            let error = error.with_excerpt(self.file.excerpt(found.span()));
            self.report(match self.meant_value(&statement, text, &found) {
                Some(meant) => self.file.corrected(error, found.span(), &meant),
                None => error,
            });
            return None;
        }
        Some(statement)
    }

    /// Returns the error for a key that MicroSIP doesn't read.
    fn unknown_setting(
        &self,
        invalid: &SettingError,
        section: &str,
        written: &Spanned<DeString<'a>>,
    ) -> Error {
        let hint = invalid.hint().unwrap_or_else(|| FORCE.to_owned());
        let error = self.file.error(written.span(), invalid.to_string()).with_hint(hint);
        let suggestion = microsip_schema::suggest(section, written.get_ref());
        match suggestion.as_ref().and_then(Suggestion::in_same_section) {
            Some(near) => self.file.corrected(error, written.span(), near.name()),
            None => error,
        }
    }

    /// Returns the value that was probably meant, as TOML, if it is a scalar of its own.
    fn meant_value(
        &self,
        statement: &Statement,
        text: &str,
        found: &TomlValue<'a>,
    ) -> Option<String> {
        let known = microsip_schema::find(statement.schema_section(), &statement.key)?;
        match known.kind() {
            Kind::Switch(_) => self.file.meant_boolean(found).map(str::to_owned),
            Kind::Choice(choices) => {
                let names = choices.iter().map(microsip_schema::Choice::text);
                let near = names.clone().find(|name| name.eq_ignore_ascii_case(text));
                let near = near.or_else(|| nearest(text, names.filter(|name| !name.is_empty())))?;
                matches!(found.get_ref(), DeValue::String(_)).then(|| format!("\"{near}\""))
            }
            _ => None,
        }
    }
}
