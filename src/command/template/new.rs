//! `template new`: starting a template of one's own.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{FilesReport, Output};
use crate::process;
use msipctl_core::apply::{self, FileState, FilesError};
use msipctl_core::hook::{self, Catalogue, Scaffold};

const EXAMPLES: &str = "\
Examples:
  msipctl template new call-note
  msipctl template new crm-popup --action open
  msipctl template new pager --action udp --dir ./our-templates";

/// Start a hook template of your own: a commented example that works
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct New {
    /// Its name: small letters, digits and hyphens
    #[arg(value_name = "NAME")]
    name: String,

    /// Folder for it, instead of msipctl/templates in your configuration
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// What it shall do on a call: run, send-message, post-message, copy-data, open, http, log, udp, or command
    /// for a program that MicroSIP starts itself
    #[arg(long, value_name = "ACTION", default_value_t)]
    action: Scaffold,
}

impl New {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let name = self.name.as_str();
        hook::check_name(name).map_err(|error| {
            CliError::usage(error.to_string()).hint("for example: msipctl template new call-note")
        })?;
        let folders = process::template_folders();
        let dir = self.dir.as_ref().or(folders.last()).ok_or_else(|| {
            CliError::usage("no folder for your configuration is known")
                .hint("name one with `--dir`")
        })?;
        let files = [(format!("{name}.ini"), self.action.text(name).into_bytes())];
        let written = apply::write_files(dir, &files, false, &format!("template new {name}"));
        let written = written.map_err(|error| match error {
            FilesError::Occupied(path) => occupied(&path),
            error => error.into(),
        })?;
        if let Some((path, _)) = written.iter().find(|(_, state)| *state != FileState::Written) {
            return Err(occupied(path));
        }
        let found = folders.contains(dir);
        let more = if found { String::new() } else { format!(" --template-dir {}", dir.display()) };
        let next = format!(
            "change it, then `msipctl template check {name}{more}`, and \
             `msipctl hook add {name} --on incoming-call --with {}=...{more}`",
            self.action.parameter()
        );
        out.report(&FilesReport::new(written, next.clone()));
        if Catalogue::shipped().text(name).is_some() {
            out.note(&format!("it takes the place of the shipped template `{name}`"));
        }
        out.note(&format!("next: {next}"));
        Ok(Exit::Success)
    }
}

fn occupied(path: &Path) -> CliError {
    let error = CliError::usage("is there already").at(path);
    error.hint("nothing was written; take another name, or change that file")
}
