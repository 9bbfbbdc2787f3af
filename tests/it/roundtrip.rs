//! Tests every file of `tests/fixtures/roundtrip`, and of the folder in `MSIPCTL_CORPUS` if that is set.
//!
//! For each file, its bytes are preserved, and an edit of any key changes only the bytes of that key. Fixing it changes
//! what the findings name, and then nothing is left to fix.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use microsip_schema::Version;
use msipctl_core::plan::{Desired, EncodingPolicy, Plan, ReadProblem};
use msipctl_core::validate::{self, Check, Finding, Fix, FixOutcome, Safety, Selection};
use proptest::prelude::*;
use winini::profile::{self, Profile};
use winini::{CodePage, Document, Encoding};

#[test]
fn edits_of_every_fixture_round_trip() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/roundtrip");
    let (files, keys) = check_folder(&folder, &[1252, 1251, 932]);
    println!("{files} fixtures, {keys} keys");
    assert!(files >= 18, "only {files} fixtures are there");
    assert!(keys >= 100, "only {keys} keys were edited");
}

#[test]
fn edits_of_the_corpus_round_trip() {
    let Some(folder) = env::var_os("MSIPCTL_CORPUS") else {
        println!("MSIPCTL_CORPUS is not set");
        return;
    };
    let (files, keys) = check_folder(Path::new(&folder), &[1252]);
    println!("{files} files of the corpus, {keys} keys");
    assert!(files > 0, "{} holds no ini files", folder.display());
}

proptest! {
    #[test]
    fn fixes_change_only_reported_lines_and_reveal_no_secrets(
        lines in prop::collection::vec((prop::sample::select(NAMES.to_vec()), prop::sample::select(VALUES.to_vec())), 0..30),
        is_wide: bool,
    ) {
        let text: String = lines.into_iter().map(|(name, value)| match name {
            header if header.starts_with(['[', ';']) => format!("{header}\r\n"),
            "password" | "paswword" => format!("{name}={SECRET}{value}\r\n"),
            _ => format!("{name}={value}\r\n"),
        }).collect();
        let encoding = if is_wide { Encoding::MICROSIP } else { Encoding::Utf8 { bom: false } };
        let body = encoding.encode(&text).unwrap();
        let document = Document::parse([encoding.byte_order_mark(), &body].concat(), encoding);
        check_fixes(&text, &document);
        let all = Selection::new(&["all"], &[]).unwrap();
        for finding in validate::check(&document, Check { selection: &all, ..Check::new(Version::NEWEST) }) {
            let title = finding.fix().map_or("", |fix| fix.title());
            let message = finding.message().to_string();
            for shown in [message.as_str(), finding.help().unwrap_or_default(), title] {
                prop_assert!(!shown.contains(SECRET), "{}: {shown}", finding.rule());
            }
        }
    }
}

const SECRET: &str = "hunter2";

/// Headers and keys that rules check.
const NAMES: &[&str] = &[
    "[Settings]",
    "[Settings]",
    "[settings]",
    "[Account1]",
    "[Account2]",
    "[account3]",
    "[Account0]",
    "[Calls]",
    "[Dialed]",
    "[Other]",
    "[msipctl]",
    "; comment",
    "accountId",
    "ACCOUNTID",
    "enableLocalAccount",
    "disableLocalAccount",
    "autoAnswer",
    "denyIncoming",
    "AA",
    "DND",
    "noResize",
    "rport",
    "updateInterval",
    "updatesInterval",
    "autoHangUpTime",
    "audioCodecs",
    "STUN",
    "enableSTUN",
    "dnsSrv",
    "rtpPortMin",
    "rtpPortMax",
    "sourcePort",
    "bitrateH264",
    "bitrateVP8",
    "disableH264",
    "videoH264",
    "silent",
    "mainX",
    "lastCallNumber",
    "audioInputDevice",
    "domain",
    "server",
    "username",
    "authID",
    "password",
    "paswword",
    "proxy",
    "transport",
    "SRTP",
    "publicAddr",
    "hideCID",
    "cmdCallEnd",
    "cmdCallIncoming",
    "OnCallEnd",
    "portKnockerPorts",
    "recordingPath",
    "usersDirectory",
    "passwordSize",
    "label",
    "0",
    "1",
];

