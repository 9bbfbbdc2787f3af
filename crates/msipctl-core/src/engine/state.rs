//! The state document: what an engine asks of one MicroSIP.ini, as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::Error;
use crate::apply::IfRunning;
use crate::event::Event;
use crate::hook::{Occupied, nearest};
use crate::plan::EncodingPolicy;
use microsip_schema::Version;

/// The maximum length of a state document in bytes.
pub const MAX_INPUT: usize = 1024 * 1024;

/// The version of the state document and of the result.
pub const SCHEMA_VERSION: u32 = 1;

/// The desired state of one MicroSIP.ini, and how to reach it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "State document of msipctl", transform = close)]
pub struct StateDocument {
    /// The version of this format, which is 1.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1))]
    pub schema_version: Option<u32>,
    /// The absolute path of a MicroSIP.ini.
    pub path: PathBuf,
    /// The expected keys.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// The expected hooks.
    #[serde(default)]
    pub hooks: Vec<HookState>,
    /// A policy that the file must match, in addition to the settings and hooks.
    #[serde(default)]
    pub policy: Option<PolicySource>,
    /// What to remove if neither the document nor its policy names it.
    #[serde(default)]
    pub purge: Purge,
    /// Check mode: reports what would change, and writes nothing.
    #[serde(default)]
    pub check: bool,
    /// Whether the result contains a unified diff.
    #[serde(default)]
    pub diff: bool,
    /// How to write the file.
    #[serde(default)]
    pub options: EditOptions,
    /// Other fields: those of a tool, whose names start with `_`, and errors.
    #[serde(flatten)]
    #[schemars(skip)]
    others: BTreeMap<String, Value>,
}

/// The expected value of a key, or that a key or a section doesn't exist.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The section, such as `Settings` or `Account1`.
    pub section: String,
    /// The key. Only if `state` is `absent`, it can be missing: then the section doesn't exist.
    #[serde(default)]
    pub key: Option<String>,
    /// The expected value. An integer becomes its digits, and a boolean becomes `1` or `0`.
    #[serde(default, deserialize_with = "optional_value")]
    #[schemars(schema_with = "value_schema")]
    pub value: Option<String>,
    /// Where to get the expected value, which is never shown. Replaces `value`.
    #[serde(default)]
    pub secret: Option<SecretSource>,
    /// Whether the key is expected to exist.
    #[serde(default)]
    pub state: Presence,
    /// Whether `value` is written exactly like this, including quotes.
    #[serde(default)]
    pub raw: bool,
}

// A value may be secret, so it isn't shown.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, key, secret, state, raw, .. } = self;
        write!(f, "Setting({section:?}, {key:?}, {secret:?}, {state:?}, raw: {raw})")
    }
}

/// Whether something is expected to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It exists.
    #[default]
    Present,
    /// It doesn't exist.
    Absent,
}

/// Where to get a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// This value.
    Value(Secret),
    /// The value of this environment variable.
    Env(String),
    /// The content of this file, without its last line ending.
    File(PathBuf),
}

/// A secret value, which has no `Display` and isn't serialized.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Creates a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// Returns the value.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The expected hooks of a template.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HookState {
    /// The name of the template.
    pub template: String,
    /// The events. If empty, all events that the template supports.
    #[serde(default, deserialize_with = "events")]
    #[schemars(schema_with = "events_schema")]
    pub on: Vec<Event>,
    /// The parameters of the template.
    #[serde(default, deserialize_with = "values")]
    #[schemars(schema_with = "values_schema")]
    pub with: BTreeMap<String, String>,
    /// The parameters in `with` whose values are never shown.
    #[serde(default)]
    pub secret_with: Vec<String>,
    /// Whether the hooks are expected to exist.
    #[serde(default)]
    pub state: Presence,
    /// What to do with an existing command of the event that msipctl didn't write.
    #[serde(default)]
    pub existing: Existing,
}

// A parameter may be secret, so its value isn't shown.
impl fmt::Debug for HookState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, on, with, state, existing, .. } = self;
        let with: Vec<_> = with.keys().collect();
        write!(f, "HookState({template:?}, {on:?}, {with:?}, {state:?}, {existing:?})")
    }
}

/// What to do with an existing command of an event that msipctl didn't write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// Write nothing, and report an error.
    #[default]
    Fail,
    /// Replace it.
    Replace,
    /// Keep it as the first directive.
    Chain,
}

