//! SARIF 2.1.0, which code scanning services read.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::Serialize;

use super::found::{Found, FoundFile, FoundRow, RuleRow, slashed};
use super::screen::{json_shown, shown};
use crate::fingerprint::Arguments;
use msipctl_core::diagnostic::Severity;

/// The name of the fingerprints, with the version of their algorithm.
const FINGERPRINT: &str = "msipctl/v2";

/// Writes the findings as one log with one run.
pub(super) fn write(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&Log::new(found))?;
    writeln!(out, "{}", json_shown(&text))
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool<'r>,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<ResultRow<'r>>,
}

#[derive(Serialize)]
struct Tool<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'r> {
    id: &'r str,
    name: String,
    short_description: Text,
    full_description: Text,
    help: Help,
    default_configuration: Configuration,
    properties: Tags<'r>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Tags<'r> {
    tags: [&'r str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultRow<'r> {
    rule_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: HashMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    suppressions: Vec<Suppression<'r>>,
    properties: Properties<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

#[derive(Serialize)]
struct Suppression<'r> {
    kind: &'static str,
    justification: &'r str,
}

#[derive(Serialize)]
struct Properties<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    arguments: &'r Arguments,
}

impl<'r> Log<'r> {
    fn new(found: &Found<'r>) -> Self {
        let failed = found.failed.iter().map(|(path, message)| Notification {
            level: "error",
            message: Text { text: shown(message).into_owned() },
            locations: vec![Location::new(path, None)],
        });
        let note = found.note.iter().map(|note| Notification {
            level: "note",
            message: Text { text: shown(note).into_owned() },
            locations: Vec::new(),
        });
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "msipctl",
                        semantic_version: env!("CARGO_PKG_VERSION"),
                        rules: found.rules.iter().map(Rule::new).collect(),
                    },
                },
                invocations: [Invocation {
                    execution_successful: found.failed.is_empty(),
                    tool_execution_notifications: failed.chain(note).collect(),
                }],
                // Ours are counted in characters, not in UTF-16 units.
                column_kind: "unicodeCodePoints",
                results: found.files.iter().flat_map(|file| results(found, file)).collect(),
            }],
        }
    }
}

impl<'r> Rule<'r> {
    fn new(rule: &RuleRow<'r>) -> Self {
        let checked = rule.page.split("## ").nth(1).unwrap_or_default();
        let checked = checked.split_once('\n').map_or("", |(_, text)| text).trim();
        Self {
            id: rule.name,
            name: pascal(rule.name),
            short_description: Text { text: rule.summary.to_owned() },
            full_description: Text {
                text: if checked.is_empty() { rule.summary } else { checked }.to_owned(),
            },
            help: Help { text: rule.page.clone(), markdown: rule.page.clone() },
            default_configuration: Configuration { level: level(rule.level) },
            properties: Tags { tags: [rule.tag] },
        }
    }
}

impl Location {
    fn new(path: &str, region: Option<Region>) -> Self {
        let artifact_location = Artifact { uri: uri(&slashed(path)) };
        Self { physical_location: PhysicalLocation { artifact_location, region } }
    }
}

/// Returns the results of a file. Numbers distinguish results with the same fingerprint.
fn results<'r>(found: &Found<'r>, file: &FoundFile<'r>) -> Vec<ResultRow<'r>> {
    let mut seen: HashMap<_, usize> = HashMap::new();
    let mut result = |row: &FoundRow<'r>| {
        let fingerprint = row.fingerprint();
        let hash = fingerprint.to_string();
        let number = seen.entry(fingerprint).and_modify(|number| *number += 1).or_insert(1);
        let (line, column) = (row.line.max(1), row.column.max(1));
        let region = Region { start_line: line, start_column: column, end_column: row.end_column };
        ResultRow {
            rule_id: row.rule,
            rule_index: found.rules.iter().position(|rule| rule.name == row.rule),
            level: level(row.level),
            message: Text { text: row.text() },
            locations: [Location::new(file.path, Some(region))],
            partial_fingerprints: HashMap::from([(FINGERPRINT, format!("{hash}:{number}"))]),
            baseline_state: found.is_new_only.then_some("new"),
            suppressions: row
                .suppressed
                .map(|it| Suppression {
                    kind: if it.in_file { "inSource" } else { "external" },
                    justification: it.reason,
                })
                .into_iter()
                .collect(),
            properties: Properties {
                section: row.section,
                key: row.key,
                fix: row.fix.map(|(safety, title)| format!("{safety}: {title}")),
                arguments: row.arguments,
            },
        }
    };
    file.rows.iter().map(&mut result).collect()
}

fn level(level: Severity) -> &'static str {
    match level {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// Returns `SplitProgramPath` for `split-program-path`, as SARIF writes the names of rules.
fn pascal(name: &str) -> String {
    let upper = |word: &str| {
        let mut characters = word.chars();
        characters
            .next()
            .map(|first| first.to_ascii_uppercase())
            .into_iter()
            .chain(characters)
            .collect()
    };
    name.split('-').map(|word| -> String { upper(word) }).collect()
}

/// Returns a path with slashes as a URI, which is relative if the path is.
fn uri(path: &str) -> String {
    let is_drive =
        |character: &[u8]| matches!(character, [drive, b':', b'/'] if drive.is_ascii_alphabetic());
    if let Some(share) = path.strip_prefix("//") {
        return format!("file://{}", encoded(share));
    }
    match path.split_at_checked(3) {
        Some((drive, rest)) if is_drive(drive.as_bytes()) => {
            format!("file:///{drive}{}", encoded(rest))
        }
        _ if path.starts_with('/') => format!("file://{}", encoded(path)),
        _ => encoded(path),
    }
}

/// Percent-encodes everything except letters, digits, slashes, and `-._~`.
fn encoded(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sarif_paths_are_encoded_as_uris() {
        for (path, expected) in [
            ("MicroSIP.ini", "MicroSIP.ini"),
            ("desk 1/Büro#2.ini", "desk%201/B%C3%BCro%232.ini"),
            ("a:b.ini", "a%3Ab.ini"),
            ("../x.ini", "../x.ini"),
            ("/srv/a b.ini", "file:///srv/a%20b.ini"),
            ("C:/Users/a b.ini", "file:///C:/Users/a%20b.ini"),
            ("//server/share/a.ini", "file://server/share/a.ini"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }

    #[test]
    fn sarif_rule_names_are_in_pascal_case() {
        assert_eq!(pascal("utf16-without-bom"), "Utf16WithoutBom");
    }
}
