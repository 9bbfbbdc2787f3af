//! Events: when MicroSIP starts a program, which program it starts, and what msipctl does then.
//!
//! MicroSIP has eight events, and on each it can start the command in `cmd<Event>` with the caller ID appended. msipctl
//! adds two layers. The directive `On<Event>`, which only msipctl reads, defines what happens. The launcher in
//! `cmd<Event>` starts msipctl. This module only processes text and starts nothing.

mod action;
mod body;
mod directive;
mod explain;
mod fact;
mod grammar;
mod hazard;
mod installed;
mod invocation;
mod kind;
mod launch;
mod launch_hazards;
mod launcher;
mod message;
mod path;
mod payload;
mod split_path;
mod text;

pub use action::*;
pub use body::{BodyKind, xml_escaped, xml_filled};
pub use directive::Directive;
pub use explain::{Call, Effect, Explanation, Facts, Target, Verb, explain, unknown_placeholders};
pub use fact::Fact;
pub use grammar::{DirectiveError, count_fields, field};
pub use hazard::{Hazard, Part};
pub use installed::{Command, Hooks, InstalledDirective, RECORD, Record, SETTINGS};
pub use invocation::Invocation;
pub use kind::{Event, EventError};
pub use launch::{ITSELF, Launch, arguments, launch, read_back, saved, split};
pub use launch_hazards::{is_fatal, launch_hazards, meant_program, rejoined};
pub use launcher::{Launcher, LauncherError};
pub use message::{Message, MessageError};
pub use payload::{clean, harmless, is_shell, is_steering, leads_elsewhere, taken, url_encoded};
pub use text::{Placeholder, Text, TextError};
