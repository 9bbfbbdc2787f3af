//! The JSON Schema of a policy, including MicroSIP's keys, which editors use for completion.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::scope::ANY_ACCOUNT;
use super::written::{PolicyFile, Scalar, Stated, WhenTable};
use crate::event::Event;
use microsip_schema::{Key, Kind, Section, Since, Version};

/// Returns the JSON Schema of policies, which editors use for completion and validation.
///
/// # Example
///
/// ```
/// let schema = msipctl_core::policy::json_schema();
/// let key = &schema["$defs"]["Settings"]["properties"]["updatesInterval"];
/// assert!(key["description"].as_str().unwrap().starts_with("How often MicroSIP checks for updates"));
/// ```
pub fn json_schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    generator.subschema_for::<Scalar>();
    generator.subschema_for::<Stated>();
    let when = generator.subschema_for::<WhenTable>().to_value();
    let mut root = generator.clone().into_root_schema_for::<PolicyFile>().to_value();
    let mut definitions = Map::new();
    for section in Section::ALL {
        definitions.insert(section.label().to_owned(), section_schema(section));
    }
    definitions.insert("AccountBlock".to_owned(), account_block());
    definitions.insert("Forced".to_owned(), forced());
    definitions.insert("OtherSection".to_owned(), other_section());
    if let Some(known) = root["$defs"].as_object_mut() {
        known.extend(definitions);
        if let Some(block) = known.get_mut("WhenTable") {
            add_sections(block);
        }
    }
    root["properties"]["when"] = json!({
        "type": "array",
        "description": "Blocks that apply only to some files.",
        "items": when,
    });
    add_sections(&mut root);
    without_null(&mut root);
    root
}

/// Adds the sections to the properties of a table.
fn add_sections(schema: &mut Value) {
    let reference = |section: Section| json!({ "$ref": format!("#/$defs/{}", section.label()) });
    for section in Section::ALL.into_iter().filter(|section| *section != Section::Account) {
        schema["properties"][section.label()] = reference(section);
    }
    let block = json!({ "$ref": "#/$defs/AccountBlock" });
    schema["patternProperties"] = json!({
        "^[Aa]ccount(0|[1-9][0-9]*)$": reference(Section::Account),
        "^[Aa]ccount[^{]*\\{[{%].*$": reference(Section::Account),
        "^[Aa]ccount\\*$": { "anyOf": [block, { "type": "array", "items": block }] },
    });
    schema["additionalProperties"] = json!({ "$ref": "#/$defs/OtherSection" });
}

fn section_schema(section: Section) -> Value {
    let (mut properties, mut patterns) = (Map::new(), Map::new());
    for key in microsip_schema::keys().filter(|key| key.section() == section) {
        match key.name().contains("..") {
            true => patterns.insert("^[0-9]+$".to_owned(), key_schema(key)),
            false => properties.insert(key.name().to_owned(), key_schema(key)),
        };
    }
    if section == Section::Settings {
        for event in Event::ALL {
            let about = format!("A directive: what msipctl does when {}.", event.about());
            patterns.insert(
                format!("^{}(\\.[0-9]+)?$", event.directive()),
                json!({ "description": about, "$ref": "#/$defs/Stated" }),
            );
        }
    }
    add_whole(&mut properties);
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": { "$ref": "#/$defs/Forced" },
    });
    if !patterns.is_empty() {
        schema["patternProperties"] = Value::Object(patterns);
    }
    schema
}

/// Adds the statements about a complete section.
fn add_whole(properties: &mut Map<String, Value>) {
    for (name, about) in [
        ("absent", "The section must not exist. `apply` removes it."),
        (
            "replace",
            "The section must have only the keys that the policy states. `apply` removes all others.",
        ),
    ] {
        properties.insert(name.to_owned(), json!({ "description": about, "const": true }));
    }
}

/// Returns the schema of `["Account*"]`: the keys of an account, and which accounts the block is about.
fn account_block() -> Value {
    let mut block = section_schema(Section::Account);
    let keys = microsip_schema::keys().filter(|key| {
        key.section() == Section::Account
            && !microsip_schema::is_secret(ANY_ACCOUNT, key.name())
            && !key.name().contains("..")
    });
    let value = |key: &Key| (key.name().to_owned(), json!({ "$ref": "#/$defs/OneOrMore" }));
    block["properties"]["match"] = json!({
        "description": "The values of the accounts that the block is about. In a value, `*` and `?` are wildcards, unless it is a template over a row.",
        "type": "object",
        "properties": keys.map(value).collect::<Map<_, _>>(),
        "additionalProperties": false,
        "minProperties": 1,
    });
    block["dependentRequired"] = json!({ "absent": ["match"], "replace": ["match"] });
    block
}

