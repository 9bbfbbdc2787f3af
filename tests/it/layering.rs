//! Compares which crates and modules use which with the paths in the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::workspace::{Member, members, root};

/// The crates, and for `msipctl-core` its modules, each with those that it uses, from the tables of
/// docs/architecture.md.
const PARTS: &[(&str, &[&str])] = &[
    ("winini", &[]),
    ("microsip-schema", &[]),
    ("msipctl-windows", &[]),
    ("msipctl-templates", &[]),
    ("diagnostic", &[]),
    ("store", &["msipctl-windows"]),
    ("locate", &["winini", "microsip-schema", "msipctl-windows", "store"]),
    ("event", &["winini", "microsip-schema", "diagnostic"]),
    ("plan", &["winini", "microsip-schema"]),
    ("diff", &["winini", "microsip-schema", "event"]),
    ("validate", &["winini", "microsip-schema", "diagnostic", "event", "plan"]),
    ("hook", &["microsip-schema", "msipctl-templates", "diagnostic", "locate", "event", "plan"]),
    ("policy", &["winini", "microsip-schema", "event", "plan", "hook"]),
    ("phone", &["microsip-schema", "msipctl-windows", "locate"]),
    (
        "apply",
        &["winini", "microsip-schema", "msipctl-windows", "store", "locate", "plan", "phone"],
    ),
    ("audit_report", &["event", "policy"]),
    (
        "fleet",
        &[
            "winini",
            "microsip-schema",
            "msipctl-windows",
            "store",
            "locate",
            "event",
            "plan",
            "hook",
            "policy",
            "apply",
            "audit_report",
        ],
    ),
    (
        "engine",
        &[
            "winini",
            "microsip-schema",
            "msipctl-windows",
            "store",
            "locate",
            "event",
            "plan",
            "diff",
            "hook",
            "policy",
            "phone",
            "apply",
            "fleet",
        ],
    ),
    (
        "deferred",
        &[
            "winini",
            "microsip-schema",
            "msipctl-windows",
            "store",
            "locate",
            "event",
            "plan",
            "policy",
            "phone",
            "apply",
        ],
    ),
    ("msipctl-hook", &["microsip-schema", "msipctl-windows", "store", "event"]),
    ("msipctl-host", &["winini", "msipctl-windows", "store", "event", "hook", "fleet", "deferred"]),
    (
        "msipctl-engine",
        &[
            "winini",
            "microsip-schema",
            "msipctl-windows",
            "store",
            "locate",
            "event",
            "diff",
            "hook",
            "phone",
            "apply",
            "fleet",
            "engine",
            "deferred",
            "msipctl-hook",
            "msipctl-host",
        ],
    ),
    (
        "msipctl",
        &[
            "winini",
            "microsip-schema",
            "msipctl-windows",
            "diagnostic",
            "store",
            "locate",
            "event",
            "plan",
            "diff",
            "validate",
            "hook",
            "policy",
            "phone",
            "apply",
            "audit_report",
            "fleet",
            "engine",
            "deferred",
            "msipctl-hook",
            "msipctl-host",
            "msipctl-engine",
        ],
    ),
];

#[test]
fn modules_use_exactly_the_modules_listed_in_the_table() {
    let table: BTreeMap<_, _> = PARTS.iter().copied().collect();
    let found = uses();
    for (part, used) in &found {
        let expected = table.get(part.as_str()).unwrap_or_else(|| panic!("`{part}` has no row"));
        let expected: BTreeSet<_> = expected.iter().copied().collect();
        let used: BTreeSet<_> = used.iter().map(String::as_str).collect();
        assert_eq!(used, expected, "what `{part}` uses");
    }
    let parts: BTreeSet<_> = found.keys().map(String::as_str).collect();
    assert_eq!(
        parts,
        table.keys().copied().collect(),
        "the table and the sources have other parts"
    );
}

#[test]
fn crates_depend_only_on_workspace_crates_they_use() {
    let found = uses();
    let crates = members();
    let names: BTreeSet<_> = crates.iter().map(|it| it.name.clone()).collect();
    for Member { name, folder, .. } in crates {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: Table = manifest.parse().unwrap();
        let listed = manifest.get("dependencies").and_then(Value::as_table);
        let listed: BTreeSet<_> =
            listed.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let listed: BTreeSet<_> = listed.intersection(&names).cloned().collect();
        let parts = found.iter().filter(|(part, _)| crate_of(part) == name);
        let used = parts.flat_map(|(_, used)| used.iter().map(|part| crate_of(part)));
        let used: BTreeSet<_> = used.filter(|other| *other != name).map(str::to_owned).collect();
        assert_eq!(listed, used, "dependencies of `{name}`");
    }
}

