//! The findings of a report, in neutral rows for the formats of other programs.

use super::screen::shown;
use crate::fingerprint::{Arguments, Fingerprint};
use msipctl_core::diagnostic::Severity;

/// The rules that were checked, the files, and the findings.
pub(crate) struct Found<'r> {
    /// The rules that were checked.
    pub(super) rules: Vec<RuleRow<'r>>,
    /// The lowest severity that counts as a failure.
    pub(super) fail_on: Severity,
    /// The files that were checked.
    pub(super) files: Vec<FoundFile<'r>>,
    /// The path and error of each file that failed.
    pub(super) failed: Vec<(&'r str, &'r str)>,
    /// The summary in one line.
    pub(super) summary: String,
    /// A note about all files.
    pub(super) note: Option<String>,
    /// Whether the rows only have findings that a baseline doesn't have.
    pub(super) is_new_only: bool,
}

/// A rule that was checked.
pub(super) struct RuleRow<'r> {
    pub(super) name: &'r str,
    pub(super) summary: &'r str,
    /// Its page, in Markdown.
    pub(super) page: String,
    pub(super) level: Severity,
    /// Its group.
    pub(super) tag: &'r str,
}

/// A file that was checked.
pub(super) struct FoundFile<'r> {
    /// Its path, as given.
    pub(super) path: &'r str,
    pub(super) rows: Vec<FoundRow<'r>>,
    /// A note about the file.
    pub(super) note: Option<String>,
}

/// One finding. Its texts contain no secrets. Each format escapes them as it needs.
#[derive(Clone, Copy)]
pub(super) struct FoundRow<'r> {
    pub(super) rule: &'r str,
    pub(super) level: Severity,
    pub(super) section: Option<&'r str>,
    pub(super) key: Option<&'r str>,
    pub(super) message: &'r str,
    /// The values in the message.
    pub(super) arguments: &'r Arguments,
    pub(super) help: Option<&'r str>,
    /// The safety and the title of its fix, if there is one.
    pub(super) fix: Option<(&'r str, &'r str)>,
    /// The line, counted from 1.
    pub(super) line: usize,
    /// The column in characters, counted from 1.
    pub(super) column: usize,
    /// The column after it; `None` if that would reveal the length of a secret.
    pub(super) end_column: Option<usize>,
    /// The suppression, if it is suppressed.
    pub(super) suppressed: Option<SuppressedRow<'r>>,
}

/// Why and where a finding is suppressed.
#[derive(Clone, Copy)]
pub(super) struct SuppressedRow<'r> {
    pub(super) reason: &'r str,
    /// Whether a comment in the file suppresses it.
    pub(super) in_file: bool,
}

impl FoundRow<'_> {
    /// Returns the fingerprint, which identifies the finding in later reports.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(self.rule, self.section, self.key, self.arguments)
    }

    /// Returns the message and, on the next line, the help text, with hidden characters escaped.
    pub(super) fn text(&self) -> String {
        match self.help {
            Some(help) => format!("{}\n{}", shown(self.message), shown(help)),
            None => shown(self.message).into_owned(),
        }
    }
}

/// Returns a path with forward slashes, as in a URL.
pub(super) fn slashed(path: &str) -> String {
    if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() }
}
