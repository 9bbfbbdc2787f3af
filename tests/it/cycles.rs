//! Checks that the imports between the files of each folder in each crate form no cycle.
//!
//! A subfolder counts as one entry, with all imports of the files in it. A folder's own file, `mod.rs` or `lib.rs`,
//! declares all other entries and so uses them: an entry that imports what that file defines or exports is part of a
//! cycle as well. Tests are excluded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{Member, members};

/// The name of a folder's own file in the graph.
const OWN: &str = "mod";

#[test]
fn modules_of_a_folder_have_no_import_cycles() {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Member { name, sources, .. } in members() {
        for folder in folders(&sources) {
            if let Some(cycle) = cycle(&graph(&folder, &sources)) {
                let modules = module_of(&folder, &sources);
                found.insert([vec![name.clone()], modules].concat().join("/"), cycle);
            }
        }
    }
    assert!(found.is_empty(), "folders with a cycle: {found:?}");
}

#[test]
fn import_cycles_are_detected() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph: Graph = BTreeMap::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        cycle(&graph)
    };
    assert_eq!(graph(&[("a", "b"), ("b", "c"), ("a", "c")]), None);
    let found = graph(&[("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")]).unwrap();
    assert_eq!(found, ["a", "b", "c", "a"]);
    let text = "use super::{a::X, b, Y};\nuse crate::outer::c::{Z, d::W};\n// use super::e::V;\n\
                fn f() { super::g::h(); crate::outer::i(); }\n\
                mod inner {\n    use super::super::k;\n    use super::l;\n}\n#[cfg(test)]\nmod tests {\n    use super::j;\n}\n";
    let module = ["outer", "file"].map(str::to_owned);
    let found: BTreeSet<String> =
        imports(text, &module).iter().map(|path| path.join("::")).collect();
    let expected = ["a::X", "b", "Y", "c::Z", "c::d::W", "g::h", "i", "k", "file::l"];
    assert_eq!(found, expected.iter().map(|path| format!("outer::{path}")).collect());
}

/// Each entry of a folder with the entries that it uses.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Lists the folder of a crate's sources and all folders below it.
fn folders(sources: &Path) -> Vec<PathBuf> {
    let mut found = vec![sources.to_owned()];
    let mut next = 0;
    while let Some(folder) = found.get(next).cloned() {
        next += 1;
        let below = entries(&folder).into_iter().filter(|path| path.is_dir());
        found.extend(below.filter(|path| !is_test(path)));
    }
    found
}

/// Finds which entry of a folder uses which.
fn graph(folder: &Path, sources: &Path) -> Graph {
    let folder_path = module_of(folder, sources);
    let mut graph = Graph::new();
    let names: BTreeSet<String> = entries(folder).iter().map(|path| entry_name(path)).collect();
    for path in entries(folder).into_iter().filter(|path| !is_test(path)) {
        let from = entry_name(&path);
        if folder == sources && is_program(&from) {
            continue;
        }
        let used = graph.entry(from.clone()).or_default();
        if from == OWN {
            used.extend(names.iter().filter(|name| *name != OWN && !is_program(name)).cloned());
        }
        for file in files(&path) {
            let text = fs::read_to_string(&file).unwrap();
            for import in imports(&text, &module_of(&file, sources)) {
                let Some(rest) = import.strip_prefix(folder_path.as_slice()) else { continue };
                let to = match rest.first() {
                    Some(first) if names.contains(first) => first.as_str(),
                    _ => OWN,
                };
                if to != from {
                    used.insert(to.to_owned());
                }
            }
        }
    }
    graph
}

/// Returns the paths after `crate::` and `super::` in a source file, relative to the crate; `module` is the path of its
/// module.
fn imports(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (inner, code) in modules(text) {
        let module = [module, inner.as_slice()].concat();
        for (start, base) in [("crate::", &[][..]), ("super::", module.as_slice())] {
            for (at, _) in code.match_indices(start) {
                let before = code[..at].trim_end();
                let is_inside = code[..at]
                    .ends_with(|c: char| c.is_alphanumeric() || ['_', ':', '$'].contains(&c));
                if is_inside || before.ends_with("(in") {
                    continue;
                }
                let (mut base, mut rest) = (base, &code[at..]);
                while let Some(further) = rest.strip_prefix("super::") {
                    base = base.split_last().map_or(&[], |(_, above)| above);
                    rest = further;
                }
                read_tree(rest.strip_prefix("crate::").unwrap_or(rest), base, &mut found);
            }
        }
    }
    found
}

