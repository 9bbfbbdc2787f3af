//! Which room may use which, held against the `crate::` paths in `src/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from top to bottom, each with the rooms it may use. The table of docs/architecture.md.
const ROOMS: &[(&str, &[&str])] = &[
    ("windows", &[]),
    ("diagnostic", &[]),
    ("ini", &[]),
    ("schema", &[]),
    ("store", &["windows"]),
    ("profile", &["ini"]),
    ("locate", &["ini", "schema", "store", "windows"]),
    ("event", &["diagnostic", "profile", "schema"]),
    ("plan", &["ini", "profile", "schema"]),
    ("diff", &["ini", "profile", "schema"]),
    ("validate", &["diagnostic", "ini", "profile", "schema", "event", "plan"]),
    ("hook", &["diagnostic", "schema", "event", "plan"]),
    ("policy", &["ini", "profile", "schema", "event", "plan", "hook"]),
    ("dispatch", &["schema", "store", "event", "windows"]),
    ("phone", &["locate", "schema", "windows"]),
    ("apply", &["windows", "ini", "store", "locate", "plan", "phone"]),
    ("fleet", &["windows", "ini", "schema", "store", "locate", "plan", "hook", "policy", "apply"]),
    (
        "cli",
        &[
            "windows",
            "diagnostic",
            "ini",
            "schema",
            "store",
            "profile",
            "locate",
            "event",
            "plan",
            "diff",
            "validate",
            "hook",
            "policy",
            "dispatch",
            "phone",
            "apply",
            "fleet",
        ],
    ),
];

#[test]
fn every_room_uses_exactly_the_rooms_it_may() {
    let allowed: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let found = uses();
    for (room, used) in &found {
        let may = allowed.get(room.as_str()).unwrap_or_else(|| panic!("`{room}` is no room"));
        for other in used {
            assert!(may.contains(&other.as_str()), "`{room}` uses `{other}`, which it may not");
        }
        for other in *may {
            assert!(used.contains(*other), "`{room}` may use `{other}`, and doesn't");
        }
    }
    let rooms: BTreeSet<_> = found.keys().map(String::as_str).collect();
    assert_eq!(rooms, allowed.keys().copied().collect(), "the table and src/ name other rooms");
}

#[test]
fn the_table_itself_has_no_circle() {
    for (index, (room, uses)) in ROOMS.iter().enumerate() {
        let above: Vec<_> = ROOMS[..index].iter().map(|(room, _)| *room).collect();
        for other in *uses {
            assert!(above.contains(other), "`{room}` uses `{other}`, which is not above it");
        }
    }
}

#[test]
fn the_architecture_page_has_the_same_table() {
    let page = include_str!("../../docs/architecture.md");
    for (room, uses) in ROOMS {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{room}` |")))
            .unwrap_or_else(|| panic!("docs/architecture.md has no row for `{room}`"));
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        let expected = match *room {
            "cli" => "all above".to_owned(),
            _ if uses.is_empty() => "nothing".to_owned(),
            _ => uses.join(", "),
        };
        assert_eq!(last, expected, "the row of `{room}`");
    }
}

#[test]
fn only_their_owners_expect_the_banned_calls() {
    for (path, text) in sources() {
        if text.contains("clippy::disallowed_methods") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            let owners = [
                "windows/file.rs",
                "dispatch/start.rs",
                "dispatch/log.rs",
                "phone/program.rs",
                "cli/process.rs",
                "cli/output/html/tests/browser.rs",
                "main.rs",
            ];
            let is_owner = name.starts_with("store/") || owners.contains(&name.as_str());
            assert!(is_owner, "{name} lifts a ban that is not its own");
        }
    }
}

/// Returns the rooms that each room names in a path behind `crate::`, its tests included.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        let inside = path.strip_prefix(root()).unwrap();
        let mut parts = inside.iter().map(|part| part.to_string_lossy());
        let (Some(room), Some(_)) = (parts.next(), parts.next()) else { continue };
        let used = uses.entry(room.clone().into_owned()).or_default();
        for line in text.lines() {
            let code = line.split("//").next().unwrap();
            for rest in code.split("crate::").skip(1) {
                // `use crate::{apply, hook};` names several.
                let names = match rest.strip_prefix('{') {
                    Some(group) => group.split('}').next().unwrap().split(',').collect(),
                    None => vec![rest],
                };
                for name in names {
                    let name: String = name
                        .trim()
                        .chars()
                        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
                        .collect();
                    if name != *room && !name.is_empty() {
                        used.insert(name);
                    }
                }
            }
        }
    }
    uses
}

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
