//! An error as shown to the user: a message, an optional hint, and an exit code.

use std::convert::Infallible;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use msipctl_core::apply;
use msipctl_core::fleet::{FindError, RunError, Target, TargetError, UndoError};
use msipctl_core::hook;
use msipctl_core::locate;
use msipctl_core::plan;
use msipctl_core::policy;
use msipctl_core::policy::Row;
use msipctl_core::store;
use msipctl_host::HostError;

/// An error for the user.
#[derive(Debug, Clone)]
pub struct CliError {
    kind: Kind,
    /// The inventory row of the file.
    origin: Option<Box<str>>,
    message: String,
    path: Option<PathBuf>,
    hint: Option<String>,
    /// The errors in files that users write, if that is the reason.
    sources: Box<[SourceError]>,
    /// Whether the file at the path is missing.
    is_missing: bool,
}

/// An error in a file that users write, such as a policy.
#[derive(Debug, Clone)]
pub(crate) struct SourceError {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) message: String,
    /// The line, and the bytes of it that the error is about.
    pub(crate) excerpt: Option<(String, Range<usize>)>,
    pub(crate) hint: Option<String>,
    /// The corrected line, if it is known.
    pub(crate) correction: Option<String>,
}

/// The kind of error, which determines the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An error in the command line.
    Usage,
    /// A failed operation.
    Runtime,
    /// An unmet precondition.
    Precondition,
}

impl CliError {
    /// Returns a usage error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Returns a runtime error.
    pub fn runtime(message: impl Into<String>) -> Self {
        Self::new(Kind::Runtime, message)
    }

    /// Returns the error of an unmet precondition.
    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(Kind::Precondition, message)
    }

    /// Sets the hint: the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
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

    /// Sets the path of the file, which the message contains already.
    #[must_use]
    pub fn about(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Sets the location of the inventory row, if the file has one.
    #[must_use]
    pub fn named_by(mut self, row: Option<&Row>) -> Self {
        self.origin = row.map(|row| row.origin().into()).or(self.origin);
        self
    }

    /// Suggests to create the file at a path, if it's missing.
    #[must_use]
    pub(crate) fn or_create(self, path: &Path) -> Self {
        match self.is_missing && self.path() == Some(path) {
            true => self.hint("check the path, or pass `--create` to create the file"),
            false => self,
        }
    }

    /// Returns the message without path and inventory row, to group the same problem in many files.
    pub fn without_path(&self) -> String {
        let path = self.path.as_ref().map(|path| path.display().to_string());
        let rest = path.and_then(|path| self.message.strip_prefix(&path));
        rest.map_or(&*self.message, |rest| rest.trim_start_matches([':', ' '])).to_owned()
    }

    /// Returns the exit code.
    pub fn exit(&self) -> Exit {
        match self.kind {
            Kind::Usage | Kind::Runtime => Exit::Error,
            Kind::Precondition => Exit::Precondition,
        }
    }

    /// Returns the name of the kind in JSON.
    pub fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Usage => "usage",
            Kind::Runtime => "runtime",
            Kind::Precondition => "precondition",
        }
    }

    /// Returns the hint.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns the errors in files that users write, each of which is drawn with its line.
    pub(crate) fn sources(&self) -> &[SourceError] {
        &self.sources
    }

    /// Returns the path of the file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the error of a target without a file.
    pub fn of_target(target: &Target, error: &TargetError) -> Self {
        let path = target.path();
        let runtime = Self::runtime(error.to_string());
        match error {
            TargetError::Unlisted(error) => Self::from(error),
            TargetError::NoMatch { origin } => {
                Self { origin: origin.as_deref().map(Into::into), ..runtime.at(path) }
            }
            TargetError::MaxEntries(_) => {
                runtime.at(path).hint("pass a larger `--max-entries`, or a subfolder with `--root`")
            }
            TargetError::NotFound { .. } => {
                runtime.hint("run `msipctl locate` to search for files")
            }
            TargetError::NotPlanned(_) => runtime.about(path),
        }
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            origin: None,
            message: message.into(),
            path: None,
            hint: None,
            sources: Box::default(),
            is_missing: false,
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(f, "{origin}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for CliError {}

impl From<store::Error> for CliError {
    fn from(error: store::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&store::Error> for CliError {
    fn from(error: &store::Error) -> Self {
        let kind = if error.is_precondition() { Kind::Precondition } else { Kind::Runtime };
        Self {
            kind,
            origin: None,
            message: error.with_cause(),
            path: Some(error.path().to_owned()),
            hint: error.hint().map(str::to_owned),
            sources: Box::default(),
            is_missing: error.is_missing_file(),
        }
    }
}

impl From<HostError> for CliError {
    fn from(error: HostError) -> Self {
        if let HostError::Store(error) = &error {
            return error.into();
        }
        let base = Self::runtime(error.to_string());
        let base = error.path().map_or(base.clone(), |path| base.at(path));
        Self { hint: error.hint().map(str::to_owned), ..base }
    }
}

impl From<locate::Error> for CliError {
    fn from(error: locate::Error) -> Self {
        let unsupported = error.is_unsupported();
        let error = Self::runtime(error.to_string());
        match unsupported {
            true => error.hint("pass `--root DIR` to search a mounted Windows drive"),
            false => error,
        }
    }
}

impl From<FindError> for CliError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Store(error) => error.into(),
            FindError::Locate(error) => error.into(),
            FindError::Inventory(errors) => errors.into(),
            FindError::EmptyInventory(_) => Self::usage(error.to_string()),
        }
    }
}

impl From<RunError> for CliError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::InProgress(_) => {
                Self::precondition(error.to_string()).hint("wait until it is finished, or stop it")
            }
            RunError::Undone { .. } => {
                Self::precondition(error.to_string()).hint("start a new run")
            }
            RunError::Store(error) => error.into(),
        }
    }
}

