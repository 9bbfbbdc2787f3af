//! Checks the language of all texts: banned words, and the form of summaries, errors, and hints.
//!
//! `tests/fixtures/prose.toml` stores how many problems each text still has. A number may only go down. After you fixed
//! texts, `MSIPCTL_UPDATE=1 cargo test --test it -- prose` lowers the stored numbers. It never raises one: if a test
//! fails because there are more problems, fix your text. To record all numbers again, delete the file first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use microsip_schema::{Kind, Switch, keys};
use msipctl_core::diagnostic::CATALOG;
use msipctl_core::event::Event;
use msipctl_core::validate::RULES;
use serde_json::Value;

use crate::generated::{subcommands, without_output};
use crate::runner::Folder;

const COUNTS: &str = "tests/fixtures/prose.toml";

const COMMAND: &str = "MSIPCTL_UPDATE=1 cargo test --test it -- prose";

/// The maximum length of the summary of a command or rule, in characters.
const MAX_SUMMARY: usize = 60;

/// Words and phrases that texts must not contain.
const BANNED: &[&str] = &[
    "told",
    "tell of",
    "tells of",
    "shall",
    "blank",
    "blanks",
    "letter",
    "letters",
    "behind",
    "in front of",
    "round",
    "beside",
    "stand",
    "stands",
    "stood",
    "mend",
    "mends",
    "mended",
    "mending",
    "torn",
    "tear",
    "tears",
    "doubles",
    "anew",
    "rightly",
    "whoever",
    "whatever",
    "or else",
    "and else",
    "need not",
    "in the midst",
    "is no",
    "are no",
    "is none",
    "are none",
    "wanted",
    "aimed at",
    "gone on with",
    "goes on",
    "put in",
    "take out",
    "takes out",
    "taken out",
    "taken away",
    "of its own",
    "of your own",
    "unless told otherwise",
    "as it likes",
    "for good",
    "all the same",
    "in no time",
    "what becomes of",
    "comes of",
    "can be had",
    "cannot be had",
    "heir",
    "room",
    "rooms",
    "sketch",
    "misfit",
    "dangers",
    "bridge",
    "line end",
    "line ends",
    "ending",
    "endings",
    "one a",
    "per cent",
    "dialled",
    "colour",
    "expected none",
    "expected nothing",
];

/// Standard terms that contain a banned word.
const TERMS: &[&str] = &[
    "blank line",
    "blank lines",
    "drive letter",
    "drive letters",
    "round trip",
    "round trips",
    "round-trip",
    "line ending",
    "line endings",
    "is no longer",
    "are no longer",
];

/// A line that may contain banned words.
struct Allowed {
    /// The label of the text, as in the stored counts.
    text: &'static str,
    /// A part of the line.
    line: &'static str,
    /// Why the line needs the word.
    #[expect(dead_code, reason = "documents the exception")]
    reason: &'static str,
}

const ALLOWED: &[Allowed] = &[
    Allowed { text: "docs/policy-syntax.md", line: "| Filters |", reason: "the name of a filter" },
    Allowed {
        text: "help: msipctl template new",
        line: "lowercase letters, digits, and hyphens",
        reason: "only the letters a to z are valid",
    },
    Allowed {
        text: "templates/integration/batch-dialer/dial.bat",
        line: "invalid number: expected letters, digits, and",
        reason: "only the letters A to Z are valid",
    },
    Allowed {
        text: "templates/integration/home-assistant/microsip_dial.bat",
        line: "invalid number: expected letters, digits, and",
        reason: "only the letters A to Z are valid",
    },
];

/// The kinds of problems, each a table of the file with the stored counts.
const WORDS: &str = "banned words";
const SUMMARIES: &str = "command summaries";
const RULE_SUMMARIES: &str = "rule summaries";
const ERRORS: &str = "errors and hints";

/// The problems of each text, by its label.
type Problems = BTreeMap<String, Vec<String>>;

/// The number of problems of each text, by kind and label.
type Counts = BTreeMap<String, BTreeMap<String, usize>>;

/// Tests run in parallel and update different tables of the same file.
static FILE: Mutex<()> = Mutex::new(());

