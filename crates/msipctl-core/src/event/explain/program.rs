//! What is wrong with the program of a command.

use super::explanation::Explanation;
use super::verb::Verb;
use crate::diagnostic::{Code, Severity};
use crate::event::hazard::{Part, hazard};
use crate::event::launch::ITSELF;
use crate::event::path::{is_full, is_impossible, is_of_windows};

impl Explanation {
    /// Checks what the command names, and what Windows does with it.
    pub(super) fn check_program(
        &mut self,
        program: &str,
        value: &str,
        verb: Verb,
        is_filled_in: bool,
    ) {
        self.check_target(&Part::COMMAND, self.target, program);
        if program == ITSELF {
            let message = message!(
                "it is made of blanks only: MicroSIP starts itself with the caller's text, and so dials it"
            );
            self.add(Code::StartsItself, message);
        } else if verb != Verb::Browser && !is_full(program) && !is_impossible(program) {
            let message = message!(
                "`{program}` is no full path: what stands first in MicroSIP's current folder or in PATH is started",
                program
            );
            let found = hazard(Code::RelativeProgram, Part::COMMAND, message);
            let found = found.with_help("write the full path");
            self.hazards.push(match is_of_windows(program) {
                true => found.with_severity(Severity::Info),
                false => found,
            });
        }
        match verb {
            Verb::Editor => {
                let message = message!(
                    "Windows opens a .ps1 in an editor, expected `powershell.exe -File` in front of it"
                );
                self.add(Code::ScriptInEditor, message);
            }
            Verb::Browser if !is_filled_in => {
                let message = message!(
                    "the caller's text is not added to an address, a directive `Open` can do that"
                );
                let found = hazard(Code::CallerNotPassed, Part::COMMAND, message);
                let found = found.with_help("`msipctl hook add open-url` adds it");
                let is_to_go_on = value.trim_end().ends_with(['=', ':']);
                self.hazards.push(match is_to_go_on {
                    true => found,
                    false => found.with_severity(Severity::Info),
                });
            }
            Verb::Association if self.starts => {
                let message = message!(
                    "what opens `{program}`, and with which arguments, is set on each machine",
                    program
                );
                let help = "name the program that runs it in front of it";
                self.add_with_help(Code::UnknownFileType, message, help);
            }
            Verb::Batch => {
                if let Some(character) =
                    program.chars().find(|character| "&^%".contains(*character))
                {
                    let message = message!(
                        "the batch file's path has a `{character}`, on which cmd.exe acts wherever the file names itself without quotes",
                        character
                    );
                    self.add(Code::ShellCharacterInPath, message);
                }
            }
            Verb::Run
            | Verb::Script
            | Verb::Link
            | Verb::Search
            | Verb::Association
            | Verb::Browser => {}
        }
    }
}
