//! The `Run` action: starts a program without a shell.

use std::path::Path;

use super::call::Call;
use super::error::{Error, Notice, Outcome};
use super::perform::{Perform, Surroundings};
use super::start;
use msipctl_core::event::{Run, Text, harmless, is_shell};

impl Perform for Run {
    fn perform(&self, call: &Call, _: Surroundings<'_>) -> Outcome {
        run(call, &self.program, &self.arguments)
    }
}

/// Starts a program and doesn't wait for it.
///
/// For batch files and shells, the caller ID keeps only characters that they don't interpret. If others were removed, returns
/// a notice.
fn run(call: &Call, program: &str, arguments: &[Text]) -> Outcome {
    let path = Path::new(program);
    if !path.is_absolute() {
        return Err(Error::RelativePath(path.to_owned()));
    }
    let is_shell = is_shell(program);
    let filled: Vec<_> = arguments
        .iter()
        .map(|text| if is_shell { call.with_caller(text, harmless) } else { call.plain(text) })
        .collect();
    start::start(path, &filled)
        .map_err(|source| Error::Start { program: program.to_owned(), source })?;
    let is_same = arguments.iter().zip(&filled).all(|(text, filled)| call.plain(text) == *filled);
    Ok((!is_same).then_some(Notice::ShellCharactersDropped))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::testing::call;

    #[test]
    fn program_without_full_path_is_rejected() {
        assert!(run(&call("1"), "calc.exe", &[]).is_err());
    }
}
