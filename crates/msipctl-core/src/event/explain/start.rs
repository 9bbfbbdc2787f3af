//! Explains what MicroSIP starts for a command, and detects problems with it.

use super::call::Call;
use super::explanation::Explanation;
use super::facts::{Facts, Target};
use super::placeholder;
use super::shell::{self, Shell};
use super::verb::Verb;
use crate::diagnostic::Code;
use crate::event::kind::Event;
use crate::event::launch::{SPLITS, arguments, launch};
use crate::event::launch_hazards::launch_hazards;

/// The maximum time that MicroSIP waits for the started program, in milliseconds.
const WAIT_MS: u32 = 10_000;

impl Explanation {
    /// Explains what a command starts.
    pub(super) fn start(
        &mut self,
        value: &str,
        call: &Call<'_>,
        is_launcher: bool,
        facts: &dyn Facts,
    ) {
        let filled = placeholder::filled(value, call);
        let Some(started) = launch(&filled, call.caller, call.microsip) else { return };
        // The parameters before the caller ID.
        let own = launch(&filled, "", call.microsip).map(|own| own.parameters).unwrap_or_default();
        let program = started.program;
        let verb = Verb::of(&program);
        if call.microsip >= SPLITS {
            self.max_wait_ms = WAIT_MS;
            self.hazards.extend(launch_hazards(call.written, call.microsip));
        } else if has_arguments(value) {
            let message = message!(
                "MicroSIP before 3.19.10 reads the complete command as a path, so it can't have arguments"
            );
            let help = "move the arguments to a batch file, and use it as the command";
            self.add_with_help(Code::ArgumentsInPath, message, help);
        }
        if program.is_empty() {
            self.add(
                Code::NoProgram,
                message!("missing program: the command starts with an empty pair of quotes"),
            );
            self.program = Some(program);
            self.parameters = started.parameters;
            return;
        }
        self.find_target(&program, verb, facts);
        self.starts = self.target != Some(Target::Missing);
        self.check_program(&program, value, verb, filled != value);
        self.check_placeholders(value, call, &program, verb, Shell::of(verb, &program, &own));
        if is_launcher {
            self.arguments = arguments(&started.parameters);
        } else {
            self.check_caller_id(call, &program, verb, &own);
            self.arguments = match verb {
                _ if !verb.takes_parameters() => Vec::new(),
                Verb::Batch => shell::batch_arguments(&started.parameters),
                _ => arguments(&started.parameters),
            };
        }
        let blocks = self.starts && self.max_wait_ms > 0 && !is_launcher;
        if call.event == Event::IncomingCall && blocks {
            let message = message!(
                "the phone doesn't ring until the program exits, for up to 10 s; the launcher returns immediately"
            );
            let help = "use `cmdCallRing`, which runs when the phone rings";
            self.add_with_help(Code::BlocksRinging, message, help);
        }
        self.parameters = started.parameters;
        self.verb = Some(verb);
        self.program = Some(program);
    }
}

/// Returns whether a value has text after the program, in a version that reads the value as one path.
fn has_arguments(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    value.contains('"')
        || [".exe ", ".bat ", ".cmd ", ".com ", ".vbs "].iter().any(|end| lower.contains(end))
}
