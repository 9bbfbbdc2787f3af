//! Checks what is at the path of a program.

use super::explanation::Explanation;
use super::facts::{Facts, Target};
use super::verb::{COMPLETIONS, Verb};
use crate::diagnostic::Code;
use crate::event::hazard::{Part, hazard};
use crate::event::launch::ITSELF;
use crate::event::path::{is_full, is_impossible};

impl Explanation {
    /// Looks up what is at the path of the program. Adds missing extensions like Windows.
    pub(super) fn find_target(&mut self, program: &str, verb: Verb, facts: &dyn Facts) {
        if program == ITSELF || verb == Verb::Browser {
            return;
        }
        if is_impossible(program) {
            self.target = Some(Target::Missing);
            return;
        }
        if !is_full(program) {
            return;
        }
        self.target = facts.target(program);
        if self.target == Some(Target::Missing) && verb == Verb::Search {
            let completed = COMPLETIONS.iter().map(|extension| format!("{program}{extension}"));
            let found = completed.filter_map(|path| facts.target(&path));
            let is_file = |target: &Target| matches!(target, Target::File { .. });
            self.target = found.into_iter().find(is_file).or(self.target);
        }
    }

    /// Checks what is at the path of a program that a part of the hooks names.
    pub(super) fn check_target(&mut self, part: &Part, target: Option<Target>, program: &str) {
        let found = |code, message| hazard(code, part.clone(), message);
        self.hazards.extend(match target {
            Some(Target::Missing) => Some(found(
                Code::MissingProgram,
                message!(
                    "program `{program}` not found; MicroSIP starts nothing and shows no error",
                    program
                ),
            )),
            Some(Target::Folder) => Some(found(
                Code::TargetIsFolder,
                message!("`{program}` is a folder: Windows shows it in a window", program),
            )),
            Some(Target::File { writable_by_others: Some(true) }) => {
                let message = message!(
                    "other users can change `{program}`, which runs with this user's rights",
                    program
                );
                let help = r"move the program to a folder in `C:\Program Files`";
                Some(found(Code::ProgramWritableByOthers, message).with_help(help))
            }
            Some(Target::File { .. }) | None => None,
        });
    }
}
