//! The contract of Ansible: one file with the arguments of a module, one line of JSON on standard output, and nothing on
//! standard error.
//!
//! Ansible copies the program to the target under the name of a module, and starts it with the path of the arguments. All
//! modules are this one program: `_ansible_module_name` selects one. Ansible neither validates the arguments of such a module
//! nor knows which of them are secret, so msipctl does both.

mod account;
mod arguments;
mod audit;
mod info;
mod ini;
mod option;
mod present;
mod reply;
#[cfg(test)]
mod tests;

use std::path::Path;

use microsip_schema::{NEAR, nearest};
use msipctl_core::engine::Error;
use serde_json::{Map, Value};

use crate::carry_out::{CarryOut, carry_out};
use crate::input;
use crate::reply::Reply;
use arguments::Arguments;
use reply::ModuleReply;

pub use option::{Kind, Module, ModuleOption};

/// The argument that contains the full name of the module.
const MODULE_NAME: &str = "_ansible_module_name";

/// Returns the description of each module.
pub fn modules() -> [Module; 3] {
    [ini::module(), audit::module(), info::module()]
}

/// Runs the module that the file at `path` names, or returns `None` if it doesn't contain the arguments of a module.
pub(crate) fn run(path: &Path) -> Option<Reply> {
    let bytes = input::arguments_file(path).ok()?;
    let sent = serde_json::from_slice::<Map<String, Value>>(&bytes).ok()?;
    sent.get(MODULE_NAME)?.as_str()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| (place.file(), place.line()));
        // The exit code of a panic is ignored, because there is a reply.
        let _ = ModuleReply::of_panic(place).into_reply().write();
    }));
    Some(reply_to(&sent, &carry_out).into_reply())
}

/// Runs a module with the arguments that Ansible sent.
fn reply_to(sent: &Map<String, Value>, carry_out: &CarryOut<'_>) -> ModuleReply {
    let is_quiet = arguments::is_quiet(sent);
    let reply = match module_of(sent) {
        Err(error) => ModuleReply::of_error(&error),
        Ok(module) => match Arguments::new(&module, sent) {
            Err(errors) => ModuleReply::of_arguments(&errors),
            Ok(arguments) => match module.name {
                audit::NAME => audit::run(arguments, carry_out),
                info::NAME => info::run(arguments),
                _ => ini::run(arguments, carry_out),
            },
        },
    };
    if is_quiet { reply.without_details() } else { reply }
}

/// Returns the module that Ansible asks for.
fn module_of(sent: &Map<String, Value>) -> Result<Module, Error> {
    let name = sent.get(MODULE_NAME).and_then(Value::as_str).unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or_default();
    let modules = modules();
    let near = nearest(name, modules.iter().map(|module| module.name), NEAR);
    let names = modules.each_ref().map(|module| format!("`{}`", module.name)).join(", ");
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {names}"),
    };
    let found = modules.into_iter().find(|module| module.name == name);
    found.ok_or_else(|| Error::usage("unknown module").with_hint(hint))
}
