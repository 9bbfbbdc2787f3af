//! Compares msipctl with the Windows profile functions: they must read what `profile` returns for a file, and what an
//! edit writes.
//!
//! Under Wine, these are Wine's functions. Files that Wine is known to read differently from Windows are skipped:
//! [`excluded`] is the complete list.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use msipctl_windows::profile_calls as calls;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use winini::profile::{self, Profile};
use winini::{CodePage, Document, Encoding};

use crate::runner::{say, utf16};

/// The comparisons so far.
#[derive(Default)]
struct Count {
    files: AtomicUsize,
    queries: AtomicUsize,
    edits: AtomicUsize,
    refused: AtomicUsize,
    excluded: Mutex<BTreeMap<&'static str, usize>>,
}

impl Count {
    fn say(&self, what: &str) {
        let load = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let (files, queries) = (load(&self.files), load(&self.queries));
        let (edits, refused) = (load(&self.edits), load(&self.refused));
        say(&format!(
            "oracle, {what}: {files} files, {queries} queries, {edits} edits ({refused} refused), \
             0 disagreements; not put to it: {:?}",
            self.excluded.lock().unwrap()
        ));
    }

    fn add(&self, count: &AtomicUsize) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns why Wine reads a file differently from what was reported for Windows.
fn excluded(document: &Document) -> Option<&'static str> {
    let bytes = document.bytes();
    let text = document.encoding().decode(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Some("byte order mark of UTF-8");
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Some("byte order mark of UTF-16BE");
    }
    if text.contains('\0') {
        return Some("a zero in the file");
    }
    // On Windows, a line without `=` isn't a key. Wine then doesn't find a later key with that name.
    let lines = || text.split(['\r', '\n']);
    let key_of = |line: &str| trimmed(line.split('=').next().unwrap_or_default()).to_lowercase();
    let keys: HashSet<_> = lines().filter(|line| line.contains('=')).map(key_of).collect();
    if lines()
        .any(|line| !line.contains('=') && !key_of(line).is_empty() && keys.contains(&key_of(line)))
    {
        return Some("a key of the same name as a line without =");
    }
    lines().find_map(|line| {
        let name = trimmed(line).strip_prefix('[')?;
        match name.matches(']').count() {
            0 => Some("a header without its end"),
            1 if name.split(']').next()?.trim().is_empty() => Some("a header without a name"),
            1 => None,
            _ => Some("a header with several ends"),
        }
    })
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\u{b}', '\u{c}'])
}

/// A folder with one file after another, so that no result comes from a cache.
struct ProfileFunctions {
    folder: tempfile::TempDir,
    next: AtomicUsize,
}

impl ProfileFunctions {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), next: AtomicUsize::new(0) }
    }

    /// Passes a file with these bytes to `look`.
    fn with<T>(&self, bytes: &[u8], look: impl FnOnce(&Path) -> T) -> T {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.path().join(format!("{number}.ini"));
        fs::write(&path, bytes).unwrap();
        let found = look(&path);
        fs::remove_file(&path).unwrap();
        found
    }
}

fn document(bytes: &[u8]) -> Document {
    let encoding = profile::encoding_read(bytes, CodePage::WESTERN);
    Document::parse(bytes.to_vec(), encoding)
}

/// Compares everything that the functions return for the file at `path` with what `profile` returns for the document.
fn compare(document: &Document, path: &Path, count: &Count) -> Result<(), String> {
    let profile = Profile::new(document);
    let differ = |what: String, ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
        let bytes = document.bytes().escape_ascii();
        Err(format!("{what}: profile says {ours:?}, the calls {theirs:?}\nfile: {bytes}"))
    };
    count.add(&count.files);

    let ours: Vec<_> = profile.sections().map(|section| section.name().into_owned()).collect();
    let theirs = calls::names(path, None).unwrap();
    count.add(&count.queries);
    if ours != theirs {
        return differ("sections".to_owned(), &ours, &theirs);
    }
    for section in profile.counting_sections() {
        let name = section.name();
        let ours: Vec<_> = section.entries().map(|entry| entry.key().into_owned()).collect();
        // An empty name ends a list early, and Wine lists nothing if the first one is empty.
        if ours.iter().all(|key| !key.is_empty()) {
            let theirs = calls::names(path, Some(&name)).unwrap();
            count.add(&count.queries);
            if ours != theirs {
                return differ(format!("keys of [{name}]"), &ours, &theirs);
            }
        }
        let mut asked = HashSet::new();
        let swapped = |key: &str| {
            let swap = |character: char| match character.is_ascii_lowercase() {
                true => character.to_ascii_uppercase(),
                false => character.to_ascii_lowercase(),
            };
            key.chars().map(swap).collect::<String>()
        };
        let keys = ours.iter().flat_map(|key| [key.clone(), swapped(key)]);
        for key in keys.chain(["none".to_owned(), "AA".to_owned()]) {
            if !asked.insert(key.clone()) || key.is_empty() {
                continue;
            }
            let ours = profile.get(&name, &key);
            let theirs = calls::get(path, &name, &key).unwrap();
            count.add(&count.queries);
            if ours.as_deref() != theirs.as_deref() {
                return differ(format!("[{name}] {key}"), &ours, &theirs);
            }
        }
    }
    Ok(())
}

