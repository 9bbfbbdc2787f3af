//! The error of an engine operation: a message, a hint that names options instead of flags, and a kind.

use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::apply::{self, RunningError};
use crate::hook::{AddError, RenderError, TemplateError};
use crate::plan;
use crate::policy;
use crate::store;
use microsip_schema::{SecretKeys, SettingError};

/// An error of an engine operation. Nothing was written, unless the message says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    path: Option<PathBuf>,
    /// The errors in a policy or a template, if that is the reason.
    errors: Vec<SourceError>,
    cause: Cause,
}

/// The kind of an error, which determines the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The state document, the policy, or a template is invalid.
    Usage,
    /// An operation failed.
    Runtime,
    /// A precondition isn't met: MicroSIP is running, or the file is locked, read-only, or was changed by another program.
    Precondition,
}

/// A cause that wrappers treat separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    MissingFile,
    Running,
    Other,
}

/// An error in a policy or a template, with its location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceError {
    /// The path of the file, or `policy` for an inline policy.
    pub path: String,
    /// The line number, starting at 1.
    pub line: usize,
    /// The column, starting at 1.
    pub column: usize,
    /// The message.
    pub message: String,
    /// What to do about it, or `null`.
    pub hint: Option<String>,
}

/// The error as a result contains it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "Error")]
pub struct ErrorRow {
    /// The kind of the error.
    pub kind: ErrorKind,
    /// The message, with the path of the file if the error is about a file.
    pub message: String,
    /// What to do about it, or `null`.
    pub hint: Option<String>,
    /// The path of the file, or `null`.
    pub path: Option<String>,
    /// The errors in a policy or a template, if that is the reason.
    pub errors: Vec<SourceError>,
}

/// The flags in the hints of other modules, and the options of a state document that replace them.
const OPTIONS: &[(&str, &str)] = &[
    ("pass another folder with `--backup-dir`", "set `backup_dir` to another folder"),
    ("pass another one with `--backup-dir`", "set `backup_dir` to another one"),
    ("pass a folder with `--backup-dir`", "set `backup_dir` to a folder"),
    ("pass `--no-backup`", "set `backup` to `false`"),
    ("pass a larger `--lock-timeout`", "set `lock_timeout` to a larger number"),
    ("remove `--encoding keep`", "set `encoding` to `auto`"),
    ("pass `--encoding auto`", "set `encoding` to `auto`"),
    ("pass `--encoding keep`", "set `encoding` to `keep`"),
    ("pass `--if-running exit`", "set `if_running` to `exit`"),
    ("pass `--replace`", "set `existing` to `replace`"),
    ("pass `--chain` to keep it", "set `existing` to `chain` to keep it"),
    ("or `--replace` to replace it", "or to `replace` to replace it"),
    ("pass `--msipctl` with", "set `program` to"),
    ("pass `--launcher-ini` with", "set `launcher_ini` to"),
    ("or `--launcher-ini none` to", "or `launcher_ini` to `none` to"),
    ("pass `--allow-system-message`", "set `force` to `true`"),
    ("pass `--microsip`", "set `microsip`"),
    ("select the file with `-i PATH`", "set `path` to the file that it leads to"),
    ("pass `--force`", "set `force` to `true`"),
];

/// Returns a hint in terms of the options of a state document.
fn for_engines(hint: &str) -> String {
    let replaced = |hint: String, (flag, option): &(&str, &str)| hint.replace(flag, option);
    OPTIONS.iter().fold(hint.to_owned(), replaced)
}

