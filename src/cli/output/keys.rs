//! Sections, keys and values.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{DIM, HEADING, NAME, Report, printable, values};

/// One value.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ValueRow {
    pub(in crate::cli) path: String,
    pub(in crate::cli) section: String,
    pub(in crate::cli) key: String,
    pub(in crate::cli) value: Option<String>,
    pub(in crate::cli) line: Option<usize>,
    pub(in crate::cli) set: bool,
}

/// One key of several files.
#[derive(Debug)]
pub(in crate::cli) struct ValueReport {
    pub(in crate::cli) files: Vec<ValueRow>,
    pub(in crate::cli) with_paths: bool,
}

impl Report for ValueReport {
    const LIST: &'static str = "files";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.files {
            let Some(value) = &row.value else { continue };
            let value = printable(value);
            match self.with_paths {
                true => writeln!(out, "{NAME}{}{NAME:#}: {value}", row.path)?,
                false => writeln!(out, "{value}")?,
            }
        }
        Ok(())
    }

    fn exact(&self) -> Option<Vec<u8>> {
        match self.files.as_slice() {
            [row] if !self.with_paths => {
                row.value.as_ref().map(|value| format!("{value}\n").into_bytes())
            }
            _ => None,
        }
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.files)
    }
}

/// One key.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct KeyRow {
    pub(in crate::cli) key: String,
    pub(in crate::cli) value: String,
    pub(in crate::cli) line: usize,
    pub(in crate::cli) set: bool,
    pub(in crate::cli) cut: bool,
    pub(in crate::cli) shadowed_lines: Vec<usize>,
}

/// One section.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct SectionRow {
    pub(in crate::cli) name: String,
    pub(in crate::cli) line: usize,
    pub(in crate::cli) keys: Vec<KeyRow>,
}

/// One file.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FileRow {
    pub(in crate::cli) path: String,
    pub(in crate::cli) encoding: String,
    pub(in crate::cli) sections: Vec<SectionRow>,
}

/// Files as Windows reads them.
#[derive(Debug)]
pub(in crate::cli) struct ShowReport {
    pub(in crate::cli) files: Vec<FileRow>,
}

impl Report for ShowReport {
    const LIST: &'static str = "files";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for (index, file) in self.files.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{HEADING}{}{HEADING:#} {DIM}({}){DIM:#}", file.path, file.encoding)?;
            for section in &file.sections {
                writeln!(out, "\n{HEADING}[{}]{HEADING:#}", printable(&section.name))?;
                for row in &section.keys {
                    let KeyRow { key, value, shadowed_lines, .. } = row;
                    let (key, value) = (printable(key), printable(value));
                    write!(out, "{NAME}{key}{NAME:#} = {value}")?;
                    if !shadowed_lines.is_empty() {
                        let lines: Vec<_> = shadowed_lines.iter().map(usize::to_string).collect();
                        let lines = lines.join(", ");
                        write!(out, "  {DIM}(also in line {lines}, never read){DIM:#}")?;
                    }
                    if row.cut {
                        write!(out, "  {DIM}(longer in the file, cut off here){DIM:#}")?;
                    }
                    writeln!(out)?;
                }
            }
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.files)
    }
}