/// An edit: a key of the file by number, or a new one, and its value; `None` removes it.
#[derive(Debug, Clone)]
struct EditRequest {
    at: Option<usize>,
    section: String,
    key: String,
    value: Option<String>,
}

/// Edits the document as msipctl does, and compares what the functions read then.
fn compare_edit(
    document: &Document,
    request: &EditRequest,
    functions: &ProfileFunctions,
    count: &Count,
) -> Result<(), String> {
    let profile = Profile::new(document);
    let keys: Vec<(String, String)> = profile
        .counting_sections()
        .flat_map(|section| {
            let name = section.name().into_owned();
            let entries = section.counting_entries().into_iter();
            entries.map(move |entry| (name.clone(), entry.key().into_owned()))
        })
        .filter(|(_, key)| !key.is_empty())
        .collect();
    let at = request.at.filter(|_| !keys.is_empty()).map(|at| keys[at % keys.len()].clone());
    let (section, key) = at.unwrap_or((request.section.clone(), request.key.clone()));
    let edits = match &request.value {
        Some(value) => profile::set(document, &section, &key, value),
        None => Ok(profile::unset(document, &section, &key)),
    };
    // Rejected with a reason: characters that the file's code page doesn't have, or a value that couldn't be read back.
    let Some(after) = edits.ok().and_then(|edits| document.edit(&edits).ok()) else {
        count.add(&count.refused);
        return Ok(());
    };
    // An added key may have the name of a line without `=`.
    if let Some(why) = excluded(&after) {
        *count.excluded.lock().unwrap().entry(why).or_default() += 1;
        return Ok(());
    }
    count.add(&count.edits);
    functions.with(after.bytes(), |path| {
        let bytes = || format!("{}\nto: {}", document.bytes().escape_ascii(), after.bytes().escape_ascii());
        let read = calls::get(path, &section, &key).unwrap();
        // The text after the first duplicate is read once that is removed, so removing removes all.
        if read != request.value {
            return Err(format!("[{section}] {key}: {request:?} was read back as {read:?}: {}", bytes()));
        }
        for (other_section, other_key) in &keys {
            let is_it = other_section.eq_ignore_ascii_case(&section) && other_key.eq_ignore_ascii_case(&key);
            let before = profile.get(other_section, other_key);
            let read = calls::get(path, other_section, other_key).unwrap();
            count.add(&count.queries);
            if !is_it && before.as_deref() != read.as_deref() {
                return Err(format!(
                    "[{other_section}] {other_key} was {before:?} and is {read:?} after {request:?}: {}",
                    bytes()
                ));
            }
        }
        compare(&after, path, count)
    })
}

/// Compares a file, complete and after each edit.
fn compare_with_edits(
    bytes: &[u8],
    requests: &[EditRequest],
    functions: &ProfileFunctions,
    count: &Count,
) -> Result<(), String> {
    let document = document(bytes);
    functions.with(bytes, |path| compare(&document, path, count))?;
    requests.iter().try_for_each(|request| compare_edit(&document, request, functions, count))
}

/// How a generated text becomes bytes.
#[derive(Debug, Clone, Copy)]
enum Form {
    Utf16,
    Ansi,
}

fn encode(text: &str, form: Form) -> Vec<u8> {
    match form {
        Form::Utf16 => utf16(text),
        Form::Ansi => {
            let text: String = text
                .chars()
                .map(|character| if character > 'ÿ' { '?' } else { character })
                .collect();
            Encoding::Ansi(CodePage::WESTERN).encode(&text).unwrap().to_vec()
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec!["AA", "aa", "Key", "KEY", "a b", "é", "k.1", "#x", "日"]);
    prop_oneof![4 => fixed.prop_map(str::to_owned), 1 => "[a-zA-Zé][a-zA-Z0-9 é_.-]{0,6}[a-z0-9]"]
}

fn section() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec!["Settings", "SETTINGS", "Account1", "a b", "é", "日"]);
    prop_oneof![4 => fixed.prop_map(str::to_owned), 1 => "[a-zA-Zé][a-zA-Z0-9 é_.-]{0,6}[a-z0-9]"]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~é日😀]{0,12}",
        1 => "\"[ -~é]{0,8}\"",
        1 => "'[ -~é]{0,8}'",
        1 => "[\"'][ -~]{0,4}",
        1 => "[ -~]{0,4}[\"']",
        1 => "\"\"[a-z :\\\\]{0,8}\"\"( [a-z]{0,3})?",
        1 => "[\t \"';=\\[\\]#]{0,6}",
    ]
}

