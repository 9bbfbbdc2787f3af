//! `completions`: a script for the shell.

use clap::Args;
use clap_complete::Shell;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  msipctl completions bash > /etc/bash_completion.d/msipctl
  msipctl completions powershell >> $PROFILE";

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the script for a command line.
    pub(super) fn run(
        &self,
        out: &mut Output,
        mut described: clap::Command,
    ) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut described, "msipctl", &mut script);
        out.generated(&script);
        Ok(Exit::Success)
    }
}
