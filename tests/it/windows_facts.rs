//! What Windows 10 was reported to do, case by case (`tests/fixtures/windows10-facts.json`).
//!
//! Reading must agree exactly. Writing must lead to a file that Windows reads as it reads its own,
//! and to the same lines, line ends aside. Where msipctl does another thing on purpose, the case
//! stands in a list here with the reason, and a case in a list must really differ.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use winini::profile::{self, Answer, Profile};
use winini::{CodePage, Document};

/// Cases that ask for something other than the content of a file.
const NOT_ABOUT_CONTENT: &[(&str, &str)] = &[
    ("limit-file-name-too-long", "the store, not the document, meets file names"),
    ("path-prn", "a device name; the store refuses what is no file"),
    ("path-com9", "a device name; the store refuses what is no file"),
    ("path-lpt", "a name without folder; Windows would look in its own folder, msipctl never does"),
    ("path-drive-twice", "no path; the store reports what the system says"),
    ("path-star", "no file name; the store reports what the system says"),
    ("path-question-mark", "no file name; the store reports what the system says"),
    ("path-empty", "no path; the store reports what the system says"),
    ("path-dot", "a folder; the store refuses it"),
    ("path-dot-dot", "a folder; the store refuses it"),
    ("path-directory", "a folder; the store refuses it"),
    ("set-missing-directory", "the store refuses a missing folder before a document exists"),
];

/// Writes that Windows makes and then cannot read back; msipctl refuses them.
const REFUSED: &[(&str, &str)] = &[
    ("enc-new-file-ansi-question-marks", "letters would become question marks"),
    ("semicolon-set-key", "a key that begins with `;` is a comment"),
    ("semicolon-set-twice", "a key that begins with `;` is a comment"),
    ("insert-comments-reversed", "a key that begins with `;` is a comment"),
    ("bracket-close-in-name-set", "a `]` ends the section name"),
    ("blank-set-value-cr", "a line break ends the value"),
    ("blank-set-value-lf", "a line break ends the value"),
    ("blank-set-section-tab", "a tab round a section name is never found"),
    ("blank-set-section-vt", "a vertical tab round a section name is never found"),
    ("blank-set-section-cr", "a line break ends the header"),
    ("blank-set-section-lf", "a line break ends the header"),
    ("blank-set-key-tab", "a tab round a key is never found"),
    ("blank-set-key-vt", "a vertical tab round a key is never found"),
    ("blank-set-key-cr", "a line break ends the key"),
    ("blank-set-key-lf", "a line break ends the key"),
    ("set-section-odd-characters", "blanks at the end of a section name are never found"),
    ("set-key-odd-characters", "a `=` ends the key"),
    ("abuse-two-headers-one-line-set", "a `]` ends the section name"),
    ("abuse-header-line-end-set", "a line break ends the header"),
    ("limit-set-1mib-value", "a length that wraps at 65536 reads as another value"),
];

/// Values that Windows writes as given and reads back without their blanks; msipctl quotes them.
const QUOTED: &[(&str, &str)] = &[
    ("blank-set-value-space", "spaces at the ends are kept by quotes"),
    ("blank-set-value-tab", "tabs at the ends are kept by quotes"),
    ("blank-set-value-vt", "vertical tabs at the ends are kept by quotes"),
];

/// Files that read as Windows' own but hold other lines.
const OTHER_LINES: &[(&str, &str)] =
    &[("utf16le-bom-only-set", "no blank line is put in front of the first section")];

#[derive(Deserialize)]
struct Facts {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    op: String,
    #[serde(default)]
    file_hex: Value,
    #[serde(default)]
    mid_hex: Value,
    #[serde(default)]
    section: Value,
    #[serde(default)]
    key: Value,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    default: Option<String>,
    #[serde(default)]
    size: Option<usize>,
    expect: BTreeMap<String, Value>,
}

impl Case {
    /// The document the call finds: the bytes where it starts, as Windows would take them.
    fn document(&self) -> Document {
        let hex = if self.mid_hex.is_null() { &self.file_hex } else { &self.mid_hex };
        parse(unhex(hex).unwrap_or_default())
    }

    fn section(&self) -> Option<String> {
        text(&self.section)
    }

    fn key(&self) -> Option<String> {
        text(&self.key)
    }

    fn has(&self, list: &[(&str, &str)]) -> bool {
        list.iter().any(|(id, _)| *id == self.id)
    }
}

fn parse(bytes: Vec<u8>) -> Document {
    let encoding = profile::encoding_read(&bytes, CodePage::WESTERN);
    Document::parse(bytes, encoding)
}

/// A text of the table: plain, or pieces each repeated.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(map) if map.contains_key("repeat") => {
            let pieces = map["repeat"].as_array().unwrap().iter();
            Some(
                pieces
                    .map(|piece| {
                        let times = usize::try_from(piece[1].as_u64().unwrap()).unwrap();
                        piece[0].as_str().unwrap().repeat(times)
                    })
                    .collect(),
            )
        }
        other => panic!("{other} is no text"),
    }
}

/// The bytes of a file in the table: hex, hex pieces each repeated, or numbered lines.
fn unhex(value: &Value) -> Option<Vec<u8>> {
    if let Some(count) = value.get("count") {
        let pattern = count["line"].as_str().unwrap();
        let lines = numbered(count, pattern).collect::<String>();
        return Some((count["prefix"].as_str().unwrap().to_owned() + &lines).into_bytes());
    }
    let hex = text(value)?;
    let digits = hex.as_bytes().chunks(2);
    Some(
        digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect(),
    )
}