fn line() -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", "", "", " ", "\t", "  \t "]);
    let equals = prop::sample::select(vec!["=", "=", " = ", "\t=", "= ", "=="]);
    prop_oneof![
        2 => (space(), section(), space(), prop::sample::select(vec!["", "", " x", ";c", "k=v"]))
            .prop_map(|(space, name, inner, tail)| format!("{space}[{inner}{name}{inner}]{tail}")),
        8 => (space(), name(), equals, value(), space())
            .prop_map(|(before, name, equals, value, after)| format!("{before}{name}{equals}{value}{after}")),
        1 => value().prop_map(|text| format!(";{text}")),
        1 => (space(), value()).prop_map(|(space, text)| format!("{space};{text}")),
        1 => "[x-z ]{1,6}",
        1 => value().prop_map(|text| format!("={text}")),
        1 => space().prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let ending = || prop::sample::select(vec!["\r\n", "\r\n", "\r\n", "\n", "\r"]);
    let lines = prop::collection::vec((line(), ending()), 0..16);
    (section(), lines, any::<bool>()).prop_map(|(first, lines, has_last_ending)| {
        let mut text = format!("[{first}]\r\n");
        lines.iter().for_each(|(line, ending)| text.push_str(&format!("{line}{ending}")));
        if !has_last_ending {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        text
    })
}

/// A small damage: a character added, characters removed, or a part duplicated.
fn damaged(text: &str, damages: &[(u8, u16, char)]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (kind, place, character) in damages {
        let place = usize::from(*place) % (characters.len() + 1);
        let end = (place + 1 + usize::from(kind / 4) % 9).min(characters.len());
        match kind % 4 {
            0 | 1 => characters.insert(place, *character),
            2 => drop(characters.drain(place..end)),
            _ => {
                let piece = characters[place..end].to_vec();
                characters.splice(place..place, piece);
            }
        }
    }
    characters.into_iter().collect()
}

fn request() -> impl Strategy<Value = EditRequest> {
    let at = prop::option::weighted(0.7, 0..32_usize);
    (at, section(), name(), prop::option::weighted(0.8, value()))
        .prop_map(|(at, section, key, value)| EditRequest { at, section, key, value })
}

/// The number of cases: 500, or the value of `ORACLE_CASES`.
fn cases() -> u32 {
    env::var("ORACLE_CASES").ok().map_or(500, |number| number.parse().unwrap())
}

#[test]
fn msipctl_agrees_with_windows_on_random_files() {
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..Config::default()
    };
    let (compare, count) = (ProfileFunctions::new(), Count::default());
    let nasty = prop::sample::select("[]=;;#\"' \t\r\nxAé".chars().collect::<Vec<_>>());
    let damages = prop::collection::vec((any::<u8>(), any::<u16>(), nasty), 0..4);
    let forms = prop::sample::select(vec![Form::Utf16, Form::Ansi]);
    let strategy = (text(), damages, forms, prop::collection::vec(request(), 1..3));
    let result = TestRunner::new(config).run(&strategy, |(text, damages, form, requests)| {
        let bytes = encode(&damaged(&text, &damages), form);
        if let Some(why) = excluded(&document(&bytes)) {
            *count.excluded.lock().unwrap().entry(why).or_default() += 1;
            return Err(TestCaseError::reject(why));
        }
        compare_with_edits(&bytes, &requests, &compare, &count).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => count.say("generated"),
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(TestError::Abort(why)) => panic!("aborted: {why}"),
    }
}

#[test]
fn msipctl_agrees_with_windows_on_fixtures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/roundtrip");
    let count = check_folder(&folder);
    assert!(count.files.load(Ordering::Relaxed) > 10);
    count.say("fixtures");
}

#[test]
fn msipctl_agrees_with_windows_on_the_corpus() {
    let Some(folder) = env::var_os("MSIPCTL_CORPUS") else {
        say("not run: oracle, corpus (MSIPCTL_CORPUS is not set)");
        return;
    };
    let folder = PathBuf::from(folder);
    // Wine maps the root of its host system to drive Z.
    let folder = if folder.has_root() && !folder.is_absolute() {
        Path::new(r"Z:\").join(folder)
    } else {
        folder
    };
    let count = check_folder(&folder);
    assert!(count.files.load(Ordering::Relaxed) > 0);
    count.say("corpus");
}

/// Compares all ini files of a folder, with an edit of every key of some.
fn check_folder(folder: &Path) -> Count {
    let (compare, count) = (ProfileFunctions::new(), Count::default());
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "ini")) {
        let bytes = fs::read(&path).unwrap();
        if let Some(why) = excluded(&document(&bytes)) {
            *count.excluded.lock().unwrap().entry(why).or_default() += 1;
            continue;
        }
        let request = |at: Option<usize>, value: Option<&str>| EditRequest {
            at,
            section: "Settings".to_owned(),
            key: "OnCallEnd".to_owned(),
            value: value.map(str::to_owned),
        };
        let changes = (0..8).map(|number| request(Some(number * 7), Some("changed")));
        let others = [
            request(None, Some("new \"value\"")),
            request(None, Some(" ")),
            request(Some(3), None),
        ];
        let requests: Vec<_> = changes.chain(others).collect();
        if let Err(why) = compare_with_edits(&bytes, &requests, &compare, &count) {
            panic!("{}: {why}", path.display());
        }
    }
    count
}
