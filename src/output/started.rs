//! The programs that were started for events.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::json::values;
use super::report::Report;
use super::screen::{HEADING, Screen};

/// One program that was started, or would be.
#[derive(Debug, Serialize)]
pub(crate) struct StartedRow {
    pub(crate) path: String,
    pub(crate) event: &'static str,
    pub(crate) key: String,
    pub(crate) line: usize,
    pub(crate) microsip: String,
    pub(crate) program: String,
    pub(crate) parameters: String,
    pub(crate) started: bool,
    pub(crate) process: Option<u32>,
    pub(crate) exit: Option<u32>,
    pub(crate) elapsed_ms: Option<u64>,
}

/// The programs of a run.
#[derive(Debug, Default)]
pub(crate) struct StartedReport {
    pub(crate) hooks: Vec<StartedRow>,
}

impl Report for StartedReport {
    const LIST: &'static str = "hooks";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.hooks {
            let location = format!("{}:{}", row.path, row.line);
            putln!(out, "{HEADING}{location}{HEADING:#}: {} ({})", row.event, row.key)?;
            putln!(out, "  program     {}", row.program)?;
            putln!(out, "  parameters  {}", row.parameters)?;
            if !row.started {
                continue;
            }
            match row.process {
                Some(process) => putln!(out, "  process     {process}")?,
                None => putln!(out, "  process     no separate process")?,
            }
            if let Some(elapsed) = row.elapsed_ms {
                putln!(out, "  took        {elapsed} ms")?;
            }
            match (row.process, row.exit) {
                (_, Some(exit)) => putln!(out, "  exit code   {exit}")?,
                (Some(_), None) => putln!(out, "  exit code   none (still running)")?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.hooks)
    }
}
