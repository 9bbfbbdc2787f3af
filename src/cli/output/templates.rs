//! Templates and their parameters.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{DIM, HEADING, NAME, REMOVED, Report, values};

/// One template of the catalogue.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct TemplateRow {
    pub(in crate::cli) name: String,
    pub(in crate::cli) summary: Option<String>,
    pub(in crate::cli) source: String,
    pub(in crate::cli) error: Option<String>,
}

/// The catalogue.
#[derive(Debug)]
pub(in crate::cli) struct TemplatesReport {
    pub(in crate::cli) templates: Vec<TemplateRow>,
}

impl Report for TemplatesReport {
    const LIST: &'static str = "templates";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.templates {
            let about = match (&row.summary, &row.error) {
                (_, Some(error)) => format!("{REMOVED}{error}{REMOVED:#}"),
                (summary, None) => summary.clone().unwrap_or_default(),
            };
            let source = match row.source.as_str() {
                "shipped" => String::new(),
                source => format!("  {DIM}({source}){DIM:#}"),
            };
            writeln!(out, "{NAME}{:<16}{NAME:#} {about}{source}", row.name)?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.templates)
    }
}

/// One parameter of a template.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ParameterRow {
    pub(in crate::cli) name: String,
    pub(in crate::cli) summary: String,
    pub(in crate::cli) required: bool,
    pub(in crate::cli) default: Option<String>,
    pub(in crate::cli) pattern: Option<String>,
}

/// One template in full.
#[derive(Debug)]
pub(in crate::cli) struct TemplateReport {
    pub(in crate::cli) name: String,
    pub(in crate::cli) summary: String,
    pub(in crate::cli) source: String,
    pub(in crate::cli) events: Vec<&'static str>,
    pub(in crate::cli) parameters: Vec<ParameterRow>,
    pub(in crate::cli) text: String,
}

impl Report for TemplateReport {
    const LIST: &'static str = "parameters";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{HEADING}{}{HEADING:#}: {}", self.name, self.summary)?;
        writeln!(out, "{DIM}{}{DIM:#}", self.source)?;
        writeln!(out, "events: {}", self.events.join(", "))?;
        for row in &self.parameters {
            let default = match &row.default {
                Some(default) => format!("default {default}"),
                None => "required".to_owned(),
            };
            let pattern = row.pattern.as_ref().map(|pattern| format!(", matches {pattern}"));
            let pattern = pattern.unwrap_or_default();
            writeln!(out, "{NAME}--with {}=...{NAME:#}  {}", row.name, row.summary)?;
            writeln!(out, "    {DIM}{default}{pattern}{DIM:#}")?;
        }
        writeln!(out, "\n{}", self.text.trim_end())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.parameters)
    }

    fn others(&self) -> serde_json::Map<String, Value> {
        let head = serde_json::json!({
            "name": self.name,
            "summary": self.summary,
            "source": self.source,
            "events": self.events,
        });
        match head {
            Value::Object(map) => map,
            _ => serde_json::Map::new(),
        }
    }
}