#[test]
fn texts_do_not_contain_banned_words() {
    let mut problems = Problems::new();
    let mut is_needed = vec![false; ALLOWED.len()];
    for (label, text) in texts() {
        let mut found = Vec::new();
        for (line, word) in banned_words(&text) {
            let shown = text.lines().nth(line).unwrap_or_default().trim();
            let allowed = |it: &Allowed| it.text == label && shown.contains(it.line);
            match ALLOWED.iter().position(allowed) {
                Some(index) => is_needed[index] = true,
                None => found.push(format!("line {}: `{word}`: {shown}", line + 1)),
            }
        }
        problems.insert(label, found);
    }
    for (allowed, is_needed) in ALLOWED.iter().zip(is_needed) {
        assert!(is_needed, "{}: `{}` needs no exception", allowed.text, allowed.line);
    }
    check(WORDS, &problems);
}

#[test]
fn command_summaries_are_short_and_start_with_a_capital_letter() {
    let mut problems = Problems::new();
    for (name, help) in helps() {
        // The first paragraph of the help is the summary. The program wraps it.
        let lines: Vec<_> = help.lines().take_while(|line| !line.is_empty()).collect();
        let summary = lines.join(" ");
        let mut found = Vec::new();
        let length = summary.chars().count();
        if length > MAX_SUMMARY {
            found.push(format!("{length} characters, expected at most {MAX_SUMMARY}: {summary}"));
        }
        if !summary.starts_with(|first: char| first.is_uppercase()) {
            found.push(format!("doesn't start with a capital letter: {summary}"));
        }
        if summary.contains(';') {
            found.push(format!("contains a semicolon: {summary}"));
        }
        if summary.ends_with('.') {
            found.push(format!("ends with a period: {summary}"));
        }
        problems.insert(name, found);
    }
    assert!(problems.len() > 30, "{}", problems.len());
    check(SUMMARIES, &problems);
}

#[test]
fn rule_summaries_are_short() {
    let mut problems = Problems::new();
    for row in &CATALOG {
        let length = row.summary.chars().count();
        let is_long = length > MAX_SUMMARY;
        let found = is_long.then(|| format!("{length} characters: {}", row.summary));
        problems.insert(row.name.to_owned(), found.into_iter().collect());
    }
    check(RULE_SUMMARIES, &problems);
}

#[test]
fn errors_and_hints_start_lowercase_and_end_without_a_period() {
    let mut problems = Problems::new();
    for (name, source) in sources() {
        let found = messages(&source).into_iter().filter_map(|message| {
            let why = if starts_with_capital(&message) {
                "starts with a capital letter"
            } else if message.ends_with('.') && !message.ends_with("...") {
                "ends with a period"
            } else {
                return None;
            };
            Some(format!("{why}: {message}"))
        });
        problems.insert(name, found.collect());
    }
    assert!(problems.len() > 200, "{}", problems.len());
    check(ERRORS, &problems);
}

/// Compares the problems of one kind with the stored counts, or lowers these.
#[track_caller]
fn check(kind: &str, problems: &Problems) {
    let _lock = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(COUNTS);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut stored: Counts = toml::from_str(&text).unwrap();
    let counts: BTreeMap<String, usize> =
        problems.iter().map(|(label, found)| (label.clone(), found.len())).collect();
    if std::env::var_os("MSIPCTL_UPDATE").is_some() {
        stored.insert(kind.to_owned(), lowered(stored.get(kind), &counts));
        fs::write(&path, to_toml(&stored)).unwrap();
    }
    let faults = compare(stored.get(kind).unwrap_or(&BTreeMap::new()), &counts, problems);
    assert!(faults.is_empty(), "{COUNTS}, `{kind}`:\n{faults}");
}

/// Returns the counts to store: the lower one of each text. Without stored ones, all are new.
fn lowered(
    stored: Option<&BTreeMap<String, usize>>,
    counts: &BTreeMap<String, usize>,
) -> BTreeMap<String, usize> {
    let lower = |(label, count): (&String, &usize)| {
        let old = stored.map_or(*count, |stored| stored.get(label).copied().unwrap_or(0));
        (label.clone(), old.min(*count))
    };
    counts.iter().map(lower).filter(|(_, count)| *count > 0).collect()
}

