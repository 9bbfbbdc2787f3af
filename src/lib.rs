//! The command line: commands one a file, outputs one a format, exit codes in one table.

#![forbid(unsafe_code)]

mod baseline;
mod command;
mod config;
mod earlier;
mod error;
mod exit;
mod fingerprint;
mod flags;
mod guides;
mod logger;
mod machine;
mod name;
mod output;
mod plan_key;
mod process;
mod targets;

pub use error::CliError;
pub use exit::Exit;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use command::Command;
use flags::{Format, GlobalFlags};

/// Manages MicroSIP.ini: edits that MicroSIP really reads, hooks that really fire
///
/// Every edit keeps encoding, line ends, comments, order and unknown keys, is written atomically,
/// and is backed up. Secrets are masked unless --reveal is given.
#[derive(Debug, Parser)]
#[command(name = "msipctl", bin_name = "msipctl", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    global: GlobalFlags,
}

const AFTER_HELP: &str = "\
Examples:
  msipctl hook add send-message --on incoming-call --with window=MyAppWindow -i MicroSIP.ini
  msipctl set Settings.singleMode=0 Settings.AA=1 -i MicroSIP.ini --diff
  msipctl check -i MicroSIP.ini
  msipctl backup restore -i MicroSIP.ini

Exit codes: 0 done or clean, 1 drift, findings or not set, 2 usage or runtime error,
3 precondition (MicroSIP runs, file locked, read-only or changed underneath), 4 part of the files failed,
130 Ctrl-C: stopped after the files in hand";

/// Runs the directives of an event, as this program's command line says. It can do nothing else.
pub fn run_hook() -> Exit {
    let done = command::started_by_launcher().unwrap_or_else(|| {
        let message = "msipctlw only runs hooks, expected `hook run [--ini PATH] EVENT [CALLER]`";
        Err(CliError::usage(message).hint("`msipctl` does everything else"))
    });
    done.unwrap_or_else(|error| failed(&error))
}

/// Prints the error of a run that had no command line to describe how.
fn failed(error: &CliError) -> Exit {
    output::Output::new(Format::Human).error(error);
    error.exit()
}

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(done) = command::started_by_launcher() {
        return done.unwrap_or_else(|error| failed(&error));
    }
    let (cli, command) = match parse(&args) {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&error, &args),
    };
    cli.global.color.write_global();
    logger::start(cli.global.verbose);

    let format = cli.global.format;
    let mut out = output::Output::new(format);
    let is_detailed = command.is_detailed();
    let is_printed = command.prints(format);
    let done =
        if is_printed { command.run(&mut out, command_line) } else { Err(not_printed(format)) };
    let exit = match done {
        Ok(exit) => exit,
        Err(error) => {
            out.error(&error);
            error.exit()
        }
    };
    let exit = match out.flush() {
        // `msipctl show | head` ends as the pipe does.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let error = CliError::runtime(format!("standard output: {error}"));
            out.error(&error);
            error.exit()
        }
        _ => exit,
    };
    if is_detailed { exit.detailed() } else { exit }
}

/// Refuses a format that a command has nothing to print in, before it does anything.
fn not_printed(format: Format) -> CliError {
    if format == Format::Html {
        let message =
            "`--format html` is for `msipctl audit`, expected another one for this command";
        return CliError::usage(message);
    }
    let kinds = Format::value_variants().iter().filter(|format| !format.is_for_findings());
    let names: Vec<_> = kinds.map(|format| format.name()).collect();
    let message = format!(
        "`--format {}` is for findings, expected {} for this command",
        format.name(),
        names.join(", ")
    );
    CliError::usage(message).hint("`msipctl check` prints findings")
}

/// Prints what clap answers: help on stdout, an error on stderr, in JSON if that was asked for.
fn refuse(error: &clap::Error, args: &[OsString]) -> Exit {
    if !error.use_stderr() {
        // A closed pipe is nobody's error.
        let _ = error.print();
        return Exit::Success;
    }
    match asked_format(args) {
        format @ (Format::Json | Format::Ndjson) => {
            output::Output::new(format).error(&usage_of(error));
        }
        _ => print_refusal(error, args),
    }
    let is_detailed = args.iter().any(|arg| arg == "--detailed-exitcode");
    if is_detailed { Exit::Error.detailed() } else { Exit::Error }
}