impl From<UndoError> for CliError {
    fn from(error: UndoError) -> Self {
        match error {
            UndoError::Store(error) => error.into(),
            UndoError::Running { path, source } => Self::from(source).at(&path),
        }
    }
}

/// Converts the error of writing to a text in memory.
impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self::runtime(error.to_string())
    }
}

impl From<plan::Error> for CliError {
    fn from(error: plan::Error) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::usage(error.to_string()) }
    }
}

impl From<hook::RenderError> for CliError {
    fn from(error: hook::RenderError) -> Self {
        let hint = match &error {
            hook::RenderError::Missing { parameter, .. } => {
                format!("pass it with `--with {parameter}=...`")
            }
            hook::RenderError::Unknown { near: Some(near), .. } => {
                format!("did you mean `{near}`?")
            }
            hook::RenderError::Unknown { template, .. }
            | hook::RenderError::Pattern { template, .. }
            | hook::RenderError::LineBreak { template, .. }
            | hook::RenderError::Event { template, .. }
            | hook::RenderError::Problem { template, .. } => {
                format!("run `msipctl template show {template}` to see its events and parameters")
            }
        };
        Self::usage(error.to_string()).hint(hint)
    }
}

impl From<hook::AddError> for CliError {
    fn from(error: hook::AddError) -> Self {
        let kind = if error.is_precondition() { Kind::Precondition } else { Kind::Usage };
        Self { hint: error.hint(), ..Self::new(kind, error.shown()) }
    }
}

impl From<policy::Error> for CliError {
    fn from(error: policy::Error) -> Self {
        let kind = if error.is_precondition() { Kind::Precondition } else { Kind::Usage };
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::new(kind, error.to_string()) }
    }
}

impl From<policy::Errors> for CliError {
    fn from(errors: policy::Errors) -> Self {
        Self::of_sources(errors.iter().map(SourceError::new).collect(), errors.count())
    }
}

impl CliError {
    /// The maximum number of errors of a template that are shown.
    const MAX_OF_TEMPLATE: usize = 50;

    /// Returns the error of an invalid template.
    pub(crate) fn of_template(path: &Path, error: &hook::TemplateError) -> Self {
        let problems = error.problems();
        let shown = problems.iter().take(Self::MAX_OF_TEMPLATE);
        let sources = shown.map(|problem| SourceError::of_template(path, problem)).collect();
        Self::of_sources(sources, problems.len())
    }

    /// Returns the error for a number of errors in files that users write, of which `sources` are shown.
    fn of_sources(sources: Vec<SourceError>, count: usize) -> Self {
        let shown = sources.len();
        let message = match (count, sources.as_slice()) {
            (1, [SourceError { path, line, column, message, .. }]) => {
                format!("{path}:{line}:{column}: {message}")
            }
            (_, [first, rest @ ..]) => {
                let mut files: Vec<_> = rest.iter().map(|error| &error.path).collect();
                files.push(&first.path);
                files.sort();
                files.dedup();
                let files = match files.as_slice() {
                    [only] => (*only).clone(),
                    files => format!("{} files", files.len()),
                };
                match count > shown {
                    true => format!(
                        "found {count} errors in {files}, of which the first {shown} are shown"
                    ),
                    false => format!("found {count} errors in {files}"),
                }
            }
            (_, []) => "found no errors".to_owned(),
        };
        let hint = match sources.as_slice() {
            [only] => only.hint.clone(),
            _ => None,
        };
        Self { hint, sources: sources.into(), ..Self::new(Kind::Usage, message) }
    }
}

impl SourceError {
    fn new(error: &policy::Error) -> Self {
        let location = error.location();
        let excerpt = error.excerpt();
        Self {
            path: location.path().display().to_string(),
            line: location.line(),
            column: location.column(),
            message: error.message().to_owned(),
            excerpt: excerpt.map(|excerpt| (excerpt.text.clone(), excerpt.marked.clone())),
            hint: error.hint().map(str::to_owned),
            correction: error.correction().map(str::to_owned),
        }
    }

    /// Describes an error of a template.
    fn of_template(path: &Path, problem: &hook::TemplateProblem) -> Self {
        let hook::TemplateProblem { message, location, hint } = problem;
        let hook::TemplateLocation { line, text, marked } = location;
        Self {
            path: path.display().to_string(),
            line: line + 1,
            column: text[..marked.start].chars().count() + 1,
            message: message.clone(),
            excerpt: Some((text.clone(), marked.clone())),
            hint: hint.clone(),
            correction: None,
        }
    }
}

impl From<apply::RunningError> for CliError {
    fn from(error: apply::RunningError) -> Self {
        Self::precondition(error.to_string()).hint(error.hint())
    }
}

impl From<(PathBuf, apply::RunningError)> for CliError {
    fn from((path, error): (PathBuf, apply::RunningError)) -> Self {
        Self::from(error).at(&path)
    }
}

impl<D: Into<CliError>> From<apply::Error<D>> for CliError {
    fn from(error: apply::Error<D>) -> Self {
        match error {
            apply::Error::Store(error) => error.into(),
            apply::Error::Plan(path, error) => Self::from(error).at(&path),
            apply::Error::Running(path, error) => Self::from(error).at(&path),
            apply::Error::Decide(path, error) => error.into().at(&path),
        }
    }
}

impl From<Infallible> for CliError {
    fn from(error: Infallible) -> Self {
        match error {}
    }
}
