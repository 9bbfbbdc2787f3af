//! docs/hook-security.md: what is wrong with hooks, and an example of each finding.

use microsip_schema::Version;
use msipctl_core::diagnostic::{CATALOG, Scope};
use msipctl_core::event::{Call, Event, Facts, Target, explain};

use super::{assert_says, page, spans, table};
use crate::runner::Folder;

/// A machine on which nothing is allowed, and no other ini is this one.
struct Strict;

impl Facts for Strict {
    fn target(&self, _: &str) -> Option<Target> {
        None
    }

    fn may_open(&self, _: &str) -> Option<bool> {
        Some(false)
    }

    fn is_own_ini(&self, _: &str) -> Option<bool> {
        Some(false)
    }
}

#[test]
fn each_hook_finding_is_listed_with_an_example_that_has_it() {
    let page = page("hook-security");
    let newest = Version::NEWEST.to_string();
    assert_says(&page, &format!("MicroSIP {newest}, unless the example names another version"));
    let mut listed = Vec::new();
    for row in table(&page, "| Finding | Example |") {
        let rule = spans(row[0])[0];
        listed.push(rule.to_owned());
        let examples = spans(row[1]);
        if examples.is_empty() {
            // These need a disk, or are too long to show; how_microsip_runs_hooks has the long ones.
            let needs_more = [
                "target-is-folder",
                "program-writable-by-others",
                "command-too-long",
                "command-too-long-when-saved",
            ];
            assert!(needs_more.contains(&rule), "{rule} has no example");
            continue;
        }
        let is_entry = |span: &&str| {
            let key = span.split_once('=').map_or("", |(key, _)| key);
            Event::of_key(key).is_some() || Event::of_directive(key).is_some()
        };
        let (lines, caller): (Vec<_>, Vec<_>) = examples.into_iter().partition(is_entry);
        if row[1].starts_with("On Windows: ") {
            let parts = lines.iter().map(|line| line.split_once('=').unwrap());
            let (commands, directives): (Vec<_>, Vec<_>) =
                parts.partition(|(key, _)| Event::of_key(key).is_some());
            let owned = |(key, text): (&str, &str)| (key.to_owned(), text.to_owned());
            let directives: Vec<_> = directives.into_iter().map(owned).collect();
            let call = Call {
                directives: Some(&directives),
                ..Call::new(Event::of_key(commands[0].0).unwrap(), commands[0].1)
            };
            let hazards = explain(&call, &Strict).hazards;
            assert!(hazards.iter().any(|it| it.code().name() == rule), "{rule}: {hazards:?}");
            continue;
        }
        let ini = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
        let folder = Folder::with(format!("[Settings]\r\n{ini}"));
        let caller = caller.first().copied().unwrap_or("4930");
        let microsip = row[1].split_once("MicroSIP ").map_or(&*newest, |(_, version)| version);
        let args = ["hook", "explain", "--caller", caller, "--microsip", microsip, "--check"];
        let args = [&args[..], &["--format", "json"]].concat();
        let json = folder.on_ini(&args).code(1).json();
        let hooks = json["hooks"].as_array().unwrap().iter();
        let mut findings = hooks.flat_map(|hook| hook["findings"].as_array().unwrap());
        assert!(findings.any(|finding| finding["rule"] == rule), "{rule}: {json:#}");
    }
    let hazards = CATALOG.iter().filter(|row| matches!(row.scope, Scope::Hook | Scope::Call));
    let mut rules: Vec<_> = hazards.map(|row| row.name).collect();
    rules.sort();
    listed.sort();
    assert_eq!(listed, rules);
}