impl From<Existing> for Occupied {
    fn from(existing: Existing) -> Self {
        match existing {
            Existing::Fail => Self::Refuse,
            Existing::Replace => Self::Replace,
            Existing::Chain => Self::Chain,
        }
    }
}

/// A policy.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicySource {
    /// The policy in this file, by its absolute path.
    File(PathBuf),
    /// The text of a policy, as TOML.
    Text(String),
}

// A policy may contain a secret, so its text isn't shown.
impl fmt::Debug for PolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Text(_) => f.write_str("Text(..)"),
        }
    }
}

/// What to remove if neither the document nor its policy names it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purge {
    /// Hooks that msipctl wrote.
    #[serde(default)]
    pub hooks: bool,
    /// Accounts: complete `[AccountN]` sections.
    #[serde(default)]
    pub accounts: bool,
    /// Known keys of these sections. Machine-specific and personal keys, secrets, and hooks stay.
    #[serde(default)]
    pub keys: Vec<String>,
}

impl Purge {
    /// Returns whether nothing is removed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How to write the file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EditOptions {
    /// Whether to create the file and its folders if they are missing.
    pub create: bool,
    /// What to do if MicroSIP is using the file.
    pub if_running: WhileRunning,
    /// How many seconds `if_running: wait` waits for MicroSIP to exit.
    pub wait_seconds: u64,
    /// How many seconds to wait for another msipctl that writes the same file.
    pub lock_timeout: u64,
    /// How to handle the encoding of the file.
    pub encoding: EncodingOption,
    /// The target MicroSIP version, such as `3.22.3`. By default, msipctl detects it.
    #[serde(deserialize_with = "optional_version")]
    #[schemars(with = "Option<String>")]
    pub microsip: Option<Version>,
    /// The Windows code page of a file in a legacy encoding. By default, the one of the system.
    pub ansi_code_page: Option<u16>,
    /// Whether to write a value that MicroSIP doesn't accept, and a hook whose program is missing.
    pub force: bool,
    /// The folder for backups. By default, `.msipctl` next to the file.
    pub backup_dir: Option<PathBuf>,
    /// The number of backups to keep.
    #[schemars(range(min = 1))]
    pub keep: usize,
    /// Whether to back up the file.
    pub backup: bool,
    /// The full Windows path of the msipctl program that hooks start. By default, the installed one.
    pub program: Option<String>,
    /// The MicroSIP.ini that launchers name: `auto`, `none`, or a full Windows path.
    pub launcher_ini: Option<String>,
    /// Folders with custom templates, by their absolute paths.
    pub template_dirs: Vec<PathBuf>,
}

impl Default for EditOptions {
    fn default() -> Self {
        Self {
            create: false,
            if_running: WhileRunning::Fail,
            wait_seconds: 60,
            lock_timeout: 30,
            encoding: EncodingOption::Auto,
            microsip: None,
            ansi_code_page: None,
            force: false,
            backup_dir: None,
            keep: 20,
            backup: true,
            program: None,
            launcher_ini: None,
            template_dirs: Vec::new(),
        }
    }
}

impl EditOptions {
    /// Returns the policy for a running MicroSIP.
    pub fn if_running(&self) -> IfRunning {
        match self.if_running {
            WhileRunning::Fail | WhileRunning::Defer => IfRunning::Fail,
            WhileRunning::Wait => IfRunning::Wait(Duration::from_secs(self.wait_seconds)),
            WhileRunning::Exit => IfRunning::Exit,
            WhileRunning::Restart => IfRunning::Restart,
        }
    }
}

/// What to do if MicroSIP is using the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhileRunning {
    /// Write nothing, and report an error.
    #[default]
    Fail,
    /// Wait until it exits.
    Wait,
    /// Make it exit.
    Exit,
    /// Make it exit, and start it again.
    Restart,
    /// Queue the change, and make it after MicroSIP exits.
    Defer,
}

/// How to handle the encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
pub enum EncodingOption {
    /// Keep encodings that MicroSIP reads correctly, and convert others to UTF-16LE.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// Never convert.
    #[serde(rename = "keep")]
    Keep,
    /// Convert to UTF-16LE with a byte order mark.
    #[serde(rename = "utf-16le")]
    Utf16Le,
}

