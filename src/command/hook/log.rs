//! `hook log`: shows failed directives.

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::Format;
use crate::output::{NoteRow, NotesReport, Output};
use msipctl_core::store;
use msipctl_hook::{Journal, Note};
use msipctl_host::process;

const LOG_EXAMPLES: &str = "\
Examples:
  # Show the last 20 failures
  msipctl hook log -n 20
  # Show new failures as they happen
  msipctl hook log --follow";

/// Show failed directives
///
/// Shows the directives of `hook run` that failed, each with its reason.
#[derive(Debug, Args)]
#[command(after_help = LOG_EXAMPLES)]
pub(crate) struct Log {
    /// Show only the last N lines
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<usize>,

    /// Wait for new lines, until you press Ctrl+C
    #[arg(short, long)]
    follow: bool,
}

impl Log {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.follow && out.format() == Format::Json {
            return Err(CliError::usage("`--follow` can't be combined with `--format json`")
                .hint("pass `--format ndjson`"));
        }
        let journal = Journal::new(process::journal(msipctl_windows::system()));
        let (mut notes, mut length) = journal.notes(0)?;
        if let Some(lines) = self.lines {
            notes.drain(..notes.len().saturating_sub(lines));
        }
        if !self.follow {
            if notes.is_empty() {
                out.note(&format!("no failures: {} has no lines", journal.path().display()));
            }
            print(out, notes);
            out.end(&NotesReport);
            return Ok(Exit::Success);
        }
        loop {
            print(out, notes);
            if out.is_closed() {
                return Ok(Exit::Success);
            }
            store::wait_for_change(journal.path(), length);
            (notes, length) = journal.notes(length)?;
        }
    }
}

fn print(out: &mut Output, notes: Vec<Note>) {
    notes.into_iter().for_each(|note| out.row(&mut NotesReport, NoteRow::from(note)));
}
