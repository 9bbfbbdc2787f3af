//! What comes of a command, and of the directives of its event.

use super::effect::Effect;
use super::facts::Target;
use super::verb::Verb;
use crate::diagnostic::{Code, Message};
use crate::event::hazard::{Hazard, Part, hazard};

/// What comes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether MicroSIP starts anything.
    pub starts: bool,
    /// The file it starts; `None` if it tries to start nothing.
    pub program: Option<String>,
    /// What Windows does with that file.
    pub verb: Option<Verb>,
    /// What stands there, if that is known.
    pub target: Option<Target>,
    /// The text handed over with the file.
    pub parameters: String,
    /// The arguments as the started program sees them.
    pub arguments: Vec<String>,
    /// How long MicroSIP waits at most, in milliseconds.
    pub max_wait_ms: u32,
    /// What the launcher's directives do.
    pub effects: Vec<Effect>,
    /// What is wrong.
    pub hazards: Vec<Hazard>,
}

impl Explanation {
    /// Adds a hazard of the command.
    pub(super) fn add(&mut self, code: Code, message: Message) {
        self.hazards.push(hazard(code, Part::COMMAND, message));
    }

    /// Adds a hazard of the command, and what to do about it.
    pub(super) fn add_with_help(&mut self, code: Code, message: Message, help: &'static str) {
        self.hazards.push(hazard(code, Part::COMMAND, message).with_help(help));
    }
}
