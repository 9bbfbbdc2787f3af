//! A merge of one report for each file equals one audit over all files.

use std::path::Path;

use serde_json::{Value, json};

use super::desks::AS_OF;
use crate::runner::{Folder, utf16};
use microsip_schema::Version;
use msipctl_core::fleet::{Audited, HostFacts, Standard, Target};
use msipctl_core::hook::Catalogue;
use winini::{CodePage, Document, Encoding};

const POLICY: &str = "[Settings]\nAA = true\nvolumeRing = { max = 80 }\nsingleMode = true\nDND = false\n\
                      [Account1]\nusername = { matches = \"^[0-9]+$\" }\n";

/// Under Wine, each file takes much longer.
const FILES: usize = if cfg!(windows) { 500 } else { 10_000 };

fn text(desk: usize) -> String {
    let aa = u8::from(!desk.is_multiple_of(7));
    let mode = if desk.is_multiple_of(13) { "" } else { "singleMode=1\r\n" };
    let dnd = desk % 11 % 2;
    format!(
        "[Settings]\r\nAA={aa}\r\nvolumeRing={}\r\n{mode}DND={dnd}\r\n[Account1]\r\nusername={desk}\r\n",
        desk % 90
    )
}

#[test]
fn totals_equal_those_of_one_audit_over_the_same_files() {
    let folder = Folder::new();
    folder.write("p.toml", POLICY);
    let facts = HostFacts {
        user: String::new(),
        host: String::new(),
        program: String::new(),
        env: |_| None,
    };
    let policy = folder.file("p.toml");
    let standard =
        Standard::load(&policy, &Catalogue::shipped(), CodePage::WESTERN, facts).unwrap();
    for desk in 0..FILES {
        let path = format!("d{desk:05}/MicroSIP.ini");
        folder.add(&path, utf16(&text(desk)));
        let document = Document::parse(utf16(&text(desk)), Encoding::Utf16Le { bom: true });
        let target = Target::file(Path::new(&path).to_owned(), None);
        let resolved = standard.resolved(&target, Version::NEWEST).unwrap();
        let row = Audited::new(&document, &resolved).row(path, true);
        let report = json!({
            "audit": {
                "host": format!("pc{desk:05}"), "user": null, "system": "linux", "machine_id": null,
                "policy": null, "run": "", "time": "2026-12-01T00:00:00Z",
            },
            "files": [row], "schema_version": 1, "tool": "msipctl 0.1.0", "time": "2026-12-01T00:00:00Z",
        });
        folder.add(&format!("reports/{desk}.json"), report.to_string());
    }
    let audit = |format: &str| {
        folder.run(&["audit", "p.toml", "-i", "d*", "--format", format]).code(1).out()
    };
    let merge = |format: &str| {
        let args = ["report", "merge", "reports", "--as-of", AS_OF, "--format", format];
        folder.run(&args).code(1).out()
    };
    let summary = |text: &str| -> Value {
        let report: Value = serde_json::from_str(text).unwrap();
        report["summary"].clone()
    };
    let (one, all) = (summary(&audit("json")), summary(&merge("json")));
    for (name, number) in one.as_object().unwrap() {
        assert_eq!(&all[name], number, "{name}");
    }
    assert_eq!(one["files"], FILES);
    // Every line about a key, and the last line.
    let (one, all) = (audit("human"), merge("human"));
    let without_host = |line: &str| {
        let words = line.split(' ').filter(|word| !(word.starts_with("pc") && word.ends_with(':')));
        words.collect::<Vec<_>>().join(" ").replace('\\', "/")
    };
    let all: Vec<_> = all.lines().map(without_host).collect();
    let one: Vec<_> = one.lines().map(|line| line.replace('\\', "/")).collect();
    assert!(one.len() > 5, "{one:?}");
    for line in &one {
        assert!(all.contains(line), "{line}\n{all:#?}");
    }
}