/// Returns the schema of the expectation for a key that MicroSIP doesn't read.
fn forced() -> Value {
    json!({
        "description": "A key that MicroSIP doesn't read. Requires `force = true`.",
        "allOf": [
            { "$ref": "#/$defs/Value" },
            { "properties": { "force": { "const": true } }, "required": ["force"] },
        ],
    })
}

/// Returns the schema of a section that MicroSIP doesn't read.
fn other_section() -> Value {
    let mut properties = Map::new();
    add_whole(&mut properties);
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": { "$ref": "#/$defs/Forced" },
    })
}

fn key_schema(key: &Key) -> Value {
    let template = json!({ "type": "string", "pattern": "\\{[{%#]" });
    let mut schema = json!({
        "description": description(key),
        "anyOf": [value_schema(key.kind()), template, { "$ref": "#/$defs/Value" }],
    });
    if let Some(default) = key.default(Version::NEWEST) {
        schema["default"] = match (key.kind(), default.parse::<i64>()) {
            (Kind::Switch(_), Ok(number)) => json!(number != 0),
            (Kind::Number { .. }, Ok(number)) => json!(number),
            _ => json!(default),
        };
    }
    if key.until().is_some() {
        schema["deprecated"] = json!(true);
    }
    schema
}

/// Returns the schema of the values that at least one version supports.
fn value_schema(kind: Kind) -> Value {
    let choices = |words: &[&str]| {
        let mut values: Vec<Value> = words.iter().map(|word| json!(word)).collect();
        values.extend(words.iter().filter_map(|word| Some(json!(word.parse::<i64>().ok()?))));
        values.extend(words.contains(&"0").then_some(json!(false)));
        values.extend(words.contains(&"1").then_some(json!(true)));
        json!({ "enum": values })
    };
    match kind {
        Kind::Switch(_) => choices(&["0", "1"]),
        Kind::Choice(known) => {
            choices(&known.iter().map(microsip_schema::Choice::text).collect::<Vec<_>>())
        }
        Kind::Number { min, max } => json!({
            "anyOf": [
                { "type": "integer", "minimum": min, "maximum": max },
                { "type": "string", "pattern": "^-?[0-9]+$" },
            ],
        }),
        _ => json!({ "$ref": "#/$defs/Scalar" }),
    }
}

/// Returns the description of a key and the versions that read it.
fn description(key: &Key) -> String {
    let mut text = key.description().to_owned();
    text += &match (key.since(), key.until()) {
        (Since::Version(since), None) => format!(" Supported since MicroSIP {since}."),
        (Since::Version(since), Some(until)) => {
            format!(" Supported from MicroSIP {since} to {until}.")
        }
        (Since::Fork(who), _) => format!(" Supported only by the fork {who}."),
        (Since::Unread, _) => " Not read by any known program.".to_owned(),
    };
    text
}

/// Removes `null`, which TOML doesn't have, and the line breaks of doc comments.
fn without_null(schema: &mut Value) {
    let is_null = |part: &Value| part == "null" || part["type"] == "null" || part.is_null();
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(without_null),
        Value::Object(parts) => {
            for list in ["type", "anyOf"] {
                let Some(Value::Array(kinds)) = parts.get_mut(list) else { continue };
                kinds.retain(|kind| !is_null(kind));
                let only = if kinds.len() == 1 { kinds.pop() } else { None };
                match (list, only) {
                    ("type", Some(only)) => drop(parts.insert(list.to_owned(), only)),
                    (_, Some(Value::Object(only))) => {
                        parts.remove(list);
                        parts.extend(only);
                    }
                    _ => {}
                }
            }
            if let Some(Value::Array(values)) = parts.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            if let Some(Value::String(text)) = parts.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            if parts.get("default").is_some_and(Value::is_null) {
                parts.remove("default");
            }
            parts.values_mut().for_each(without_null);
        }
        _ => {}
    }
}
