//! The examples in `integrations/dsc`, compared with the schemas of the resources.

use std::fs;
use std::iter::Peekable;
use std::path::Path;

use serde_json::{Map, Value};

use super::client::{Client, is_allowed};

/// Reads the part of YAML that the examples use: maps, lists of maps or texts, and texts in one line.
fn yaml(text: &str) -> Value {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let lines = lines.filter(|line| !line.trim().is_empty());
    // The marker of an item counts as indentation of its first key.
    let lines = lines.flat_map(|line| {
        let indent = line.len() - line.trim_start().len();
        match line.trim_start().strip_prefix("- ") {
            Some(rest) => vec![(indent, "-"), (indent + 2, rest)],
            None => vec![(indent, line.trim_start())],
        }
    });
    let mut lines = lines.collect::<Vec<_>>().into_iter().peekable();
    let value = block(&mut lines, 0);
    assert_eq!(lines.next(), None);
    value
}

fn block<'l>(lines: &mut Peekable<impl Iterator<Item = (usize, &'l str)>>, indent: usize) -> Value {
    let (mut map, mut items) = (Map::new(), Vec::new());
    while let Some((_, line)) = lines.next_if(|(at, _)| *at == indent) {
        if line == "-" {
            items.push(block(lines, indent + 2));
            continue;
        }
        match line.split_once(": ").or(line.strip_suffix(':').map(|key| (key, ""))) {
            Some((key, "")) => {
                let below = lines.peek().map_or(0, |(at, _)| *at);
                assert!(below > indent, "`{key}` is empty");
                map.insert(key.to_owned(), block(lines, below));
            }
            Some((key, value)) if !line.starts_with('"') => {
                map.insert(key.to_owned(), scalar(value));
            }
            _ => return scalar(line),
        }
    }
    if items.is_empty() { map.into() } else { items.into() }
}

fn scalar(text: &str) -> Value {
    match text {
        "true" => true.into(),
        text if text.starts_with('"') => serde_json::from_str(text).unwrap(),
        text => text.parse::<u64>().map_or_else(|_| text.into(), Value::from),
    }
}

/// Returns the resources of msipctl in a configuration, also in groups.
fn resources(configuration: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    for resource in configuration["resources"].as_array().unwrap() {
        let name = resource["type"].as_str().unwrap();
        match name.strip_prefix("Msipctl.MicroSIP/") {
            Some(_) => found.push(resource),
            None if name == "Microsoft.DSC/Assertion" => {
                found.extend(resources(&resource["properties"]));
            }
            None => assert_eq!(name, "Microsoft.WinGet/Package"),
        }
    }
    found
}

#[test]
fn examples_fit_the_schemas_and_depend_on_their_own_resources() {
    let client = Client::new("3.1");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations/dsc");
    for (name, count) in
        [("settings.dsc.yaml", 5), ("assertion.dsc.yaml", 1), ("microsip.winget", 2)]
    {
        let configuration = yaml(&fs::read_to_string(folder.join(name)).unwrap());
        let resources = resources(&configuration);
        assert_eq!(resources.len(), count, "{name}: {configuration:#}");
        for resource in &resources {
            let kind = resource["type"].as_str().unwrap().rsplit('/').next().unwrap();
            let properties = &resource["properties"];
            assert!(is_allowed(client.manifest(kind), properties), "{name}: {properties}");
        }
        let all = configuration["resources"].as_array().unwrap();
        let ids: Vec<_> = all
            .iter()
            .map(|it| {
                let (kind, name) = (it["type"].as_str().unwrap(), it["name"].as_str().unwrap());
                format!("[resourceId('{kind}', '{name}')]")
            })
            .collect();
        for needed in all.iter().filter_map(|it| it["dependsOn"].as_array()).flatten() {
            assert!(ids.iter().any(|id| needed == id), "{name}: {needed}");
        }
    }
    let wrong =
        yaml("resources:\n  - type: Msipctl.MicroSIP/Setting\n    properties:\n      value: 1\n");
    let [wrong] = resources(&wrong)[..] else { panic!("{wrong}") };
    assert!(!is_allowed(client.manifest("Setting"), &wrong["properties"]));
}