#[test]
fn layering_table_has_no_cycle() {
    for (index, (part, uses)) in PARTS.iter().enumerate() {
        let above: Vec<_> = PARTS[..index].iter().map(|(part, _)| *part).collect();
        for other in *uses {
            assert!(above.contains(other), "`{part}` uses `{other}`, which is not above it");
        }
    }
}

#[test]
fn architecture_page_matches_the_layering_table() {
    let page = include_str!("../../docs/architecture.md");
    let row_of = |part: &str| {
        let start = format!("| `{part}` |");
        let row = page.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("docs/architecture.md has no row for `{part}`"));
        row.trim_end_matches('|').rsplit('|').next().unwrap().trim()
    };
    for (part, uses) in PARTS {
        let expected = match *part {
            "msipctl" => "all above".to_owned(),
            _ if uses.is_empty() => "nothing".to_owned(),
            _ => uses.join(", "),
        };
        assert_eq!(row_of(part), expected, "the row of `{part}`");
    }
}

#[test]
fn disallowed_methods_are_allowed_only_in_listed_files() {
    for (path, text) in sources() {
        if text.contains("clippy::disallowed_methods") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            let owners = [
                "crates/msipctl-windows/src/file.rs",
                "crates/msipctl-hook/src/start.rs",
                "crates/msipctl-hook/src/log.rs",
                "crates/msipctl-core/src/phone/program.rs",
                "src/interrupt.rs",
                "crates/msipctl-host/src/process.rs",
                "src/output/html/tests/browser.rs",
                "src/main.rs",
                "crates/msipctl-engine/build.rs",
                "crates/msipctl-engine/src/main.rs",
            ];
            let is_owner = name.starts_with("crates/msipctl-core/src/store/")
                || name.starts_with("crates/winini/examples/")
                || name.starts_with("crates/msipctl-engine/tests/")
                || owners.contains(&name.as_str());
            assert!(is_owner, "{name} lifts a ban that is not its own");
        }
    }
}

/// Returns the parts that each part uses in a path, including its tests.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let crates = members();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Member { name, sources, .. } in &crates {
        for (path, text) in sources_in(sources) {
            let inside = path.strip_prefix(sources).unwrap();
            let first = inside.iter().next().unwrap().to_string_lossy().into_owned();
            let part = match name.as_str() {
                CORE if first == "lib.rs" => continue,
                CORE => first,
                name => name.to_owned(),
            };
            let used = uses.entry(part.clone()).or_default();
            for code in text.lines().map(|line| line.split("//").next().unwrap()) {
                for Member { name: other, .. } in crates.iter().filter(|it| it.name != *name) {
                    let start = format!("{}::", other.replace('-', "_"));
                    for rest in names_after(code, &start) {
                        used.insert(if other == CORE { rest } else { other.clone() });
                    }
                }
                if name == CORE {
                    used.extend(names_after(code, "crate::").filter(|other| *other != part));
                }
            }
        }
    }
    // The macro of `diagnostic` is at the root of the crate.
    for (part, used) in &mut uses {
        if used.remove("message") && part != "diagnostic" {
            used.insert("diagnostic".to_owned());
        }
    }
    uses
}

/// Returns the name after each occurrence of the start of a path in a line.
fn names_after(code: &str, start: &str) -> impl Iterator<Item = String> {
    let is_whole = |at: usize| {
        !code[..at].ends_with(|character: char| {
            character.is_ascii_alphanumeric() || ['_', ':'].contains(&character)
        })
    };
    let ends = code.match_indices(start).filter(move |(at, _)| is_whole(*at));
    ends.flat_map(move |(at, _)| {
        let rest = &code[at + start.len()..];
        let names: Vec<_> = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        names.into_iter().map(|name| {
            let is_name = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
            name.trim().chars().take_while(is_name).collect::<String>()
        })
    })
    .filter(|name| !name.is_empty())
}

/// The crate whose modules are separate parts.
const CORE: &str = "msipctl-core";

/// Returns the crate of a part.
fn crate_of(part: &str) -> &str {
    let is_crate = part.contains('-') || ["winini", "msipctl"].contains(&part);
    if is_crate { part } else { CORE }
}

fn sources() -> Vec<(PathBuf, String)> {
    let folders = ["src", "crates", "templates"].map(|folder| root().join(folder));
    folders.iter().flat_map(|folder| sources_in(folder)).collect()
}

fn sources_in(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}
