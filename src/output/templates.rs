//! Templates and their parameters.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::json::values;
use super::report::Report;
use super::screen::{DIM, HEADING, NAME, REMOVED, Screen};
use msipctl_core::hook::IntegrationFile;

/// The source of a template that is part of msipctl.
const BUILT_IN: &str = "built-in";

/// One template or integration.
#[derive(Debug, Serialize)]
pub(crate) struct TemplateRow {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) summary: Option<String>,
    pub(crate) source: String,
    pub(crate) error: Option<String>,
}

/// All templates and integrations.
#[derive(Debug)]
pub(crate) struct TemplatesReport {
    pub(crate) templates: Vec<TemplateRow>,
}

impl Report for TemplatesReport {
    const LIST: &'static str = "templates";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let mut kind = "";
        for row in &self.templates {
            if row.kind != kind {
                let (title, how) = match row.kind {
                    "hook" => {
                        ("Hook templates", "to add a hook, run `msipctl hook add NAME --on EVENT`")
                    }
                    _ => {
                        ("Integrations", "to copy the files, run `msipctl template copy NAME DIR`")
                    }
                };
                if !kind.is_empty() {
                    putln!(out)?;
                }
                putln!(out, "{HEADING}{title}{HEADING:#} {DIM}({how}){DIM:#}")?;
                kind = row.kind;
            }
            put!(out, "  {NAME}{:<19}{NAME:#}  ", row.name)?;
            match (&row.summary, &row.error) {
                (_, Some(error)) => put!(out, "{REMOVED}{error}{REMOVED:#}")?,
                (summary, None) => put!(out, "{}", summary.as_deref().unwrap_or_default())?,
            }
            match row.source.as_str() {
                BUILT_IN => putln!(out)?,
                source => putln!(out, "  {DIM}({source}){DIM:#}")?,
            }
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.templates)
    }
}

/// One parameter of a template.
#[derive(Debug, Serialize)]
pub(crate) struct ParameterRow {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
    pub(crate) example: Option<String>,
    pub(crate) pattern: Option<String>,
}

/// One template in full.
#[derive(Debug)]
pub(crate) struct TemplateReport {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) source: String,
    pub(crate) events: Vec<&'static str>,
    pub(crate) parameters: Vec<ParameterRow>,
    pub(crate) text: String,
}

impl Report for TemplateReport {
    const LIST: &'static str = "parameters";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        putln!(out, "{HEADING}{}{HEADING:#}: {}", self.name, self.summary)?;
        putln!(out, "{DIM}{}{DIM:#}", self.source)?;
        putln!(out, "events: {}", self.events.join(", "))?;
        write_parameters(&self.parameters, out)?;
        putln!(out)?;
        out.put_lines(self.text.trim_end())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.parameters)
    }

    fn others(&self) -> serde_json::Map<String, Value> {
        let head = serde_json::json!({
            "kind": "hook",
            "name": self.name,
            "summary": self.summary,
            "source": self.source,
            "events": self.events,
        });
        fields(head)
    }
}

/// One integration in full.
#[derive(Debug)]
pub(crate) struct IntegrationReport {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) parameters: Vec<ParameterRow>,
    pub(crate) files: Vec<IntegrationFile>,
}

impl Report for IntegrationReport {
    const LIST: &'static str = "parameters";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        putln!(out, "{HEADING}{}{HEADING:#}: {}", self.name, self.summary)?;
        putln!(out, "{DIM}{BUILT_IN}{DIM:#}")?;
        write_parameters(&self.parameters, out)?;
        for file in &self.files {
            putln!(out)?;
            putln!(out, "{HEADING}== {} =={HEADING:#}", file.name)?;
            out.put_lines(file.text.trim_end())?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.parameters)
    }

    fn others(&self) -> serde_json::Map<String, Value> {
        let file =
            |file: &IntegrationFile| serde_json::json!({ "name": file.name, "text": file.text });
        let files: Vec<_> = self.files.iter().map(file).collect();
        let head = serde_json::json!({
            "kind": "integration",
            "name": self.name,
            "summary": self.summary,
            "source": BUILT_IN,
            "files": files,
        });
        fields(head)
    }
}

fn write_parameters(parameters: &[ParameterRow], out: &mut Screen<'_>) -> io::Result<()> {
    for row in parameters {
        let default = match &row.default {
            Some(default) if default.is_empty() => "default (empty)".to_owned(),
            Some(default) => format!("default {default}"),
            None => "required".to_owned(),
        };
        let more = |name: &str, value: Option<&String>| {
            value.map(|value| format!(", {name} {value}")).unwrap_or_default()
        };
        let example = more("for example", row.example.as_ref());
        let pattern = more("must match", row.pattern.as_ref());
        putln!(out, "{NAME}--with {}=...{NAME:#}  {}", row.name, row.summary)?;
        putln!(out, "    {DIM}{default}{example}{pattern}{DIM:#}")?;
    }
    Ok(())
}

fn fields(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}
