//! Annotations for GitHub workflows: commands in the output of a step.

use std::io::{self, Write};

use super::found::{Found, slashed};
use super::screen::shown;
use msipctl_core::diagnostic::Severity;

/// Writes one annotation for each finding that is not suppressed.
pub(super) fn write(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    for file in &found.files {
        let path = property(&shown(&slashed(file.path)));
        for row in file.rows.iter().filter(|row| row.suppressed.is_none()) {
            let command = match row.level {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let (line, column, rule) = (row.line, row.column, property(&shown(row.rule)));
            let end = row.end_column.map(|end| format!(",endColumn={end}")).unwrap_or_default();
            let text = data(&row.text());
            writeln!(
                out,
                "::{command} file={path},line={line},col={column}{end},title={rule}::{text}"
            )?;
        }
    }
    if let Some(note) = &found.note {
        writeln!(out, "::notice::{}", data(note))?;
    }
    for (path, message) in &found.failed {
        writeln!(
            out,
            "::error file={}::{}",
            property(&shown(&slashed(path))),
            data(&shown(message))
        )?;
    }
    Ok(())
}

/// Escapes the text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn github_annotation_text_is_escaped() {
        assert_eq!(data("100%\r\n::error::x, y"), "100%25%0D%0A::error::x, y");
        assert_eq!(property("C:/a,b%.ini\n"), "C%3A/a%2Cb%25.ini%0A");
    }
}
