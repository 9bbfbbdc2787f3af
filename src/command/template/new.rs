//! `template new`: creates a custom template.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{FilesReport, Output};
use msipctl_core::apply::{self, FileState, FilesError};
use msipctl_core::hook::{self, Catalogue, Scaffold};
use msipctl_host::process;

const EXAMPLES: &str = "\
Examples:
  # Create a template that runs a program
  msipctl template new call-note
  # Create a template that opens a page
  msipctl template new crm-popup --action open
  # Create a template in another folder
  msipctl template new pager --action udp --dir ./our-templates";

/// Create a custom hook template
///
/// Writes a commented example that works.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct New {
    /// Name, in lowercase letters, digits, and hyphens
    #[arg(value_name = "NAME")]
    name: String,

    /// Folder [default: msipctl/templates of your configuration]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Action of the template on a call
    ///
    /// One of run, send-message, post-message, copy-data, open, http, log, udp, or command. With `command`, MicroSIP starts the
    /// program itself.
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
            CliError::usage("can't find the folder of your configuration")
                .hint("select a folder with `--dir`")
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
            "edit it, then run `msipctl template check {name}{more}` and \
             `msipctl hook add {name} --on incoming-call --with {}=...{more}`",
            self.action.parameter()
        );
        out.report(&FilesReport::new(written, next.clone()));
        if Catalogue::shipped().text(name).is_some() {
            out.note(&format!("it overrides the built-in template `{name}`"));
        }
        out.note(&format!("next: {next}"));
        Ok(Exit::Success)
    }
}

fn occupied(path: &Path) -> CliError {
    let error = CliError::usage("file already exists, so nothing was written").at(path);
    error.hint("choose another name, or edit that file")
}