/// Returns a description of every count that differs from the stored one.
fn compare(
    stored: &BTreeMap<String, usize>,
    counts: &BTreeMap<String, usize>,
    problems: &Problems,
) -> String {
    let mut faults = String::new();
    let labels = stored.keys().chain(counts.keys().filter(|label| !stored.contains_key(*label)));
    for label in labels {
        let old = stored.get(label).copied().unwrap_or(0);
        let new = counts.get(label).copied().unwrap_or(0);
        if new > old {
            writeln!(faults, "{label}: {new} problems, expected at most {old}:").unwrap();
            for problem in problems.get(label).into_iter().flatten() {
                writeln!(faults, "  {problem}").unwrap();
            }
        } else if new < old {
            writeln!(faults, "{label}: lower the stored {old} to {new}: `{COMMAND}`").unwrap();
        }
    }
    faults
}

fn to_toml(counts: &Counts) -> String {
    let mut text = "# How many problems each text has. tests/it/prose.rs explains it.\n".to_owned();
    for (kind, counts) in counts.iter().filter(|(_, counts)| !counts.is_empty()) {
        writeln!(text, "\n[\"{kind}\"]").unwrap();
        for (label, count) in counts {
            writeln!(text, "\"{label}\" = {count}").unwrap();
        }
    }
    text
}

/// Returns the banned words of a text, each with its line, starting at 0. A phrase can continue in the next line.
fn banned_words(text: &str) -> Vec<(usize, &'static str)> {
    // The text in lowercase with single spaces, and the line of each byte.
    let (mut words, mut lines) = (String::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        // Marks of headings, lists, quotes, tables, and comments.
        let line =
            line.trim_start_matches(|it: char| it.is_whitespace() || "#;/!>*-|".contains(it));
        let line = line.strip_prefix("rem ").unwrap_or(line);
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        words.push_str(&line);
        // A phrase doesn't continue after an empty line.
        words.push_str(if line.is_empty() { "\n" } else { " " });
        lines.resize(words.len(), number);
    }
    let terms: Vec<_> = TERMS.iter().flat_map(|term| matches(&words, term)).collect();
    let is_term = |at: usize, word: &str| {
        terms.iter().any(|(start, term)| *start <= at && at + word.len() <= start + term.len())
    };
    let found = BANNED.iter().flat_map(|word| matches(&words, word));
    let found = found.filter(|(at, word)| !is_term(*at, word));
    let mut found: Vec<_> = found.map(|(at, word)| (lines[at], word)).collect();
    found.sort_unstable();
    found
}

/// Returns where a phrase occurs in a text as whole words.
fn matches<'w>(text: &str, phrase: &'w str) -> Vec<(usize, &'w str)> {
    let is_word = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphanumeric() || character == '_')
    };
    let is_whole = |at: &usize| {
        !is_word(text[..*at].chars().next_back())
            && !is_word(text[at + phrase.len()..].chars().next())
    };
    let found = text.match_indices(phrase).map(|(at, _)| at).filter(is_whole);
    found.map(|at| (at, phrase)).collect()
}

/// Returns all texts that users read, by label.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    for name in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"] {
        texts.push((name.to_owned(), without_code(&read(&root.join(name)))));
    }
    for path in files_in(&root.join("docs"), "md") {
        let text = read(&path);
        // What generated pages contain is checked below.
        let is_generated = text.lines().next().is_some_and(|line| line.contains("-- generated`"));
        if !is_generated {
            texts.push((label_of(&path), without_code(&text)));
        }
    }
    for extension in ["md", "ps1", "yml"] {
        for path in files_in(&root.join("integrations"), extension) {
            texts.push((label_of(&path), without_code(&read(&path))));
        }
    }
    for (name, help) in helps() {
        let is_command = |line: &&str| line.trim_start().starts_with("msipctl ");
        let help: Vec<_> =
            help.lines().map(|line| if is_command(&line) { "" } else { line }).collect();
        texts.push((format!("help: {name}"), help.join("\n")));
    }
    for rule in RULES {
        texts.push((format!("rule: {}", rule.name), without_code(&rule.text())));
    }
    let summaries: Vec<_> = CATALOG.iter().map(|row| row.summary).collect();
    texts.push(("rule summaries".to_owned(), summaries.join("\n\n")));
    let folder = Folder::new();
    for event in Event::ALL {
        let page = folder.run(&["explain", event.name()]).code(0).out();
        texts.push((format!("event: {}", event.name()), page));
    }
    texts.push(("keys".to_owned(), key_texts()));
    for kind in ["hook", "integration"] {
        for path in files_in(&root.join("templates").join(kind), "") {
            texts.push((label_of(&path), read(&path)));
        }
    }
    for kind in ["policy", "plan", "report", "inventory"] {
        let schema = folder.run(&["schema", kind]).code(0).out();
        let mut found = Vec::new();
        descriptions(&serde_json::from_str(&schema).unwrap(), &mut found);
        // Key descriptions are checked above.
        let is_key = |text: &str| keys().any(|key| text.starts_with(key.description()));
        found.retain(|text| !is_key(text));
        assert!(!found.is_empty(), "{kind}");
        texts.push((format!("schema: {kind}"), found.join("\n\n")));
    }
    texts
}

