//! What a report found, in the neutral rows that the formats of other programs are made of.

use super::screen::shown;
use crate::fingerprint::{Arguments, Fingerprint};
use msipctl_core::diagnostic::Severity;

/// What was looked for, where, and what was found.
pub(crate) struct Found<'r> {
    /// The rules that were looked at.
    pub(super) rules: Vec<RuleRow<'r>>,
    /// How bad a row must be to count as a failure.
    pub(super) fail_on: Severity,
    /// The files that were looked at.
    pub(super) files: Vec<FoundFile<'r>>,
    /// The files that could not be looked at: each with its path and what is wrong.
    pub(super) failed: Vec<(&'r str, &'r str)>,
    /// All of it in a line.
    pub(super) summary: String,
    /// What else there is to know of all files together.
    pub(super) note: Option<String>,
    /// Whether only what is new against a baseline is among the rows.
    pub(super) is_new_only: bool,
}

/// A rule that was looked at.
pub(super) struct RuleRow<'r> {
    pub(super) name: &'r str,
    pub(super) summary: &'r str,
    /// Its page, in Markdown.
    pub(super) page: String,
    pub(super) level: Severity,
    /// What it is about, in a word.
    pub(super) tag: &'r str,
}

/// A file that was looked at.
pub(super) struct FoundFile<'r> {
    /// Its path, as given.
    pub(super) path: &'r str,
    pub(super) rows: Vec<FoundRow<'r>>,
    /// What else there is to know of it.
    pub(super) note: Option<String>,
}

/// One thing that was found. Its texts hold no secrets; each format shows them as it needs.
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
    /// How it is mended, if msipctl knows: whether safely, and what that does.
    pub(super) fix: Option<(&'r str, &'r str)>,
    /// The line, counted from 1.
    pub(super) line: usize,
    /// The column in characters, counted from 1.
    pub(super) column: usize,
    /// The column behind it; `None` where it would tell how long a secret is.
    pub(super) end_column: Option<usize>,
    /// Why nobody wants to hear of it, if so.
    pub(super) suppressed: Option<SuppressedRow<'r>>,
}

/// Why a row is suppressed, and by whom.
#[derive(Clone, Copy)]
pub(super) struct SuppressedRow<'r> {
    pub(super) reason: &'r str,
    /// Whether the file says so itself.
    pub(super) in_file: bool,
}

impl FoundRow<'_> {
    /// Returns what it is known again by.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(self.rule, self.section, self.key, self.arguments)
    }

    /// Returns what was found, and below it what to do, as people may see it.
    pub(super) fn text(&self) -> String {
        match self.help {
            Some(help) => format!("{}\n{}", shown(self.message), shown(help)),
            None => shown(self.message).into_owned(),
        }
    }
}

/// Returns a path as addresses have it: with slashes.
pub(super) fn slashed(path: &str) -> String {
    if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() }
}
