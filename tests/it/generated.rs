//! `docs/rules.md`, `docs/keys.md` and `docs/cli.md` are what the code says.
//!
//! A page that is stale fails; `MSIPCTL_UPDATE=1 cargo test --test it -- generated` writes it anew.

use std::fs;
use std::path::Path;

use microsip_schema::{Key, Kind, Section, Since, Switch, Version, keys, renamed};
use msipctl_core::diagnostic::{Descriptor, Group};
use msipctl_core::validate::{RULES, Rule, Selection};

use crate::runner::Folder;

const COMMAND: &str = "MSIPCTL_UPDATE=1 cargo test --test it -- generated";

/// Compares a page with what it should be, or writes it.
#[track_caller]
fn check(name: &str, title: &str, text: &str) {
    let page = format!(
        "<!-- Written by `{COMMAND}`: change the code, not this page. -->\n\n# {title}\n\n{text}"
    );
    assert!(!page.contains('\r') && page.ends_with('\n') && !page.ends_with("\n\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("MSIPCTL_UPDATE").is_some() {
        fs::write(&path, page).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let other = found.lines().zip(page.lines()).position(|(found, new)| found != new);
    let line = other.unwrap_or_else(|| found.lines().count().min(page.lines().count())) + 1;
    assert!(found == page, "docs/{name} is stale from line {line} on; run `{COMMAND}`");
}

/// The places outside of generated pages that state the newest known version, which stands at `{}`. The first one tells which version
/// the pages were written for.
const NEWEST: &[(&str, &str)] = &[
    ("docs/phone-commands.md", "for the newest known version, {}.\n"),
    ("README.md", "the release notes up to {}."),
    ("docs/hook-security.md", "MicroSIP {}, unless the example names another version"),
    ("docs/how-microsip-runs-hooks.md", "With the caller ID `4930` and MicroSIP {}, the program"),
    ("docs/write-a-policy.md", "# Omitted keys that MicroSIP {} doesn't read"),
];

#[test]
fn pages_state_the_newest_version() {
    let page = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let read = |name: &str| fs::read_to_string(page(name)).unwrap().replace("\r\n", "\n");
    let (first, around) = NEWEST[0];
    let (before, after) = around.split_once("{}").unwrap();
    let first = read(first);
    let (_, rest) = first.split_once(before).unwrap();
    let old: Version = rest.split_once(after).unwrap().0.parse().unwrap();
    let place = |text: &str, version: Version| text.replace("{}", &version.to_string());
    if old != Version::NEWEST && std::env::var_os("MSIPCTL_UPDATE").is_some() {
        // The first place last: the others follow it.
        for (name, text) in NEWEST.iter().rev() {
            fs::write(
                page(name),
                read(name).replace(&place(text, old), &place(text, Version::NEWEST)),
            )
            .unwrap();
        }
    }
    for (name, text) in NEWEST {
        let expected = place(text, Version::NEWEST);
        assert!(read(name).contains(&expected), "{name} doesn't say {expected:?}; run `{COMMAND}`");
    }
}

/// Escapes a text for a cell of a table. Text in backticks needs no escapes but those of vertical bars.
fn cell(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let part = part.replace('|', r"\|");
        if index % 2 == 1 { part } else { part.replace('*', r"\*").replace('<', "&lt;") }
    });
    parts.collect::<Vec<_>>().join("`")
}

#[test]
fn rules_page_is_up_to_date() {
    let mut text = String::from(
        "What `msipctl check` finds. `msipctl explain RULE` prints one page; [Suppress findings](suppress-findings.md) explains how \
         to choose rules and hide findings.\n",
    );
    for group in Group::ALL {
        let rules: Vec<_> = of(group).collect();
        text += &format!(
            "\n**{}** ({})\n\n| rule | severity | finds |\n|---|---|---|\n",
            group.name(),
            rules.len()
        );
        for rule in rules {
            let Descriptor { name, severity, summary, .. } = **rule;
            text += &format!("| [`{name}`](#{name}) | {severity} | {} |\n", cell(summary));
        }
    }
    for group in Group::ALL {
        text += &format!("\n## Group {}\n", group.name());
        for rule in of(group) {
            let usual = match Selection::default().has(rule) {
                true => "",
                false => "; looked for only with `--select`",
            };
            let Descriptor { name, severity, summary, since, .. } = **rule;
            text += &format!("\n### {name}\n\n{summary}\n\n*{severity}, since {since}{usual}*\n\n");
            let page = rule.text();
            let line = |line: &str| match line.strip_prefix("## ") {
                Some(heading) => format!("#### {heading}\n\n"),
                None => format!("{line}\n"),
            };
            text += &page.lines().map(line).collect::<String>();
        }
    }
    check("rules.md", "Rules", &text);
}

fn of(group: Group) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().filter(move |rule| rule.group == group)
}

