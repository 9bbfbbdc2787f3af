//! Markdown for comments, tickets, and workflow summaries: one table per file.

use std::io::{self, Write};

use super::found::Found;
use super::screen::shown;

/// Writes a table for each file with findings, and then the summary.
pub(super) fn write(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    for file in &found.files {
        let mut rows = file.rows.iter().filter(|row| row.suppressed.is_none()).peekable();
        if rows.peek().is_none() {
            continue;
        }
        writeln!(out, "### {}\n", escaped(file.path))?;
        writeln!(out, "| line | severity | rule | finding |\n|---:|---|---|---|")?;
        for row in rows {
            let text = match row.help {
                Some(help) => format!("{}; {}", escaped(row.message), escaped(help)),
                None => escaped(row.message),
            };
            let rule = escaped(&format!("`{}`", row.rule));
            writeln!(out, "| {} | {} | {rule} | {text} |", row.line, row.level)?;
        }
        writeln!(out)?;
    }
    for (_, message) in &found.failed {
        writeln!(out, "- error: {}", escaped(message))?;
    }
    if !found.failed.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "**{}**", escaped(&found.summary))
}

/// Escapes a text for a cell. Text in single backticks stays code.
fn escaped(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
    let text = shown(&text);
    // Every reader treats only pairs of single backticks as code, and code can't contain an escaped backslash.
    let is_code = text.matches('`').count().is_multiple_of(2)
        && !text.contains("``")
        && !text.contains(r"\|");
    if !is_code {
        return plain(&text);
    }
    let parts = text.split('`').enumerate().map(|(number, part)| match number % 2 {
        0 => plain(part),
        _ => format!("`{}`", part.replace('|', r"\|")),
    });
    parts.collect()
}

fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut plain, character| {
        match character {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => plain.extend(['\\', character]),
            character => plain.push(character),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_table_cells_are_escaped() {
        for (text, expected) in [
            ("a|b\nc", r"a\|b c"),
            ("`a|b` <img> *x*", r"`a\|b` &lt;img&gt; \*x\*"),
            ("`a` b` <b>", r"\`a\` b\` &lt;b&gt;"),
            ("``<b>``", r"\`\`&lt;b&gt;\`\`"),
            (r"`C:\|` x", r"\`C:\\\|\` x"),
            (r"C:\x [a](b)", r"C:\\x \[a\](b)"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
