//! Suggestions for command lines that clap rejects: the right command, or `-i` for a file.

use std::ffi::OsString;
use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};

use super::targets::is_path;

/// Names of commands in other tools, each with the command above it and the command to use.
const SYNONYMS: &[(&str, &[&str], &str)] = &[
    ("", &["validate", "lint", "verify", "doctor", "test"], "check"),
    ("", &["restore", "rollback", "revert"], "backup restore"),
    ("", &["list", "ls", "cat", "view", "dump", "print"], "show"),
    ("", &["read"], "get"),
    ("", &["write", "add", "edit", "update"], "set"),
    ("", &["delete", "del", "remove", "rm"], "unset"),
    ("", &["inject", "install"], "hook add"),
    ("", &["uninstall"], "hook remove"),
    ("", &["compare"], "diff"),
    ("", &["find", "search", "where"], "locate"),
    ("", &["deploy", "push"], "apply"),
    ("", &["preview"], "plan"),
    ("", &["export"], "capture"),
    ("", &["dial", "call"], "phone dial"),
    ("", &["hangup"], "phone hangup"),
    ("hook", &["inject", "install", "create", "new", "set"], "hook add"),
    ("hook", &["delete", "rm", "uninstall", "unset"], "hook remove"),
    ("hook", &["show", "ls"], "hook list"),
    ("hook", &["check", "validate"], "hook explain --check"),
    ("backup", &["undo", "rollback", "revert", "recover"], "backup restore"),
    ("backup", &["delete", "remove", "rm", "clean"], "backup prune"),
    ("backup", &["make", "add", "new"], "backup create"),
    ("backup", &["ls", "show"], "backup list"),
    ("backup", &["check"], "backup verify"),
    ("phone", &["call"], "phone dial"),
    ("phone", &["reject"], "phone decline"),
    ("phone", &["quit", "stop"], "phone exit"),
    ("template", &["create", "add", "init"], "template new"),
    ("template", &["validate", "lint", "test"], "template check"),
    ("template", &["export"], "template copy"),
    ("template", &["ls"], "template list"),
];

/// Flags of other tools that select a file.
const FILE_FLAGS: &[&str] =
    &["--file", "--files", "--path", "--input", "--in", "--ini-file", "--target", "-f", "-c"];

/// Flags of other tools, each with the command to which it belongs (all if empty) and what to use instead.
const FLAGS: &[(&str, &[&str], &str)] = &[
    ("", &["--json"], "pass `--format json`"),
    ("check", &["--sarif"], "pass `--format sarif`"),
    ("", &["--dryrun", "--preview", "--what-if", "--whatif"], "pass `--dry-run`"),
    ("hook add", &["--event", "--events"], "pass `--on EVENT`"),
    ("hook add", &["--template"], "the template is an argument: `msipctl hook add TEMPLATE`"),
    ("hook add", &["--set", "--param", "--var", "--window"], "pass `--with NAME=VALUE`"),
    ("plan", &["--policy"], "the policy is an argument: `msipctl plan POLICY`"),
    ("apply", &["--policy"], "the policy is an argument: `msipctl apply POLICY`"),
    ("audit", &["--policy"], "the policy is an argument: `msipctl audit POLICY`"),
];

/// Adds the suggestions of msipctl to an error of clap. `described` is the description that parsing used.
pub(super) fn with_suggestions(
    mut error: clap::Error,
    described: &clap::Command,
    args: &[OsString],
) -> clap::Error {
    let (above, command) = command_of(described, args);
    if let Some(name) = text(&error, ContextKind::InvalidSubcommand)
        && let Some(tip) = for_command(&above, &name)
    {
        error.remove(ContextKind::SuggestedSubcommand);
        suggest(&mut error, tip);
    }
    // clap puts the most similar command last.
    if let Some(ContextValue::Strings(similar)) = error.get(ContextKind::SuggestedSubcommand)
        && similar.len() > 1
    {
        let last = similar.iter().next_back().cloned().into_iter().collect();
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(last));
    }
    if let Some(flag) = text(&error, ContextKind::InvalidArg)
        && error.kind() == clap::error::ErrorKind::UnknownArgument
        && let Some(tip) = for_argument(&above, command, &flag)
    {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        // The usage of clap would show the flag that it suggested.
        let usage = command.clone().render_usage();
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
        suggest(&mut error, tip);
    } else if text(&error, ContextKind::InvalidArg).is_some_and(|flag| flag.starts_with("--")) {
        // clap suggests passing the flag as a value.
        error.remove(ContextKind::Suggested);
    }
    error
}

/// Returns the tip for an unknown command below `above`.
fn for_command(above: &str, name: &str) -> Option<String> {
    let is_it = |(of, names, _): &&(&str, &[&str], &str)| {
        *of == above && names.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    if let Some((_, _, command)) = SYNONYMS.iter().find(is_it) {
        return Some(format!("run `msipctl {command}`"));
    }
    let is_file = above.is_empty() && is_path(Path::new(name));
    is_file
        .then(|| "to show or check a file, run `msipctl show FILE` or `msipctl check FILE`".into())
}

/// Returns the tip for an unknown flag or argument of a command.
fn for_argument(names: &str, command: &clap::Command, argument: &str) -> Option<String> {
    let has = |id: &str| command.get_arguments().any(|flag| flag.get_id() == id);
    let name = argument.split('=').next().unwrap_or_default();
    let is_it = |(of, flags, _): &&(&str, &[&str], &str)| {
        (of.is_empty() || *of == names) && flags.contains(&name)
    };
    if let Some((_, _, instead)) = FLAGS.iter().find(is_it) {
        let is_dry_run = instead.contains("--dry-run");
        return (!is_dry_run || has("dry_run")).then(|| (*instead).to_owned());
    }
    if name == "--version" && has("microsip") {
        return Some("to check for a MicroSIP version, pass `--microsip VERSION`".into());
    }
    if FILE_FLAGS.contains(&name) && names.is_empty() {
        return Some("to select a file, pass `-i FILE` after the command".into());
    }
    if FILE_FLAGS.contains(&name) && has("ini") {
        return Some("to select a file, pass `-i FILE`".into());
    }
    if argument.starts_with('-') {
        return None;
    }
    match is_path(Path::new(argument)) {
        true if has("ini") => Some("did you mean `-i FILE`?".into()),
        true if has("root") => Some("did you mean `--root DIR`?".into()),
        _ => None,
    }
}

/// Returns the command that the arguments select, and the names of it.
fn command_of<'c>(described: &'c clap::Command, args: &[OsString]) -> (String, &'c clap::Command) {
    let (mut names, mut command) = (Vec::new(), described);
    for arg in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        match command.find_subcommand(arg) {
            Some(below) => {
                names.push(arg);
                command = below;
            }
            None if arg.starts_with('-') => {}
            None => break,
        }
    }
    (names.join(" "), command)
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn suggest(error: &mut clap::Error, tip: String) {
    let tips = ContextValue::StyledStrs(vec![StyledStr::from(tip)]);
    error.insert(ContextKind::Suggested, tips);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_lead_to_existing_commands() {
        let described = crate::command_line();
        for (above, names, command) in SYNONYMS {
            let mut found = &described;
            for word in command.split(' ').filter(|word| !word.starts_with('-')) {
                found = found.find_subcommand(word).unwrap_or_else(|| panic!("{command}"));
            }
            let parent = match *above {
                "" => &described,
                above => described.find_subcommand(above).unwrap(),
            };
            for name in *names {
                assert!(parent.find_subcommand(name).is_none(), "`{above} {name}` is a command");
                assert!(for_command(above, name).unwrap().contains(command));
            }
        }
    }
}