fn numbered<'c>(count: &'c Value, pattern: &'c str) -> impl Iterator<Item = String> + 'c {
    let (from, to) = (count["from"].as_u64().unwrap(), count["to"].as_u64().unwrap());
    (from..=to).map(move |number| pattern.replace("%010d", &format!("{number:010}")))
}

/// The names a list answers: plain, or numbered with the last one cut.
fn names(value: &Value) -> Vec<String> {
    match value.get("count") {
        None => value.as_array().unwrap().iter().map(|name| text(name).unwrap()).collect(),
        Some(count) => {
            let mut names: Vec<_> = numbered(count, count["item"].as_str().unwrap()).collect();
            *names.last_mut().unwrap() = count["last"].as_str().unwrap().to_owned();
            names
        }
    }
}

fn check_reading(case: &Case) {
    let document = case.document();
    let profile = Profile::new(&document);
    let size = case.size.unwrap_or(1024);
    let answer: Answer = match case.op.as_str() {
        "get" => profile::get_string(
            profile,
            &case.section().unwrap(),
            &case.key().unwrap(),
            case.default.as_deref().unwrap_or_default(),
            size,
        ),
        "get_no_key" => profile::get_names(profile, case.section().as_deref(), size),
        "get_no_section" => profile::get_names(profile, None, size),
        other => panic!("{other}"),
    };
    for (field, expected) in &case.expect {
        match field.as_str() {
            "value" if case.op == "get" => {
                assert_eq!(Some(&answer.text), text(expected).as_ref(), "{}", case.id);
            }
            "value" => {
                let found: Vec<_> = answer.text.split_terminator('\0').map(str::to_owned).collect();
                assert_eq!(found, names(expected), "{}", case.id);
            }
            "value_hex" => {
                let bytes = document.encoding().encode(&answer.text).unwrap();
                assert_eq!(Some(bytes.into_owned()), unhex(expected), "{}", case.id);
            }
            "ret" => {
                let units = answer.text.encode_utf16().count() as u64;
                assert_eq!(units, expected.as_u64().unwrap(), "{}", case.id);
            }
            // 2 is "no such file", which the store says.
            "gle" => assert_eq!(answer.is_truncated, expected == 234, "{}", case.id),
            other => panic!("{other}"),
        }
    }
}

fn write(case: &Case) -> Result<Document, String> {
    let document = case.document();
    let section = case.section().unwrap();
    let edits = match case.op.as_str() {
        "set" => {
            let value = text(&case.value).unwrap();
            profile::set(&document, &section, &case.key().unwrap(), &value)
                .map_err(|refusal| refusal.to_string())?
        }
        "delete_key" => profile::unset(&document, &section, &case.key().unwrap()),
        "delete_section" => profile::unset_section(&document, &section),
        other => panic!("{other}"),
    };
    document.edit(&edits).map_err(|error| error.to_string())
}

/// Everything that can be read: sections with their keys and values.
fn readings(document: &Document) -> Vec<(String, Vec<(String, String)>)> {
    Profile::new(document)
        .sections()
        .map(|section| {
            let entries = section.entries();
            let entries = entries.map(|entry| (entry.key().into(), entry.value().into()));
            (section.name().into(), entries.collect())
        })
        .collect()
}

/// All lines without their line ends.
fn lines(document: &Document) -> Vec<&[u8]> {
    document.lines().iter().map(|line| document.raw(line.content())).collect()
}

fn check_writing(case: &Case) {
    let written = write(case);
    if case.has(REFUSED) {
        assert!(written.is_err(), "{} is written", case.id);
        return;
    }
    let ours = written.unwrap_or_else(|error| panic!("{}: {error}", case.id));
    let theirs = parse(unhex(&case.expect["file_hex"]).unwrap());
    if case.has(QUOTED) {
        let profile = Profile::new(&ours);
        let value = profile.get(&case.section().unwrap(), &case.key().unwrap());
        assert_eq!(value.as_deref(), text(&case.value).as_deref(), "{}", case.id);
        assert_ne!(readings(&ours), readings(&theirs), "{} is no exception", case.id);
        return;
    }
    assert_eq!(readings(&ours), readings(&theirs), "{}", case.id);
    if case.has(OTHER_LINES) {
        assert_ne!(lines(&ours), lines(&theirs), "{} is no exception", case.id);
    } else {
        assert_eq!(lines(&ours), lines(&theirs), "{}", case.id);
    }
}

#[test]
fn results_match_cases_recorded_on_windows_10() {
    let text = include_str!("../fixtures/windows10-facts.json");
    let facts: Facts = serde_json::from_str(text).unwrap();
    assert_eq!(facts.cases.len(), 195);

    let (mut read, mut wrote, mut apart) = (0, 0, 0);
    for case in &facts.cases {
        if case.has(NOT_ABOUT_CONTENT) {
            apart += 1;
        } else if case.op.starts_with("get") {
            check_reading(case);
            read += 1;
        } else {
            check_writing(case);
            wrote += 1;
        }
    }
    println!("{read} read, {wrote} written, {apart} not about content");
    assert_eq!(read + wrote + apart, facts.cases.len());

    let listed = [NOT_ABOUT_CONTENT, REFUSED, QUOTED, OTHER_LINES].concat();
    for (id, _) in listed {
        assert!(facts.cases.iter().any(|case| case.id == id), "{id} is no case");
    }
}
