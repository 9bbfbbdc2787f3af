//! A safe fix changes no value that the target version of MicroSIP reads today: over every way to damage a file, over torn
//! bytes and lines, and over the files of the corpus.

use std::path::Path;

use microsip_schema::{Availability, Kind, Version};
use msipctl_core::validate::{Check, FixOutcome, Safety, apply_fixes, check};
use proptest::prelude::*;
use winini::profile::{self, Profile, truncate};
use winini::{CodePage, Document, Encoding};

use crate::damage;
use crate::runner::{Folder, utf16};

const VERSIONS: [Version; 3] = [Version::NEWEST, Version::new(3, 19, 11), Version::new(3, 14, 0)];

/// What a version reads of a file: section, key, and value.
type Values = Vec<(String, String, String)>;

/// Reads a file as a version does. This is deliberately not the code of msipctl that decides which fixes are safe.
///
/// `only_right` leaves out non-ASCII values that the version decodes wrong.
fn read(bytes: &[u8], page: CodePage, microsip: Version, only_right: bool) -> Values {
    let is_wide = bytes.starts_with(b"\xff\xfe");
    let converts = !is_wide && microsip >= Version::new(3, 19, 12);
    let end = bytes.iter().position(|byte| *byte == 0).filter(|_| converts);
    let text = &bytes[..end.unwrap_or(bytes.len())];
    let document = Document::parse(text.to_vec(), profile::encoding_read(bytes, page));
    let meant = Encoding::detect(bytes, page);
    let is_misread = !matches!(meant, Encoding::Ascii | Encoding::Ansi(_) | Encoding::MICROSIP);
    let profile = Profile::new(&document);
    let has_id = profile.get("Settings", "accountId").is_some_and(|id| !id.is_empty());
    let mut values = Vec::new();
    for section in profile.counting_sections() {
        let name = section.name();
        for entry in section.counting_entries() {
            let key = entry.key();
            let row = microsip_schema::find(&name, &key);
            let Some(row) = row.filter(|row| row.available(microsip) == Availability::Yes) else {
                continue;
            };
            // Old accounts are not read next to new ones, and the number of a record is no name.
            if row.kind() == Kind::Record || has_id && row.is_legacy_account() {
                continue;
            }
            let value = truncate(&entry.value(), row.limit(microsip)).to_owned();
            // Line endings of UTF-16 whose bytes are shifted by one: nobody can read such a value.
            if value.contains(['\u{a00}', '\u{a0d}']) {
                continue;
            }
            // Non-ASCII characters that are decoded wrong today.
            if only_right && is_misread && !value.is_ascii() {
                continue;
            }
            let value = match row.kind() {
                Kind::Switch(_) => format!("{:?}", row.switch_on(&value, microsip)),
                Kind::Number { .. } if !value.is_empty() => {
                    microsip_schema::leading_number(&value).0.unwrap_or_default().to_string()
                }
                _ => value,
            };
            values.push((name.to_ascii_lowercase(), key.to_ascii_lowercase(), value));
        }
    }
    values
}

/// Returns the values that safe fixes changed, and how many fixes there were.
fn changed(bytes: &[u8], page: CodePage, microsip: Version) -> (Values, usize) {
    let document = Document::parse(bytes.to_vec(), Encoding::detect(bytes, page));
    let by = Check::new(microsip);
    let FixOutcome { after, fixed } = apply_fixes(&document, by, Safety::Safe);
    let after = read(after.bytes(), page, microsip, false);
    let mut changed = read(bytes, page, microsip, true);
    changed.retain(|row| !after.contains(row));
    (changed, fixed.len())
}

