//! One file of a policy: its statements, in the order of the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::condition::{Condition, RowCondition};
use super::error::{Error, Errors};
use super::item::{Expect, Item};
use super::location::{Excerpt, Location};
use super::reader::Reader;
use super::sections::{ANY_ACCOUNT, EACH_ACCOUNT, ExpectedSection, SectionKind};
use super::statement::{
    Conditions, FORCE, HookStatement, SectionStatement, Statement, Trust, Want, is_directive,
};
use super::toml_file::{TomlFile, TomlValue, shape};
use super::values::Setting;
use super::versions::Versions;
use super::written::Globs;
use crate::hook::{Catalogue, TextEngine, nearest};
use microsip_schema::{Kind, Section, SettingError, Suggestion};

/// The statements of a file.
#[derive(Default)]
pub(super) struct Layer {
    /// The files that it extends.
    pub(super) extends: Vec<(PathBuf, Location, Option<Excerpt>)>,
    pub(super) statements: Vec<Statement>,
    pub(super) hooks: Vec<HookStatement>,
    pub(super) sections: Vec<SectionStatement>,
}

/// The names at the top level that aren't sections.
const TOP_LEVEL: [&str; 4] = ["extends", "match", "when", "hook"];

/// Returns the statements of a file and all of its errors.
pub(super) fn read_layer<'a>(
    path: &Path,
    text: &'a str,
    engine: &'a TextEngine,
    templates: &'a Catalogue,
) -> (Layer, Errors) {
    let (file, mut pairs) = TomlFile::parse(path, text);
    let reader = Reader { file, engine, templates };
    let mut layer = Layer::default();
    let mut conditions = Conditions::new();
    if let Some(index) = pairs.iter().position(|(name, _)| name.get_ref() == "match") {
        let (_, table) = pairs.remove(index);
        conditions.extend(reader.condition(table));
    }
    for (name, value) in pairs {
        match name.get_ref().as_ref() {
            "extends" => layer.extends = reader.extends(&value),
            "when" => reader.whens(value, &conditions, &mut layer),
            _ => reader.part(&name, value, &conditions, &mut layer),
        }
    }
    reader.check_duplicates(&layer.statements);
    (layer, reader.file.into_errors())
}

impl<'a> Reader<'a> {
    fn extends(&self, value: &TomlValue<'a>) -> Vec<(PathBuf, Location, Option<Excerpt>)> {
        let names = self.file.strings(value, "extends").unwrap_or_default();
        let named = |name: &Spanned<String>| {
            let (location, excerpt) =
                (self.file.location(name.span().start), self.file.excerpt(name.span()));
            (self.folder().join(name.get_ref()), location, excerpt)
        };
        names.iter().map(named).collect()
    }

    fn condition(&self, value: TomlValue<'a>) -> Option<Arc<Condition>> {
        let mut condition = Condition::default();
        for (key, value) in self.file.table(value, "match", "match = { host = \"front-*\" }")? {
            match key.get_ref().as_ref() {
                "microsip" => condition.microsip = self.versions(&value),
                "user" => condition.user = self.globs(&value, "user"),
                "host" => condition.host = self.globs(&value, "host"),
                "row" => condition.row = self.row_conditions(value),
                _ => self.file.unknown_key(&key, "`match`", &["microsip", "user", "host", "row"]),
            }
        }
        Some(Arc::new(condition))
    }

    fn versions(&self, value: &TomlValue<'a>) -> Option<Versions> {
        let text = self.file.string(value, "microsip")?;
        let versions = text.parse::<Versions>();
        versions.map_err(|error| self.report(self.file.error(value.span(), error.to_string()))).ok()
    }

    fn globs(&self, value: &TomlValue<'a>, name: &str) -> Option<Globs> {
        let globs = self.file.strings(value, name)?;
        Some(Globs::new(globs.iter().map(|glob| glob.get_ref().as_str())))
    }

    /// Reads conditions on columns of the inventory.
    fn row_conditions(&self, value: TomlValue<'a>) -> Vec<RowCondition> {
        let example = "match = { row.site = \"Berlin*\" }";
        let columns = self.file.table(value, "row", example).unwrap_or_default();
        let condition = |(key, value): (Spanned<DeString<'a>>, TomlValue<'a>)| {
            let column = key.get_ref().clone().into_owned();
            let globs = self.globs(&value, &format!("row.{column}"))?;
            let location = self.file.location(key.span().start);
            let excerpt = self.file.excerpt(key.span());
            Some(RowCondition { column, globs, location, excerpt })
        };
        columns.into_iter().filter_map(condition).collect()
    }

