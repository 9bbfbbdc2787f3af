//! One file of a policy: its statements, in the order of the file.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::condition::{Condition, RowCondition};
use super::error::{Error, Errors};
use super::location::{Excerpt, Location};
use super::resolved::{ANY_ACCOUNT, EACH_ACCOUNT, Expect, ExpectedSection, Item, SectionKind};
use super::statement::{
    Conditions, FORCE, HookParameter, HookStatement, OnEvent, SectionStatement, Statement, Trust,
    Want, is_directive,
};
use super::text::{Secret, Text};
use super::toml_file::{TomlFile, TomlValue, shape};
use super::versions::Versions;
use super::written::{Globs, Scalar, SecretTable, ValueTable};
use crate::event::Event;
use crate::hook::{self, Catalogue, TextEngine, nearest};
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

/// Where users find the syntax.
const SYNTAX: &str = "run `msipctl explain policy` for the syntax of policies";

/// The names at the top level that aren't sections.
const TOP_LEVEL: [&str; 4] = ["extends", "match", "when", "hook"];

/// Reads a file of TOML.
pub(super) struct Reader<'a> {
    file: TomlFile<'a>,
    engine: &'a TextEngine,
    templates: &'a Catalogue,
}

impl<'a> Reader<'a> {
    /// Returns the statements of a file and all of its errors.
    pub(super) fn layer(
        path: &Path,
        text: &'a str,
        engine: &'a TextEngine,
        templates: &'a Catalogue,
    ) -> (Layer, Errors) {
        let (file, mut pairs) = TomlFile::parse(path, text);
        let reader = Self { file, engine, templates };
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

    /// Reads the value of a key: a scalar, or a table.
    fn value_table(&self, value: TomlValue<'a>, name: &str) -> Option<ValueTable> {
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

    fn scalar(&self, value: &TomlValue<'a>, name: &str) -> Option<Scalar> {
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

    fn only_true(
        &self,
        value: &TomlValue<'a>,
        key: &Spanned<DeString<'a>>,
    ) -> Option<super::written::True> {
        let name = key.get_ref();
        match self.file.boolean(value, name)? {
            true => Some(super::written::True),
            false => {
                let error = self.file.invalid(value, name, "`true`");
                self.report(error.with_hint(format!("remove `{name}`")));
                None
            }
        }
    }

    /// Reads the expectation for a key: a table can have only one.
    fn want(&self, table: ValueTable, span: &Range<usize>, name: &str) -> Option<Setting> {
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

    fn text(&self, value: Scalar, span: &Range<usize>) -> Option<Text> {
        let text = Text::new(value, &self.file.location(span.start), self.engine);
        text.map_err(|error| self.report(error.with_excerpt(self.file.excerpt(span.clone())))).ok()
    }

    fn hook(&self, value: TomlValue<'a>, conditions: &Conditions) -> Option<HookStatement> {
        const KNOWN: [&str; 8] = [
            "template",
            "on",
            "with",
            "replace",
            "chain",
            "append",
            "allow_system_message",
            "msipctl",
        ];
        let start = value.span();
        let pairs = self.file.table(value, "hook", "[[hook]]")?;
        let has = |name: &str| pairs.iter().any(|(key, _)| key.get_ref() == name);
        let (has_template, has_events) = (has("template"), has("on"));
        let (mut template, mut events, mut with) = (None, None, Some(Vec::new()));
        let (mut replace, mut chain, mut append, mut system) = (false, None, false, false);
        let (mut msipctl, mut is_complete) = (None, true);
        for (key, value) in pairs {
            let name = key.get_ref().as_ref();
            let mut boolean = |is_on: &mut bool| match self.file.boolean(&value, name) {
                Some(read) => *is_on = read,
                None => is_complete = false,
            };
            match name {
                "template" => template = self.template(&value),
                "on" => events = self.events(&value),
                "with" => with = self.parameters(value),
                "replace" => boolean(&mut replace),
                "append" => boolean(&mut append),
                "allow_system_message" => boolean(&mut system),
                "chain" => chain = self.file.boolean(&value, name).map(|is_on| (is_on, key.span())),
                "msipctl" => msipctl = self.file.string(&value, name),
                _ => {
                    self.file.unknown_key(&key, "`[[hook]]`", &KNOWN);
                    is_complete = false;
                }
            }
        }
        for (name, is_there, example) in [
            ("template", has_template, "template = \"call-log\""),
            ("on", has_events, "on = \"incoming-call\""),
        ] {
            if !is_there {
                let error =
                    self.file.error(start.clone(), format!("`[[hook]]` is missing `{name}`"));
                self.report(error.with_hint(format!("for example: `{example}`")));
            }
        }
        if let Some((true, span)) = &chain
            && replace
        {
            let message = "`chain` can't be combined with `replace`: expected one of them";
            self.report(self.file.error(span.clone(), message));
            return None;
        }
        let (template, location) = template?;
        let (events, with) = (events?, with?);
        if !is_complete {
            return None;
        }
        let mut hook = HookStatement {
            location: location.clone(),
            template,
            on: Vec::new(),
            with,
            replace,
            chain: chain.is_some_and(|(is_on, _)| is_on),
            append,
            allow_system_message: system,
            msipctl,
            conditions: conditions.clone(),
        };
        for (event, span) in events {
            let rendered = hook.render_fixed(event, &self.file.location(span.start));
            match rendered {
                Ok(rendered) => {
                    hook.on.push(OnEvent { event, rendered: rendered.map(Arc::new) });
                }
                Err(error) => {
                    // The same for every event, unless the error is about the event.
                    let excerpt = self.excerpt_at(&hook, error.location(), span);
                    self.report(error.with_excerpt(excerpt));
                    return None;
                }
            }
        }
        Some(hook)
    }

    /// Returns the line of an error about a hook: of a parameter, an event, or the template.
    fn excerpt_at(
        &self,
        hook: &HookStatement,
        location: &Location,
        event: Range<usize>,
    ) -> Option<Excerpt> {
        let parameter = hook.with.iter().find(|parameter| parameter.location == *location);
        match parameter {
            Some(parameter) => parameter.excerpt.clone(),
            None if *location == self.file.location(event.start) => self.file.excerpt(event),
            None => self.file.excerpt_of(location),
        }
    }

    fn template(&self, value: &TomlValue<'a>) -> Option<(hook::Template, Location)> {
        let name = self.file.string(value, "template")?;
        let location = self.file.location(value.span().start);
        match self.templates.template(&name) {
            Some(Ok(template)) => return Some((template, location)),
            Some(Err(error)) => {
                let hint = format!("run `msipctl template check {name}`");
                self.report(self.file.error(value.span(), error.to_string()).with_hint(hint));
            }
            None => {
                let error = self.file.error(value.span(), format!("unknown template `{name}`"));
                self.report(match self.templates.suggest(&name) {
                    Some(near) => {
                        let error = error.with_hint(format!("did you mean `{near}`?"));
                        self.file.corrected(error, value.span(), &format!("\"{near}\""))
                    }
                    None => error.with_hint("run `msipctl template list` to list all templates"),
                });
            }
        }
        None
    }

    fn events(&self, value: &TomlValue<'a>) -> Option<Vec<(Event, Range<usize>)>> {
        let names = self.file.strings(value, "on")?;
        if names.is_empty() {
            let error = self.file.error(value.span(), "`on` is empty: expected at least one event");
            self.report(self.file.corrected(error, value.span(), "[\"incoming-call\"]"));
            return None;
        }
        let mut events = Vec::new();
        for name in &names {
            match name.get_ref().parse::<Event>() {
                Ok(event) => events.push((event, name.span())),
                Err(_) => self.report(self.unknown_event(name)),
            }
        }
        (events.len() == names.len()).then_some(events)
    }

    fn unknown_event(&self, name: &Spanned<String>) -> Error {
        let known = Event::ALL.iter().map(|event| event.name());
        let error = self.file.error(name.span(), format!("unknown event `{}`", name.get_ref()));
        match nearest(name.get_ref(), known.clone()) {
            Some(near) => {
                let error = error.with_hint(format!("did you mean `{near}`?"));
                self.file.corrected(error, name.span(), &format!("\"{near}\""))
            }
            None => error.with_hint(format!("events: {}", known.collect::<Vec<_>>().join(", "))),
        }
    }

    fn parameters(&self, value: TomlValue<'a>) -> Option<Vec<HookParameter>> {
        let pairs = self.file.table(value, "with", "with = { window = \"MyAppWindow\" }")?;
        let expected = pairs.len();
        let parameters: Vec<_> =
            pairs.into_iter().filter_map(|(name, value)| self.parameter(&name, value)).collect();
        (parameters.len() == expected).then_some(parameters)
    }

    fn parameter(
        &self,
        name: &Spanned<DeString<'a>>,
        value: TomlValue<'a>,
    ) -> Option<HookParameter> {
        let span = value.span();
        let name = name.get_ref().clone().into_owned();
        let text = match value.get_ref() {
            DeValue::Table(_) => Text::Secret(self.secret(value, &name)?),
            _ => self.text(self.scalar(&value, &name)?, &span)?,
        };
        let location = self.file.location(span.start);
        Some(HookParameter { name, location, text, excerpt: self.file.excerpt(span) })
    }

    /// Reads where a secret is found.
    fn secret(&self, value: TomlValue<'a>, name: &str) -> Option<Secret> {
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

    fn report(&self, error: Error) {
        self.file.report(error);
    }

    fn folder(&self) -> &Path {
        self.file.path().parent().unwrap_or(Path::new(""))
    }
}

/// Sets an option to a value that was read, and returns whether there is one.
fn set<T>(option: &mut Option<T>, read: Option<T>) -> bool {
    *option = read;
    option.is_some()
}

/// Returns why a text isn't a regular expression, as the end of a sentence.
fn in_words(error: &hook::PatternError) -> String {
    match error {
        hook::PatternError::Syntax(reason) => format!("it isn't one: {reason}"),
        error => error.to_string(),
    }
}

/// The expectation for a key.
enum Setting {
    Expect(Expect),
    Text(Text),
}
