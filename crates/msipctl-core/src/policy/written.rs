//! What people write in a policy, as it stands there: each part with its place, nothing judged yet but its form.
//!
//! The JSON Schema is made of the same types; their comments are what editors show.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use wildmatch::WildMatch;

use super::versions::Versions;
use crate::event::Event;
use crate::hook;

/// What a policy may hold beside sections.
#[derive(JsonSchema)]
#[schemars(title = "Policy of msipctl")]
#[expect(
    dead_code,
    reason = "the form of a file for its schema; the file itself is taken apart by hand"
)]
pub(super) struct PolicyFile {
    /// Policies that this one is put on top of: TOML, or a golden MicroSIP.ini; paths are relative to this file.
    /// What stands further down wins.
    extends: Option<Vec<String>>,
    /// The files for which this policy counts; the policies it extends have their own.
    #[serde(rename = "match")]
    condition: Option<MatchTable>,
    /// Hooks, each from a template.
    hook: Option<Vec<HookTable>>,
}

/// What a block for some files holds beside sections.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "the form of a block for the schema; the block itself is taken apart by hand"
)]
pub(super) struct WhenTable {
    /// The files for which the block counts.
    #[serde(rename = "match")]
    condition: MatchTable,
    /// Hooks for these files.
    hook: Option<Vec<HookTable>>,
}

/// Which files are meant. All that is named must fit.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchTable {
    /// MicroSIP versions, such as ">=3.20", "<3.22", "3.21" for all 3.21.x, or ">=3.19.10, <3.22".
    #[schemars(with = "Option<String>")]
    pub(super) microsip: Option<Versions>,
    /// Users, as a name with `*` and `?`, or several.
    #[schemars(with = "Option<OneOrMore>")]
    pub(super) user: Option<Globs>,
    /// Computers, as a name with `*` and `?`, or several.
    #[schemars(with = "Option<OneOrMore>")]
    pub(super) host: Option<Globs>,
}

/// One text, or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Names with `*` and `?`, of which one must fit. As Windows takes them, in any case.
pub(super) struct Globs(Vec<WildMatch>);

impl Globs {
    pub(super) fn fit(&self, name: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(name))
    }
}

impl<'de> Deserialize<'de> for Globs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = || D::Error::custom("expected a name with `*` and `?`, or a list of such");
        let globs = OneOrMore::deserialize(deserializer).map_err(|_| expected())?;
        let globs = match globs {
            OneOrMore::One(glob) => vec![glob],
            OneOrMore::More(globs) => globs,
        };
        Ok(Self(globs.iter().map(|glob| WildMatch::new_case_insensitive(glob)).collect()))
    }
}

/// A hook from a template.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HookTable {
    /// The template; `msipctl template list` names them.
    #[schemars(with = "String")]
    pub(super) template: Spanned<String>,
    /// The events to put it on.
    #[schemars(with = "Vec<EventName>")]
    pub(super) on: Vec<Spanned<String>>,
    /// The parameters of the template.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Given>")]
    pub(super) with: BTreeMap<String, Spanned<Given>>,
    /// Takes the place of a command that is there; `hook remove` brings it back.
    #[serde(default)]
    pub(super) replace: bool,
    /// Runs a command that is there as the first directive.
    #[serde(default)]
    #[schemars(with = "bool")]
    pub(super) chain: Option<Spanned<bool>>,
    /// Puts the directive beside one of the same template.
    #[serde(default)]
    pub(super) append: bool,
    /// Allows a message below 0x400, which belongs to Windows.
    #[serde(default)]
    pub(super) allow_system_message: bool,
    /// Full Windows path of msipctl.exe on the machine where MicroSIP runs.
    pub(super) msipctl: Option<String>,
}

/// The name of an event, for the schema.
struct EventName;

impl JsonSchema for EventName {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let events: Vec<_> = Event::ALL.iter().map(|event| event.name()).collect();
        json_schema!({ "type": "string", "enum": events })
    }
}

/// What is wanted of a key: a value, or more about it.
pub(super) enum Stated {
    Scalar(Scalar),
    Table(Box<ValueTable>),
}

