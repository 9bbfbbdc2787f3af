//! Log lines on standard error, as JSON in the format that DSC reads.

use serde::Serialize;

use msipctl_core::engine::{EngineResult, Error, ErrorRow, line};
use msipctl_core::event::clean;
use msipctl_core::store;

/// The environment variable with the level of DSC.
pub(super) const LEVEL: &str = "DSC_TRACE_LEVEL";

/// The importance of a line, the most important one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Level {
    Error,
    Warn,
    Info,
}

impl Level {
    /// Reads the level of DSC: the least important lines that it shows. By default, warnings.
    pub(super) fn of(variable: Option<&str>) -> Self {
        match variable.map(str::to_ascii_lowercase).as_deref() {
            Some("error") => Self::Error,
            Some("info" | "debug" | "trace") => Self::Info,
            _ => Self::Warn,
        }
    }
}

/// The log lines of an operation.
#[derive(Debug)]
pub(super) struct Log {
    level: Level,
    lines: Vec<u8>,
}

/// A line as the `tracing` crate writes it, which DSC parses.
#[derive(Serialize)]
struct Line<'l> {
    timestamp: String,
    level: Level,
    fields: Fields<'l>,
    target: &'static str,
}

#[derive(Serialize)]
struct Fields<'l> {
    message: &'l str,
}

/// The options in hints of the engine core, and the properties that replace them.
const PROPERTIES: &[(&str, &str)] = &[
    ("`if_running`", "`ifRunning`"),
    ("`wait_seconds`", "`waitSeconds`"),
    ("`lock_timeout`", "`lockTimeout`"),
    ("`backup_dir`", "`backupDir`"),
    ("`launcher_ini`", "`launcherIni`"),
];

impl Log {
    /// Starts without lines.
    pub(super) fn new(level: Level) -> Self {
        Self { level, lines: Vec::new() }
    }

    /// Logs an error, with its hint in the same line.
    pub(super) fn error(&mut self, error: &Error) {
        self.add(Level::Error, &one_line(error.message(), error.hint()));
    }

    /// Logs the error of a result.
    pub(super) fn error_row(&mut self, error: &ErrorRow) {
        self.add(Level::Error, &one_line(&error.message, error.hint.as_deref()));
    }

    /// Logs the accounts that weren't written, as errors.
    pub(super) fn blocked(&mut self, result: &EngineResult) {
        for blocked in &result.blocked {
            let text = format!("`[{}]` isn't written: {}", blocked.section, blocked.reason);
            self.add(Level::Error, &text);
        }
    }

    /// Logs an error as a warning, because the operation has a result anyway.
    pub(super) fn error_as_warning(&mut self, error: &ErrorRow) {
        self.add(Level::Warn, &one_line(&error.message, error.hint.as_deref()));
    }

    /// Logs a warning.
    pub(super) fn warning(&mut self, text: &str) {
        self.add(Level::Warn, text);
    }

    /// Logs the warnings and notes of a result.
    pub(super) fn notices(&mut self, result: &EngineResult) {
        result.warnings.iter().for_each(|text| self.add(Level::Warn, text));
        result.notes.iter().for_each(|text| self.add(Level::Info, text));
    }

    /// Logs which values weren't verified.
    pub(super) fn unverified(&mut self, result: &EngineResult) {
        for missing in &result.missing_secrets {
            let (section, key, reason) = (&missing.section, &missing.key, &missing.reason);
            self.warning(&format!("`{section}.{key}` isn't verified: {reason}"));
        }
        match result.unverified.saturating_sub(result.missing_secrets.len()) {
            0 => {}
            1 => self.warning("1 password isn't verified, because MicroSIP encrypted it"),
            count => self.warning(&format!(
                "{count} passwords aren't verified, because MicroSIP encrypted them"
            )),
        }
    }

    fn add(&mut self, level: Level, text: &str) {
        if level > self.level {
            return;
        }
        // DSC prints the message to a terminal as it is.
        let message = clean(text);
        let fields = Fields { message: &message };
        let timestamp = store::now().to_string();
        self.lines.extend(line(&Line { timestamp, level, fields, target: "msipctl" }));
    }

    /// Returns the lines.
    pub(super) fn into_lines(self) -> Vec<u8> {
        self.lines
    }
}

/// Returns a message and its hint as one text.
fn one_line(message: &str, hint: Option<&str>) -> String {
    let text = match hint {
        Some(hint) => format!("{message}; {hint}"),
        None => message.to_owned(),
    };
    PROPERTIES.iter().fold(text, |text, (option, property)| text.replace(option, property))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn line_has_the_fields_that_dsc_reads() {
        let mut log = Log::new(Level::Error);
        let hint = "set `if_running` to `exit`";
        log.error(&Error::precondition("a\u{1b}[31m\nb").with_hint(hint));
        log.warning("not shown");
        let lines = String::from_utf8(log.into_lines()).unwrap();
        assert_eq!(lines.lines().count(), 1, "{lines}");
        let line: Value = serde_json::from_str(&lines).unwrap();
        assert_eq!(line["level"], "ERROR");
        assert_eq!(line["fields"]["message"], "a[31mb; set `ifRunning` to `exit`");
        assert_eq!(line["target"], "msipctl");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    }

    #[test]
    fn level_of_dsc_selects_the_lines() {
        let count = |variable| {
            let mut log = Log::new(Level::of(variable));
            log.add(Level::Error, "e");
            log.add(Level::Warn, "w");
            log.add(Level::Info, "i");
            log.into_lines().split(|byte| *byte == b'\n').count() - 1
        };
        assert_eq!([None, Some("warn"), Some("other")].map(count), [2, 2, 2]);
        assert_eq!([Some("ERROR"), Some("info"), Some("trace")].map(count), [1, 3, 3]);
    }
}
