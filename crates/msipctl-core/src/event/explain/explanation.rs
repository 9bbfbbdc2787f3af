//! The effect of a command and of the directives of its event.

use super::effect::Effect;
use super::facts::Target;
use super::verb::Verb;
use crate::diagnostic::{Code, Message};
use crate::event::hazard::{Hazard, Part, hazard};

/// The effect of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether MicroSIP starts anything.
    pub starts: bool,
    /// The file to start, or `None` if MicroSIP doesn't try to start anything.
    pub program: Option<String>,
    /// How Windows opens the file.
    pub verb: Option<Verb>,
    /// What is at the path of the file, if known.
    pub target: Option<Target>,
    /// The parameters that are passed to the file.
    pub parameters: String,
    /// The arguments, as the started program receives them.
    pub arguments: Vec<String>,
    /// The maximum time that MicroSIP waits, in milliseconds.
    pub max_wait_ms: u32,
    /// The effects of the directives.
    pub effects: Vec<Effect>,
    /// The problems.
    pub hazards: Vec<Hazard>,
}

impl Explanation {
    /// Adds a hazard of the command.
    pub(super) fn add(&mut self, code: Code, message: Message) {
        self.hazards.push(hazard(code, Part::COMMAND, message));
    }

    /// Adds a hazard of the command with a hint.
    pub(super) fn add_with_help(&mut self, code: Code, message: Message, help: &'static str) {
        self.hazards.push(hazard(code, Part::COMMAND, message).with_help(help));
    }
}
