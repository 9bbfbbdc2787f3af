//! What the template draws: tiles, charts, and the list for browsers without JavaScript.

use std::cmp::Reverse;
use std::collections::HashSet;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, State, UndefinedBehavior, escape_formatter};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::output::screen::{is_hidden, shown};

use super::head::{Counts, Head, Measure, Since};
use super::page::{File, FileState, Page};
use crate::output::count::count;
use crate::output::json::TOOL;

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Stands in the rendered template where the block of JSON goes. No value can hold it, as their `<` are escaped.
pub(super) const BLOCK: &str = "<!--block-->";

/// How many bars a chart has at most.
const BARS: usize = 10;
/// How many files are listed for browsers without JavaScript.
const LISTED: usize = 50;

/// Renders the page but for the block.
pub(super) fn render(page: &Page, head: &Head) -> Result<String, minijinja::Error> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("safe", minijinja::filters::safe);
    environment.add_filter("urlencode", minijinja::filters::urlencode);
    environment.add_filter("shown", |text: String| shown(&text).into_owned());
    environment.set_formatter(written);
    environment.add_template("report.html", TEMPLATE)?;
    let view = View::new(page, head);
    environment.get_template("report.html")?.render(Serde(view))
}

/// Writes a value with its characters escaped for HTML; those that nobody is to see raw as their numbers.
fn written(
    out: &mut minijinja::Output<'_>,
    state: &mut State<'_, '_>,
    value: &minijinja::Value,
) -> Result<(), minijinja::Error> {
    let hidden = |text: &str| text.contains(is_hidden);
    match value.as_str().filter(|text| !value.is_safe() && hidden(text)) {
        None => escape_formatter(out, state, value),
        Some(text) => {
            for part in text.split_inclusive(is_hidden) {
                let plain = part.trim_end_matches(is_hidden);
                escape_formatter(out, state, &plain.into())?;
                for character in part[plain.len()..].chars() {
                    write!(out, "&#x{:x};", u32::from(character))?;
                }
            }
            Ok(())
        }
    }
}

#[derive(Serialize)]
struct View<'p> {
    head: HeadView<'p>,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    tiles: Vec<Tile>,
    parts: Vec<Part>,
    since: Option<SinceView<'p>>,
    charts: Vec<Chart>,
    listed: Vec<Listed<'p>>,
    not_listed: String,
}

#[derive(Serialize)]
struct HeadView<'p> {
    title: &'p str,
    generated: &'p str,
    time: String,
    policy: &'p [String],
    tool: &'static str,
}

#[derive(Serialize)]
struct Tile {
    name: &'static str,
    /// The class of its mark, and the state that it leads to.
    state: Option<&'static str>,
    number: String,
    /// How the number changed since the earlier report.
    change: Option<String>,
    note: String,
    /// How full its bar is, in percent; only a tile that leads to no files has one.
    full: f64,
}

/// A part of the bar below the tiles.
#[derive(Serialize)]
struct Part {
    state: &'static str,
    name: &'static str,
    from: f64,
    width: f64,
    number: String,
}

#[derive(Serialize)]
struct SinceView<'p> {
    report: &'p str,
    time: Option<String>,
    new: String,
    resolved: String,
}

#[derive(Serialize)]
struct Chart {
    /// What each bar is; the name of the filter by it, too.
    kind: &'static str,
    /// What the shares are of.
    whole: &'static str,
    bars: Vec<Bar>,
    height: usize,
    /// How many there are that have no bar.
    more: usize,
}

impl Chart {
    fn has_bars(&self) -> bool {
        !self.bars.is_empty()
    }
}

#[derive(Serialize)]
struct Bar {
    name: String,
    /// How long it is, in percent of the longest.
    width: f64,
    number: String,
    share: String,
    y: usize,
}

/// A file in the list for browsers without JavaScript.
#[derive(Serialize)]
struct Listed<'p> {
    path: &'p str,
    state: &'static str,
    what: String,
}

