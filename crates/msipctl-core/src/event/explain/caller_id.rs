//! Detects unintended effects of the caller ID.

use super::call::Call;
use super::explanation::Explanation;
use super::shell::Shell;
use super::verb::Verb;
use crate::diagnostic::Code;
use crate::event::launch::{ITSELF, arguments};

impl Explanation {
    /// Checks for unintended effects of the caller ID.
    pub(super) fn check_caller_id(
        &mut self,
        call: &Call<'_>,
        program: &str,
        verb: Verb,
        own: &str,
    ) {
        if !verb.takes_parameters() || program == ITSELF {
            return;
        }
        if let Some(shell) = Shell::of(verb, program, own) {
            let (name, all) = (shell.name(), spaced(shell.characters().chars()));
            let mut characters = Vec::new();
            for character in
                call.caller.chars().filter(|character| shell.characters().contains(*character))
            {
                if !characters.contains(&character) {
                    characters.push(character);
                }
            }
            let message = match characters.is_empty() {
                true => message!(
                    "{shell} interprets {characters} in the caller ID, which comes from the network",
                    shell = name,
                    characters = all
                ),
                false => message!(
                    "{shell} interprets {characters} in the caller ID, which comes from the network; this caller ID contains {found}",
                    shell = name,
                    characters = all,
                    found = spaced(characters)
                ),
            };
            let help = "use `msipctl hook add run-program`, which removes the characters that a shell interprets";
            self.add_with_help(Code::ShellInjection, message, help);
        }
        let count = arguments(call.caller).len();
        if count > 1 {
            let message = message!("this caller ID becomes {count} arguments", count);
            self.add(Code::SplitCallerId, message);
        }
        if call.caller.trim_start().starts_with(['-', '/']) {
            let message = message!("this caller ID looks like an option to the program");
            self.add(Code::CallerIdAsOption, message);
        }
    }
}

/// Joins characters with spaces.
fn spaced(characters: impl IntoIterator<Item = char>) -> String {
    let characters: Vec<_> = characters.into_iter().map(String::from).collect();
    characters.join(" ")
}
