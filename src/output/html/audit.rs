//! The parts of the page that only an audit has.

use serde::Serialize;

use super::head::{Counts, Head, Measure, MergedHead, Since};
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

/// The maximum number of computers that a list names.
const LISTED: usize = 500;

/// Computers that don't report.
#[derive(Serialize)]
pub(super) struct AbsentView<'p> {
    id: &'static str,
    title: &'static str,
    note: &'static str,
    hosts: &'p [String],
    /// The number of further ones.
    more: usize,
}

impl<'p> AbsentView<'p> {
    /// Returns the lists of a merged report that aren't empty.
    pub(super) fn of_all(merged: &'p MergedHead) -> impl Iterator<Item = Self> {
        let lists = [
            ("silent", "Silent PCs", "no report for a while", &merged.silent),
            ("no-report", "PCs without report", "listed in the inventory", &merged.no_report),
        ];
        let lists = lists.into_iter().filter(|(.., hosts)| !hosts.is_empty());
        lists.map(|(id, title, note, hosts)| Self {
            id,
            title,
            note,
            hosts: &hosts[..hosts.len().min(LISTED)],
            more: hosts.len().saturating_sub(LISTED),
        })
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
    if let Some(merged) = &head.merged {
        let hosts = |name, hosts: &[String], note: &str| {
            Tile::plain(name, grouped(hosts.len() as u64), note.to_owned())
        };
        let broken = count(usize::try_from(merged.broken).unwrap_or(usize::MAX), "broken document");
        let reports = format!("of {} reports, {broken}", grouped(merged.reports));
        tiles.push(hosts("Silent PCs", &merged.silent, &reports));
        tiles.push(hosts("PCs without report", &merged.no_report, "of the inventory"));
    }
    tiles
}
