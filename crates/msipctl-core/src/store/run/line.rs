//! The lines of a journal.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::record::Start;
use crate::store::system;

/// A line of the file. Fields of later versions are ignored, and lines of later versions are skipped.
#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    Start {
        schema_version: u32,
        run: String,
        time: String,
        command: String,
        backup_dir: Option<Name>,
        data: serde_json::Value,
    },
    File {
        path: Name,
    },
    Unchanged {
        path: Name,
    },
    Changed {
        path: Name,
        /// The target of a link; omitted if the path isn't a link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<Name>,
        before: Option<String>,
        after: Option<String>,
        backup_dir: Option<Name>,
        backup: Option<String>,
    },
    Failed {
        path: Name,
        error: String,
    },
    Resumed {
        time: String,
    },
    Finished {
        time: String,
    },
    Limited {
        time: String,
    },
    Undone {
        run: String,
        time: String,
    },
}

/// A path: text, or its bytes if it isn't valid text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Name {
    Text(String),
    Hex { hex: String },
}

impl Name {
    pub(super) fn new(path: &Path) -> Self {
        match system::path_to_hex(path) {
            None => Self::Text(path.to_string_lossy().into_owned()),
            Some(hex) => Self::Hex { hex },
        }
    }

    pub(super) fn path(self) -> Option<PathBuf> {
        match self {
            Self::Text(text) => Some(PathBuf::from(text)),
            Self::Hex { hex } => system::path_from_hex(&hex),
        }
    }
}

pub(super) fn read_start(text: &[u8]) -> Option<(Start, Timestamp)> {
    match serde_json::from_slice(text) {
        Ok(Line::Start { run, time, command, backup_dir, data, .. }) => {
            let backup_dir = match backup_dir {
                None => None,
                Some(dir) => Some(dir.path()?),
            };
            Some((Start { run: run.parse().ok()?, command, backup_dir, data }, time.parse().ok()?))
        }
        _ => None,
    }
}

/// Makes a path absolute without accessing the disk, as journals store paths.
pub fn full_path(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Formats a line. It contains only texts and valid JSON values, so this always succeeds.
pub(super) fn encode(line: &Line) -> Vec<u8> {
    let mut text = serde_json::to_vec(line).unwrap_or_default();
    text.push(b'\n');
    text
}
