//! Detects problems with the placeholders of a command.

use super::call::Call;
use super::explanation::Explanation;
use super::placeholder::{self, Meaning, Unknown};
use super::shell::Shell;
use super::verb::Verb;
use crate::diagnostic::{Code, Message};
use crate::event::hazard::{Part, hazard};

impl Explanation {
    /// Checks the placeholders of the command.
    pub(super) fn check_placeholders(
        &mut self,
        value: &str,
        call: &Call<'_>,
        program: &str,
        verb: Verb,
        shell: Option<Shell>,
    ) {
        for unknown in placeholder::unknown(value, call, shell) {
            let message = unknown_placeholder(&unknown, verb.takes_parameters());
            let found = hazard(Code::UnknownPlaceholder, Part::COMMAND, message);
            let (help, severity) = unknown.advice(call, program);
            self.hazards.push(found.with_help(help).with_severity(severity));
        }
        for placeholder in placeholder::passwords(value, call) {
            let message = message!(
                "`{placeholder}` puts the account's password on the command line, which other programs can read",
                placeholder
            );
            self.add(Code::PasswordOnCommandLine, message);
        }
    }
}

/// Describes what happens to a placeholder that MicroSIP doesn't know.
fn unknown_placeholder(unknown: &Unknown, is_caller_appended: bool) -> Message {
    let placeholder = &unknown.placeholder;
    match (unknown.meaning, is_caller_appended) {
        (Meaning::Caller, true) => message!(
            "MicroSIP doesn't replace `{placeholder}` and passes it as it is; it appends the caller ID to the end of the command, after a space",
            placeholder
        ),
        (Meaning::Caller, false) => message!(
            "MicroSIP doesn't replace `{placeholder}` and passes it as it is; it appends no caller ID to what it only opens",
            placeholder
        ),
        (Meaning::Variable, _) => {
            message!("MicroSIP doesn't expand `{placeholder}` and passes it as it is", placeholder)
        }
        (Meaning::Other, _) => message!(
            "MicroSIP doesn't replace `{placeholder}` and passes it as it is: nothing filled in this placeholder",
            placeholder
        ),
    }
}
