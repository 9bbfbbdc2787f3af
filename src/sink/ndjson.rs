//! A file with one event per line, to which each run appends.

use std::path::Path;
use std::time::Duration;

use super::event::Event;
use msipctl_core::store::{self, Appending};

/// How to append: a file of 64 MiB is renamed, and a new one started.
const HOW: Appending = Appending {
    wait: Duration::from_secs(10),
    create_folder: true,
    rotate_at: Some(64 * 1024 * 1024),
};

/// Appends events, each as one complete line.
pub(super) fn append(path: &Path, events: &[Event]) -> Result<(), store::Error> {
    let mut lines = String::new();
    for event in events {
        lines.push_str(&event.json());
        lines.push('\n');
    }
    store::append(path, HOW, |_| lines.clone().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::event::testing::drifted;
    use super::*;

    #[test]
    fn events_are_appended_as_complete_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs").join("events.ndjson");
        for run in ["a\n\u{2028}.ini", "b.ini"] {
            append(&path, &[drifted(run, &[]), drifted(run, &["Settings.AA"])]).unwrap();
        }
        let text = store::read_text(&path).unwrap();
        assert!(text.is_ascii() && text.ends_with('\n'));
        let paths: Vec<_> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["path"].clone())
            .collect();
        assert_eq!(paths, ["a\n\u{2028}.ini", "a\n\u{2028}.ini", "b.ini", "b.ini"]);
    }
}
