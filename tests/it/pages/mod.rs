//! What README and the pages in docs/ say is what the program does.
//!
//! `MSIPCTL_UPDATE=1 cargo test --test it -- pages` rewrites what comes from the program: the output in `console` blocks, and the
//! rows of tables that list events, versions, exit codes, templates, and what MicroSIP starts.

#[cfg(not(windows))]
mod console;
mod how_microsip_runs_hooks;
mod links;
mod reference;
#[cfg(not(windows))]
mod security;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
#[cfg(not(windows))]
use std::time::Duration;

use msipctl_core::event::{Directive, Event, Launcher, launch_hazards, read_back};

use microsip_schema::Version;

/// The pages about hooks, whose `ini` blocks show lines that work.
const HOOK_PAGES: [&str; 8] = [
    "add-hooks",
    "receive-window-messages",
    "write-a-template",
    "deploy-hooks",
    "debug-hooks",
    "hook-reference",
    "how-microsip-runs-hooks",
    "hook-security",
];

/// The longest that anything here takes.
#[cfg(not(windows))]
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a file of the documentation.
#[track_caller]
fn read(path: &Path) -> String {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n")
}

/// Returns the path of a page in docs/.
fn path(name: &str) -> PathBuf {
    Path::new("docs").join(format!("{name}.md"))
}

/// Reads a page in docs/.
#[track_caller]
fn page(name: &str) -> String {
    read(&path(name))
}

/// Returns README, CONTRIBUTING, CHANGELOG, and all pages in docs/, each with its text.
fn all_pages() -> Vec<(PathBuf, String)> {
    let mut paths = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from).to_vec();
    let docs = fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path());
    paths.extend(docs.filter(|path| path.extension().is_some_and(|it| it == "md")));
    paths.sort();
    let read = |path: PathBuf| (path.clone(), read(&path));
    paths.into_iter().map(read).collect()
}

/// Tells whether pages are rewritten instead of compared.
fn is_update() -> bool {
    std::env::var_os("MSIPCTL_UPDATE").is_some()
}

/// Rewrites a page. Tests run at the same time, so each change starts from the text that is there now.
fn rewrite(path: &Path, change: impl FnOnce(&str) -> String) {
    static WRITING: Mutex<()> = Mutex::new(());
    let _writing = WRITING.lock().unwrap();
    let text = read(path);
    fs::write(path, change(&text)).unwrap();
}

/// Returns the rows of the table whose head begins with a text, each as its cells.
#[track_caller]
fn table<'p>(page: &'p str, head: &str) -> Vec<Vec<&'p str>> {
    let rows = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<_>> =
        rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(!rows.is_empty(), "there is no table `{head}`");
    rows
}

/// Compares the rows of a table with what they should be, or rewrites them.
#[track_caller]
pub(crate) fn check_table(path: &Path, head: &str, rows: &[Vec<String>]) {
    let rows: Vec<_> = rows
        .iter()
        .map(|cells| format!("| {} |", cells.join(" | ")).replace("|  |", "| |"))
        .collect();
    let is_row = |line: &&str| line.starts_with('|');
    if is_update() {
        rewrite(path, |page| {
            let start = page.find(&format!("\n{head}")).unwrap() + 1;
            let (before, rest) = page.split_at(start);
            let old: usize = rest.lines().take_while(is_row).map(|line| line.len() + 1).sum();
            let (table, after) = rest.split_at(old);
            let head: Vec<_> = table.lines().take(2).collect();
            format!("{before}{}\n{}\n{after}", head.join("\n"), rows.join("\n"))
        });
        return;
    }
    let page = read(path);
    let found = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let found: Vec<_> = found.take_while(is_row).collect();
    let update = "MSIPCTL_UPDATE=1 cargo test --test it -- pages";
    assert_eq!(found, rows, "{}: table `{head}`; run `{update}`", path.display());
}

/// Returns the texts in backticks.
fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Returns texts in backticks, with spaces between.
fn in_backticks<T: std::fmt::Display>(texts: impl IntoIterator<Item = T>) -> String {
    let texts = texts.into_iter().map(|text| format!("`{text}`"));
    texts.collect::<Vec<_>>().join(" ")
}

/// Returns the code blocks of a language.
fn blocks<'p>(text: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("\n```{language}\n");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, block)) = rest.split_once(&begin) {
        let (block, after) = block.split_once("\n```").unwrap();
        found.push(block);
        rest = after;
    }
    found
}

/// Returns the paragraph that begins with a text.
#[track_caller]
fn paragraph<'p>(page: &'p str, start: &str) -> &'p str {
    let found = page.split("\n\n").find(|paragraph| paragraph.starts_with(start));
    found.unwrap_or_else(|| panic!("no paragraph begins with {start:?}"))
}

/// Asserts that a page has a text, however its lines are broken.
#[track_caller]
fn assert_says(page: &str, text: &str) {
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(text), "no page says {text:?}");
}

/// Splits a line as a shell does, as far as the pages use quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    assert_eq!(quote, None, "{line}");
    words.push(word);
    words
}

/// The form of the times in the pages.
const TIME: &str = "2026-11-23T09:01:02.123Z";

/// Tells whether a text is a time of this form, to the millisecond.
fn is_time(text: &str) -> bool {
    text.len() == TIME.len() && is_alike(text)
}

/// Tells whether a text has the form of a time as far as both go.
fn is_alike(text: &str) -> bool {
    text.bytes().zip(TIME.bytes()).all(|(one, other)| match other {
        b'0'..=b'9' => one.is_ascii_digit(),
        _ => one == other,
    })
}

#[test]
fn times_of_hooks_have_milliseconds() {
    let second = "2026-11-23T09:01:02".len();
    let mut times = 0;
    for name in HOOK_PAGES {
        let page = page(name);
        for (start, _) in page.char_indices() {
            let shown = &page[start..];
            if shown.get(..second).is_some_and(is_alike) {
                assert!(shown.get(..TIME.len()).is_some_and(is_time), "{}", &shown[..second]);
                times += 1;
            }
        }
    }
    assert!(times >= 5, "{times}");
}

#[test]
fn ini_lines_of_hook_pages_are_valid() {
    let mut lines = 0;
    for page in HOOK_PAGES.map(page) {
        for line in blocks(&page, "ini").into_iter().flat_map(str::lines) {
            let Some((key, value)) = line.split_once('=') else { continue };
            if Event::of_directive(key).is_some() {
                assert_eq!(Directive::parse(value).unwrap().to_string(), value);
            } else if let Some(event) = Event::of_key(key) {
                assert_eq!(launch_hazards(value, Version::NEWEST), [], "{line}");
                let launcher = Launcher::parse(read_back(value)).map(|launcher| launcher.event());
                let is_launcher = value.contains("hook run");
                assert_eq!(launcher, is_launcher.then_some(event), "{line}");
            } else {
                continue;
            }
            lines += 1;
        }
    }
    assert!(lines > 5, "{lines}");
}