/// A value, where to get it, or what holds of it. Just one of these, but for `min` with `max`, and `force` with a value.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Value")]
pub(super) struct ValueTable {
    /// The value itself, for use with `force`.
    #[schemars(with = "Option<Scalar>")]
    pub(super) value: Option<Scalar>,
    /// A variable of msipctl's environment that holds the value. It is never shown.
    pub(super) env: Option<String>,
    /// A file that holds the value, relative to this one. It is never shown.
    pub(super) file: Option<String>,
    /// A column of the inventory that holds the value. It is never shown.
    pub(super) row: Option<String>,
    /// A constraint: the least number.
    pub(super) min: Option<i64>,
    /// A constraint: the most.
    pub(super) max: Option<i64>,
    /// A constraint: the values that are right.
    pub(super) one_of: Option<Vec<Scalar>>,
    /// A constraint: a regular expression that matches somewhere in the value.
    #[schemars(with = "Option<String>")]
    pub(super) matches: Option<Pattern>,
    /// The key is not set; whoever applies the policy takes it out.
    #[schemars(with = "Option<True>")]
    pub(super) absent: Option<True>,
    /// A constraint: the key is set, to whatever.
    #[schemars(with = "Option<True>")]
    pub(super) present: Option<True>,
    /// Also what MicroSIP would not read as it is meant.
    #[serde(default)]
    pub(super) force: bool,
}

/// What a parameter of a template is given.
pub(super) enum Given {
    Scalar(Scalar),
    Secret(SecretTable),
}

/// Where to get a secret: just one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Secret")]
pub(super) struct SecretTable {
    /// A variable of msipctl's environment.
    pub(super) env: Option<String>,
    /// A file, relative to this one.
    pub(super) file: Option<String>,
    /// A column of the inventory.
    pub(super) row: Option<String>,
}

/// A text, a whole number, or true and false, which become 1 and 0.
#[derive(Clone)]
pub(super) struct Scalar(pub(super) String);

/// A pattern that can be read.
pub(super) struct Pattern(pub(super) hook::Pattern);

/// `true`, and nothing else.
#[derive(Clone, Copy)]
pub(super) struct True;

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarOr {
            scalar: |scalar| scalar,
            table: |none: NoTable| match none {},
        })
    }
}

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = |table| Self::Table(Box::new(table));
        deserializer.deserialize_any(ScalarOr { scalar: Self::Scalar, table })
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarOr { scalar: Self::Scalar, table: Self::Secret })
    }
}

/// Reads a scalar, or else a table. No value is repeated in an error, as it may be a password.
struct ScalarOr<T, O> {
    scalar: fn(Scalar) -> O,
    table: fn(T) -> O,
}

impl<'de, T: Deserialize<'de>, O> Visitor<'de> for ScalarOr<T, O> {
    type Value = O;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a whole number, true or false")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<O, E> {
        Ok((self.scalar)(Scalar(text.to_owned())))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<O, E> {
        Ok((self.scalar)(Scalar(number.to_string())))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<O, E> {
        Ok((self.scalar)(Scalar(number.to_string())))
    }

    fn visit_bool<E: serde::de::Error>(self, is_on: bool) -> Result<O, E> {
        Ok((self.scalar)(Scalar(u8::from(is_on).to_string())))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<O, E> {
        Err(E::invalid_type(Unexpected::Other("a number with a fraction"), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<O, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(self.table)
    }
}

/// What cannot be written as a table.
enum NoTable {}

impl<'de> Deserialize<'de> for NoTable {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("a table, expected a text, a whole number, true or false"))
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hook::Pattern::new(&text)
            .map(Self)
            .map_err(|error| D::Error::custom(format!("no regular expression: {error}")))
    }
}

impl<'de> Deserialize<'de> for True {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(Self),
            false => Err(D::Error::custom("false, expected true or nothing")),
        }
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer", "boolean"] })
    }
}

impl JsonSchema for Stated {
    fn schema_name() -> Cow<'static, str> {
        "Stated".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (scalar, table) =
            (generator.subschema_for::<Scalar>(), generator.subschema_for::<ValueTable>());
        json_schema!({ "anyOf": [scalar, table] })
    }
}

impl JsonSchema for Given {
    fn schema_name() -> Cow<'static, str> {
        "Given".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (scalar, secret) =
            (generator.subschema_for::<Scalar>(), generator.subschema_for::<SecretTable>());
        json_schema!({ "anyOf": [scalar, secret] })
    }
}

impl JsonSchema for True {
    fn schema_name() -> Cow<'static, str> {
        "True".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": true })
    }
}