/// Returns the texts that describe keys, one paragraph each.
fn key_texts() -> String {
    let mut texts: Vec<String> =
        [Switch::NonZero, Switch::ExactlyOne, Switch::NotZero].map(|it| it.reads().into()).into();
    for key in keys() {
        texts.push(format!("{}: {}", key.name(), key.description()));
        if !matches!(key.kind(), Kind::Switch(_)) {
            texts.push(format!("{}: {}", key.name(), key.kind().allowed()));
        }
    }
    texts.join("\n\n")
}

/// Collects the titles and descriptions of a JSON Schema.
fn descriptions(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(parts) => {
            for name in ["title", "description"] {
                found.extend(parts.get(name).and_then(Value::as_str).map(str::to_owned));
            }
            parts.values().for_each(|part| descriptions(part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| descriptions(part, found)),
        _ => {}
    }
}

/// Returns the help of every command, by name.
fn helps() -> Vec<(String, String)> {
    let folder = Folder::new();
    let mut helps = Vec::new();
    let mut left: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(command) = left.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let help = folder.run(&[&["help"], &words[..]].concat()).code(0).out();
        for below in subcommands(&help) {
            left.push(command.iter().cloned().chain([below]).collect());
        }
        let name = [&["msipctl"], &words[..]].concat().join(" ");
        let help = if command.is_empty() { help } else { without_output(&help) };
        helps.push((name, help));
    }
    helps
}

/// Empties the lines of code blocks.
fn without_code(text: &str) -> String {
    let mut fence = None;
    let mut shown = String::new();
    for line in text.lines() {
        let start = line.trim_start();
        let marks = &start[..start.len() - start.trim_start_matches('`').len()];
        match fence {
            None if marks.len() >= 3 => fence = Some(marks),
            None => shown.push_str(line),
            Some(open) if marks == open => fence = None,
            Some(_) => {}
        }
        shown.push('\n');
    }
    shown
}

/// Returns the files in a folder and the folders below, sorted. With an extension, only those that have it.
fn files_in(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if extension.is_empty() || path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns the path of a file in the repository, with slashes.
fn label_of(path: &Path) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
    path.to_str().unwrap().replace('\\', "/")
}

/// Returns the source files of all crates, by label.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = files_in(&root.join("src"), "rs");
    paths.extend(files_in(&root.join("crates"), "rs"));
    paths.into_iter().map(|path| (label_of(&path), fs::read_to_string(path).unwrap())).collect()
}

/// Returns the literal texts of errors and hints in a source file.
fn messages(source: &str) -> Vec<String> {
    const CALLS: [&str; 6] =
        ["#[error(", ".hint(", ".with_hint(", "::usage(", "::runtime(", "::precondition("];
    let calls = CALLS
        .iter()
        .flat_map(|call| source.match_indices(call).map(|(at, call)| &source[at + call.len()..]));
    let argument = |rest: &str| {
        let rest = rest.trim_start();
        literal(rest.strip_prefix("format!(").unwrap_or(rest).trim_start())
    };
    calls.filter_map(argument).collect()
}