/// Values that are wrong for some key.
const VALUES: &[&str] = &[
    "",
    "0",
    "1",
    "2",
    "3",
    "01",
    "-1",
    "30s",
    "70000",
    "true",
    "no",
    "Button",
    "button",
    "ALL",
    "all",
    "rdomain",
    "never",
    "256",
    "PCMA/8000/1 PCMA/8000/1",
    "PCMA,PCMU",
    "sip:pbx.example.com",
    "pbx.example.com:5060",
    "tls",
    "udp",
    "mandatory",
    "\"quoted\"",
    "'a'",
    "\"a b\" ",
    "x ",
    "\u{a0}x",
    "B\u{fc}ro",
    "C:\\My Hooks\\a.bat",
    "%TEMP%\\x",
    "Log,C:\\x.csv",
];

/// Checks all ini files of a folder, decoded in each of the code pages; counts files and keys.
fn check_folder(folder: &Path, pages: &[u16]) -> (usize, usize) {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension().and_then(OsStr::to_str).is_some_and(|end| end.eq_ignore_ascii_case("ini"))
    });
    files.sort();
    let mut keys = 0;
    for path in &files {
        let name = path.file_name().unwrap().to_string_lossy();
        let bytes = fs::read(path).unwrap();
        for page in pages {
            let encoding = Encoding::detect(&bytes, CodePage::new(*page).unwrap());
            let document = Document::parse(bytes.clone(), encoding);
            keys += check(&name, &document, &bytes);
        }
    }
    (files.len(), keys)
}

/// Checks one document; returns the number of its keys.
fn check(name: &str, document: &Document, bytes: &[u8]) -> usize {
    assert_eq!(document.bytes(), bytes, "{name}: the bytes changed");
    check_fixes(name, document);
    let keys = keys(document);
    for key in &keys {
        check_set(name, document, key);
        check_unset_and_set(name, document, key);
    }
    for policy in [EncodingPolicy::Auto, EncodingPolicy::Keep, EncodingPolicy::Utf16Le] {
        check_plan(name, document, &keys, policy);
    }
    keys.len()
}

/// Checks all rules for several versions, and applies fixes: the fixed file needs no more fixes, and each key whose
/// value changed was in a finding.
fn check_fixes(name: &str, document: &Document) {
    let all = Selection::new(&["all"], &[]).unwrap();
    for version in ["3.12.1", "3.15.6", "3.19.10", "3.21.3", "3.22.16"] {
        let by = Check { selection: &all, ..Check::new(version.parse().unwrap()) };
        validate::check(document, by);
        for at_most in [Safety::Safe, Safety::Unsafe] {
            let FixOutcome { after, fixed } = validate::apply_fixes(document, by, at_most);
            let again = validate::apply_fixes(&after, by, at_most);
            let rules: Vec<_> = again.fixed.iter().map(Finding::rule).collect();
            assert!(again.after == after, "{name}: {rules:?} fixes what was fixed");
            for (section, key) in changed(document, &after) {
                let is_named = fixed.iter().any(|finding| {
                    names(finding, &section, &key) || is_moved(finding, &after, &key)
                });
                let rules: Vec<_> = fixed.iter().map(Finding::rule).collect();
                assert!(
                    is_named,
                    "{name}: {section}.{key} has another value, but none of {rules:?} is about it"
                );
            }
        }
    }
}

/// Returns whether a finding is about a header, below which the key is read now.
fn is_moved(finding: &Finding, after: &Document, key: &str) -> bool {
    let section = finding.section().filter(|_| finding.key().is_none());
    section.is_some_and(|section| Profile::new(after).get(section, key).is_some())
}

/// Returns whether a finding, or its fix, is about a key: the key itself, or its complete section.
fn names(finding: &Finding, section: &str, key: &str) -> bool {
    if finding.fix().is_some_and(Fix::replaces_file) {
        return true;
    }
    let title = finding.fix().map_or("", |fix| fix.title());
    let message = finding.message().to_string();
    let texts = [title, &message, finding.help().unwrap_or_default()].map(str::to_lowercase);
    let is_named = |what: &str| texts.iter().any(|text| text.contains(&what.to_lowercase()));
    let is_own =
        |own: Option<&str>, what: &str| own.is_some_and(|own| own.eq_ignore_ascii_case(what));
    let is_section = is_own(finding.section(), section) || is_named(&format!("[{section}]"));
    let is_key =
        finding.key().is_none() || is_own(finding.key(), key) || is_named(&format!("`{key}`"));
    is_section && is_key
}

/// Lists the keys whose values differ between two documents.
fn changed(before: &Document, after: &Document) -> Vec<(String, String)> {
    let (before, after) = (readings(before), readings(after));
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    keys.filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
}