impl<'p> View<'p> {
    fn new(page: &'p Page, head: &'p Head) -> Self {
        let bad = page.files.iter().filter(|file| !matches!(file.state, FileState::InSync));
        let listed: Vec<_> = bad.clone().take(LISTED).map(|file| listed(page, file)).collect();
        let not_listed = bad.count() - listed.len();
        Self {
            head: HeadView {
                title: &head.title,
                generated: &head.generated,
                time: time(&head.generated),
                policy: &head.policy,
                tool: TOOL,
            },
            style: STYLE,
            script: SCRIPT,
            style_hash: hash(STYLE),
            script_hash: hash(SCRIPT),
            tiles: tiles(page.counts, head),
            parts: parts(page.counts),
            since: head.since.as_ref().map(|since| since_view(page, since)),
            charts: [keys(page), sites(page)].into_iter().filter(Chart::has_bars).collect(),
            listed,
            not_listed: if not_listed == 0 { String::new() } else { grouped(not_listed as u64) },
        }
    }
}

fn tiles(now: Counts, head: &Head) -> Vec<Tile> {
    let before = head.since.as_ref().map(|since| since.before);
    let counted = |name, state, number: fn(Counts) -> u64, note| Tile {
        name,
        state: Some(state),
        number: grouped(number(now)),
        change: before.and_then(|before| change(number(before), number(now))),
        note,
        full: 0.0,
    };
    let of_files = |name, state, number: fn(Counts) -> u64| {
        let note = format!("{} of the files", percent_text(number(now), now.files()));
        counted(name, state, number, note)
    };
    let measured = |name, measure: Measure| Tile {
        name,
        state: None,
        number: percent_text(measure.part, measure.of),
        change: None,
        note: format!("{} of {} {}", grouped(measure.part), grouped(measure.of), measure.what),
        full: percent(measure.part, measure.of),
    };
    let mut score = measured("Score", head.score);
    if head.unverified > 0 {
        let (number, plural) =
            (grouped(head.unverified), if head.unverified == 1 { "" } else { "s" });
        score.note.push_str(&format!("; {number} password{plural} could not be verified"));
    }
    vec![
        counted("Files", "all", Counts::files, count(head.policy.len(), "policy file")),
        of_files("In sync", "in_sync", |counts| counts.in_sync),
        of_files("Drifted", "drifted", |counts| counts.drifted),
        of_files("Failed", "failed", |counts| counts.failed),
        score,
        measured("Coverage", head.coverage),
    ]
}

fn parts(counts: Counts) -> Vec<Part> {
    let mut from = 0.0;
    let states = [
        ("in_sync", "in sync", counts.in_sync),
        ("drifted", "drifted", counts.drifted),
        ("failed", "failed", counts.failed),
    ];
    let some = states.into_iter().filter(|(.., number)| *number > 0);
    let part = some.map(|(state, name, number)| {
        let width = exact_percent(number, counts.files());
        let part = Part { state, name, from, width, number: grouped(number) };
        from += width;
        part
    });
    part.collect()
}

fn since_view<'p>(page: &Page, since: &'p Since) -> SinceView<'p> {
    let new = page.drift.iter().filter(|drift| drift.is_new).count();
    SinceView {
        report: &since.report,
        time: since.generated.as_deref().map(time),
        new: grouped(new as u64),
        resolved: grouped(page.resolved.len() as u64),
    }
}

/// Returns the keys in which most files drift.
fn keys(page: &Page) -> Chart {
    let mut files = vec![0; page.keys.list.len()];
    for file in &page.files {
        // A key of which a file tells twice is one key.
        let drifted: HashSet<u32> = page.drift_of(file).iter().map(|drift| drift.key).collect();
        for key in drifted {
            files[key as usize] += 1;
        }
    }
    let all = page.counts.files();
    let rows = page.keys.list.iter().zip(files).map(|((section, key), files)| Row {
        name: format!("{section}.{key}"),
        drifted: files,
        files: all,
    });
    chart("key", "all files", rows.collect())
}

