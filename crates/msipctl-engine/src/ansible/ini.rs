//! `microsip_ini`: brings one MicroSIP.ini to a desired state.

use msipctl_core::engine::{Operation, StateDocument};
use serde_json::{Map, Value, json};

use super::account;
use super::arguments::Arguments;
use super::option::{Kind, Module, ModuleOption, option};
use super::reply::ModuleReply;
use crate::carry_out::CarryOut;

const STATES: Kind = Kind::Choice(&["present", "absent"]);

/// The names of the events of a call.
const EVENTS: &[&str] = &[
    "outgoing-call",
    "incoming-call",
    "call-ring",
    "call-answer",
    "call-answer-video",
    "call-busy",
    "call-start",
    "call-end",
];

/// The maximum number of seconds to wait: a day.
const MAX_SECONDS: i64 = 86_400;

/// Options that the engine reads as they are.
const EDIT_OPTIONS: &[&str] = &[
    "create",
    "if_running",
    "wait_seconds",
    "lock_timeout",
    "encoding",
    "microsip",
    "ansi_code_page",
    "force",
    "backup_dir",
    "keep",
    "backup",
    "program",
    "launcher_ini",
    "template_dirs",
];

/// Returns the description of the module.
pub(super) fn module() -> Module {
    let mut options = content();
    options.extend(policy_options());
    options.extend(edit_options());
    Module {
        name: "microsip_ini",
        summary: "Manage settings, an account, hooks, and a policy in a MicroSIP.ini",
        about: &[
            "Edits MicroSIP.ini, the configuration file of the MicroSIP softphone, so that MicroSIP reads what you state.",
            "Keeps the encoding, comments, and all other keys. Backs up the file before each change.",
            "Adds event hooks that MicroSIP runs, such as a request to a CRM on each incoming call.",
            "Never shows secrets, whether or not the task has `no_log`.",
        ],
        options,
        exclusive: &[["policy", "policy_file"]],
        one_of: &[&["settings", "section", "account", "hooks", "policy", "policy_file", "purge"]],
        can_change: true,
    }
}

/// Returns the options that state what the file contains.
fn content() -> Vec<ModuleOption> {
    vec![
        option("path", Kind::Path, "Absolute path of MicroSIP.ini on the target.").required(),
        option(
            "settings",
            Kind::Dictionaries(vec![
                option("section", Kind::Text, "The section, such as `Settings` or `Account1`.").required(),
                option("key", Kind::Text, "The key. Without it, `state` must be `absent`, and msipctl removes the section."),
                option(
                    "value",
                    Kind::Setting,
                    "The value. A boolean becomes `1` or `0`. To set a word such as `no`, put it in quotes.",
                ),
                option(
                    "secret",
                    Kind::OneOf(vec![
                        option("value", Kind::Setting, "The value itself.").secret(),
                        option("env", Kind::Text, "Name of an environment variable on the target."),
                        option("file", Kind::Path, "Absolute path of a file on the target."),
                    ]),
                    "Where to get a value that is never shown, instead of `value`. Set exactly one of its options.",
                ),
                option("state", STATES, "Whether the key exists.").default_is("present"),
                option("raw", Kind::Bool, "Whether msipctl writes `value` exactly as it is, including quotes.")
                    .default_is("false"),
            ]),
            "Keys to set or remove.",
        )
        .default_is("[]"),
        option("section", Kind::Text, "The section of a single key. A short form of `settings`."),
        option("key", Kind::Text, "The single key. Without it, `state` must be `absent`, and msipctl removes the section."),
        option("value", Kind::Setting, "The value of the single key. A boolean becomes `1` or `0`."),
        option("state", STATES, "Whether the single key exists.").default_is("present"),
        option(
            "account",
            Kind::Dictionary(account::options()),
            "A SIP account. The options are the keys of its section, with underscores.",
        ),
        option(
            "hooks",
            Kind::Dictionaries(vec![
                option("template", Kind::Text, "The name of a hook template. `msipctl template list` shows them.").required(),
                // Not `on`, as elsewhere, because YAML reads that as `true`.
                option("events", Kind::Choices(EVENTS), "The call events. By default, all events of the template."),
                option("with", Kind::Values, "The parameters of the template."),
                option("secret_with", Kind::Texts, "Names of parameters in `with` whose values are never shown.")
                    .default_is("[]"),
                option("state", STATES, "Whether the hooks exist.").default_is("present"),
                option(
                    "existing",
                    Kind::Choice(&["fail", "replace", "chain"]),
                    "What to do with a command of the event that msipctl didn't write. `chain` keeps it as the first directive.",
                )
                .default_is("fail"),
            ]),
            "Event hooks to add or remove.",
        )
        .default_is("[]"),
        option(
            "purge",
            Kind::Dictionary(vec![
                option("hooks", Kind::Bool, "Whether to remove hooks of msipctl.").default_is("false"),
                option("accounts", Kind::Bool, "Whether to remove accounts.").default_is("false"),
                option(
                    "keys",
                    Kind::Texts,
                    "Sections from which to remove known keys. Machine-specific and personal keys, secrets, and hooks stay.",
                )
                .default_is("[]"),
            ]),
            "What to remove if neither the task nor its policy states it.",
        ),
    ]
}

