//! `man`: prints man pages.

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  # Read the man page of msipctl
  msipctl man | man -l -
  # Save the man page of a command
  msipctl man hook add > msipctl-hook-add.1";

/// Print a man page
///
/// Prints the man page of msipctl, or of one of its commands.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Command, such as `hook add`
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
                CliError::usage(format!("unknown command `{word}` of `{}`", page.get_name()))
                    .hint("run `msipctl help` to list the commands")
            })?;
        }
        let mut text = Vec::new();
        let title = page.get_display_name().unwrap_or("msipctl").to_owned();
        let source = format!("msipctl {}", env!("CARGO_PKG_VERSION"));
        clap_mangen::Man::new(page)
            .title(title.to_uppercase())
            .source(source)
            .manual("msipctl manual")
            .render(&mut text)
            .map_err(|error| CliError::runtime(format!("can't print the man page: {error}")))?;
        out.generated(&text);
        Ok(Exit::Success)
    }
}