    /// Reads `[[when]]`: blocks for some files.
    fn whens(&self, value: TomlValue<'a>, conditions: &Conditions, layer: &mut Layer) {
        for block in self.file.tables(value, "when").unwrap_or_default() {
            let span = block.span();
            let example = "[[when]]";
            let Some(mut pairs) = self.file.table(block, "when", example) else { continue };
            let index = pairs.iter().position(|(name, _)| name.get_ref() == "match");
            let mut conditions = conditions.clone();
            match index {
                Some(index) => {
                    let (_, table) = pairs.remove(index);
                    conditions.extend(self.condition(table));
                }
                None => {
                    let message =
                        "`[[when]]` is missing `match`, which selects the files it applies to";
                    let hint = "for example: `match = { host = \"front-*\" }`";
                    self.report(self.file.error(span, message).with_hint(hint));
                }
            }
            for (name, value) in pairs {
                self.part(&name, value, &conditions, layer);
            }
        }
    }

    /// Reads a section, or `[[hook]]`.
    fn part(
        &self,
        name: &Spanned<DeString<'a>>,
        value: TomlValue<'a>,
        conditions: &Conditions,
        layer: &mut Layer,
    ) {
        if name.get_ref() == "hook" {
            for hook in self.file.tables(value, "hook").unwrap_or_default() {
                layer.hooks.extend(self.hook(hook, conditions));
            }
            return;
        }
        let section = name.get_ref();
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            self.report(self.not_a_section(name, value.get_ref()));
            return;
        }
        if let Some(near) = self.misspelled_section(section, &value) {
            let error = self.file.error(name.span(), format!("unknown section `[{section}]`"));
            let error = error.with_hint(format!("did you mean `[{near}]`?"));
            self.report(self.file.corrected(error, name.span(), near));
            return;
        }
        let is_each_account = section.eq_ignore_ascii_case(EACH_ACCOUNT);
        for (key, value) in self.file.table(value, section, "[Settings]").unwrap_or_default() {
            let kind = match key.get_ref().as_ref() {
                "absent" => Some(SectionKind::Absent),
                "replace" => Some(SectionKind::Replaced),
                _ => None,
            };
            match kind.filter(|_| !matches!(value.get_ref(), DeValue::Table(_))) {
                Some(_) if is_each_account => {
                    let message =
                        format!("`{}` isn't available for `[\"Account*\"]`", key.get_ref());
                    let hint = "name each section, such as `[Account2]`";
                    self.report(self.file.error(key.span(), message).with_hint(hint));
                }
                Some(kind) if self.only_true(&value, &key).is_some() => {
                    let section = microsip_schema::spelled(section, "").0;
                    let origin = self.file.location(key.span().start);
                    let expected = ExpectedSection { section, kind, origin };
                    let conditions = conditions.clone();
                    layer.sections.push(SectionStatement { expected, conditions });
                }
                Some(_) => {}
                None => {
                    layer.statements.extend(self.statement(section, &key, value, conditions));
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
        if Section::of(section).is_some() || section.eq_ignore_ascii_case(EACH_ACCOUNT) {
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
        written: &Spanned<DeString<'a>>,
        value: TomlValue<'a>,
        conditions: &Conditions,
    ) -> Option<Statement> {
        let location = self.file.location(written.span().start);
        let span = value.span();
        let value_place = self.file.location(span.start);
        let is_each_account = section.eq_ignore_ascii_case(EACH_ACCOUNT);
        let known_section = if is_each_account { ANY_ACCOUNT } else { section };
        let (spelled, key) = microsip_schema::spelled(known_section, written.get_ref());
        let section = if is_each_account { EACH_ACCOUNT.to_owned() } else { spelled.clone() };
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
            key,
            location,
            value_place,
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

    /// Reports a key that a block has twice, in different case: it isn't clear which one applies.
    fn check_duplicates(&self, statements: &[Statement]) {
        let mut seen = HashMap::new();
        for statement in statements {
            let block = statement.conditions.last().map(Arc::as_ptr);
            if let Some(first) = seen.insert((block, statement.name()), &statement.location) {
                let message = format!(
                    "duplicate key `{}`: it's already in line {}",
                    statement.key,
                    first.line()
                );
                let excerpt = self.file.excerpt_of(&statement.location);
                let error = Error::new(&statement.location, message).with_excerpt(excerpt);
                self.report(error.with_hint("keep one of them; names ignore case"));
            }
        }
    }
}
