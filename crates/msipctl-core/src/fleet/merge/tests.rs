//! Tests of merging with little memory, and with large documents.

use std::num::NonZero;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::apply::write_file;
use crate::audit_report::AuditRow;
use crate::fleet::Stop;

static STOP: Stop = Stop::new();

fn merge(max_entries: usize) -> Merge<'static> {
    let options = MergeOptions {
        as_of: "2026-12-01T12:00:00Z".parse().unwrap(),
        silent_after: SignedDuration::from_hours(7 * 24),
        jobs: NonZero::<usize>::MIN,
        stop: &STOP,
    };
    Merge::with_max_entries(options, max_entries)
}

/// Returns the report of a computer: the files, each with whether it drifts.
fn report(host: u8, day: u8, files: &[(u8, bool)]) -> String {
    let rows: Vec<_> = files
        .iter()
        .map(|(path, drifts)| {
            let drift = if *drifts {
                r#"{"section": "S", "key": "K", "hook": null, "expected": "1", "actual": null, "line": null, "policy": "p", "since": null}"#
            } else {
                ""
            };
            let state = if *drifts { "drifted" } else { "in_sync" };
            format!(r#"{{"path": "{path}.ini", "state": "{state}", "keys": 3, "drift": [{drift}], "unverified": 0, "resolved": null, "error": null}}"#)
        })
        .collect();
    let time = format!("2026-11-{:02}T00:00:00Z", 1 + day % 28);
    format!(
        r#"{{"audit": {{"host": "pc{host}", "user": "u", "system": "linux", "machine_id": null, "policy": null, "run": "r{day}", "time": "{time}"}},
"files": [{}], "schema_version": 1, "time": "{time}", "tool": "msipctl 0.1.0"}}
"#,
        rows.join(", ")
    )
}

/// Merges texts, and returns everything about the result.
fn merged(max_entries: usize, texts: &[String]) -> (Vec<AuditRow>, String) {
    let mut merge = merge(max_entries);
    texts.iter().for_each(|text| merge.add_stream(&mut text.as_bytes()).unwrap());
    let (identity, mut summary, mut rows) = match merge.finish(None) {
        Ok(found) => found,
        Err(error) => return (Vec::new(), error.to_string()),
    };
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        summary.count(&row);
        all.push(row);
    }
    let counts = (summary.files, summary.reports, summary.superseded, summary.broken_total);
    let shown = format!("{identity:?} {counts:?} {:?} {:?}", summary.broken, summary.absent);
    (all, shown)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn result_does_not_depend_on_order_memory_or_repetition(
        reports in prop::collection::vec((0..6u8, any::<u8>(), prop::collection::vec((0..9u8, any::<bool>()), 0..5)), 1..20),
        broken in prop::collection::vec("[a-z{\"]{1,9}", 0..4),
        turn in any::<prop::sample::Index>(),
    ) {
        let good = reports.iter().map(|(host, day, files)| report(*host, *day, files));
        let mut texts: Vec<_> = good.chain(broken).collect();
        let expected = merged(usize::MAX, &texts);
        for max_entries in [0, 2000] {
            prop_assert_eq!(merged(max_entries, &texts), expected.clone());
        }
        let turn = turn.index(texts.len());
        texts.rotate_left(turn);
        prop_assert_eq!(merged(4096, &texts), expected.clone());
        texts.reverse();
        texts.extend(texts.clone());
        prop_assert_eq!(merged(4096, &texts), expected);
    }

    #[test]
    fn reading_any_text_does_not_panic(texts in prop::collection::vec("[\\x00-\\x7f\u{e9}]{0,60}", 0..4)) {
        merged(0, &texts);
    }
}

#[test]
fn newest_row_of_each_file_wins_in_documents_of_any_length() {
    // More than is read or staged in memory.
    let files: Vec<_> = (0..=255).map(|path| (path, false)).collect();
    let one = report(1, 3, &files);
    let row = one.split("\"files\": [").nth(1).unwrap().split("}, {").next().unwrap();
    let rows: Vec<_> = (0..40_000)
        .map(|number| row.replacen("0.ini", &format!("{number}.ini"), 1) + "}")
        .collect();
    let start = one.split("\"files\": [").next().unwrap();
    let large = format!(
        "{start}\"files\": [{}], \"schema_version\": 1, \"tool\": \"msipctl 0.1.0\"}}\n",
        rows.join(",\n")
    );
    assert!(large.len() > document::IN_MEMORY, "{}", large.len());
    let newer = report(1, 4, &[(7, true)]);
    let (all, shown) = merged(usize::MAX, &[large.clone(), newer.clone()]);
    assert_eq!(all.len(), 40_000);
    let drifted: Vec<_> = all.iter().filter(|row| !row.drift.is_empty()).collect();
    assert_eq!((drifted.len(), &*drifted[0].path), (1, "7.ini"));
    assert!(shown.contains("(40000, 2, 1, 0)"), "{shown}");
    // In a file, too, and without its end, none of its rows counts.
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [(&*large, (40_000, 0)), (&large[..large.len() - 9], (1, 1))] {
        write_file(&folder.path().join("large.json"), text.as_bytes(), "test").unwrap();
        write_file(&folder.path().join("small.json"), newer.as_bytes(), "test").unwrap();
        let mut merge = merge(4096);
        merge.add_folder(folder.path()).unwrap();
        let (_, summary, _) = merge.finish(None).unwrap();
        assert_eq!((summary.files, summary.broken_total), expected);
    }
}

#[test]
fn time_of_a_merge_is_the_one_of_its_newest_report() {
    let texts = [report(1, 3, &[(1, false)]), report(2, 9, &[(1, false)])];
    let mut merge = merge(usize::MAX);
    texts.iter().for_each(|text| merge.add_stream(&mut text.as_bytes()).unwrap());
    let (identity, ..) = merge.finish(None).unwrap();
    assert_eq!(identity.time, "2026-11-10T00:00:00Z".parse::<Timestamp>().unwrap());
    assert!(identity.is_merged() && identity.run.starts_with("20261110T000000Z-"));
}