/// Returns the string literal at the start of a source text, if there is one.
fn literal(source: &str) -> Option<String> {
    if let Some(rest) = source.strip_prefix('r') {
        let quotes = rest.len() - rest.trim_start_matches('#').len();
        let text = rest[quotes..].strip_prefix('"')?;
        let end = text.find(&format!("\"{}", "#".repeat(quotes)))?;
        return Some(text[..end].to_owned());
    }
    let mut characters = source.strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    loop {
        match characters.next()? {
            '"' => return Some(text),
            '\\' => match characters.next()? {
                '\n' => while characters.next_if(|it| it.is_whitespace()).is_some() {},
                escaped => text.push(escaped),
            },
            character => text.push(character),
        }
    }
}

/// Returns whether a text starts with a capital letter that isn't part of a name, such as MicroSIP and UTF-8.
fn starts_with_capital(text: &str) -> bool {
    const NAMES: [&str; 4] = ["Windows", "Wine", "Python", "PowerShell"];
    let word = text.split(|it: char| !it.is_alphanumeric()).next().unwrap_or_default();
    let mut characters = word.chars();
    characters.next().is_some_and(char::is_uppercase)
        && !characters.any(char::is_uppercase)
        && !NAMES.contains(&word)
}

#[test]
fn banned_words_are_found_as_whole_words_in_any_case() {
    let words =
        |text: &str| banned_words(text).into_iter().map(|(_, word)| word).collect::<Vec<_>>();
    assert_eq!(words("The path is TORN, and it\n; is no path."), ["torn", "is no"]);
    assert_eq!(banned_words("a\n\n> line ends"), [(2, "line ends")]);
    assert_eq!(banned_words("that\nis\nno path"), [(1, "is no")]);
    assert_eq!(words("it is\n\nno path"), [""; 0]);
    assert_eq!(words("torn_path standing around roundtrips"), [""; 0]);
    assert_eq!(words("a blank line, CRLF line endings, a round-trip, it is no longer"), [""; 0]);
    assert_eq!(
        words("a blank, the ending, round, it is no"),
        ["blank", "ending", "is no", "round"]
    );
}

#[test]
fn code_blocks_are_not_prose() {
    assert_eq!(
        without_code("a\n```text\ntorn\n```\nb\n````\n```\n````\nc\n"),
        "a\n\n\n\nb\n\n\n\nc\n"
    );
}

#[test]
fn stored_counts_only_go_down() {
    let counts = |rows: &[(&str, usize)]| -> BTreeMap<String, usize> {
        rows.iter().map(|(label, count)| ((*label).to_owned(), *count)).collect()
    };
    let stored = counts(&[("fewer", 3), ("fixed", 2), ("more", 1), ("removed", 1)]);
    let found = counts(&[("fewer", 1), ("fixed", 0), ("more", 2), ("new", 1)]);
    assert_eq!(lowered(Some(&stored), &found), counts(&[("fewer", 1), ("more", 1)]));
    assert_eq!(lowered(None, &found), counts(&[("fewer", 1), ("more", 2), ("new", 1)]));
    let faults = compare(&stored, &found, &Problems::new());
    assert_eq!(
        faults.lines().collect::<Vec<_>>(),
        [
            &format!("fewer: lower the stored 3 to 1: `{COMMAND}`"),
            &format!("fixed: lower the stored 2 to 0: `{COMMAND}`"),
            "more: 2 problems, expected at most 1:",
            &format!("removed: lower the stored 1 to 0: `{COMMAND}`"),
            "new: 1 problems, expected at most 0:",
        ]
    );
    assert_eq!(compare(&stored, &stored, &Problems::new()), "");
}

#[test]
fn literals_of_errors_and_hints_are_found() {
    let source = "#[error(\"can't \\\n      open\")] #[error(transparent)] error.hint(\n    \"run `x`\")\n\
                  CliError::usage(format!(\"a \\\"b\\\" {c}\")) .hint(r#\"a \"b\"\"#) .hint(NAME)";
    let mut found = messages(source);
    found.sort();
    assert_eq!(found, ["a \"b\"", "a \"b\" {c}", "can't open", "run `x`"]);
    for text in ["Check the path", "A file"] {
        assert!(starts_with_capital(text), "{text}");
    }
    for text in ["check", "MicroSIP is running", "UTF-8", "Windows reads", "`Key`", ""] {
        assert!(!starts_with_capital(text), "{text}");
    }
}