/// A file, and the same file as tools and power failures leave it.
fn variants(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = Encoding::detect(bytes, CodePage::WESTERN);
    let text = text.decode(bytes.strip_prefix(text.byte_order_mark()).unwrap_or(bytes));
    let wide = utf16(&text);
    let saved = format!("\u{feff}{text}\r\n[Settings]\r\nAA=7\r\nDND=7\r\nautoAnswer=all\r\n");
    let middle = wide.len() / 4 * 2;
    vec![
        bytes.to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        saved.into_bytes(),
        text.as_bytes().to_vec(),
        wide[2..].to_vec(),
        wide[..middle + 1].to_vec(),
        [&wide[..middle], &[0; 512]].concat(),
        [&wide[..middle], &[0; 512], &wide[middle..]].concat(),
        [text.as_bytes(), &[0; 511]].concat(),
        [&wide, &b"[Settings]\r\nDND=7\r\n"[..]].concat(),
        utf16(&text.replace("\r\n", "\r\r\n")),
        utf16(&format!("\u{feff}{text}[Settings]\r\nDND=7\r\n")),
    ]
}

#[track_caller]
fn check_variants(name: &str, bytes: &[u8], page: CodePage) -> usize {
    let mut fixes = 0;
    for (number, bytes) in variants(bytes).iter().enumerate() {
        for microsip in VERSIONS {
            let (changed, count) = changed(bytes, page, microsip);
            assert_eq!(changed, [], "{name}, variant {number}, MicroSIP {microsip}");
            fixes += count;
        }
    }
    fixes
}

#[test]
fn safe_fixes_keep_effective_values_of_damaged_files() {
    let mut fixes = 0;
    for (name, bytes, page) in damage::damaged() {
        fixes += check_variants(name, &bytes, page);
    }
    assert!(fixes > 1000, "only {fixes} safe fixes were tried");
}

#[test]
fn safe_fixes_keep_effective_values_of_the_corpus() {
    let Some(folder) = std::env::var_os("MSIPCTL_CORPUS") else {
        println!("MSIPCTL_CORPUS is not set");
        return;
    };
    let mut files = 0;
    for entry in std::fs::read_dir(Path::new(&folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("ini")) {
            check_variants(
                &path.display().to_string(),
                &std::fs::read(&path).unwrap(),
                CodePage::WESTERN,
            );
            files += 1;
        }
    }
    assert!(files > 0, "{} holds no ini files", folder.display());
}

proptest! {
    #[test]
    fn safe_fixes_keep_effective_values_of_corrupt_files(
        pieces in prop::collection::vec(prop::sample::select(vec![
            b"\xef\xbb\xbf".as_slice(), b"\xff\xfe", b"\0", b"\0\0\0\0", b"\r\n", b"\r\r\n", b"\r\0\n\0",
            b"[Settings]\r\n", b"[settings]\r\n", b"[Account1]\r\n", b"[Account1] x=1\r\n", b"[Settings",
            b"A\0A\0=\x000\0\r\0\n\0", b"[\0S\0e\0t\0t\0i\0n\0g\0s\0]\0\r\0\n\0", b"AA=1\r\n", b"AA=0\r\n",
            b"AA = \"1\" ; on\r\n", b"\"AA\"=1\r\n", b"AA: 1\r\n", b"aa=yes\r\n", b"DND=1[Account1]\r\n",
            b"domain=a\r\n", b"domain=b \r\n", b"server=sip:a\r\n", b"accountId=1\r\n", b"accountId=\r\n",
            b"label=B\xc3\xbcro\r\n", b"label=B\xfcro\r\n", b"autoAnswer=Button\r\n", b"autoAnswer=1\r\n",
            b"cmdCallEnd=\"C:\\a b\\c.exe\"\r\n", b"cmdCallEnd=\r\n", b"recordingPath=C:\\\\a\r\n", b"x",
        ]), 0..14),
        microsip in prop::sample::select(VERSIONS.to_vec()),
    ) {
        let (changed, _) = changed(&pieces.concat(), CodePage::WESTERN, microsip);
        prop_assert_eq!(changed, vec![]);
    }
}

/// MicroSIP doesn't see the first section, and saved a second one.
const TWO: &[u8] =
    b"\xef\xbb\xbf[Settings]\r\nAA=1\r\nsingleMode=1\r\n[Settings]\r\nDND=1\r\nAA=0\r\n";