/// The values that Windows reads, by section and key in lower case.
fn readings(document: &Document) -> HashMap<(String, String), String> {
    let mut readings = HashMap::new();
    for section in Profile::new(document).counting_sections() {
        for entry in section.counting_entries() {
            let lower = |name: &str| name.to_ascii_lowercase();
            let name = (lower(&section.name()), lower(&entry.key()));
            readings.insert(name, entry.value().into_owned());
        }
    }
    readings
}

/// A key that Windows reads.
#[derive(Debug)]
struct Key {
    section: String,
    key: String,
    /// Another value than the current one.
    other: &'static str,
}

/// Lists every key that Windows reads, and that has a valid name.
fn keys(document: &Document) -> Vec<Key> {
    let mut keys = Vec::new();
    for section in Profile::new(document).counting_sections() {
        for entry in section.counting_entries() {
            let (section, key) = (section.name().into_owned(), entry.key().into_owned());
            let other = if entry.value() == "1" { "2" } else { "1" };
            let nameable = |name: &str| !name.contains(['\0', '\u{fffd}']);
            if nameable(&section) && nameable(&key) {
                keys.push(Key { section, key, other });
            }
        }
    }
    keys
}

/// Sets a key to another value: only the bytes of its value change.
fn check_set(name: &str, document: &Document, Key { section, key, other }: &Key) {
    let entry = Profile::new(document).entry(section, key).unwrap();
    let span = entry.value_span().range();
    let edits = profile::set(document, section, key, other)
        .unwrap_or_else(|refusal| panic!("{name}: {section}.{key}: {refusal}"));
    let after = document.edit(&edits).unwrap();
    assert_eq!(Profile::new(&after).get(section, key).as_deref(), Some(*other), "{name}");
    let value = document.encoding().encode(other).unwrap();
    let (before, behind) = (&document.bytes()[..span.start], &document.bytes()[span.end..]);
    let expected = [before, &value, behind].concat();
    assert!(after.bytes() == expected, "{name}: setting {section}.{key} moved other bytes");
}

/// Removes a key and adds it again: every other line keeps its bytes and its order.
fn check_unset_and_set(name: &str, document: &Document, Key { section, key, other }: &Key) {
    let doubles: Vec<_> = Profile::new(document)
        .section(section)
        .unwrap()
        .entries_named(key)
        .map(profile::Entry::line)
        .collect();
    let mut others = lines(document);
    doubles.iter().rev().for_each(|line| drop(others.remove(*line)));

    let without = document.edit(&profile::unset(document, section, key)).unwrap();
    assert_eq!(Profile::new(&without).get(section, key), None, "{name}: {section}.{key}");
    assert!(lines(&without) == others, "{name}: unsetting {section}.{key} moved other lines");

    let edits = profile::set(&without, section, key, other).unwrap();
    let again = without.edit(&edits).unwrap();
    let entry = Profile::new(&again).entry(section, key).unwrap();
    assert_eq!(entry.value(), *other, "{name}: {section}.{key}");
    let mut lines = lines(&again);
    lines.remove(entry.line());
    assert!(lines == others, "{name}: setting {section}.{key} again moved other lines");
}

/// The content of all lines. Whether the last one has a line ending depends on what follows it.
fn lines(document: &Document) -> Vec<Vec<u8>> {
    document.lines().iter().map(|line| document.raw(line.content()).to_vec()).collect()
}

/// Plans another value for every key; planning it again for the result is empty.
fn check_plan(name: &str, document: &Document, keys: &[Key], policy: EncodingPolicy) {
    let mut desired = Desired::new();
    for Key { section, key, other } in keys {
        desired = desired.set(section, key, *other, "test");
    }
    let plan = match Plan::new(document, &desired, policy) {
        Ok(plan) => plan,
        // Invalid bytes can't be converted, and then nothing is written.
        Err(_)
            if policy != EncodingPolicy::Keep && document.convert(Encoding::MICROSIP).is_err() =>
        {
            return;
        }
        // No file is written that MicroSIP can't read.
        Err(_)
            if ReadProblem::of(document, Version::NEWEST)
                .is_some_and(ReadProblem::changes_values) =>
        {
            return;
        }
        Err(error) => panic!("{name}: {error}"),
    };
    assert_eq!(plan.edits().is_empty(), keys.is_empty(), "{name}");
    let bytes = plan.after().bytes().to_vec();
    let page = match document.encoding() {
        Encoding::Ansi(page) => page,
        _ => CodePage::WESTERN,
    };
    let encoding = Encoding::detect(&bytes, page);
    let after = Document::parse(bytes, encoding);
    let again = Plan::new(&after, &desired, policy).unwrap();
    assert!(again.is_empty(), "{name}: the plan done again has {:?}", again.edits());
}
