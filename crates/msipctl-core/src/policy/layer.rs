//! One file of a policy: what it states, in the order in which it stands there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, ValueDeserializer};

use super::condition::Condition;
use super::error::Error;
use super::location::{Location, LocationFinder};
use super::resolved::{Expect, Item};
use super::statement::{
    Conditions, FORCE, HookStatement, OnEvent, Statement, Trust, Want, is_directive,
};
use super::text::{Secret, Text};
use super::written::{Given, HookTable, MatchTable, Scalar, SecretTable, Stated, ValueTable};
use crate::event::Event;
use crate::hook::{Catalogue, TextEngine};
use microsip_schema::{NEAR, nearest};

/// What a file states.
#[derive(Default)]
pub(super) struct Layer {
    /// The files below it.
    pub(super) extends: Vec<(PathBuf, Location)>,
    pub(super) statements: Vec<Statement>,
    pub(super) hooks: Vec<HookStatement>,
}

/// The tables and keys of a policy that aren't sections.
const TABLES: [&str; 4] = ["extends", "match", "when", "hook"];

const PAGE: &str = "docs/policy.md tells what a policy may hold";

/// Reads one file of TOML.
pub(super) struct Reader<'a> {
    pub(super) path: Arc<Path>,
    pub(super) text: &'a str,
    pub(super) places: LocationFinder<'a>,
    pub(super) engine: &'a TextEngine,
    pub(super) templates: &'a Catalogue,
}

/// A key and its value.
type Pair<'t> = (Spanned<DeString<'t>>, Spanned<DeValue<'t>>);

impl<'a> Reader<'a> {
    /// Reads all of it.
    pub(super) fn layer(&self) -> Result<Layer, Error> {
        let table = DeTable::parse(self.text).map_err(|error| self.error(&error, 0))?;
        let mut layer = Layer::default();
        let mut pairs = sorted_by_position(table.into_inner());
        let mut conditions = Conditions::new();
        if let Some(index) = pairs.iter().position(|(name, _)| name.get_ref() == "match") {
            let (_, table) = pairs.remove(index);
            conditions.push(self.condition(table)?);
        }
        for (name, value) in pairs {
            match name.get_ref().as_ref() {
                "extends" => layer.extends = self.extends(value)?,
                "when" => self.whens(value, &conditions, &mut layer)?,
                _ => self.part(name, value, &conditions, &mut layer)?,
            }
        }
        self.check_duplicates(&layer.statements)?;
        Ok(layer)
    }

    fn extends(&self, value: Spanned<DeValue<'a>>) -> Result<Vec<(PathBuf, Location)>, Error> {
        let names: Vec<Spanned<String>> = self.read(value)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let named = |name: &Spanned<String>| {
            (folder.join(name.get_ref()), self.location(name.span().start))
        };
        Ok(names.iter().map(named).collect())
    }

    fn condition(&self, value: Spanned<DeValue<'a>>) -> Result<Arc<Condition>, Error> {
        let table: MatchTable = self.read(value)?;
        Ok(Arc::new(table.into()))
    }

    /// Reads `[[when]]`: blocks for some files.
    fn whens(
        &self,
        value: Spanned<DeValue<'a>>,
        conditions: &Conditions,
        layer: &mut Layer,
    ) -> Result<(), Error> {
        for block in self.list(value, "when")? {
            let start = block.span().start;
            let mut pairs = self.table(block, "[[when]]")?;
            let index = pairs.iter().position(|(name, _)| name.get_ref() == "match");
            let index = index.ok_or_else(|| {
                Error::new(
                    &self.location(start),
                    "`[[when]]` has no `match`, expected for which files it is",
                )
                .with_hint("for example match = { host = \"desk-*\" }")
            })?;
            let (_, table) = pairs.remove(index);
            let mut conditions = conditions.clone();
            conditions.push(self.condition(table)?);
            for (name, value) in pairs {
                self.part(name, value, &conditions, layer)?;
            }
        }
        Ok(())
    }