/// Prints why a command line is refused. clap repeats its arguments as they are, so where people shall not see one as
/// it is, clap is asked about those that they may see.
fn print_refusal(error: &clap::Error, args: &[OsString]) {
    let shown: Vec<OsString> =
        args.iter().map(|arg| output::shown(&arg.to_string_lossy()).into_owned().into()).collect();
    if shown == args {
        // A closed pipe is nobody's error.
        let _ = error.print();
        return;
    }
    match parse(&shown) {
        Err(error) if error.use_stderr() => {
            let _ = error.print();
        }
        // They are refused because of what is not shown.
        _ => output::Output::new(Format::Human).error(&usage_of(error)),
    }
}

/// Returns what clap says in an error of one line.
fn usage_of(error: &clap::Error) -> CliError {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let message = text.split("\n\n").next().unwrap_or_default();
    CliError::usage(message).hint("try `--help`")
}

/// Finds the format asked for on a command line that could not be parsed.
fn asked_format(args: &[OsString]) -> Format {
    let text = |arg: &OsString| arg.to_str().map(str::to_owned).unwrap_or_default();
    let joined =
        args.iter().map(text).find_map(|arg| arg.strip_prefix("--format=").map(str::to_owned));
    let parted = args.windows(2).find(|pair| pair[0] == "--format").map(|pair| text(&pair[1]));
    match joined.or(parted).as_deref() {
        Some("json") => Format::Json,
        Some("ndjson") => Format::Ndjson,
        _ => Format::Human,
    }
}

fn parse(args: &[OsString]) -> Result<(Cli, Command), clap::Error> {
    let mut matches = described(args.get(1)).try_get_matches_from(args)?;
    Ok((Cli::from_arg_matches_mut(&mut matches)?, Command::from_arg_matches_mut(&mut matches)?))
}

/// Returns as much of the command line's description as is needed when `first` is the first argument:
/// one command if it names one. Describing them all takes longer than `get` does its work.
fn described(first: Option<&OsString>) -> clap::Command {
    match first.and_then(|first| first.to_str()).and_then(Command::alone) {
        Some(command) => Cli::command().disable_help_subcommand(true).subcommand(command),
        None => command_line(),
    }
}

/// Returns the whole command line's description, for help, completions and manual pages.
fn command_line() -> clap::Command {
    let described = Command::augment_subcommands(Cli::command());
    // `hook run` takes none of these: all that stands behind the event is the caller's text.
    let refused = described.get_arguments().filter(|flag| flag.is_global_set());
    let refused: Vec<_> = refused.map(|flag| flag.clone().hide(true)).collect();
    let described = described
        .mut_subcommand("hook", |hook| hook.mut_subcommand("run", |run| run.args(refused)));
    described.subcommand_required(true).arg_required_else_help(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What clap answers: help, or what is wrong.
    fn answer(described: clap::Command, args: &[&str]) -> String {
        match described.try_get_matches_from(args) {
            Ok(mut matches) => format!("{:?}", Command::from_arg_matches_mut(&mut matches)),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn help_keeps_descriptions_of_program_and_command() {
        let whole = command_line();
        assert!(answer(whole.clone(), &["msipctl", "-h"]).starts_with("Manages MicroSIP.ini: "));
        let long = answer(whole, &["msipctl", "--help"]);
        assert!(long.contains("Every edit keeps encoding"), "{long}");
        let alone = described(Some(&OsString::from("get")));
        assert!(answer(alone, &["msipctl", "get", "-h"]).starts_with("Print one value"));
    }

    #[test]
    fn hook_run_help_lists_only_its_own_flags() {
        let help = |command| answer(command_line(), &["msipctl", "hook", command, "--help"]);
        for flag in ["--format", "--color", "--verbose"] {
            assert!(help("log").contains(flag), "{flag}");
            assert!(!help("run").contains(flag), "{flag}");
        }
        assert!(help("run").contains("--ini"));
    }

    #[test]
    fn single_command_parser_agrees_with_the_full_parser() {
        let names: Vec<_> =
            command_line().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        let alone = names.iter().filter(|name| Command::alone(name).is_some());
        let mut compared = 0;
        for name in alone {
            for rest in [
                &[][..],
                &["-h"],
                &["--help"],
                &["help"],
                &["--version"],
                &["--nope"],
                &["--formt", "json"],
                &["--format", "yaml"],
                &["Settings.AA=1", "-i", "a.ini", "--format", "json"],
            ] {
                let args = [&["msipctl", name][..], rest].concat();
                let first = OsString::from(name);
                let expected = answer(command_line(), &args);
                assert_eq!(answer(described(Some(&first)), &args), expected, "{args:?}");
                compared += 1;
            }
        }
        assert_eq!(compared, 6 * 9);
    }
}
