//! The tiles at the top of the page, and the bar below them.

use serde::Serialize;

use super::numbers::{exact_percent, grouped, percent_text};
use super::words::StateWords;

/// A number at the top of the page.
#[derive(Serialize)]
pub(super) struct Tile {
    pub(super) name: &'static str,
    /// The state that it links to, or `all`.
    pub(super) state: Option<&'static str>,
    /// The class of its mark.
    pub(super) class: Option<&'static str>,
    pub(super) number: String,
    /// How the number changed since the earlier report.
    pub(super) change: Option<String>,
    pub(super) note: String,
    /// The length of its bar in percent, if it has one.
    pub(super) full: Option<f64>,
}

impl Tile {
    /// Returns the tile of all files.
    pub(super) fn all(files: u64, note: String) -> Self {
        Self {
            name: "Files",
            state: Some("all"),
            class: None,
            number: grouped(files),
            change: None,
            note,
            full: None,
        }
    }

    /// Returns the tile of the files in a state.
    pub(super) fn of_state(state: &StateWords, files: u64, all: u64) -> Self {
        Self {
            name: state.name,
            state: Some(state.code),
            class: Some(state.class),
            number: grouped(files),
            change: None,
            note: format!("{} of the files", percent_text(files, all)),
            full: None,
        }
    }

    /// Returns a tile that links to no files.
    pub(super) fn plain(name: &'static str, number: String, note: String) -> Self {
        Self { name, state: None, class: None, number, change: None, note, full: None }
    }
}

/// A part of the bar below the tiles.
#[derive(Serialize)]
pub(super) struct Part {
    class: &'static str,
    name: &'static str,
    from: f64,
    width: f64,
    number: String,
}

/// Returns the parts of the bar: the files in each state.
pub(super) fn parts<'s>(states: impl Iterator<Item = (&'s StateWords, u64)> + Clone) -> Vec<Part> {
    let all = states.clone().map(|(_, files)| files).sum();
    let mut from = 0.0;
    let some = states.filter(|(_, files)| *files > 0);
    let part = some.map(|(state, files)| {
        let width = exact_percent(files, all);
        let number = grouped(files);
        let part = Part { class: state.class, name: state.name, from, width, number };
        from += width;
        part
    });
    part.collect()
}
