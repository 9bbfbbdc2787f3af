//! The parts that the template draws: tiles, charts, and the list for browsers without JavaScript.

use std::cmp::{Ordering, Reverse};
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

/// Marks where the block of JSON goes in the rendered template. No value can contain it, because `<` is escaped.
pub(super) const BLOCK: &str = "<!--block-->";

/// The maximum number of bars in a chart.
const BARS: usize = 10;
/// The maximum number of files that are listed for browsers without JavaScript.
const LISTED: usize = 50;

/// Renders the page without the block.
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

/// Writes a value, escaped for HTML. Hidden characters become numeric references.
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
    has_drift: bool,
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
    /// The class of its mark, and the state that it links to.
    state: Option<&'static str>,
    number: String,
    /// How the number changed since the earlier report.
    change: Option<String>,
    note: String,
    /// The length of its bar in percent. Only a tile without a link has one.
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
    /// The meaning of a bar, and the name of its filter.
    kind: &'static str,
    /// The whole that the shares refer to.
    whole: &'static str,
    bars: Vec<Bar>,
    height: usize,
    /// The number of rows without a bar.
    more: usize,
}

impl Chart {
    /// Returns whether the chart has anything to compare. A single bar is always full.
    fn compares(&self) -> bool {
        self.bars.len() > 1
    }
}

#[derive(Serialize)]
struct Bar {
    name: String,
    /// Its length in percent of the longest bar.
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
            charts: [keys(page), sites(page)].into_iter().filter(Chart::compares).collect(),
            has_drift: page.counts.drifted > 0,
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
        score.note.push_str(&format!("; {number} password{plural} not verified"));
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
        // A key that a file has twice is one key.
        let drifted: HashSet<u32> = page.drift_of(file).iter().map(|drift| drift.key).collect();
        for key in drifted {
            files[key as usize] += 1;
        }
    }
    let all = page.counts.files();
    let rows = page.keys.list.iter().zip(files).map(|((section, key), files)| Row {
        name: key_name(section, key),
        drifted: files,
        files: all,
    });
    chart("key", "all files", rows.collect())
}

/// Returns the name of a key. A hook has no section.
fn key_name(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// Returns the sites with the most drifted files.
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
        let by_drift = Reverse(one.drifted).cmp(&Reverse(other.drifted));
        by_drift.then_with(|| by_number(&one.name, &other.name))
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

/// Compares names in the order in which people expect numbers: `site 2` before `site 10`.
fn by_number(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    while let (Some(first), Some(second)) = (left.chars().next(), right.chars().next()) {
        let order = match (first.is_ascii_digit(), second.is_ascii_digit()) {
            (true, true) => {
                let (number, rest) = digits(left);
                let (other, other_rest) = digits(right);
                (left, right) = (rest, other_rest);
                (number.len(), number).cmp(&(other.len(), other))
            }
            _ => {
                left = &left[first.len_utf8()..];
                right = &right[second.len_utf8()..];
                first.cmp(&second)
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    // Names that are equal except for zeros before a number still have an order.
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
}

/// Splits a text after the digits at its start, without their leading zeros.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

fn listed<'p>(page: &'p Page, file: &'p File) -> Listed<'p> {
    let path = &*file.path;
    if let FileState::Failed(reason) = file.state {
        return Listed { path, state: "failed", what: page.texts[reason].as_ref().to_owned() };
    }
    let names = page.drift_of(file).iter().map(|drift| {
        let (section, key) = &page.keys[drift.key];
        key_name(section, key)
    });
    Listed { path, state: "drifted", what: names.collect::<Vec<_>>().join(", ") }
}

/// Returns how a number changed: `+3` or `−1`; `None` if it didn't.
fn change(before: u64, now: u64) -> Option<String> {
    match now.checked_sub(before) {
        Some(0) => None,
        Some(more) => Some(format!("+{}", grouped(more))),
        None => Some(format!("\u{2212}{}", grouped(before - now))),
    }
}

/// Returns a number with thousands separators.
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

/// Returns a share in percent, to a tenth. Only an empty share is 0, and only a complete one is 100.
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

/// Returns an RFC 3339 time for people: `2026-11-23 09:01 UTC`.
fn time(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => rfc3339.to_owned(),
    }
}

/// Returns the source expression of a text for a content security policy.
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
    fn names_with_numbers_are_sorted_by_number() {
        let mut names =
            ["10", "2", "site 10", "site 9b", "site 9", "1", "site", "site 09", "é2", "é10"];
        names.sort_by(|one, other| by_number(one, other));
        let expected =
            ["1", "2", "10", "site", "site 09", "site 9", "site 9b", "site 10", "é2", "é10"];
        assert_eq!(names, expected);
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