/// Returns the options about how to write the file.
fn edit_options() -> Vec<ModuleOption> {
    vec![
        option(
            "if_running",
            Kind::Choice(&["fail", "wait", "exit", "restart", "defer"]),
            "What to do if MicroSIP uses the file, because it overwrites the file when it exits. `fail` writes nothing. `wait` \
             waits until MicroSIP exits. `exit` makes it exit. `restart` also starts it again. `defer` queues the change, and the msipctl that is \
             installed on the target makes it after MicroSIP exits.",
        )
        .default_is("fail"),
        option("wait_seconds", Kind::Integer(0, MAX_SECONDS), "How many seconds `wait` waits.").default_is("60"),
        option(
            "lock_timeout",
            Kind::Integer(0, MAX_SECONDS),
            "How many seconds to wait for another msipctl that writes the same file.",
        )
        .default_is("30"),
        option("create", Kind::Bool, "Whether to create the file and its folders if they are missing.").default_is("false"),
        option("backup", Kind::Bool, "Whether to back up the file before a change.").default_is("true"),
        option("backup_dir", Kind::Path, "Folder for backups on the target. By default, `.msipctl` next to the file."),
        option("keep", Kind::Integer(1, 1_000_000), "How many backups of the file to keep.").default_is("20"),
        option(
            "force",
            Kind::Bool,
            "Whether to write values that MicroSIP doesn't accept, and hooks whose program is missing.",
        )
        .default_is("false"),
        option(
            "encoding",
            Kind::Choice(&["auto", "keep", "utf-16le"]),
            "How to handle the encoding. `auto` keeps encodings that MicroSIP reads correctly, and converts others to UTF-16LE.",
        )
        .default_is("auto"),
        option(
            "program",
            Kind::Text,
            "Full Windows path of the msipctlw.exe that hooks start. By default, the one of the installed msipctl.",
        ),
        option(
            "launcher_ini",
            Kind::Text,
            "The MicroSIP.ini that the commands of hooks name: `auto`, `none`, or a full Windows path.",
        )
        .default_is("auto"),
        microsip_option(),
        code_page_option(),
        template_option(),
    ]
}

/// Returns the two ways to state a policy.
pub(super) fn policy_options() -> [ModuleOption; 2] {
    [
        option(
            "policy",
            Kind::Text,
            "A policy as TOML text, for example from `lookup('file', 'company.toml')`. The file must match it.",
        ),
        option(
            "policy_file",
            Kind::Path,
            "Absolute path of a policy on the target, instead of `policy`.",
        ),
    ]
}

/// Returns the option about the version of MicroSIP.
pub(super) fn microsip_option() -> ModuleOption {
    option(
        "microsip",
        Kind::Version,
        "The MicroSIP version, in quotes, such as `'3.22'`. By default, msipctl detects it.",
    )
}

/// Returns the option about the code page of a file.
pub(super) fn code_page_option() -> ModuleOption {
    option(
        "ansi_code_page",
        Kind::Integer(1, 65_535),
        "Windows code page of a file in a legacy encoding. By default, the one of the system.",
    )
}

/// Returns the option about templates.
pub(super) fn template_option() -> ModuleOption {
    option("template_dirs", Kind::Paths, "Folders with custom hook templates on the target.")
}

/// Returns the policy of a state document.
pub(super) fn policy(arguments: &mut Arguments) -> Option<Value> {
    let text = arguments.take_text("policy").map(|text| json!({ "text": text }));
    text.or_else(|| arguments.take_text("policy_file").map(|file| json!({ "file": file })))
}

/// Runs the module.
pub(super) fn run(arguments: Arguments, carry_out: &CarryOut<'_>) -> ModuleReply {
    match StateDocument::parse(document(arguments).to_string().as_bytes()) {
        Ok(document) => ModuleReply::of_edit(&carry_out(&document, Operation::Set)),
        Err(error) => ModuleReply::of_error(&error),
    }
}

/// Returns the state document that the arguments stand for.
pub(super) fn document(mut arguments: Arguments) -> Value {
    let mut settings = match arguments.take("settings") {
        Some(Value::Array(settings)) => settings,
        _ => Vec::new(),
    };
    let names = ["section", "key", "value", "state"];
    let single: Map<_, _> = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), arguments.take(name)?)))
        .collect();
    if !single.is_empty() {
        settings.push(Value::Object(single));
    }
    if let Some(Value::Object(account)) = arguments.take("account") {
        settings.extend(account::settings(account));
    }
    let mut options = Map::new();
    for name in EDIT_OPTIONS {
        if let Some(value) = arguments.take(name) {
            options.insert((*name).to_owned(), value);
        }
    }
    let mut document = json!({
        "path": arguments.take("path"),
        "settings": settings,
        "check": arguments.is_check,
        "diff": arguments.has_diff,
        "options": options,
    });
    let hooks = arguments.take("hooks").map(renamed_events);
    let others =
        [("hooks", hooks), ("purge", arguments.take("purge")), ("policy", policy(&mut arguments))];
    for (name, value) in others {
        if let Some(value) = value {
            document[name] = value;
        }
    }
    document
}

/// Gives the events of hooks the name that they have in a state document.
fn renamed_events(mut hooks: Value) -> Value {
    for hook in hooks.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(events) = hook.remove("events") {
            hook.insert("on".to_owned(), events);
        }
    }
    hooks
}

#[cfg(test)]
mod tests {
    use super::*;
    use msipctl_core::event::Event;

    #[test]
    fn events_option_lists_all_events() {
        assert_eq!(EVENTS, Event::ALL.map(Event::name));
    }
}
