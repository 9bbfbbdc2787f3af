//! Commands that were sent to MicroSIP, and the MicroSIP programs of this PC.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::count::count;
use super::json::values;
use super::report::Report;
use super::screen::{DIM, NAME, Screen};

/// One command.
#[derive(Debug, Serialize)]
pub(crate) struct PhoneCommandRow {
    pub(crate) command: &'static str,
    pub(crate) state: &'static str,
    pub(crate) program: String,
    pub(crate) version: String,
    pub(crate) argument: String,
    pub(crate) command_line: String,
    pub(crate) process: Option<u32>,
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct PhoneCommandReport {
    rows: [PhoneCommandRow; 1],
}

impl PhoneCommandReport {
    pub(crate) fn new(row: PhoneCommandRow) -> Self {
        Self { rows: [row] }
    }
}

impl Report for PhoneCommandReport {
    const LIST: &'static str = "commands";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            match row.state {
                "printed" => putln!(out, "{}", row.command_line)?,
                "not running" => {}
                state => putln!(out, "{state}: {}", row.command_line)?,
            }
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }
}

/// One MicroSIP program.
#[derive(Debug, Serialize)]
pub(crate) struct StatusRow {
    pub(crate) running: bool,
    pub(crate) processes: Vec<u32>,
    pub(crate) program: String,
    pub(crate) version: Option<String>,
    pub(crate) ini: Option<String>,
    pub(crate) windows: Option<usize>,
}

/// The MicroSIP programs of this PC.
#[derive(Debug)]
pub(crate) struct StatusReport {
    pub(crate) rows: Vec<StatusRow>,
}

impl Report for StatusReport {
    const LIST: &'static str = "instances";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            putln!(out, "{NAME}{}{NAME:#}", row.program)?;
            let ids: Vec<_> = row.processes.iter().map(u32::to_string).collect();
            let mut facts = vec![match row.running {
                true => format!("running as process {}", ids.join(", ")),
                false => "not running".to_owned(),
            }];
            facts.extend(row.version.as_ref().map(|version| format!("version {version}")));
            facts.extend(row.windows.map(|windows| count(windows, "window")));
            putln!(out, "    {}", facts.join(", "))?;
            if let Some(ini) = &row.ini {
                putln!(out, "    {DIM}{ini}{DIM:#}")?;
            }
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }

    fn summary(&self) -> Option<Value> {
        let running = self.rows.iter().filter(|row| row.running).count();
        Some(json!({ "instances": self.rows.len(), "running": running }))
    }
}
