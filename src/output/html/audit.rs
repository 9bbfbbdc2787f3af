//! The parts of the page that only an audit has.

use serde::Serialize;

use super::head::{Counts, Head, Measure, Since};
use super::numbers::{change, grouped, percent, percent_text, time};
use super::page::Page;
use super::tile::Tile;
use super::words::AUDIT;
use crate::output::count::count;

#[derive(Serialize)]
pub(super) struct SinceView<'p> {
    report: &'p str,
    time: Option<String>,
    new: String,
    resolved: String,
}

impl<'p> SinceView<'p> {
    pub(super) fn new(page: &Page, since: &'p Since) -> Self {
        let new = page.rows.iter().filter(|row| row.flag == 1).count();
        Self {
            report: &since.report,
            time: since.generated.as_deref().map(time),
            new: grouped(new as u64),
            resolved: grouped(page.resolved.len() as u64),
        }
    }
}

/// Returns the number of files in each state, in the order of the words.
pub(super) fn states(counts: Counts) -> [u64; 3] {
    [counts.in_sync, counts.drifted, counts.failed]
}

pub(super) fn tiles(now: Counts, head: &Head) -> Vec<Tile> {
    let before = head.since.as_ref().map(|since| since.before);
    let changed = |tile: Tile, number: fn(Counts) -> u64| Tile {
        change: before.and_then(|before| change(number(before), number(now))),
        ..tile
    };
    let measured = |name, measure: Measure| {
        let note = format!("{} of {} {}", grouped(measure.part), grouped(measure.of), measure.what);
        let full = Some(percent(measure.part, measure.of));
        Tile { full, ..Tile::plain(name, percent_text(measure.part, measure.of), note) }
    };
    let mut score = measured("Score", head.score);
    if head.unverified > 0 {
        let (number, plural) =
            (grouped(head.unverified), if head.unverified == 1 { "" } else { "s" });
        score.note.push_str(&format!("; {number} password{plural} not verified"));
    }
    let all = Tile::all(now.files(), count(head.policy.len(), "policy file"));
    let numbers: [fn(Counts) -> u64; 3] =
        [|counts| counts.in_sync, |counts| counts.drifted, |counts| counts.failed];
    let mut tiles = vec![changed(all, Counts::files)];
    tiles.extend(
        AUDIT.script.states.iter().zip(numbers).map(|(state, number)| {
            changed(Tile::of_state(state, number(now), now.files()), number)
        }),
    );
    tiles.extend([score, measured("Coverage", head.coverage)]);
    tiles
}
