//! The command line: one command per file, one output per format, and one table of exit codes.

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
mod interrupt;
mod logger;
mod machine;
mod name;
mod output;
mod sink;
mod suggestions;
mod targets;

pub use error::CliError;
pub use exit::Exit;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use command::{Command, GROUPS};
use flags::{Format, GlobalFlags};

/// Manage MicroSIP.ini and its call hooks
///
/// Every edit preserves the encoding, line endings, comments, order, and unknown keys. It is written atomically and backed
/// up. Secrets are masked unless you pass --reveal.
#[derive(Debug, Parser)]
#[command(name = "msipctl", bin_name = "msipctl", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: GlobalFlags,
}

const EXAMPLES: &str = "\
Examples:
  # Find MicroSIP.ini
  msipctl locate
  # Check a file for problems
  msipctl check MicroSIP.ini
  # Preview a change
  msipctl set Settings.singleMode=0 Settings.AA=1 MicroSIP.ini --diff --dry-run
  # Send each incoming call to the window MyAppWindow
  msipctl hook add send-message --on incoming-call --with window=MyAppWindow MicroSIP.ini
  # Undo the last change
  msipctl undo MicroSIP.ini";

/// Runs the directives of an event, as the command line of this program says. It does nothing else.
pub fn run_hook() -> Exit {
    let done = command::started_by_launcher().unwrap_or_else(|| {
        let message = "msipctlw only runs hooks: expected `hook run [--ini PATH] EVENT [CALLER]`";
        Err(CliError::usage(message).hint("for other commands, use `msipctl`"))
    });
    done.unwrap_or_else(|error| failed(&error))
}

/// Prints an error for users, when no command line selects a format.
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
    let formats = command.formats();
    let done = match formats.contains(&format) {
        true => command.run(&mut out, command_line),
        false => Err(unsupported(format, formats)),
    };
    let exit = match done {
        Ok(exit) => exit,
        Err(error) => {
            out.error(&error);
            error.exit()
        }
    };
    let exit = match out.flush() {
        // With `msipctl show | head`, a closed pipe isn't an error.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let error = CliError::runtime(format!("standard output: {error}"));
            out.error(&error);
            error.exit()
        }
        _ => exit,
    };
    if is_detailed { exit.detailed() } else { exit }
}

/// Returns the error for a format that a command doesn't support, before the command does anything.
fn unsupported(format: Format, formats: &[Format]) -> CliError {
    let names: Vec<_> = formats.iter().map(|format| format!("`{}`", format.name())).collect();
    let (format, names) = (format.name(), names.join(", "));
    CliError::usage(format!("this command doesn't support `--format {format}`: expected {names}"))
        .hint("run the command with `--help` to list its formats")
}

/// Prints the response of clap: help on stdout, or an error on stderr, as JSON if that was requested.
fn refuse(error: &clap::Error, args: &[OsString]) -> Exit {
    if !error.use_stderr() {
        // A closed pipe isn't an error.
        let _ = error.print();
        return Exit::Success;
    }
    match requested_format(args) {
        format @ (Format::Json | Format::Ndjson) => {
            output::Output::new(format).error(&usage_of(error));
        }
        _ => print_refusal(error, args),
    }
    let is_detailed = args.iter().any(|arg| arg == "--detailed-exitcode");
    if is_detailed { Exit::Error.detailed() } else { Exit::Error }
}

/// Prints why a command line is invalid. clap repeats arguments unescaped. If one of them must be escaped, clap parses the
/// escaped arguments once more.
fn print_refusal(error: &clap::Error, args: &[OsString]) {
    let shown: Vec<OsString> =
        args.iter().map(|arg| output::shown(&arg.to_string_lossy()).into_owned().into()).collect();
    if shown == args {
        // A closed pipe isn't an error.
        let _ = error.print();
        return;
    }
    match parse(&shown) {
        Err(error) if error.use_stderr() => {
            let _ = error.print();
        }
        // They are invalid only because of a character that is escaped.
        _ => output::Output::new(Format::Human).error(&usage_of(error)),
    }
}

