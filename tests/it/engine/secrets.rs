//! Secrets never get into a result, an error, or `Debug` output, wherever they come from.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{PROGRAM, carry_out, complete, engine};
use crate::runner::Folder;
use msipctl_core::engine::{Operation, StateDocument};

/// Where a secret is.
const PLACES: usize = 7;

fn document(place: usize, secret: &str) -> Value {
    let setting = |key: &str, value: Value| json!({ "settings": [{ "section": "Account1", "key": key, "secret": { "value": value } }] });
    let hook = |name: &str, parameter: &str| {
        json!({
            "hooks": [{
                "template": name, "on": ["call-end"], "with": { (parameter): format!("https://a.example/{secret}") },
                "secret_with": [parameter],
            }],
            "options": { "program": PROGRAM },
        })
    };
    let policy = json!(secret);
    match place {
        0 => setting("password", json!(secret)),
        1 => setting("label", json!(secret)),
        2 => json!({ "settings": [{ "section": "Account1", "key": "password", "value": secret }] }),
        3 => hook("http-event", "url"),
        4 => json!({ "policy": { "text": format!("[Account1]\npassword = {policy}\n") } }),
        // An invalid number, which an ordinary error would repeat.
        5 => {
            json!({ "settings": [{ "section": "Settings", "key": "sourcePort", "secret": { "value": secret } }] })
        }
        // Only the file contains it.
        _ => json!({ "settings": [{ "section": "Account1", "key": "username", "value": "204" }] }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn secret_is_nowhere_in_a_result(
        secret in "Zq[A-Z][a-z0-9é\"\\\\&<%+/ ]{3,12}[A-Z]",
        place in 0..PLACES,
        operation in prop::sample::select(vec![Operation::Get, Operation::Test, Operation::Set]),
    ) {
        let file = format!("[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=x\r\npassword={secret}\r\n");
        let folder = Folder::with(match place {
            6 => file,
            _ => "[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=x\r\n".to_owned(),
        });
        let mut document = document(place, &secret);
        document["diff"] = json!(true);
        let json = complete(&folder, document.clone()).to_string();
        let parsed = StateDocument::parse(json.as_bytes()).unwrap();
        let result = carry_out(&folder, operation, document);
        let line = String::from_utf8(result.to_line()).unwrap();
        let escaped = serde_json::to_string(&secret).unwrap();
        let escaped = escaped.trim_matches('"');
        for text in [line, format!("{result:?}"), format!("{parsed:?}")] {
            prop_assert!(!text.contains(&secret) && !text.contains(escaped), "{text}");
        }
        // The backups and their lists contain the old file, and nothing of the document.
        for (path, bytes) in folder.files_below(".msipctl") {
            let is_there = String::from_utf8_lossy(&bytes).contains(&secret);
            prop_assert!(!is_there || place == 6, "{}", path.display());
        }
    }
}

#[test]
fn secret_is_written_but_not_printed() {
    let folder = Folder::with("[Account1]\r\npassword=old-one\r\n");
    folder.write("pw.txt", "S3CR3T-p\u{e4}ss\r\n");
    let document = json!({
        "settings": [{ "section": "Account1", "key": "password", "secret": { "file": folder.file("pw.txt") } }],
        "diff": true,
    });
    let run = engine(&folder, &["set"], document).code(0);
    let printed = String::from_utf8(run.everything()).unwrap();
    assert!(!printed.contains("S3CR3T") && !printed.contains("old-one"), "{printed}");
    assert!(printed.contains("-password=***"), "{printed}");
    let written = folder.ini();
    let encoding = winini::Encoding::detect(&written, winini::CodePage::WESTERN);
    assert!(encoding.decode(&written).contains("password=S3CR3T-p\u{e4}ss"));
}
