//! Hooks of a file.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{CHANGED, DIM, HEADING, NAME, Report, printable, values};

/// One directive, or one command without msipctl.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct HookRow {
    pub(in crate::cli) path: String,
    pub(in crate::cli) event: &'static str,
    pub(in crate::cli) key: String,
    pub(in crate::cli) directive: Option<String>,
    pub(in crate::cli) command: Option<String>,
    pub(in crate::cli) template: Option<String>,
    pub(in crate::cli) bridged: bool,
}

/// The hooks of several files.
#[derive(Debug)]
pub(in crate::cli) struct HooksReport {
    pub(in crate::cli) hooks: Vec<HookRow>,
    pub(in crate::cli) with_paths: bool,
}

impl Report for HooksReport {
    const LIST: &'static str = "hooks";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut path = None;
        for row in &self.hooks {
            if self.with_paths && path != Some(&row.path) {
                writeln!(out, "{HEADING}{}{HEADING:#}", row.path)?;
                path = Some(&row.path);
            }
            let text = row.directive.as_ref().or(row.command.as_ref());
            let text = printable(text.map(String::as_str).unwrap_or_default());
            let by = match &row.template {
                Some(template) => format!("  {DIM}from {template}{DIM:#}"),
                None => String::new(),
            };
            let dead = match row.directive.is_some() && !row.bridged {
                true => format!("  {CHANGED}no bridge: never runs{CHANGED:#}"),
                false => String::new(),
            };
            writeln!(
                out,
                "{NAME}{:<17}{NAME:#} {} = {text}{by}{dead}",
                row.event,
                printable(&row.key)
            )?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.hooks)
    }
}