#[test]
fn show_lists_current_values_and_values_after_the_fix() {
    let folder = Folder::with(TWO);
    let run = folder.on_ini(&["show"]).code(0);
    insta::assert_snapshot!(run.out(), @"
    MicroSIP.ini (utf-8-bom)
    MicroSIP reads other values than after `check --fix`; both are shown where they differ

    [Settings]
       2  AA         = 1  (duplicate in line 6, never read; MicroSIP now reads `0` in line 6)
       3  singleMode = 1  (MicroSIP doesn't find it now)
          DND         (not set after the fix; MicroSIP now reads `1` in line 5)
    ");
    insta::assert_snapshot!(run.err(), @"warning: MicroSIP.ini: the file is utf-8-bom: MicroSIP treats the BOM as text and loses the first section");
    let json = folder.on_ini(&["show", "--format", "json"]).code(0).json();
    let file = &json["files"][0];
    let key = |name: &str| {
        let keys = file["sections"][0]["keys"].as_array().unwrap();
        keys.iter().find(|key| key["key"] == name).unwrap()
    };
    assert!(
        file["read_warning"]
            .as_str()
            .unwrap()
            .contains("the file is utf-8-bom: MicroSIP treats the BOM as text")
    );
    assert_eq!(key("AA")["value"], "1");
    assert_eq!(key("AA")["read_now"], serde_json::json!({"value": "0", "line": 6}));
    assert_eq!(key("singleMode")["read_now"]["value"], serde_json::Value::Null);
    assert_eq!(key("DND")["set"], false);
    assert_eq!(key("DND")["read_now"]["value"], "1");
    let get = folder.on_ini(&["get", "Settings.AA", "--format", "json"]).code(0).json();
    assert_eq!(get["files"][0]["read_now"]["value"], "0");
}

#[test]
fn show_lists_one_value_when_the_encoding_is_correct() {
    let folder = Folder::with(utf16("[Settings]\r\nAA=1\r\n"));
    let json = folder.on_ini(&["show", "--format", "json"]).code(0).json();
    let file = &json["files"][0];
    assert!(file.get("read_warning").is_none());
    assert!(file["sections"][0]["keys"][0].get("read_now").is_none());
}

#[test]
fn conversion_that_would_change_effective_values_is_rejected() {
    let folder = Folder::with(TWO);
    let before = folder.state();
    let run = folder.on_ini(&["set", "Settings.singleMode=0"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: MicroSIP.ini: MicroSIP reads other values than the file's author intended, and a conversion would change them; nothing was written
    hint: run `msipctl show` to compare the values, and `msipctl check --unsafe-fixes` to apply the author's
    ");
    folder.on_ini(&["check", "--fix", "--exit-zero"]).code(0);
    assert_eq!(folder.state(), before);
    folder.on_ini(&["audit", "MicroSIP.ini"]).code(2);
    folder.on_ini(&["check", "--unsafe-fixes", "--exit-zero"]).code(0);
    let get = folder.on_ini(&["get", "Settings.AA"]).code(0);
    assert_eq!((get.out().as_str(), get.err().as_str()), ("1\n", ""));
    assert!(folder.names().contains(&".msipctl/".to_owned()));
}

#[test]
fn fixes_that_change_a_value_are_unsafe() {
    for line in [
        "autoAnswer=Button",
        "recordingPath=C:\\\\a\\\\b",
        "cmdCallEnd=\"C:\\a b\\c.exe\"",
        "audioCodecs=PCMA/8000/1 PCMA/8000/1",
        "ringingSound=\u{200e}C:\\x.wav",
    ] {
        let text = utf16(&format!("[Settings]\r\naccountId=1\r\n{line}\r\n"));
        let document = Document::parse(text, Encoding::MICROSIP);
        let by = Check::new(Version::NEWEST);
        let found = check(&document, by);
        let fixes: Vec<_> = found.iter().filter_map(|finding| finding.fix()).collect();
        assert!(fixes.iter().any(|fix| fix.safety() == Safety::Unsafe), "{line}: {found:?}");
        assert!(apply_fixes(&document, by, Safety::Safe).fixed.is_empty(), "{line}");
    }
}
