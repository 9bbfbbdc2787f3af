//! `man`: manual pages.

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  msipctl man | man -l -
  msipctl man hook add > msipctl-hook-add.1";

/// Print the manual page of msipctl or of one of its commands
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The command, word by word
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

impl Man {
    /// Prints the page of a command line.
    pub(super) fn run(&self, out: &mut Output, described: clap::Command) -> Result<Exit, CliError> {
        let mut page = described;
        page.build();
        for word in &self.command {
            let found = page.find_subcommand(word).cloned();
            page = found.ok_or_else(|| {
                CliError::usage(format!("`{word}` is no command of `{}`", page.get_name()))
                    .hint("`msipctl help` lists the commands")
            })?;
        }
        let mut text = Vec::new();
        clap_mangen::Man::new(page)
            .render(&mut text)
            .map_err(|error| CliError::runtime(format!("manual page: {error}")))?;
        out.generated(&text);
        Ok(Exit::Success)
    }
}
