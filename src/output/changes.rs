//! Changes by key, and unified diffs.

use std::io;

use super::screen::{ADDED, CHANGED, DIM, HEADING, NAME, REMOVED, Screen};
use microsip_schema::Version;
use msipctl_core::diff::{ByteChanges, Hunk, LineOrigin};
use msipctl_core::engine::ChangeRow;

/// Writes changes by key for people.
pub(super) trait ChangeLine {
    /// Writes the change as one line after an indent.
    fn human(&self, out: &mut Screen<'_>, indent: &str) -> io::Result<()>;

    /// Writes the change of a comparison: a key that isn't set is shown with its default.
    fn human_compared(&self, out: &mut Screen<'_>, indent: &str) -> io::Result<()>;
}

impl ChangeLine for ChangeRow {
    fn human(&self, out: &mut Screen<'_>, indent: &str) -> io::Result<()> {
        line(self, out, indent, None)
    }

    fn human_compared(&self, out: &mut Screen<'_>, indent: &str) -> io::Result<()> {
        let known = microsip_schema::find(&self.section, &self.key);
        let default = known.and_then(|key| key.default(Version::NEWEST));
        line(self, out, indent, default.filter(|default| !default.is_empty()))
    }
}

/// Writes a change as one line. `default` is that of a key that isn't set.
fn line(
    row: &ChangeRow,
    out: &mut Screen<'_>,
    indent: &str,
    default: Option<&str>,
) -> io::Result<()> {
    let ChangeRow { section, key, .. } = row;
    let name = format!("{section}.{key}");
    let unset = default.map(|default| format!("not set (default {default})"));
    let shown =
        |value: Option<&str>| value.map(shown_value).or(unset.as_deref()).map(str::to_owned);
    match (shown(row.before.as_deref()), shown(row.after.as_deref())) {
        (None, Some(after)) => putln!(out, "{indent}{ADDED}+ {name} = {after}{ADDED:#}"),
        (Some(before), None) => {
            putln!(out, "{indent}{REMOVED}- {name} = {before}{REMOVED:#}")
        }
        (before, after) => {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            putln!(out, "{indent}{CHANGED}~ {name} = {before} -> {after}{CHANGED:#}")
        }
    }
}

#[cfg(test)]
pub(super) fn change_row(
    section: &str,
    key: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> ChangeRow {
    let owned = |value: Option<&str>| value.map(str::to_owned);
    ChangeRow::from(msipctl_core::diff::Change {
        section: section.to_owned(),
        key: key.to_owned(),
        before: owned(before),
        after: owned(after),
    })
}

/// Returns a value for people: `(empty)` for an empty one.
pub(super) fn shown_value(value: &str) -> &str {
    if value.is_empty() { "(empty)" } else { value }
}

/// Returns the changes of the bytes as a whole, for people.
pub(super) fn byte_changes(bytes: &ByteChanges) -> Vec<String> {
    let encoding = bytes.encoding.map(|(before, after)| format!("encoding: {before} -> {after}"));
    let line_ending =
        bytes.line_ending.map(|(before, after)| format!("line ending: {before} -> {after}"));
    encoding.into_iter().chain(line_ending).collect()
}

/// Writes the changes of the bytes as a whole.
pub(super) fn byte_lines(
    out: &mut Screen<'_>,
    bytes: &ByteChanges,
    indent: &str,
) -> io::Result<()> {
    let lines = byte_changes(bytes);
    lines.iter().try_for_each(|line| putln!(out, "{indent}{CHANGED}~ {line}{CHANGED:#}"))
}

/// Writes a unified diff.
pub(super) fn unified(
    out: &mut Screen<'_>,
    (before, after): &(String, String),
    hunks: &[Hunk],
) -> io::Result<()> {
    if hunks.is_empty() {
        return Ok(());
    }
    putln!(out, "{HEADING}--- {before}{HEADING:#}")?;
    putln!(out, "{HEADING}+++ {after}{HEADING:#}")?;
    for hunk in hunks {
        putln!(out, "{NAME}{}{NAME:#}", hunk.header())?;
        for line in &hunk.lines {
            let (prefix, text) = (line.sign.prefix(), &line.text);
            match line.sign {
                LineOrigin::Both => putln!(out, "{prefix}{text}")?,
                LineOrigin::Before => putln!(out, "{REMOVED}{prefix}{text}{REMOVED:#}")?,
                LineOrigin::After => putln!(out, "{ADDED}{prefix}{text}{ADDED:#}")?,
            }
            if line.is_open {
                putln!(out, "{DIM}\\ No newline at end of file{DIM:#}")?;
            }
        }
    }
    Ok(())
}