impl Error {
    /// Creates an error about the input.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Creates an error about a failed operation.
    pub fn runtime(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Runtime, message)
    }

    /// Creates an error about an unmet precondition.
    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Precondition, message)
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (message, errors) = (message.into(), Vec::new());
        Self { kind, message, hint: None, path: None, errors, cause: Cause::Other }
    }

    /// Sets the hint: the next step.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the path of the file, and puts it before the message.
    #[must_use]
    pub fn at(mut self, path: &Path) -> Self {
        self.message = format!("{}: {}", path.display(), self.message);
        self.path = Some(path.to_owned());
        self
    }

    /// Masks secrets wherever they appear in the texts.
    #[must_use]
    pub fn hiding(mut self, secrets: &SecretKeys) -> Self {
        let masked = |text: &mut String| *text = secrets.mask_text(text).into_owned();
        masked(&mut self.message);
        self.hint.iter_mut().for_each(masked);
        for error in &mut self.errors {
            masked(&mut error.message);
            error.hint.iter_mut().for_each(masked);
        }
        self
    }

    /// Returns the kind.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the message, with the path of the file if the error is about a file.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns what to do about it. It names options of a state document, never flags.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns the path of the file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the errors in a policy or a template, if that is the reason.
    pub fn errors(&self) -> &[SourceError] {
        &self.errors
    }

    /// Returns whether the file is missing.
    pub fn is_missing_file(&self) -> bool {
        self.cause == Cause::MissingFile
    }

    /// Returns whether a MicroSIP uses the file.
    pub fn is_running(&self) -> bool {
        self.cause == Cause::Running
    }

    /// Returns the error as a result contains it.
    pub fn row(&self) -> ErrorRow {
        ErrorRow {
            kind: self.kind,
            message: self.message.clone(),
            hint: self.hint.clone(),
            path: self.path.as_deref().map(|path| path.display().to_string()),
            errors: self.errors.clone(),
        }
    }

    /// Creates the error about a template that can't be parsed.
    pub fn of_template(path: &Path, error: &TemplateError) -> Self {
        let path = path.display().to_string();
        let errors = error.problems().iter().map(|problem| {
            let location = &problem.location;
            SourceError {
                path: path.clone(),
                line: location.line + 1,
                column: location.text[..location.marked.start].chars().count() + 1,
                message: problem.message.clone(),
                hint: problem.hint.clone(),
            }
        });
        Self::of_sources(errors.collect(), error.problems().len())
    }

    /// Creates the error about errors in files, of which `errors` are listed.
    fn of_sources(errors: Vec<SourceError>, count: usize) -> Self {
        let message = match errors.first() {
            Some(SourceError { path, line, column, message, .. }) => {
                let more = match count {
                    0 | 1 => String::new(),
                    2 => " (and 1 more error)".to_owned(),
                    count => format!(" (and {} more errors)", count - 1),
                };
                format!("{path}:{line}:{column}: {message}{more}")
            }
            None => String::new(),
        };
        let hint = errors.first().and_then(|first| first.hint.clone());
        Self { errors, hint, ..Self::usage(message) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        let kind =
            if error.is_precondition() { ErrorKind::Precondition } else { ErrorKind::Runtime };
        let hint = error.hint().map(for_engines);
        let path = Some(error.path().to_owned());
        if error.is_missing_file() {
            let hint = Some("check the path, or set `create` to `true`".to_owned());
            let cause = Cause::MissingFile;
            return Self { hint, path, cause, ..Self::new(kind, error.with_cause()) };
        }
        Self { hint, path, ..Self::new(kind, error.with_cause()) }
    }
}

impl From<plan::Error> for Error {
    fn from(error: plan::Error) -> Self {
        let hint = error.hint().map(for_engines);
        Self { hint, ..Self::usage(error.to_string()) }
    }
}

impl From<RunningError> for Error {
    fn from(error: RunningError) -> Self {
        let hint = Some(for_engines(error.hint()));
        Self { hint, cause: Cause::Running, ..Self::precondition(error.to_string()) }
    }
}

impl From<RenderError> for Error {
    fn from(error: RenderError) -> Self {
        let hint = match &error {
            RenderError::Missing { parameter, .. } => format!("add `{parameter}` to `with`"),
            RenderError::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
            RenderError::Unknown { template, .. }
            | RenderError::Pattern { template, .. }
            | RenderError::LineBreak { template, .. }
            | RenderError::Event { template, .. }
            | RenderError::Problem { template, .. } => {
                format!("run `msipctl template show {template}` to see its events and parameters")
            }
        };
        Self::usage(error.to_string()).with_hint(hint)
    }
}

impl From<AddError> for Error {
    fn from(error: AddError) -> Self {
        let kind = if error.is_precondition() { ErrorKind::Precondition } else { ErrorKind::Usage };
        let hint = error.hint().as_deref().map(for_engines);
        Self { hint, ..Self::new(kind, error.shown()) }
    }
}

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        let hint = error.hint();
        Self { hint, ..Self::usage(error.to_string()) }
    }
}

impl From<policy::Error> for Error {
    fn from(error: policy::Error) -> Self {
        let kind = if error.is_precondition() { ErrorKind::Precondition } else { ErrorKind::Usage };
        let hint = error.hint().map(for_engines);
        Self { hint, errors: vec![SourceError::from(&error)], ..Self::new(kind, error.to_string()) }
    }
}

impl From<policy::Errors> for Error {
    fn from(errors: policy::Errors) -> Self {
        Self::of_sources(errors.iter().map(SourceError::from).collect(), errors.count())
    }
}

impl From<&policy::Error> for SourceError {
    fn from(error: &policy::Error) -> Self {
        let location = error.location();
        Self {
            path: location.path().display().to_string(),
            line: location.line(),
            column: location.column(),
            message: error.message().to_owned(),
            hint: error.hint().map(for_engines),
        }
    }
}

impl<D: Into<Self>> From<apply::Error<D>> for Error {
    fn from(error: apply::Error<D>) -> Self {
        match error {
            apply::Error::Store(error) => error.into(),
            apply::Error::Plan(path, error) => Self::from(error).at(&path),
            apply::Error::Running(path, error) => Self::from(error).at(&path),
            apply::Error::Decide(path, error) => error.into().at(&path),
        }
    }
}
