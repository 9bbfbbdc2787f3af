//! The parts that the template draws: tiles, charts, rules, and the list for browsers without JavaScript.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, State, UndefinedBehavior, escape_formatter};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::audit::{self, AbsentView, SinceView};
use super::chart::{self, Chart};
use super::check::{self, RuleView};
use super::head::{CheckHead, Head};
use super::line::LineView;
use super::numbers::{grouped, time};
use super::page::{File, FileState, Page};
use super::tile::{Part, Tile, parts};
use super::words::{AUDIT, CHECK, Words};
use crate::output::json::TOOL;
use crate::output::screen::{is_hidden, shown};

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Marks where the block of JSON goes in the rendered template. No value can contain it, because `<` is escaped.
pub(super) const BLOCK: &str = "<!--block-->";

/// The maximum number of files that are listed for browsers without JavaScript.
const LISTED: usize = 50;

/// Renders the page without the block.
pub(super) fn render(view: &View<'_>) -> Result<String, minijinja::Error> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("safe", minijinja::filters::safe);
    environment.add_filter("urlencode", minijinja::filters::urlencode);
    environment.add_filter("length", minijinja::filters::length);
    environment.add_filter("lower", minijinja::filters::lower);
    environment.add_filter("capitalize", minijinja::filters::capitalize);
    environment.add_test("none", minijinja::tests::is_none);
    environment.add_filter("shown", |text: String| shown(&text).into_owned());
    environment.set_formatter(written);
    environment.add_template("report.html", TEMPLATE)?;
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

/// A page, complete except for the block.
#[derive(Serialize)]
pub(super) struct View<'p> {
    pub(super) words: &'static Words,
    head: HeadView<'p>,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    tiles: Vec<Tile>,
    parts: Vec<Part>,
    pub(super) since: Option<SinceView<'p>>,
    trend: Option<LineView>,
    absent: Vec<AbsentView<'p>>,
    charts: Vec<Chart>,
    has_rows: bool,
    rules: Vec<RuleView<'p>>,
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

/// A file in the list for browsers without JavaScript.
#[derive(Serialize)]
struct Listed<'p> {
    path: &'p str,
    state: &'static str,
    class: &'static str,
    what: String,
}

impl<'p> View<'p> {
    /// Returns the page of an audit.
    pub(super) fn of_audit(page: &'p Page, head: &'p Head) -> Self {
        Self {
            tiles: audit::tiles(page.counts, head),
            parts: parts(AUDIT.script.states.iter().zip(audit::states(page.counts))),
            since: head.since.as_ref().map(|since| SinceView::new(page, since)),
            trend: head.trend.as_ref().and_then(LineView::new),
            absent: head.merged.iter().flat_map(AbsentView::of_all).collect(),
            ..Self::new(page, &AUDIT, (&head.title, &head.generated, &head.policy))
        }
    }

    /// Returns the page of a check.
    pub(super) fn of_check(page: &'p Page, head: &'p CheckHead) -> Self {
        let states = check::states(page);
        Self {
            tiles: check::tiles(page, head, states),
            parts: parts(CHECK.script.states.iter().zip(states)),
            rules: check::rules(page, head),
            ..Self::new(page, &CHECK, (&head.title, &head.generated, &[]))
        }
    }

    fn new(
        page: &'p Page,
        words: &'static Words,
        (title, generated, policy): (&'p str, &'p str, &'p [String]),
    ) -> Self {
        let bad = page.files.iter().filter(|file| !matches!(file.state, FileState::InSync));
        let listed: Vec<_> =
            bad.clone().take(LISTED).map(|file| Listed::new(page, words, file)).collect();
        let not_listed = bad.count() - listed.len();
        let charts = [chart::items(page, words.script.item), chart::sites(page)];
        Self {
            words,
            head: HeadView { title, generated, time: time(generated), policy, tool: TOOL },
            style: STYLE,
            script: SCRIPT,
            style_hash: hash(STYLE),
            script_hash: hash(SCRIPT),
            tiles: Vec::new(),
            parts: Vec::new(),
            since: None,
            trend: None,
            absent: Vec::new(),
            charts: charts.into_iter().filter(Chart::compares).collect(),
            has_rows: page.counts.drifted > 0,
            rules: Vec::new(),
            listed,
            not_listed: if not_listed == 0 { String::new() } else { grouped(not_listed as u64) },
        }
    }
}

impl<'p> Listed<'p> {
    fn new(page: &'p Page, words: &'static Words, file: &'p File) -> Self {
        let rows = page.rows_of(file);
        let last = words.script.states.len() - 1;
        // An audit has one state between the best and the worst one, and a check has one for each severity.
        let worst = rows.iter().map(|row| row.flag as usize + 1).max().unwrap_or(1).min(last - 1);
        let (state, what) = match file.state {
            FileState::Failed(reason) => (last, page.texts[reason].as_ref().to_owned()),
            FileState::InSync | FileState::Found { .. } => (worst, items(page, file)),
        };
        let state = &words.script.states[state];
        Self { path: &file.path, state: state.name, class: state.class, what }
    }
}

/// Returns the names of the items of a file, each once.
fn items(page: &Page, file: &File) -> String {
    let mut items: Vec<(u32, u64)> = Vec::new();
    for row in page.rows_of(file) {
        let number = u64::from(row.number);
        match items.iter_mut().find(|(item, _)| *item == row.item) {
            Some((_, known)) => *known += number,
            None => items.push((row.item, number)),
        }
    }
    let names = items.into_iter().map(|(item, number)| match number {
        2.. => format!("{} \u{d7}{}", page.item_name(item), grouped(number)),
        _ => page.item_name(item),
    });
    names.collect::<Vec<_>>().join(", ")
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
}