impl From<EncodingOption> for EncodingPolicy {
    fn from(option: EncodingOption) -> Self {
        match option {
            EncodingOption::Auto => Self::Auto,
            EncodingOption::Keep => Self::Keep,
            EncodingOption::Utf16Le => Self::Utf16Le,
        }
    }
}

impl StateDocument {
    /// Parses a state document. A byte order mark at its start is ignored.
    ///
    /// # Errors
    ///
    /// A usage error, which never contains a value of the document.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        if json.len() > MAX_INPUT {
            let error = Error::usage("invalid state document: it's larger than 1 MiB");
            return Err(error.with_hint("write one state document for each file"));
        }
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let mut document: Self = serde_json::from_slice(json).map_err(|error| invalid(&error))?;
        document.take_fields_of_tools()?;
        Ok(document)
    }

    /// Removes the fields whose names start with `_`, which tools such as Bolt add. `_noop` turns on check mode.
    fn take_fields_of_tools(&mut self) -> Result<(), Error> {
        for (name, value) in std::mem::take(&mut self.others) {
            match (name.as_str(), value) {
                ("_noop", Value::Bool(noop)) => self.check |= noop,
                ("_noop", _) => {
                    return Err(Error::usage("invalid `_noop`: expected `true` or `false`"));
                }
                (other, _) if other.starts_with('_') => {}
                (other, _) => {
                    let known = nearest(other, FIELDS.into_iter());
                    let hint = known.map(|known| format!("did you mean `{known}`?"));
                    let hint = hint.unwrap_or_else(|| {
                        "run `msipctl schema engine` to see the fields".to_owned()
                    });
                    return Err(Error::usage(format!("unknown field `{other}`")).with_hint(hint));
                }
            }
        }
        Ok(())
    }

    /// Returns whether the document itself contains a secret, instead of naming where to get it.
    pub fn has_inline_secrets(&self) -> bool {
        let is_inline = |setting: &Setting| {
            let key = setting.key.as_deref().unwrap_or_default();
            let is_named = microsip_schema::is_secret(&setting.section, key);
            matches!(setting.secret, Some(SecretSource::Value(_)))
                || is_named && setting.value.as_ref().is_some_and(|value| !value.is_empty())
        };
        self.settings.iter().any(is_inline)
            || self.hooks.iter().any(|hook| !hook.secret_with.is_empty())
    }
}

/// The fields of a state document.
const FIELDS: [&str; 9] =
    ["schema_version", "path", "settings", "hooks", "policy", "purge", "check", "diff", "options"];

/// Describes why JSON isn't a state document, without the value that is wrong: it may be a secret.
fn invalid(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = text.strip_suffix(&place).unwrap_or(&text);
    let what = match what.rsplit_once(", expected") {
        Some((found, expected)) if found.starts_with("unknown variant") => {
            format!("unknown value: expected{expected}")
        }
        Some((found, expected)) if found.starts_with("invalid") => {
            format!("invalid value: expected{expected}")
        }
        _ => what.to_owned(),
    };
    let at = match error.line() {
        0 => String::new(),
        line => format!(" at line {line}, column {}", error.column()),
    };
    Error::usage(format!("invalid state document{at}: {what}"))
        .with_hint("run `msipctl schema engine` to see the fields")
}

/// A value of a key or a parameter, as text.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, an integer, or a boolean")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<String, E> {
        Ok(if value { "1" } else { "0" }.to_owned())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

fn optional_value<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Text::deserialize(from).map(|Text(text)| Some(text))
}

fn values<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let values = BTreeMap::<String, Text>::deserialize(from)?;
    Ok(values.into_iter().map(|(name, Text(text))| (name, text)).collect())
}

fn events<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Event>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    names.iter().map(|name| name.parse().map_err(de::Error::custom)).collect()
}

fn optional_version<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Version>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| Version::from_str(&text).map_err(de::Error::custom)).transpose()
}

fn value_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer", "boolean"] })
}

fn values_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": { "type": ["string", "integer", "boolean"] },
    })
}

fn events_schema(_: &mut SchemaGenerator) -> Schema {
    let names = Event::ALL.map(Event::name);
    json_schema!({ "type": "array", "items": { "enum": names } })
}

/// Rejects unknown fields in the schema, except those of tools.
fn close(schema: &mut Schema) {
    schema.insert("patternProperties".to_owned(), serde_json::json!({ "^_": true }));
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
}