#[test]
fn keys_page_is_up_to_date() {
    let ways = [Switch::NonZero, Switch::ExactlyOne, Switch::NotZero];
    let ways = ways.map(|way| format!("- {}: {}\n", way_name(way), way.reads())).concat();
    let mut text = format!(
        "All keys that MicroSIP reads, up to {}, the newest known version. To show a single key, run `msipctl explain KEY`. To show \
         all keys of a file with their values, run `msipctl show --all`.\n\n\
         MicroSIP reads up to 255 UTF-16 code units of a value, unless the table lists another length. It silently truncates \
         longer values. In numbers, MicroSIP reads the leading digits and ignores the rest; a value without leading digits is 0. \
         Set switches to 0 or 1. MicroSIP reads other values in one of three ways:\n\n{ways}",
        Version::NEWEST
    );
    for section in Section::ALL {
        let keys: Vec<_> = keys().filter(|key| key.section() == section).collect();
        text += &format!("\n## [{}]\n\n", section.label());
        text += "| Key | Value | Default | MicroSIP | Description |\n|---|---|---|---|---|\n";
        text += &keys.into_iter().map(row).collect::<String>();
    }
    check("keys.md", "Keys", &text);
}

fn way_name(way: Switch) -> &'static str {
    match way {
        Switch::NonZero => "non-zero",
        Switch::ExactlyOne => "exactly 1",
        Switch::NotZero => "not 0",
    }
}

fn row(key: &Key) -> String {
    let shown = |default: &str| match default {
        "" => "empty".to_owned(),
        default => format!("`{default}`"),
    };
    let mut defaults = key.defaults_by_version();
    let default = match defaults.pop() {
        Some((_, "")) | None => String::new(),
        Some((_, newest)) => shown(newest),
    };
    let earlier = defaults.iter().map(|(until, default)| match until {
        None => String::new(),
        Some(until) => format!("; up to {until} {}", shown(default)),
    });
    let default = default + &earlier.collect::<String>();
    let versions = match (key.since(), key.until()) {
        (Since::Version(since), None) => format!("{since}"),
        (Since::Version(since), Some(until)) if since == until => format!("{since} only"),
        (Since::Version(since), Some(until)) => format!("{since} to {until}"),
        (Since::Fork(who), _) => format!("fork {who}"),
        (Since::Unread, _) => "none".to_owned(),
    };
    let versions = match key.gap() {
        Some((first, last)) => format!("{versions}, except {first} to {last}"),
        None => versions,
    };
    let mut meaning = vec![key.description().to_owned()];
    if let Some(replacement) = renamed(key.section().label(), key.name()) {
        meaning.push(format!("Replaced by `{replacement}`."));
    }
    if key.limits_by_version() != [(None, 255)] {
        let limits = key.limits_by_version();
        let limits = limits.iter().map(|(since, units)| match since {
            None => format!("{units} code units"),
            Some(since) => format!("{units} since {since}"),
        });
        meaning.push(format!("Up to {}.", limits.collect::<Vec<_>>().join(", ")));
    }
    for (is_so, what) in [
        (key.is_secret(), "Secret."),
        (key.is_sensitive(), "Can contain a password, which msipctl masks."),
        (key.is_machine_state(), "Machine-specific."),
        (key.is_personal(), "Personal data."),
        (key.is_legacy_account(), "Newer versions move it to `[Account1]`."),
    ] {
        if is_so {
            meaning.push(what.to_owned());
        }
    }
    let (value, default) = (cell(&value(key)), cell(&default));
    let meaning = cell(&meaning.join(" "));
    format!("| `{}` | {value} | {default} | {versions} | {meaning} |\n", key.name())
}

fn value(key: &Key) -> String {
    if !matches!(key.kind(), Kind::Switch(_)) {
        return key.kind().allowed();
    }
    let mut ways = key.switches_by_version();
    let newest = ways.pop().map_or("", |(_, way)| way_name(way));
    let earlier = ways.iter().map(|(until, way)| match until {
        None => String::new(),
        Some(until) => format!("; up to {until} {}", way_name(*way)),
    });
    format!("switch, {newest}{}", earlier.collect::<String>())
}

#[test]
fn commands_page_is_up_to_date() {
    let folder = Folder::new();
    let mut text = String::new();
    let mut contents = String::new();
    let mut left = vec![Vec::new()];
    while let Some(command) = left.pop() {
        let help = folder.run(&[&["help"], &command[..]].concat()).code(0).out();
        let below = subcommands(&help);
        let name = [&["msipctl"], &command[..]].concat().join(" ");
        let anchor = name.replace(' ', "-");
        contents += &format!("{}- [`{name}`](#{anchor})\n", "  ".repeat(command.len()));
        text += &format!("\n## {name}\n\n```text\n{}\n```\n", help.trim_end());
        // The last one is taken first.
        for word in below.iter().rev() {
            let word: &'static str = word.clone().leak();
            left.push([&command[..], &[word]].concat());
        }
    }
    let head = "The output of `--help` for each command.\n\n";
    check("cli.md", "Commands", &format!("{head}{contents}{text}"));
}

/// Finds the names of the commands that a help lists, in one group or in several.
pub(crate) fn subcommands(help: &str) -> Vec<String> {
    let is_heading = |line: &str| line == "Commands:" || line.ends_with(" commands:");
    let lines = help.lines().skip_while(|line| !is_heading(line));
    let lines = lines.take_while(|line| !line.is_empty());
    // A summary that goes on in a second line is indented further.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|it| !it.starts_with(' ')));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Returns a help without the flags that all commands have.
pub(crate) fn without_output(help: &str) -> String {
    let mut is_left_out = false;
    let mut shown = String::new();
    for line in help.lines() {
        if !line.is_empty() && !line.starts_with(' ') {
            is_left_out = line == "Output:";
        }
        if !is_left_out {
            shown += line;
            shown.push('\n');
        }
    }
    shown
}
