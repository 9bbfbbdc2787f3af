//! Detects problems with the program of a command.

use super::explanation::Explanation;
use super::verb::Verb;
use crate::diagnostic::{Code, Severity};
use crate::event::hazard::{Part, hazard};
use crate::event::launch::ITSELF;
use crate::event::path::{is_full, is_impossible, is_of_windows};

impl Explanation {
    /// Checks the program of the command and how Windows opens it.
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
                "the command contains only spaces: MicroSIP starts itself with the caller ID, and dials it"
            );
            self.add(Code::StartsItself, message);
        } else if verb != Verb::Browser && !is_full(program) && !is_impossible(program) {
            let message = message!(
                "`{program}` isn't a full path: Windows searches MicroSIP's current folder first, then `PATH`",
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
                    "Windows opens `.ps1` files in an editor instead of running them; use `powershell.exe -File`"
                );
                self.add(Code::ScriptInEditor, message);
            }
            Verb::Browser if !is_filled_in => {
                let message = message!(
                    "MicroSIP doesn't add the caller ID to an address; a directive `Open` does"
                );
                let found = hazard(Code::CallerNotPassed, Part::COMMAND, message);
                let found =
                    found.with_help("run `msipctl hook add open-url`, which adds such a directive");
                let is_prefix = value.trim_end().ends_with(['=', ':']);
                self.hazards.push(match is_prefix {
                    true => found,
                    false => found.with_severity(Severity::Info),
                });
            }
            Verb::Association if self.starts => {
                let message = message!(
                    "each PC decides which program opens `{program}`, and with which arguments",
                    program
                );
                let help = "write the program that runs the file before it";
                self.add_with_help(Code::UnknownFileType, message, help);
            }
            Verb::Batch => {
                if let Some(character) =
                    program.chars().find(|character| "&^%".contains(*character))
                {
                    let message = message!(
                        "the path of the batch file contains `{character}`, which cmd.exe interprets where the file uses its path without quotes",
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
