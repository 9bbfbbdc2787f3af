//! The parts of the page that only a check has.

use std::cmp::Reverse;

use serde::Serialize;

use super::explanation::{Block, blocks};
use super::head::{CheckHead, FindingCounts};
use super::numbers::{by_number, grouped, percent, percent_text};
use super::page::{FileState, Page};
use super::tile::Tile;
use super::words::CHECK;
use crate::output::count::count;

/// The maximum number of sites and of files that are listed for a rule.
const LISTED_SITES: usize = 3;
const LISTED_FILES: usize = 10;

/// A rule that has findings.
#[derive(Serialize)]
pub(super) struct RuleView<'p> {
    name: String,
    summary: &'p str,
    severity: &'static str,
    findings: String,
    files: String,
    share: String,
    /// The sites with the most files.
    sites: Vec<SiteCount<'p>>,
    more_sites: usize,
    /// The first files.
    paths: Vec<&'p str>,
    more_paths: String,
    /// What the rule means.
    page: Vec<Block>,
    #[serde(skip)]
    order: (u32, u64),
}

#[derive(Serialize)]
struct SiteCount<'p> {
    name: &'p str,
    files: String,
}

/// Returns the rules that have findings: the most severe first, and then those of the most files.
pub(super) fn rules<'p>(page: &'p Page, head: &'p CheckHead) -> Vec<RuleView<'p>> {
    let mut tallies: Vec<_> = page.items.list.iter().map(|_| Tally::default()).collect();
    for (number, file) in page.files.iter().enumerate() {
        for row in page.rows_of(file) {
            let tally = &mut tallies[row.item as usize];
            tally.findings += u64::from(row.number);
            tally.flag = tally.flag.max(row.flag);
            if tally.last_file == Some(number) {
                continue;
            }
            tally.last_file = Some(number);
            tally.files += 1;
            if tally.paths.len() < LISTED_FILES {
                tally.paths.push(&file.path);
            }
            let site = file.site.unwrap_or(0) as usize;
            if tally.sites.len() <= site {
                tally.sites.resize(site + 1, 0);
            }
            tally.sites[site] += 1;
        }
    }
    let of_rule = |(item, tally): (u32, Tally<'p>)| {
        let name = page.item_name(item);
        let rule = head.rules.iter().find(|rule| rule.name == name);
        let mut sites: Vec<_> = (0..).zip(tally.sites).filter(|(_, files)| *files > 0).collect();
        sites.sort_by(|(one, files), (other, others)| {
            let by_files = Reverse(files).cmp(&Reverse(others));
            by_files.then_with(|| by_number(&page.sites[*one], &page.sites[*other]))
        });
        let files = tally.files;
        let more_paths = files - tally.paths.len() as u64;
        RuleView {
            summary: rule.map_or("", |rule| rule.summary),
            severity: severity(tally.flag),
            findings: grouped(tally.findings),
            files: grouped(files),
            share: percent_text(files, page.counts.files()),
            more_sites: sites.len().saturating_sub(LISTED_SITES),
            sites: sites
                .into_iter()
                .take(LISTED_SITES)
                .map(|(site, files)| SiteCount { name: &page.sites[site], files: grouped(files) })
                .collect(),
            paths: tally.paths,
            more_paths: if more_paths == 0 { String::new() } else { grouped(more_paths) },
            page: rule.map_or_else(Vec::new, |rule| blocks(&rule.page)),
            order: (tally.flag, files),
            name,
        }
    };
    let mut rules: Vec<_> = (0..).zip(tallies).map(of_rule).collect();
    rules.sort_by(|one, other| {
        Reverse(one.order).cmp(&Reverse(other.order)).then_with(|| one.name.cmp(&other.name))
    });
    rules
}

/// The files and findings of a rule.
#[derive(Default)]
struct Tally<'p> {
    findings: u64,
    flag: u32,
    last_file: Option<usize>,
    files: u64,
    paths: Vec<&'p str>,
    /// The number of files in each site.
    sites: Vec<u64>,
}

/// Returns the name of the severity of a row.
fn severity(flag: u32) -> &'static str {
    match flag {
        0 => "info",
        1 => "warning",
        _ => "error",
    }
}

/// Returns the number of files in each state, in the order of the words: by the most severe finding.
pub(super) fn states(page: &Page) -> [u64; 5] {
    let mut states = [0; 5];
    for file in &page.files {
        let worst = page.rows_of(file).iter().map(|row| row.flag).max();
        let state = match file.state {
            FileState::InSync => 0,
            FileState::Found { .. } => worst.unwrap_or(0).min(2) as usize + 1,
            FileState::Failed(_) => 4,
        };
        states[state] += 1;
    }
    states
}

pub(super) fn tiles(page: &Page, head: &CheckHead, states: [u64; 5]) -> Vec<Tile> {
    let FindingCounts { errors, warnings, infos, fixable_safely, fixable, .. } = head.counts;
    let findings = errors + warnings + infos;
    let mut tiles = vec![Tile::all(page.counts.files(), count(head.rules.len(), "rule"))];
    // The worst files come first, and the files that couldn't be checked last.
    for index in [3, 2, 1, 0, 4] {
        tiles.push(Tile::of_state(&CHECK.script.states[index], states[index], page.counts.files()));
    }
    let number = |number: u64, one: &str, several: &str| {
        format!("{} {}", grouped(number), if number == 1 { one } else { several })
    };
    let mut notes = vec![format!(
        "{}, {}, {}",
        number(errors, "error", "errors"),
        number(warnings, "warning", "warnings"),
        number(infos, "info", "infos"),
    )];
    let more = [(head.counts.suppressed, "suppressed"), (head.counts.fixed, "fixed")];
    let of_baseline = head.counts.of_baseline.map_or([(0, "known"), (0, "resolved")], |counts| {
        [(counts.0, "known"), (counts.1, "resolved")]
    });
    let more = more.into_iter().chain(of_baseline).filter(|(number, _)| *number > 0);
    notes.extend(more.map(|(number, what)| format!("{} {what}", grouped(number))));
    tiles.push(Tile::plain("Findings", grouped(findings), notes.join("; ")));
    let note = match (fixable_safely, fixable - fixable_safely) {
        (0, 0) => "no finding has a fix".to_owned(),
        (0, only) => format!("{} with --unsafe-fixes", grouped(only)),
        (safe, 0) => format!("{} with --fix", grouped(safe)),
        (safe, more) => {
            format!("{} with --fix, {} more with --unsafe-fixes", grouped(safe), grouped(more))
        }
    };
    let full = Some(percent(fixable, findings));
    tiles.push(Tile { full, ..Tile::plain("Fixable", percent_text(fixable, findings), note) });
    tiles
}
