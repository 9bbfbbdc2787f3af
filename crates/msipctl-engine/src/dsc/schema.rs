//! The JSON Schema of each resource. DSC compares with it what it passes to msipctl, and what msipctl returns.

use serde_json::{Map, Value, json};

use super::hook::EXISTING;
use super::properties::{Choices, ENCODINGS, WHILE_RUNNING};
use super::resource::Resource;
use msipctl_core::event::Event;

/// Returns the schema of a resource.
///
/// It requires only `path`, because DSC also compares the filter of `export` with it. msipctl requires the other
/// properties that identify an instance.
pub fn schema(resource: Resource) -> Value {
    let (title, description) = match resource {
        Resource::Setting => ("Setting of MicroSIP", "A key of MicroSIP.ini and its value."),
        Resource::Hook => ("Hook of MicroSIP", "A hook of a template on one call event."),
        Resource::Policy => ("Policy of MicroSIP", "A policy that a MicroSIP.ini matches."),
    };
    let mut properties = Map::new();
    let mut add = |part: Value| {
        if let Value::Object(part) = part {
            properties.extend(part);
        }
    };
    add(json!({ "path": text("The absolute path of a MicroSIP.ini.") }));
    add(match resource {
        Resource::Setting => of_setting(),
        Resource::Hook => of_hook(),
        Resource::Policy => of_policy(),
    });
    add(options());
    add(of_dsc());
    if resource != Resource::Policy {
        let description = "Whether the instance exists. If `false`, `set` removes it.";
        add(
            json!({ "_exist": described(json!({ "type": "boolean", "default": true }), description) }),
        );
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        "type": "object",
        "required": ["path"],
        "additionalProperties": false,
        "properties": properties,
    });
    match resource {
        Resource::Setting => {
            schema["dependentRequired"] = json!({ "value": ["section", "key"] });
        }
        Resource::Hook => {
            schema["dependentRequired"] = json!({ "with": ["template", "event"] });
        }
        Resource::Policy => schema["not"] = json!({ "required": ["policyFile", "policy"] }),
    }
    schema
}

fn of_setting() -> Value {
    json!({
        "section": text("The section, such as `Settings` or `Account1`."),
        "key": text("The key."),
        "value": described(secret_or_text(), "The value. msipctl never returns the value of a secret or of a hook."),
        "raw": flag("Whether `value` is written exactly like this, including quotes.", false),
    })
}

fn of_hook() -> Value {
    let events: Vec<_> = Event::ALL.into_iter().map(Event::name).collect();
    let with =
        json!({ "type": "object", "additionalProperties": secret_or_text(), "writeOnly": true });
    json!({
        "template": text("The name of the template. `msipctl template list` lists them."),
        "event": described(json!({ "type": "string", "enum": events }), "The call event."),
        "with": described(with, "The parameters of the template. msipctl never returns them."),
        "existing": choice(EXISTING, "What to do with an existing command of the event that msipctl didn't write."),
        "program": text("The full Windows path of the msipctl program that the hook starts. By default, the installed one."),
        "launcherIni": text("The MicroSIP.ini that the launcher names: `auto`, `none`, or a full Windows path."),
    })
}

fn of_policy() -> Value {
    let policy = json!({ "anyOf": [{ "type": "string" }, secure_string()], "writeOnly": true });
    let item = json!({
        "type": "object",
        "required": ["section", "key", "problem"],
        "additionalProperties": false,
        "properties": {
            "section": text("The section."),
            "key": text("The key. For a hook, the key of its directive or command."),
            "template": text("The template of a hook."),
            "event": text("The call event of a hook."),
            "expected": text("The expected value or constraint. A secret is shown as `***`."),
            "actual": text("The value in the file. A secret is shown as `***`."),
            "problem": described(
                json!({ "type": "string", "enum": ["missing", "different", "no_launcher", "blocked"] }),
                "What is wrong.",
            ),
        },
    });
    let drift = json!({ "type": "array", "items": item, "readOnly": true });
    let score = json!({ "type": "number", "minimum": 0, "maximum": 100, "readOnly": true });
    json!({
        "policyFile": text("The absolute path of a policy. Replaces `policy`."),
        "policy": described(policy, "The text of a policy, as TOML. msipctl never returns it."),
        "_purge": flag("Whether `set` removes hooks of msipctl and accounts that the policy doesn't name.", false),
        "drift": described(drift, "The keys and hooks that differ from the policy."),
        "score": described(score, "The percentage of verified values that match the policy."),
    })
}

/// How the file is written.
fn options() -> Value {
    let seconds = |description: &str, default: u64| {
        described(json!({ "type": "integer", "minimum": 0, "default": default }), description)
    };
    json!({
        "create": flag("Whether to create the file and its folders if they are missing.", false),
        "force": flag("Whether to write a value that MicroSIP doesn't accept, or that can't be verified.", false),
        "ifRunning": choice(&WHILE_RUNNING, "What to do if MicroSIP is using the file."),
        "waitSeconds": seconds("How many seconds `ifRunning: wait` waits for MicroSIP to exit.", 60),
        "lockTimeout": seconds("How many seconds to wait for another msipctl that writes the same file.", 30),
        "encoding": choice(&ENCODINGS, "How to handle the encoding of the file."),
        "microsip": text("The target MicroSIP version, such as `3.22.3`. By default, msipctl detects it."),
        "backup": flag("Whether to back up the file.", true),
        "backupDir": text("The absolute path of the folder for backups. By default, `.msipctl` next to the file."),
    })
}

/// The properties that DSC defines.
fn of_dsc() -> Value {
    let process = json!({
        "type": "object",
        "required": ["name", "id"],
        "properties": { "name": { "type": "string" }, "id": { "type": "integer" } },
    });
    let restart = json!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
        "properties": { "system": { "type": "string" }, "service": { "type": "string" }, "process": process },
    });
    json!({
        "_inDesiredState": described(
            json!({ "type": ["boolean", "null"], "readOnly": true }),
            "Whether the instance is in the desired state.",
        ),
        "_restartRequired": described(
            json!({ "type": ["array", "null"], "items": restart, "readOnly": true }),
            "The programs that must exit before a change takes effect.",
        ),
        "_metadata": described(
            json!({ "type": ["object", "null"], "readOnly": true }),
            "What would change, as `whatIf`.",
        ),
        "_name": described(
            json!({ "type": ["string", "null"], "readOnly": true }),
            "The name of the instance in an exported configuration.",
        ),
    })
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

fn text(description: &str) -> Value {
    described(json!({ "type": "string" }), description)
}

fn flag(description: &str, default: bool) -> Value {
    described(json!({ "type": "boolean", "default": default }), description)
}

/// Describes one of a few values, of which the first is the default.
fn choice<T>(choices: &Choices<T>, description: &str) -> Value {
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    described(json!({ "type": "string", "enum": names, "default": names[0] }), description)
}

fn secret_or_text() -> Value {
    json!({ "anyOf": [{ "type": "string" }, secure_string()] })
}

/// What DSC passes for a parameter of the type secureString.
fn secure_string() -> Value {
    json!({
        "type": "object",
        "required": ["secureString"],
        "additionalProperties": false,
        "properties": { "secureString": { "type": "string", "writeOnly": true } },
        "writeOnly": true,
    })
}
