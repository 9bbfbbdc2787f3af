//! The commands, one per file.

mod apply;
mod audit;
mod backup;
mod capture;
mod check;
mod completions;
mod diff;
mod dsc;
mod each;
mod edit;
mod engine;
mod explain;
mod get;
mod hook;
mod load;
mod locate;
mod man;
mod notice;
mod pending;
mod pending_drift;
mod phone;
mod plan;
mod policy;
mod policy_secrets;
mod queue;
mod report;
mod schema;
mod send;
mod set;
mod show;
mod status;
mod template;
mod unset;

pub(super) use hook::started as started_by_launcher;
pub(super) use pending::watch as watch_pending;

use clap::{Args, Subcommand};

use super::engine_flags::EngineRun;
use super::error::CliError;
use super::exit::Exit;
use super::flags::Format;
use super::output::Output;

/// The commands by task, in the order in which the help lists them.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    (
        "Edit commands",
        &["locate", "show", "get", "set", "unset", "check", "diff", "backup", "undo"],
    ),
    ("Hook and phone commands", &["hook", "template", "phone"]),
    ("Fleet commands", &["capture", "plan", "apply", "audit", "status", "report", "engine", "dsc"]),
    ("Lookup commands", &["explain", "schema", "completions", "man", "help"]),
];

// The command. A doc comment would replace the description of the program.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Locate(locate::Locate),
    Show(show::Show),
    Get(get::Get),
    Set(set::Set),
    Unset(unset::Unset),
    Check(check::Check),
    Plan(plan::Plan),
    Apply(apply::Apply),
    Audit(audit::Audit),
    #[command(subcommand)]
    Report(report::Report),
    Status(status::Status),
    Explain(explain::Explain),
    Diff(diff::Diff),
    #[command(subcommand)]
    Hook(hook::Hook),
    #[command(subcommand)]
    Template(template::Template),
    Capture(capture::Capture),
    #[command(subcommand)]
    Backup(backup::Backup),
    Undo(backup::Undo),
    #[command(subcommand)]
    Phone(phone::Phone),
    #[command(subcommand)]
    Dsc(dsc::Dsc),
    #[command(subcommand)]
    Engine(engine::Engine),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Describes one command, if scripts run the command `name` again and again.
    pub(super) fn alone(name: &str) -> Option<clap::Command> {
        Some(match name {
            "show" => show::Show::augment_args(clap::Command::new("show")),
            "get" => get::Get::augment_args(clap::Command::new("get")),
            "set" => set::Set::augment_args(clap::Command::new("set")),
            "unset" => unset::Unset::augment_args(clap::Command::new("unset")),
            "check" => check::Check::augment_args(clap::Command::new("check")),
            "diff" => diff::Diff::augment_args(clap::Command::new("diff")),
            _ => return None,
        })
    }

    /// Returns the formats that the command supports.
    pub(super) fn formats(&self) -> &'static [Format] {
        Format::of_command(match self {
            Self::Audit(_) => &["audit"],
            Self::Check(_) => &["check"],
            Self::Report(command) => command.path(),
            _ => &[],
        })
    }

    /// Returns whether the exit code shows if anything changed.
    pub(super) fn is_detailed(&self) -> bool {
        match self {
            Self::Plan(command) => command.detailed_exitcode,
            Self::Apply(command) => command.detailed_exitcode,
            _ => false,
        }
    }

    /// Returns how an engine runs the command, if one does.
    pub(super) fn engine(&self) -> Option<EngineRun> {
        match self {
            Self::Apply(command) => command.engine(),
            Self::Audit(command) => command.engine(),
            _ => None,
        }
    }

    /// Runs the command. `describe` returns the description of the complete command line.
    pub(super) fn run(
        self,
        out: &mut Output,
        describe: fn() -> clap::Command,
    ) -> Result<Exit, CliError> {
        match self {
            Self::Locate(command) => command.run(out),
            Self::Show(command) => command.run(out),
            Self::Get(command) => command.run(out),
            Self::Set(command) => command.run(out),
            Self::Unset(command) => command.run(out),
            Self::Check(command) => command.run(out),
            Self::Plan(command) => command.run(out),
            Self::Apply(command) => command.run(out),
            Self::Audit(command) => command.run(out),
            Self::Status(command) => command.run(out),
            Self::Report(command) => command.run(out),
            Self::Explain(command) => command.run(out),
            Self::Diff(command) => command.run(out),
            Self::Hook(command) => command.run(out),
            Self::Template(command) => command.run(out),
            Self::Capture(command) => command.run(out),
            Self::Backup(command) => command.run(out),
            Self::Undo(command) => command.run(out),
            Self::Phone(command) => command.run(out),
            Self::Dsc(command) => command.run(out),
            Self::Engine(command) => Ok(command.run(out)),
            Self::Schema(command) => command.run(out),
            Self::Completions(command) => command.run(out, describe()),
            Self::Man(command) => command.run(out, describe()),
        }
    }
}
