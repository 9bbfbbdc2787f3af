//! What MicroSIP runs for events.

use std::path::Path;
use std::{fmt, io};

use serde::Serialize;

use super::findings::arguments;
use super::report::Report;
use super::screen::{CHANGED, DIM, ERROR, HEADING, NAME, Screen};
use crate::fingerprint::Arguments;
use msipctl_core::event::{Call, Explanation, Target, Verb};

/// One event's command, explained.
#[derive(Debug, Serialize)]
pub(crate) struct ExplainedRow {
    path: Option<String>,
    event: &'static str,
    key: &'static str,
    line: Option<usize>,
    command: Option<String>,
    microsip: String,
    caller: String,
    number: String,
    starts: bool,
    program: Option<String>,
    verb: Option<&'static str>,
    target: Option<&'static str>,
    parameters: String,
    arguments: Vec<String>,
    max_wait_ms: u32,
    directives: Vec<EffectRow>,
    findings: Vec<FindingRow>,
    #[serde(skip)]
    opened: Option<Verb>,
}

#[derive(Debug, Serialize)]
struct EffectRow {
    key: String,
    directive: String,
    effect: Option<String>,
}

#[derive(Debug, Serialize)]
struct FindingRow {
    rule: &'static str,
    severity: &'static str,
    message: String,
    arguments: Arguments,
    help: Option<String>,
}

impl ExplainedRow {
    /// Describes a call, whose texts contain no secrets.
    pub(crate) fn new(
        path: Option<&Path>,
        line: Option<usize>,
        has_command: bool,
        call: &Call<'_>,
        explained: &Explanation,
    ) -> Self {
        let effects = explained.effects.iter().map(|effect| EffectRow {
            key: effect.key.clone(),
            directive: effect.directive.clone(),
            effect: effect.effect.clone().ok(),
        });
        let findings = explained.hazards.iter().map(|hazard| FindingRow {
            rule: hazard.code().name(),
            severity: hazard.severity().name(),
            message: hazard.message().to_string(),
            arguments: arguments(hazard.message()),
            help: hazard.help().map(str::to_owned),
        });
        Self {
            path: path.map(|path| path.display().to_string()),
            event: call.event.name(),
            key: call.event.key(),
            line,
            command: has_command.then(|| call.written.to_owned()),
            microsip: call.microsip.to_string(),
            caller: call.caller.to_owned(),
            number: call.event.number(call.microsip),
            starts: explained.starts,
            program: explained.program.clone(),
            verb: explained.verb.map(Verb::name),
            target: explained.target.map(|target| match target {
                Target::Missing => "missing",
                Target::Folder => "folder",
                Target::File { .. } => "file",
            }),
            parameters: explained.parameters.clone(),
            arguments: explained.arguments.clone(),
            max_wait_ms: explained.max_wait_ms,
            directives: effects.collect(),
            findings: findings.collect(),
            opened: explained.verb,
        }
    }

    /// Returns whether there are findings.
    fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let location = match (&self.path, self.line) {
            (Some(path), Some(line)) => format!("{path}:{line}: "),
            (Some(path), None) => format!("{path}: "),
            (None, _) => String::new(),
        };
        let command = self.command.as_deref().unwrap_or_default();
        putln!(out, "{HEADING}{location}{}{HEADING:#} = {command}", self.key)?;
        let caller = &self.caller;
        putln!(out, "  {DIM}on {} of `{caller}` in MicroSIP {}{DIM:#}", self.event, self.microsip)?;
        match (&self.program, self.opened) {
            (Some(program), Some(verb)) if self.starts => {
                let unseen = match self.target {
                    Some(_) => "",
                    None if matches!(verb, Verb::Browser) => "",
                    None => ", not checked here",
                };
                line(out, "starts", format_args!("`{program}` {DIM}{verb}{unseen}{DIM:#}"))?;
            }
            (Some(program), _) => {
                line(out, "starts", format_args!("nothing (tries `{program}`)"))?;
            }
            (None, _) => line(out, "starts", format_args!("nothing"))?,
        }
        if self.starts {
            line(out, "parameters", format_args!("`{}`", self.parameters))?;
            for (index, argument) in self.arguments.iter().enumerate() {
                line(out, &format!("argument {}", index + 1), format_args!("`{argument}`"))?;
            }
            line(out, "number", format_args!("{}", self.number))?;
            match self.max_wait_ms {
                0 => line(out, "waits", format_args!("no"))?,
                max => line(out, "waits", format_args!("until it exits, up to {} s", max / 1000))?,
            }
        }
        for effect in &self.directives {
            let text = effect.effect.as_deref().unwrap_or("does nothing");
            line(out, "directive", format_args!("{} {text}", effect.key))?;
        }
        for finding in &self.findings {
            let (rule, message) = (finding.rule, &finding.message);
            let style = match finding.severity {
                "error" => ERROR,
                "warning" => CHANGED,
                _ => NAME,
            };
            putln!(out, "  {style}{}[{rule}]{style:#}: {message}", finding.severity)?;
            if let Some(help) = &finding.help {
                putln!(out, "    = {NAME}help{NAME:#}: {help}")?;
            }
        }
        Ok(())
    }
}

fn line(out: &mut Screen<'_>, name: &str, text: fmt::Arguments<'_>) -> io::Result<()> {
    putln!(out, "  {NAME}{name:<11}{NAME:#} {text}")
}

/// The commands of several events and files.
#[derive(Debug, Default)]
pub(crate) struct ExplainReport {
    hooks: usize,
    with_findings: usize,
}

impl ExplainReport {
    /// Returns whether nothing was explained.
    pub(crate) fn is_empty(&self) -> bool {
        self.hooks == 0
    }

    /// Returns whether any command has findings.
    pub(crate) fn has_findings(&self) -> bool {
        self.with_findings > 0
    }
}

impl Report for ExplainReport {
    const LIST: &'static str = "hooks";
    type Row = ExplainedRow;

    fn human_row(&self, row: &ExplainedRow, out: &mut Screen<'_>) -> io::Result<()> {
        if self.hooks > 0 {
            putln!(out)?;
        }
        row.human(out)
    }

    fn count(&mut self, row: &ExplainedRow) {
        self.hooks += 1;
        self.with_findings += usize::from(row.has_findings());
    }
}