/// Returns an error of clap as one line, with its tip as the hint.
fn usage_of(error: &clap::Error) -> CliError {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let message = text.split("\n\n").next().unwrap_or_default();
    let tip = text.lines().find_map(|line| line.trim_start().strip_prefix("tip: "));
    CliError::usage(message).hint(tip.unwrap_or("run the command with `--help`"))
}

/// Returns the requested format of a command line that can't be parsed.
fn requested_format(args: &[OsString]) -> Format {
    let text = |arg: &OsString| arg.to_str().map(str::to_owned).unwrap_or_default();
    let joined =
        args.iter().map(text).find_map(|arg| arg.strip_prefix("--format=").map(str::to_owned));
    let separate = args.windows(2).find(|pair| pair[0] == "--format").map(|pair| text(&pair[1]));
    match joined.or(separate).as_deref() {
        Some("json") => Format::Json,
        Some("ndjson") => Format::Ndjson,
        _ => Format::Human,
    }
}

fn parse(args: &[OsString]) -> Result<(Cli, Command), clap::Error> {
    let mut described = described(args.get(1));
    let mut matches = described
        .try_get_matches_from_mut(args)
        .map_err(|error| suggestions::with_suggestions(error, &described, args))?;
    Ok((Cli::from_arg_matches_mut(&mut matches)?, Command::from_arg_matches_mut(&mut matches)?))
}

/// Returns the description of the command line that parsing needs if `first` is the first argument: of one command if
/// `first` is its name. Describing all commands takes longer than `get` takes for its work.
fn described(first: Option<&OsString>) -> clap::Command {
    match first.and_then(|first| first.to_str()).and_then(Command::alone) {
        Some(command) => {
            let program = Cli::command().disable_help_subcommand(true);
            program.subcommand(completed(command, &[]))
        }
        None => command_line(),
    }
}

/// Returns the description of the complete command line, for help, completions, and man pages.
fn command_line() -> clap::Command {
    let described = Command::augment_subcommands(Cli::command());
    // `hook run` accepts none of these: everything after the event is the caller ID.
    let refused = described.get_arguments().filter(|flag| flag.is_global_set());
    let refused: Vec<_> = refused.map(|flag| flag.clone().hide(true)).collect();
    let described = described
        .mut_subcommand("hook", |hook| hook.mut_subcommand("run", |run| run.args(refused)))
        .mut_subcommands(|command| completed(command, &[]))
        .subcommand_required(true)
        .arg_required_else_help(true);
    let template = help_template(&described);
    let exit_codes = Exit::ALL.map(|exit| format!("  {:<3} {}\n", exit.code(), exit.meaning()));
    let exit_codes = exit_codes.concat();
    let exit_codes = exit_codes.trim_end();
    described
        .help_template(template)
        .after_long_help(format!("{EXAMPLES}\n\nExit codes:\n{exit_codes}"))
}

/// Completes the description of a command and of those below it: the formats that it supports, and of its examples only
/// the first one in the short help.
fn completed(command: clap::Command, above: &[&str]) -> clap::Command {
    let name = command.get_name().to_owned();
    let path = [above, &[&name]].concat();
    let has_format = command.get_arguments().any(|flag| flag.get_id() == "format");
    let command = match has_format {
        true => command,
        false => command.arg(Format::flag(Format::of_command(&path))),
    };
    let examples = command.get_after_help().map(ToString::to_string);
    let command = match examples {
        Some(examples) => {
            let first = first_example(&examples);
            command.after_help(first).after_long_help(examples)
        }
        None => command,
    };
    command.mut_subcommands(|command| completed(command, &path))
}

/// Returns the first example, with its comment.
fn first_example(examples: &str) -> String {
    let mut lines = examples.lines();
    let heading = lines.next().unwrap_or_default().replace("Examples", "Example");
    let mut shown = vec![heading];
    for (index, line) in lines.enumerate() {
        if index > 0 && line.starts_with("  # ") {
            break;
        }
        shown.push(line.to_owned());
    }
    shown.join("\n")
}

