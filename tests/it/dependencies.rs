//! Checks that docs/architecture.md has a row for each dependency, and no other rows.

use std::collections::BTreeSet;
use std::fs;

use toml::{Table, Value};

use crate::workspace::members;

#[test]
fn architecture_page_lists_every_dependency() {
    let mut expected = BTreeSet::new();
    let members = members();
    for member in &members {
        let manifest = fs::read_to_string(member.folder.join("Cargo.toml")).unwrap();
        let mut manifest: Table = manifest.parse().unwrap();
        // The version that the members use.
        manifest.remove("workspace");
        collect(&manifest, &mut expected);
    }
    expected.retain(|name| members.iter().all(|member| member.name != *name));
    assert!(expected.len() > 20, "{expected:?}");
    let page = include_str!("../../docs/architecture.md");
    let (_, section) = page.split_once("\n## Dependencies\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let mut found = BTreeSet::new();
    for (names, role) in rows.filter(|(names, _)| *names != "crate") {
        assert!(role.len() > 2, "`{names}` has no reason");
        for name in names.split(", ") {
            assert!(found.insert(name.to_owned()), "`{name}` has two rows");
        }
    }
    assert_eq!(found, expected);
}

/// What only the complete program needs: the command line, reports, and guides.
const NOT_IN_ENGINE: &[&str] = &[
    "anstream",
    "annotate-snippets",
    "clap",
    "clap_complete",
    "clap_mangen",
    "ctrlc",
    "indicatif",
    "pulldown-cmark",
    "quick-junit",
    "textwrap",
];

#[test]
fn engine_program_depends_on_no_command_line_or_report() {
    let lock: Table = include_str!("../../Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let dependencies = |of: &str| -> Vec<String> {
        let found = packages.iter().filter(|package| name(package) == of);
        let listed = found.filter_map(|package| package.get("dependencies")?.as_array());
        let names = listed.flatten().filter_map(|it| it.as_str()?.split(' ').next());
        names.map(str::to_owned).collect()
    };
    let reached = |start: &str| {
        let mut reached = BTreeSet::new();
        let mut open = vec![start.to_owned()];
        while let Some(next) = open.pop() {
            if reached.insert(next.clone()) {
                open.extend(dependencies(&next));
            }
        }
        reached
    };
    let (engine, complete) = (reached("msipctl-engine"), reached("msipctl"));
    assert!(engine.contains("msipctl-core"), "{engine:?}");
    for name in NOT_IN_ENGINE {
        assert!(complete.contains(*name), "nothing depends on `{name}` anymore");
        assert!(!engine.contains(*name), "msipctl-engine depends on `{name}`");
    }
}

/// Collects the names in all tables of dependencies, including those for one platform.
fn collect(table: &Table, names: &mut BTreeSet<String>) {
    for (name, value) in table {
        let Value::Table(inner) = value else { continue };
        if name.ends_with("dependencies") {
            names.extend(inner.keys().cloned());
        } else if name == "target" || name.starts_with("cfg(") {
            collect(inner, names);
        }
    }
}
