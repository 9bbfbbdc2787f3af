//! `microsip_info`: returns facts about the MicroSIP of a target.

use msipctl_core::apply;
use msipctl_core::diff::Secrets;
use msipctl_core::engine::Error;
use msipctl_core::event::{Event, Hooks, RECORD, SETTINGS};
use msipctl_core::locate::{self, version_of, written_by};
use msipctl_host::{has_program, installed_program};
use serde_json::{Map, Value, json};
use winini::profile::Profile;
use winini::{CodePage, Document};

use super::arguments::Arguments;
use super::option::{Kind, Module, option};
use super::present::{self, PresentFile};
use super::reply::ModuleReply;
use crate::carry_out::code_page;

/// The name of the module.
pub(super) const NAME: &str = "microsip_info";

/// Returns the description of the module.
pub(super) fn module() -> Module {
    let mut options = present::options().to_vec();
    options.push(
        option(
            "gather",
            Kind::Choices(&["settings", "hooks"]),
            "What to read from each file, in addition to its path, encoding, version, and process.",
        )
        .default_is("[settings, hooks]"),
    );
    Module {
        name: NAME,
        summary: "Gather facts about MicroSIP",
        about: &[
            "Finds the MicroSIP.ini files of a target, and returns their settings and hooks as facts. Never changes a file.",
            "Never shows secrets, whether or not the task has `no_log`. Hooks are listed without their parameters.",
        ],
        options,
        exclusive: &[["path", "paths"]],
        one_of: &[],
        can_change: false,
    }
}

/// Runs the module.
pub(super) fn run(mut arguments: Arguments) -> ModuleReply {
    let is_required = arguments.take_flag("require");
    let gather = match arguments.take("gather") {
        Some(Value::Array(names)) => names,
        _ => vec!["settings".into(), "hooks".into()],
    };
    let is_gathered = |name: &str| gather.iter().any(|it| it == name);
    let files = match present::files(&mut arguments) {
        Ok(files) if files.is_empty() => return ModuleReply::absent(is_required),
        Ok(files) => files,
        Err(error) => return ModuleReply::of_error(&error),
    };
    let code_page = code_page();
    let mut rows = Vec::with_capacity(files.len());
    for file in &files {
        match row(file, code_page, is_gathered("settings"), is_gathered("hooks")) {
            Ok(row) => rows.push(row),
            Err(error) => return ModuleReply::of_error(&error),
        }
    }
    // Outside of Windows, no hook can start.
    let program = installed_program(msipctl_windows::system());
    let program = Some(program).filter(|program| cfg!(windows) && has_program(program));
    let first = rows.first().cloned().unwrap_or_default();
    let facts = json!({ "microsip": {
        "path": first["path"],
        "version": first["version"],
        "files": rows,
        "msipctl": {
            "version": env!("CARGO_PKG_VERSION"),
            "installed": program.is_some(),
            "program": program,
        },
    } });
    let message = match rows.len() {
        1 => "found 1 file".to_owned(),
        count => format!("found {count} files"),
    };
    ModuleReply::new(message).with("ansible_facts", facts)
}

/// Returns the facts about a file.
fn row(
    file: &PresentFile,
    code_page: CodePage,
    has_settings: bool,
    has_hooks: bool,
) -> Result<Value, Error> {
    let system = msipctl_windows::system();
    let PresentFile { path, found } = file;
    let document = apply::load(path.as_path(), code_page)?;
    let found = found.as_ref();
    let version = found.and_then(|found| found.version).or_else(|| version_of(system, path));
    let version = version.or_else(|| written_by(&document)).map(|version| version.to_string());
    let process = match found {
        Some(found) => found.process.clone(),
        // Only Windows can be asked.
        None => locate::running(system, path).unwrap_or_default().into_iter().next(),
    };
    let process =
        process.map(|process| json!({ "id": process.id, "name": process.name.to_string_lossy() }));
    Ok(json!({
        "path": path.display().to_string(),
        "kind": found.map(|found| found.kind.name()),
        "product": found.map(|found| &found.product),
        "reason": found.map(|found| &found.reason),
        "version": version,
        "encoding": document.encoding().name(),
        "writable": found.map(|found| found.writable),
        "process": process,
        "settings": has_settings.then(|| settings(&document)),
        "hooks": has_hooks.then(|| hooks(&document)),
    }))
}

/// Returns the values that Windows reads, by section and key, with secrets masked and without those of hooks.
fn settings(document: &Document) -> Map<String, Value> {
    let mut sections = Map::new();
    for reading in Profile::new(document).readings() {
        let section = reading.section.name();
        // The parameters of a hook can be secrets that no name reveals.
        if section.eq_ignore_ascii_case(RECORD) {
            continue;
        }
        let is_of_hook = |key: &str| {
            let is_event = Event::of_key(key).is_some() || Event::of_directive(key).is_some();
            section.eq_ignore_ascii_case(SETTINGS) && is_event
        };
        let entries = reading.entries.iter().filter(|(entry, _)| !is_of_hook(&entry.key()));
        let values = entries.map(|(entry, _)| {
            let (key, value) = (entry.key(), entry.value());
            let shown = Secrets::Masked.shown(&section, &key, &value).into_owned();
            (key.into_owned(), Value::from(shown))
        });
        sections.insert(section.clone().into_owned(), values.collect::<Map<_, _>>().into());
    }
    sections
}

/// Returns the hooks, without their parameters.
fn hooks(document: &Document) -> Vec<Value> {
    let hooks = Hooks::new(Profile::new(document));
    let template = |key: &str| hooks.record(key).map(|record| record.by);
    let mut rows = Vec::new();
    for event in Event::ALL {
        let command = hooks.command(event);
        let has_launcher = command.is_some_and(|command| command.launcher(event).is_some());
        let mut push = |key: &str| {
            rows.push(json!({
                "event": event.name(),
                "key": key,
                "template": template(key),
                "has_launcher": has_launcher,
            }));
        };
        hooks.directives(event).iter().for_each(|placed| push(&placed.entry.key()));
        if command.is_some() && !has_launcher {
            push(event.key());
        }
    }
    rows
}
