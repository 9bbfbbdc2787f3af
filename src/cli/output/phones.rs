//! What was handed to MicroSIP, and which MicroSIP runs.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::{DIM, NAME, Report, Screen, count, values};

/// One order.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct OrderRow {
    pub(in crate::cli) order: &'static str,
    pub(in crate::cli) state: &'static str,
    pub(in crate::cli) program: String,
    pub(in crate::cli) version: String,
    pub(in crate::cli) argument: String,
    pub(in crate::cli) command_line: String,
    pub(in crate::cli) process: Option<u32>,
}

/// What became of an order.
#[derive(Debug)]
pub(in crate::cli) struct OrderReport {
    rows: [OrderRow; 1],
}

impl OrderReport {
    pub(in crate::cli) fn new(row: OrderRow) -> Self {
        Self { rows: [row] }
    }
}

impl Report for OrderReport {
    const LIST: &'static str = "orders";
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

/// One MicroSIP.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct StatusRow {
    pub(in crate::cli) running: bool,
    pub(in crate::cli) processes: Vec<u32>,
    pub(in crate::cli) program: String,
    pub(in crate::cli) version: Option<String>,
    pub(in crate::cli) ini: Option<String>,
    pub(in crate::cli) windows: Option<usize>,
}

/// The MicroSIPs there are.
#[derive(Debug)]
pub(in crate::cli) struct StatusReport {
    pub(in crate::cli) rows: Vec<StatusRow>,
}

impl Report for StatusReport {
    const LIST: &'static str = "phones";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            putln!(out, "{NAME}{}{NAME:#}", row.program)?;
            let ids: Vec<_> = row.processes.iter().map(u32::to_string).collect();
            let mut facts = vec![match row.running {
                true => format!("runs as process {}", ids.join(", ")),
                false => "does not run".to_owned(),
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
        Some(json!({ "phones": self.rows.len(), "running": running }))
    }
}