    /// Reads a section, or `[[hook]]`.
    fn part(
        &self,
        name: Spanned<DeString<'a>>,
        value: Spanned<DeValue<'a>>,
        conditions: &Conditions,
        layer: &mut Layer,
    ) -> Result<(), Error> {
        if name.get_ref() == "hook" {
            for hook in self.list(value, "hook")? {
                let location = self.location(hook.span().start);
                layer.hooks.push(self.hook(hook, &location, conditions)?);
            }
            return Ok(());
        }
        let location = self.location(name.span().start);
        let section = name.into_inner();
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            let message = format!("`{section}` is {}, expected a section", shape(value.get_ref()));
            let near =
                nearest(&section, TABLES, NEAR).map(|near| format!("did you mean `{near}`?"));
            let hint = near.unwrap_or_else(|| {
                "put keys below the header of their section; besides sections, a policy has `extends`, `match`, `[[when]]`, and \
                 `[[hook]]`"
                    .to_owned()
            });
            return Err(Error::new(&location, message).with_hint(hint));
        }
        for (key, value) in self.table(value, &section)? {
            let statement = self.statement(&section, &key, value, conditions)?;
            layer.statements.push(statement);
        }
        Ok(())
    }

    fn statement(
        &self,
        section: &str,
        key: &Spanned<DeString<'a>>,
        value: Spanned<DeValue<'a>>,
        conditions: &Conditions,
    ) -> Result<Statement, Error> {
        let (location, value_place) =
            (self.location(key.span().start), self.location(value.span().start));
        let (section, key) = microsip_schema::spelled(section, key.get_ref());
        if matches!(value.get_ref(), DeValue::Datetime(_)) {
            let message = format!("`{key}` is {}, expected a text", shape(value.get_ref()));
            return Err(Error::new(&value_place, message));
        }
        let table = match self.read(value)? {
            Stated::Scalar(scalar) => ValueTable::of(scalar),
            Stated::Table(table) => *table,
        };
        let force = table.force;
        if !force && !is_directive(&section, &key) {
            microsip_schema::known(&section, &key).map_err(|misfit| {
                Error::new(&location, misfit.to_string())
                    .with_hint(misfit.hint().unwrap_or_else(|| FORCE.to_owned()))
            })?;
        }
        let want = self.want(table, &value_place)?;
        let secret = microsip_schema::is_secret(&section, &key);
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
        let statement = Statement {
            section,
            key,
            location,
            value_place,
            want,
            trust: if force { Trust::Everything } else { Trust::Nothing },
            conditions: conditions.clone(),
        };
        match &statement.want {
            Want::Fixed(item) => {
                if let Expect::Value(value) = &item.expect {
                    statement.check_early(value)?;
                }
            }
            Want::Value(_) => {}
        }
        Ok(statement)
    }

    /// Reads what is wanted of a key: of all that a table may say, just one thing.
    fn want(&self, table: ValueTable, location: &Location) -> Result<Setting, Error> {
        let ValueTable {
            value, env, file, row, min, max, one_of, matches, absent, present, ..
        } = table;
        let is_secret = env.is_some() || file.is_some() || row.is_some();
        let count = [
            value.is_some(),
            is_secret,
            min.is_some() || max.is_some(),
            one_of.is_some(),
            matches.is_some(),
            absent.is_some(),
            present.is_some(),
        ];
        let count = count.iter().filter(|is_there| **is_there).count();
        let secret = Secret::new(SecretTable { env, file, row }, self.folder());
        if count != 1 || (is_secret && secret.is_none()) {
            let message = "expected just one of value, env, file, row, min with max, one_of, matches, absent and present";
            return Err(Error::new(location, message).with_hint(PAGE));
        }
        if let Some(secret) = secret {
            return Ok(Setting::Text(Text::Secret(secret)));
        }
        if let Some(value) = value {
            return Ok(match Text::new(value, location, self.engine)? {
                Text::Fixed(value) => Setting::Expect(Expect::Value(value)),
                text => Setting::Text(text),
            });
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let message = format!("the least number {min} is above the most, {max}");
            return Err(Error::new(location, message));
        }
        Ok(Setting::Expect(match (one_of, matches, absent, present) {
            (Some(scalars), ..) => {
                Expect::OneOf(scalars.into_iter().map(|Scalar(text)| text).collect())
            }
            (_, Some(pattern), ..) => Expect::Matches(pattern.0),
            (_, _, Some(_), _) => Expect::Absent,
            (_, _, _, Some(_)) => Expect::Present,
            _ => Expect::Range { min, max },
        }))
    }

    fn hook(
        &self,
        value: Spanned<DeValue<'a>>,
        location: &Location,
        conditions: &Conditions,
    ) -> Result<HookStatement, Error> {
        let table: HookTable = self.read(value)?;
        let name = table.template.get_ref();
        let template_place = self.location(table.template.span().start);
        let template = match self.templates.template(name) {
            Some(Ok(template)) => template,
            Some(Err(error)) => return Err(Error::new(&template_place, error.to_string())),
            None => {
                let hint = match self.templates.suggest(name) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`msipctl template list` names them".to_owned(),
                };
                let message = format!("there is no template `{name}`");
                return Err(Error::new(&template_place, message).with_hint(hint));
            }
        };
        if table.on.is_empty() {
            let message = "a hook on no event, expected for example on = [\"incoming-call\"]";
            return Err(Error::new(location, message));
        }
        if let Some(chain) = table.chain.as_ref().filter(|chain| *chain.get_ref() && table.replace)
        {
            let message = "`chain` beside `replace`, expected one of them";
            return Err(Error::new(&self.location(chain.span().start), message));
        }
        let mut with = Vec::new();
        for (parameter, given) in table.with {
            let location = self.location(given.span().start);
            let text = match given.into_inner() {
                Given::Scalar(scalar) => Text::new(scalar, &location, self.engine)?,
                Given::Secret(table) => {
                    let secret = Secret::new(table, self.folder());
                    Text::Secret(secret.ok_or_else(|| {
                        Error::new(&location, "expected just one of env, file and row")
                    })?)
                }
            };
            with.push((parameter, location, text));
        }
        let mut hook = HookStatement {
            location: template_place,
            template,
            on: Vec::new(),
            with,
            replace: table.replace,
            chain: table.chain.is_some_and(|chain| *chain.get_ref()),
            append: table.append,
            allow_system_message: table.allow_system_message,
            msipctl: table.msipctl,
            conditions: conditions.clone(),
        };
        for event in &table.on {
            let event_place = self.location(event.span().start);
            let event = event
                .get_ref()
                .parse::<Event>()
                .map_err(|error| Error::new(&event_place, error.to_string()))?;
            let rendered = hook.render_fixed(event, &event_place)?.map(Arc::new);
            hook.on.push(OnEvent { event, rendered });
        }
        Ok(hook)
    }

    /// Refuses a key that stands twice in one block, in different cases: which one counts would be by chance.
    fn check_duplicates(&self, statements: &[Statement]) -> Result<(), Error> {
        let mut seen = HashMap::new();
        for statement in statements {
            let block = statement.conditions.last().map(Arc::as_ptr);
            let name = statement.name();
            if let Some(first) = seen.insert((block, name), &statement.location) {
                let message = format!("`{}` stands at {first} already", statement.key);
                return Err(Error::new(&statement.location, message));
            }
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    fn list(
        &self,
        value: Spanned<DeValue<'a>>,
        name: &str,
    ) -> Result<Vec<Spanned<DeValue<'a>>>, Error> {
        let location = self.location(value.span().start);
        match value.into_inner() {
            DeValue::Array(blocks) => Ok(blocks.into_iter().collect()),
            other => {
                let message = format!("`{name}` is {}, expected `[[{name}]]`", shape(&other));
                Err(Error::new(&location, message))
            }
        }
    }

    fn table(&self, value: Spanned<DeValue<'a>>, name: &str) -> Result<Vec<Pair<'a>>, Error> {
        let location = self.location(value.span().start);
        match value.into_inner() {
            DeValue::Table(table) => Ok(sorted_by_position(table)),
            other => {
                let message = format!("`{name}` is {}, expected a table", shape(&other));
                Err(Error::new(&location, message))
            }
        }
    }

    fn read<T: Deserialize<'a>>(&self, value: Spanned<DeValue<'a>>) -> Result<T, Error> {
        let start = value.span().start;
        let read = T::deserialize(ValueDeserializer::from(value));
        read.map_err(|error| self.error(&error, start))
    }

    fn error(&self, error: &toml::de::Error, start: usize) -> Error {
        let start = error.span().map_or(start, |span| span.start);
        // The parser's own messages have several lines.
        let message = error.message().trim_end().replace('\n', ", ");
        Error::new(&self.location(start), message).with_hint(PAGE)
    }

    fn location(&self, offset: usize) -> Location {
        self.places.find(self.path.clone(), offset)
    }
}

/// What a table says of a key.
enum Setting {
    Expect(Expect),
    Text(Text),
}

impl ValueTable {
    fn of(scalar: Scalar) -> Self {
        Self { value: Some(scalar), ..Self::default() }
    }
}

/// Returns the pairs of a table as they stand in the file.
fn sorted_by_position(table: DeTable<'_>) -> Vec<Pair<'_>> {
    let mut pairs: Vec<_> = table.into_iter().collect();
    pairs.sort_by_key(|(name, _)| name.span().start);
    pairs
}

/// Names what a value is, for people.
fn shape(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