/// Splits a source file without its tests and comments by its inline modules: the path of each inside the file, and its
/// code.
fn modules(text: &str) -> BTreeMap<Vec<String>, String> {
    let mut found: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let mut inner = Vec::new();
    let mut is_test = false;
    let mut is_next_test = false;
    for line in text.lines() {
        let code = line.split("//").next().unwrap();
        let name =
            code.strip_suffix(" {").and_then(|code| code.rsplit_once("mod ")).map(|(_, name)| name);
        if let Some(name) = name.filter(|_| !code.starts_with(' ')) {
            inner = vec![name.to_owned()];
            is_test = is_next_test;
        } else if code == "}" {
            inner.clear();
            is_test = false;
        } else if !is_test {
            let text = found.entry(inner.clone()).or_default();
            text.push_str(code);
            text.push('\n');
        }
        is_next_test = code == "#[cfg(test)]";
    }
    found
}

/// Parses a path or a tree of paths in braces at the start of `text`; returns the rest.
fn read_tree<'t>(text: &'t str, base: &[String], found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            match rest.chars().next() {
                None => return rest,
                Some('}') => return &rest[1..],
                Some(',') => rest = &rest[1..],
                Some(_) => {
                    let after = read_tree(rest, base, found);
                    // Anything else is skipped.
                    rest = if after.len() < rest.len() { after } else { &rest[1..] };
                }
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let mut path = base.to_vec();
    if !name.is_empty() && name != "self" {
        path.push(name.to_owned());
    }
    match rest.strip_prefix("::") {
        Some(rest)
            if rest
                .trim_start()
                .starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{') =>
        {
            read_tree(rest, &path, found)
        }
        _ => {
            found.push(path);
            rest
        }
    }
}

/// Finds a cycle, from an entry back to itself.
fn cycle(graph: &Graph) -> Option<Vec<String>> {
    fn visit<'g>(
        at: &'g str,
        graph: &'g Graph,
        path: &mut Vec<&'g str>,
        done: &mut BTreeSet<&'g str>,
    ) -> Option<Vec<String>> {
        if let Some(start) = path.iter().position(|entry| *entry == at) {
            let cycle = path[start..].iter().copied().chain([at]);
            return Some(cycle.map(str::to_owned).collect());
        }
        if !done.insert(at) {
            return None;
        }
        path.push(at);
        let used = graph.get(at).into_iter().flatten();
        let found = used.map(String::as_str).find_map(|next| visit(next, graph, path, done));
        path.pop();
        found
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|entry| visit(entry, graph, &mut Vec::new(), &mut done))
}

/// Lists the entries of a folder: its source files and the folders in it, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_source = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|it| it == "rs");
    let mut found: Vec<PathBuf> = found.filter(is_source).collect();
    found.sort();
    found
}

/// Lists the source files of an entry, which may be a single file.
fn files(entry: &Path) -> Vec<PathBuf> {
    if entry.is_file() {
        return vec![entry.to_owned()];
    }
    let below = entries(entry).into_iter().filter(|path| !is_test(path));
    below.flat_map(|path| files(&path)).collect()
}

fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests")
}

/// Returns whether a file at the top is one of the programs.
fn is_program(name: &str) -> bool {
    ["main", "msipctlw"].contains(&name)
}

fn entry_name(path: &Path) -> String {
    match path.file_stem().unwrap().to_str().unwrap() {
        "lib" => OWN.to_owned(),
        name => name.to_owned(),
    }
}

/// Returns the path of a module, relative to the crate.
fn module_of(path: &Path, sources: &Path) -> Vec<String> {
    let inside = path.strip_prefix(sources).unwrap().with_extension("");
    let mut parts: Vec<String> =
        inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == OWN || last == "lib") {
        parts.pop();
    }
    parts
}
