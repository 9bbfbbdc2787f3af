//! The command line: commands one a file, outputs one a format, exit codes in one table.

mod command;
mod error;
mod exit;
mod flags;
mod logger;
mod name;
mod output;
mod process;

pub use error::CliError;
pub use exit::Exit;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser};

use flags::GlobalFlags;

/// Manages MicroSIP.ini: edits that MicroSIP really reads, hooks that really fire
///
/// Every edit keeps encoding, line ends, comments, order and unknown keys, is written atomically,
/// and is backed up. Secrets are masked unless --reveal is given.
#[derive(Debug, Parser)]
#[command(name = "msipctl", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    global: GlobalFlags,

    #[command(subcommand)]
    command: command::Command,
}

const AFTER_HELP: &str = "\
Examples:
  msipctl hook add send-message --on incoming-call --with window=MyAppWindow -i MicroSIP.ini
  msipctl set Settings.singleMode=0 Settings.AA=1 -i MicroSIP.ini --diff
  msipctl check -i MicroSIP.ini
  msipctl backup restore -i MicroSIP.ini

Exit codes: 0 done or clean, 1 drift, findings or not set, 2 usage or runtime error,
3 precondition (file locked, read-only or changed underneath), 4 part of the files failed";

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let parsed = Cli::command().try_get_matches_from(args);
    let cli = match parsed.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Error } else { Exit::Success };
            // A closed pipe is nobody's error.
            let _ = error.print();
            return exit;
        }
    };
    cli.global.color.write_global();
    logger::start(cli.global.verbose);

    let mut out = output::Output::new(cli.global.format);
    let exit = match cli.command.run(&mut out) {
        Ok(exit) => exit,
        Err(error) => {
            out.error(&error);
            error.exit()
        }
    };
    match out.flush() {
        // `msipctl show | head` ends as the pipe does.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let error = CliError::runtime(format!("standard output: {error}"));
            out.error(&error);
            error.exit()
        }
        _ => exit,
    }
}

/// Returns the whole command line's description, for completions and manual pages.
fn command_line() -> clap::Command {
    Cli::command()
}
