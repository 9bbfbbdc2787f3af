//! The tables of a policy, as users write them.
//!
//! The JSON Schema is generated from these types, and their comments are what editors show.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use wildmatch::WildMatch;

use crate::event::Event;
use crate::hook;

/// What a policy can contain other than sections.
#[derive(JsonSchema)]
#[schemars(title = "Policy of msipctl")]
#[expect(dead_code, reason = "only the schema uses the type; a file is read key by key")]
pub(super) struct PolicyFile {
    /// Policies that this one extends: TOML, or golden MicroSIP.ini files. Paths are relative to this file. The last
    /// definition wins.
    extends: Option<OneOrMore>,
    /// The files that this policy applies to. Doesn't limit the policies that it extends.
    #[serde(rename = "match")]
    condition: Option<MatchTable>,
    /// Hooks to add, each from a template.
    hook: Option<Vec<HookTable>>,
}

/// What a block for some files can contain other than sections.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only the schema uses the type; a block is read key by key")]
pub(super) struct WhenTable {
    /// The files that the block applies to.
    #[serde(rename = "match")]
    condition: MatchTable,
    /// Hooks to add to these files, each from a template.
    hook: Option<Vec<HookTable>>,
}

/// Which files a policy or a block applies to. All conditions must match.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema uses the type; see `Condition`")]
pub(super) struct MatchTable {
    /// MicroSIP versions, such as ">=3.20", "<3.22", "3.21" for each 3.21.x, or ">=3.19.10, <3.22".
    microsip: Option<String>,
    /// Users: one or more names, in which `*` and `?` are wildcards.
    user: Option<OneOrMore>,
    /// Computers: one or more names, in which `*` and `?` are wildcards.
    host: Option<OneOrMore>,
    /// Columns of the inventory, each with one or more values, in which `*` and `?` are wildcards.
    row: Option<BTreeMap<String, OneOrMore>>,
}

/// One string, or several.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the schema uses the type")]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Names in which `*` and `?` are wildcards. One of them must match, and case doesn't matter, as on Windows.
pub(super) struct Globs(Vec<WildMatch>);

impl Globs {
    pub(super) fn new<'g>(globs: impl IntoIterator<Item = &'g str>) -> Self {
        Self(globs.into_iter().map(WildMatch::new_case_insensitive).collect())
    }

    pub(super) fn fit(&self, name: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(name))
    }
}

/// A hook from a template.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema uses the type; see `HookStatement`")]
pub(super) struct HookTable {
    /// The template. `msipctl template list` lists all of them.
    template: String,
    /// The event, or a list of events.
    on: EventNames,
    /// The parameters of the template.
    #[serde(default)]
    with: BTreeMap<String, Given>,
    /// Replaces an existing command. `hook remove` restores it.
    #[serde(default)]
    replace: bool,
    /// Keeps an existing command as the first directive.
    #[serde(default)]
    chain: bool,
    /// Adds the directive even if the event has one of the same template.
    #[serde(default)]
    append: bool,
    /// Allows a window message below 0x400, which belongs to Windows.
    #[serde(default)]
    allow_system_message: bool,
    /// Full Windows path of msipctl.exe on the PC where MicroSIP runs.
    msipctl: Option<String>,
}

/// One or more names of events, for the schema.
pub(super) struct EventNames;

impl JsonSchema for EventNames {
    fn schema_name() -> Cow<'static, str> {
        "Events".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let events: Vec<_> = Event::ALL.iter().map(|event| event.name()).collect();
        json_schema!({
            "anyOf": [
                { "enum": events },
                { "type": "array", "items": { "enum": events }, "minItems": 1 },
            ],
        })
    }
}

/// A scalar, or a table. Only the schema uses it.
pub(super) struct Stated;

/// The expectation for a key: exactly one of these, except that `min` and `max` can be combined, and `force` needs a value.
#[derive(Default, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Value")]
pub(super) struct ValueTable {
    /// The value, for use with `force`.
    pub(super) value: Option<Scalar>,
    /// The value to write if the key isn't set, or is empty. Any other value complies.
    pub(super) default: Option<Scalar>,
    /// An environment variable of msipctl that contains the value, such as "SIP_PASSWORD_{{ row.extension }}". The value is
    /// never shown.
    pub(super) env: Option<String>,
    /// A file that contains the value, relative to this one, such as "secrets/{{ row.extension }}.txt". The value is never
    /// shown.
    pub(super) file: Option<String>,
    /// A column of the inventory that contains the value. The value is never shown.
    pub(super) row: Option<String>,
    /// A constraint: the smallest allowed number.
    pub(super) min: Option<i64>,
    /// A constraint: the largest allowed number.
    pub(super) max: Option<i64>,
    /// A constraint: the allowed values.
    pub(super) one_of: Option<Vec<Scalar>>,
    /// A constraint: a regular expression that matches a part of the value.
    #[schemars(with = "Option<String>")]
    pub(super) matches: Option<hook::Pattern>,
    /// The key must not be set. `apply` removes it.
    pub(super) absent: Option<True>,
    /// A constraint: the key must be set, to any value.
    pub(super) present: Option<True>,
    /// Also write a value or a key that msipctl would reject.
    #[serde(default)]
    pub(super) force: bool,
}

/// The value of a parameter of a template. Only the schema uses it.
pub(super) struct Given;

/// Where a secret is found: exactly one of these.
#[derive(Default, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Secret")]
pub(super) struct SecretTable {
    /// An environment variable of msipctl.
    pub(super) env: Option<String>,
    /// The path of a file, relative to this file.
    pub(super) file: Option<String>,
    /// The name of an inventory column.
    pub(super) row: Option<String>,
}

/// A string, an integer, `true`, or `false`. The last two become `1` and `0`.
#[derive(Clone)]
pub(super) struct Scalar(pub(super) String);

/// The only value `true`.
#[derive(Clone, Copy)]
pub(super) struct True;

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
