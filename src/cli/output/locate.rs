//! The ini files there are.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::{DIM, NAME, Report, Screen, count, values};
use crate::locate::Found;

/// One ini.
#[derive(Debug, Serialize)]
struct FoundRow {
    path: String,
    kind: &'static str,
    product: String,
    version: Option<String>,
    encoding: Option<String>,
    writable: bool,
    process: Option<ProcessRow>,
    why: String,
}

/// A process that uses an ini.
#[derive(Debug, Serialize)]
struct ProcessRow {
    id: u32,
    program: Option<String>,
    #[serde(skip)]
    name: String,
}

impl From<&Found> for FoundRow {
    fn from(found: &Found) -> Self {
        let process = found.process.as_ref().map(|process| ProcessRow {
            id: process.id,
            program: process.program.as_ref().map(|program| program.display().to_string()),
            name: process.name.to_string_lossy().into_owned(),
        });
        Self {
            path: found.path.display().to_string(),
            kind: found.kind.name(),
            product: found.product.clone(),
            version: found.version.map(|version| version.to_string()),
            encoding: found.encoding.map(|encoding| encoding.to_string()),
            writable: found.writable,
            process,
            why: found.why.clone(),
        }
    }
}

/// What a search found.
#[derive(Debug)]
pub(in crate::cli) struct LocateReport {
    rows: Vec<FoundRow>,
}

impl LocateReport {
    pub(in crate::cli) fn new(found: &[Found]) -> Self {
        Self { rows: found.iter().map(FoundRow::from).collect() }
    }
}

impl Report for LocateReport {
    const LIST: &'static str = "files";

    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            putln!(out, "{NAME}{}{NAME:#}", row.path)?;
            let mut facts = vec![row.encoding.clone().unwrap_or_else(|| "not readable".to_owned())];
            facts.extend(row.version.as_ref().map(|version| format!("{} {version}", row.product)));
            facts.push(if row.writable { "writable" } else { "read-only" }.to_owned());
            facts.extend(row.process.as_ref().map(|process| {
                let program = process.program.as_ref().unwrap_or(&process.name);
                format!("in use by process {}, {program}", process.id)
            }));
            putln!(out, "    {}: {}", row.kind, row.why)?;
            putln!(out, "    {DIM}{}{DIM:#}", facts.join(", "))?;
        }
        if !self.rows.is_empty() {
            putln!(out, "{}", count(self.rows.len(), "file"))?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({ "files": self.rows.len() }))
    }
}