/// Returns the sites of which most files drifted.
fn sites(page: &Page) -> Chart {
    let mut rows: Vec<Row> = page.sites.list.iter().map(|name| Row::new(name)).collect();
    for file in &page.files {
        let row = &mut rows[file.site.unwrap_or(0) as usize];
        row.files += 1;
        row.drifted += u64::from(matches!(file.state, FileState::Drifted { .. }));
    }
    chart("site", "the site\u{2019}s files", rows)
}

/// Something that files drift in.
struct Row {
    name: String,
    drifted: u64,
    files: u64,
}

impl Row {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), drifted: 0, files: 0 }
    }
}

fn chart(kind: &'static str, whole: &'static str, mut rows: Vec<Row>) -> Chart {
    const ROW: usize = 26;
    rows.retain(|row| row.drifted > 0);
    rows.sort_by(|one, other| {
        (Reverse(one.drifted), &one.name).cmp(&(Reverse(other.drifted), &other.name))
    });
    let longest = rows.first().map_or(0, |row| row.drifted);
    let more = rows.len().saturating_sub(BARS);
    let bars = rows.into_iter().take(BARS).enumerate().map(|(index, row)| Bar {
        width: exact_percent(row.drifted, longest),
        number: grouped(row.drifted),
        share: percent_text(row.drifted, row.files),
        name: row.name,
        y: index * ROW,
    });
    let bars: Vec<_> = bars.collect();
    Chart { kind, whole, height: bars.len() * ROW, bars, more }
}

fn listed<'p>(page: &'p Page, file: &'p File) -> Listed<'p> {
    let path = &*file.path;
    if let FileState::Failed(reason) = file.state {
        return Listed { path, state: "failed", what: page.texts[reason].as_ref().to_owned() };
    }
    let names = page.drift_of(file).iter().map(|drift| {
        let (section, key) = &page.keys[drift.key];
        format!("{section}.{key}")
    });
    Listed { path, state: "drifted", what: names.collect::<Vec<_>>().join(", ") }
}

/// Returns how a number changed: `+3`, `−1`; nothing where it did not.
fn change(before: u64, now: u64) -> Option<String> {
    match now.checked_sub(before) {
        Some(0) => None,
        Some(more) => Some(format!("+{}", grouped(more))),
        None => Some(format!("\u{2212}{}", grouped(before - now))),
    }
}

/// Returns a number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns a share in percent, to a tenth. It is 0 for none and 100 for all only.
fn percent(part: u64, of: u64) -> f64 {
    if of == 0 {
        return 0.0;
    }
    let tenths = u128::from(part) * 1000 / u128::from(of);
    let tenths = if part > 0 { tenths.max(1) } else { tenths };
    tenths as f64 / 10.0
}

fn percent_text(part: u64, of: u64) -> String {
    match of {
        0 => "\u{2013}".to_owned(),
        _ => format!("{}%", percent(part, of)),
    }
}

fn exact_percent(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 * 100.0 / of as f64 }
}

/// Returns a time of RFC 3339 as people read it: `2026-11-23 09:01 UTC`.
fn time(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => rfc3339.to_owned(),
    }
}

/// Returns the source by which a policy for content knows a text.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text)))
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            text.push(match index <= chunk.len() {
                true => char::from(ALPHABET[(bits >> (18 - 6 * index)) as usize & 63]),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_encoded_as_base64() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        let hash = hash("abc");
        assert_eq!(hash, "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn numbers_and_percentages_are_formatted_for_display() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        for (part, of, text) in [
            (0, 0, "\u{2013}"),
            (0, 7, "0%"),
            (1, 20_000, "0.1%"),
            (19_999, 20_000, "99.9%"),
            (7, 7, "100%"),
            (1, 3, "33.3%"),
        ] {
            assert_eq!(percent_text(part, of), text);
        }
        assert_eq!(change(5, 5), None);
        assert_eq!(change(5, 8).as_deref(), Some("+3"));
        assert_eq!(change(8, 5).as_deref(), Some("\u{2212}3"));
        assert_eq!(time("2026-11-23T09:01:02Z"), "2026-11-23 09:01 UTC");
        assert_eq!(time("é"), "é");
    }
}
