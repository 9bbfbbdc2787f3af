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