/// Returns the template of the help of the program, which groups the commands by task.
fn help_template(described: &clap::Command) -> String {
    let header = described.get_styles().get_header();
    let literal = described.get_styles().get_literal();
    let heading = |text: &str| format!("{header}{text}:{header:#}\n");
    let mut commands = String::new();
    for (group, names) in GROUPS {
        commands += &heading(group);
        for name in *names {
            let found = described.find_subcommand(name).and_then(clap::Command::get_about);
            let about = found.map_or_else(|| HELP.to_owned(), ToString::to_string);
            commands += &format!("  {literal}{name:<11}{literal:#}  {about}\n");
        }
    }
    let options = heading("Options");
    format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{commands}\n{options}{{options}}{{after-help}}"
    )
}

/// The summary of `help`, which clap adds last.
const HELP: &str = "Print the help of a command";

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the response of clap: the help, or an error.
    fn answer(described: clap::Command, args: &[&str]) -> String {
        match described.try_get_matches_from(args) {
            Ok(mut matches) => format!("{:?}", Command::from_arg_matches_mut(&mut matches)),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn help_keeps_descriptions_of_program_and_command() {
        let complete = command_line();
        assert!(
            answer(complete.clone(), &["msipctl", "-h"]).starts_with("Manage MicroSIP.ini and ")
        );
        let long = answer(complete, &["msipctl", "--help"]);
        assert!(long.contains("Every edit preserves the encoding"), "{long}");
        let alone = described(Some(&OsString::from("get")));
        assert!(answer(alone, &["msipctl", "get", "-h"]).starts_with("Print one value"));
    }

    #[test]
    fn top_level_help_lists_each_command_in_one_group() {
        let mut listed: Vec<_> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        listed.sort_unstable();
        let described = command_line();
        let mut names: Vec<_> = described.get_subcommands().map(clap::Command::get_name).collect();
        names.push("help");
        names.sort_unstable();
        assert_eq!(listed, names);
    }

    /// Returns each command with its full name.
    fn commands(command: &clap::Command, above: &str, found: &mut Vec<(String, clap::Command)>) {
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let name = format!("{above} {}", below.get_name());
            found.push((name.trim_start().to_owned(), below.clone()));
            commands(below, &name, found);
        }
    }

    #[test]
    fn summaries_are_short_imperatives() {
        let mut found = vec![(String::new(), command_line())];
        commands(&command_line(), "", &mut found);
        assert!(found.len() > 45, "{}", found.len());
        let mut wrong = Vec::new();
        for (name, command) in &found {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let flags = command.get_arguments().filter(|flag| !flag.is_hide_set());
            let flags = flags.map(|flag| {
                let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
                (format!("{name} {}", flag.get_id()), help)
            });
            for (name, text) in std::iter::once((name.clone(), about)).chain(flags) {
                // `[default: …]` isn't part of the sentence.
                let text = text.split(" [default: ").next().unwrap_or_default();
                // `phone dial` shows its number forms, `hook run` ends in a note.
                let is_short = text.chars().count() <= 60;
                let begins = text.starts_with(|first: char| first.is_ascii_uppercase());
                let is_one_clause = !text.contains("; ") && !text.ends_with('.');
                if !(is_short && begins && is_one_clause) {
                    wrong.push(format!("{name}: {text}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn short_help_of_every_command_fits_on_a_screen() {
        let mut found = vec![(String::new(), command_line())];
        commands(&command_line(), "", &mut found);
        for (name, _) in found {
            let words = name.split_whitespace();
            let args: Vec<_> = ["msipctl"].into_iter().chain(words).chain(["-h"]).collect();
            let help = answer(command_line(), &args);
            let lines = help.lines().count();
            assert!(lines < 40, "`msipctl {name} -h` has {lines} lines:\n{help}");
        }
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
