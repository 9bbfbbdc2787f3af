//! The commands, one a file.

mod apply;
mod audit;
mod backup;
mod capture;
mod check;
mod completions;
mod diff;
mod each;
mod edit;
mod explain;
mod get;
mod hook;
mod load;
mod locate;
mod man;
mod notice;
mod phone;
mod plan;
mod policy;
mod schema;
mod set;
mod show;
mod template;
mod unset;

pub(super) use hook::started as started_by_launcher;

use clap::{Args, Subcommand};

use super::error::CliError;
use super::exit::Exit;
use super::flags::Format;
use super::output::Output;

// What to do. As a doc comment, this would take the place of the whole program's description.
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
    Explain(explain::Explain),
    Diff(diff::Diff),
    #[command(subcommand)]
    Hook(hook::Hook),
    #[command(subcommand)]
    Template(template::Template),
    Capture(capture::Capture),
    #[command(subcommand)]
    Backup(backup::Backup),
    #[command(subcommand)]
    Phone(phone::Phone),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Describes one command, if `name` is that of one which scripts start again and again.
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

    /// Says whether it can print in a format.
    pub(super) fn prints(&self, format: Format) -> bool {
        match self {
            Self::Audit(_) => true,
            Self::Check(_) => format != Format::Html,
            _ => !format.is_for_findings(),
        }
    }

    /// Says whether its exit code tells if anything changed.
    pub(super) fn is_detailed(&self) -> bool {
        match self {
            Self::Plan(command) => command.detailed_exitcode,
            Self::Apply(command) => command.detailed_exitcode,
            _ => false,
        }
    }

    /// Does it. `describe` returns the description of the whole command line.
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
            Self::Explain(command) => command.run(out),
            Self::Diff(command) => command.run(out),
            Self::Hook(command) => command.run(out),
            Self::Template(command) => command.run(out),
            Self::Capture(command) => command.run(out),
            Self::Backup(command) => command.run(out),
            Self::Phone(command) => command.run(out),
            Self::Schema(command) => command.run(out),
            Self::Completions(command) => command.run(out, describe()),
            Self::Man(command) => command.run(out, describe()),
        }
    }
}
