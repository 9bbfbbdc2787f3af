//! A policy as it is written in a file: each part with its location, checked only for its syntax.
//!
//! The JSON Schema is generated from the same types. Editors show their doc comments.

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

/// A policy: the desired configuration of MicroSIP, with a table for each section of MicroSIP.ini.
#[derive(JsonSchema)]
#[schemars(title = "Policy of msipctl")]
#[expect(
    dead_code,
    reason = "the form of a file for its schema; the file itself is taken apart by hand"
)]
pub(super) struct PolicyFile {
    /// Policies that this one extends: TOML files, or a golden MicroSIP.ini. Paths are relative to this file.
    /// The last definition wins: this file overrides the files it extends, and later entries override earlier ones.
    extends: Option<Vec<String>>,
    /// The files that this policy applies to. Each policy that it extends has its own `match`.
    #[serde(rename = "match")]
    condition: Option<MatchTable>,
    /// Hooks to add, each from a template.
    hook: Option<Vec<HookTable>>,
}

/// A block that applies only to some files, with a table for each section of MicroSIP.ini.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "the form of a block for the schema; the block itself is taken apart by hand"
)]
pub(super) struct WhenTable {
    /// The files that the block applies to.
    #[serde(rename = "match")]
    condition: MatchTable,
    /// Hooks to add to these files, each from a template.
    hook: Option<Vec<HookTable>>,
}

/// The files that a policy or block applies to. A file must meet all conditions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchTable {
    /// The MicroSIP versions, such as ">=3.20", "<3.22", "3.21" for all 3.21.x, or ">=3.19.10, <3.22".
    #[schemars(with = "Option<String>")]
    pub(super) microsip: Option<Versions>,
    /// One or more user names, which can contain `*` and `?`.
    #[schemars(with = "Option<OneOrMore>")]
    pub(super) user: Option<Globs>,
    /// One or more computer names, which can contain `*` and `?`.
    #[schemars(with = "Option<OneOrMore>")]
    pub(super) host: Option<Globs>,
}

/// A string, or a list of strings.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Name patterns with `*` and `?`, one of which must match. Not case-sensitive, as on Windows.
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
    /// The name of the template. To list all templates, run `msipctl template list`.
    #[schemars(with = "String")]
    pub(super) template: Spanned<String>,
    /// The events that run the hook.
    #[schemars(with = "Vec<EventName>")]
    pub(super) on: Vec<Spanned<String>>,
    /// The parameters of the template.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Given>")]
    pub(super) with: BTreeMap<String, Spanned<Given>>,
    /// Whether to replace an existing command. `hook remove` restores it.
    #[serde(default)]
    pub(super) replace: bool,
    /// Whether to keep an existing command as the first directive. `hook remove` restores it.
    #[serde(default)]
    #[schemars(with = "bool")]
    pub(super) chain: Option<Spanned<bool>>,
    /// Whether to add the directive even if the event already has one from the same template.
    #[serde(default)]
    pub(super) append: bool,
    /// Whether to allow a message ID below 0x400, which is reserved for Windows.
    #[serde(default)]
    pub(super) allow_system_message: bool,
    /// The full Windows path of msipctl.exe on the PC that runs MicroSIP.
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

/// The expectation for a key: a value, or a table with details.
pub(super) enum Stated {
    Scalar(Scalar),
    Table(Box<ValueTable>),
}

/// A value, the source of a value, or a constraint. Set exactly one of these, except that you can combine `min` with `max`,
/// and `force` with a value.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Value")]
pub(super) struct ValueTable {
    /// The value itself, for use with `force`.
    #[schemars(with = "Option<Scalar>")]
    pub(super) value: Option<Scalar>,
    /// The name of an environment variable of msipctl that contains the value. The value is never shown.
    pub(super) env: Option<String>,
    /// The path of a file that contains the value, relative to this file. The value is never shown.
    pub(super) file: Option<String>,
    /// The name of an inventory column that contains the value. The value is never shown.
    pub(super) row: Option<String>,
    /// A constraint: the minimum number.
    pub(super) min: Option<i64>,
    /// A constraint: the maximum number.
    pub(super) max: Option<i64>,
    /// A constraint: the allowed values.
    pub(super) one_of: Option<Vec<Scalar>>,
    /// A constraint: a regular expression that must match some part of the value.
    #[schemars(with = "Option<String>")]
    pub(super) matches: Option<Pattern>,
    /// The key must not be set. `apply` removes it.
    #[schemars(with = "Option<True>")]
    pub(super) absent: Option<True>,
    /// A constraint: the key must be set, to any value.
    #[schemars(with = "Option<True>")]
    pub(super) present: Option<True>,
    /// Whether to accept a key or value that MicroSIP wouldn't read as intended.
    #[serde(default)]
    pub(super) force: bool,
}

/// The value of a template parameter.
pub(super) enum Given {
    Scalar(Scalar),
    Secret(SecretTable),
}

/// The source of a secret. Set exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Secret")]
pub(super) struct SecretTable {
    /// The name of an environment variable of msipctl.
    pub(super) env: Option<String>,
    /// The path of a file, relative to this file.
    pub(super) file: Option<String>,
    /// The name of an inventory column.
    pub(super) row: Option<String>,
}

/// A string, an integer, or a boolean. `true` becomes 1, and `false` becomes 0.
#[derive(Clone)]
pub(super) struct Scalar(pub(super) String);

/// A valid regular expression.
pub(super) struct Pattern(pub(super) hook::Pattern);

/// The boolean `true`.
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
