//! The order of the sources never shows, and the newest report wins.

use std::collections::BTreeSet;

use super::desks::{AS_OF, report};
use super::{fleet, merged};
use crate::runner::Folder;

/// The number of PCs whose reports fit into a command line of Windows.
const LINE: usize = 300;

#[test]
fn ten_thousand_reports_in_any_order_give_the_same_bytes() {
    check_order(if cfg!(windows) { LINE } else { 10_000 }, &["json"]);
}

#[test]
fn every_format_has_the_same_bytes_in_any_order() {
    check_order(
        if cfg!(windows) { LINE } else { 1000 },
        &["ndjson", "html", "sarif", "junit", "human"],
    );
}

/// Checks that the order of the files, a file that is named twice, and the number of threads change nothing.
#[track_caller]
fn check_order(number: usize, formats: &[&str]) {
    let (folder, desks) = fleet(number);
    let mut paths: Vec<_> = desks.files.iter().map(|(path, _)| format!("reports/{path}")).collect();
    paths.sort();
    let merge = |paths: &[String], format: &str, jobs: &str| {
        let fixed = ["report", "merge", "--as-of", AS_OF, "--format", format, "--jobs", jobs];
        let args: Vec<&str> = fixed.into_iter().chain(paths.iter().map(String::as_str)).collect();
        folder.run(&args).code(1).out()
    };
    for format in formats {
        let expected = merge(&paths, format, "2");
        assert!(expected.len() > 400, "{expected}");
        paths.reverse();
        assert!(merge(&paths, format, "1") == expected, "{format}");
        let half = paths.len() / 3;
        paths.rotate_left(half);
        assert!(merge(&paths, format, "3") == expected, "{format}");
        // A source that is read twice changes nothing.
        paths.push(paths[0].clone());
        assert!(merge(&paths, format, "2") == expected, "{format}");
        paths.pop();
        paths.sort();
    }
}

#[test]
fn newest_report_of_a_host_and_path_wins() {
    let folder = Folder::new();
    let old = report(1, "2026-11-30", true);
    let new = report(1, "2026-12-01", false);
    // The same PC and file, spelled in another way.
    let mut same = new.clone();
    same["audit"]["host"] = "desk-00001".into();
    same["files"][0]["path"] = r"c:/users/USER1/AppData/Roaming/MicroSIP/microsip.ini".into();
    for files in [[&old, &new], [&new, &old], [&old, &same], [&same, &old]] {
        let files = files.map(|report| report.to_string().into_bytes());
        let [one, other] = files;
        folder.add_reports(&[("1.json".to_owned(), one), ("2.json".to_owned(), other)]);
        let merged = merged(&folder, &[], 0);
        assert_eq!(merged["files"].as_array().unwrap().len(), 1, "{merged:#}");
        assert_eq!(merged["files"][0]["state"], "in_sync");
        assert_eq!(
            (&merged["summary"]["reports"], &merged["summary"]["superseded"]),
            (&2.into(), &1.into())
        );
    }
}

#[test]
fn merged_report_is_a_source_that_changes_nothing() {
    let (folder, _) = fleet(300);
    let once = merged(&folder, &[], 1);
    folder.write("once.json", once.to_string());
    let args = ["report", "merge", "once.json", "--as-of", AS_OF, "--format", "json"];
    let again = folder.run(&args).code(1).json();
    assert_eq!(again["files"], once["files"]);
    assert_eq!(again["hosts"], once["hosts"]);
    assert_eq!(again["audit"], once["audit"]);
    // With the reports themselves, each row is replaced by an equal one.
    folder.add("reports/once.json", once.to_string());
    assert_eq!(merged(&folder, &[], 1)["files"], once["files"]);
}

#[test]
fn documents_and_ndjson_on_stdin_equal_the_files() {
    let (folder, desks) = fleet(200);
    let expected = merged(&folder, &[], 1);
    let merge = ["report", "merge", "-", "--as-of", AS_OF, "--format", "json"];
    let documents: Vec<u8> = desks
        .files
        .iter()
        .rev()
        .flat_map(|(_, bytes)| {
            // A truncated document would swallow the start of the next one.
            let is_complete = bytes.ends_with(b"\n");
            if is_complete { bytes.clone() } else { Vec::new() }
        })
        .collect();
    let run = folder.run_with_input(&merge, &documents).code(1);
    let sites = |files: &serde_json::Value| {
        let mut files = files.clone();
        files.as_array_mut().unwrap().iter_mut().for_each(|row| {
            row.as_object_mut().unwrap().remove("site");
        });
        files
    };
    assert_eq!(sites(&run.json()["files"]), sites(&expected["files"]));

    folder.write("p.toml", "[Settings]\nAA = true\n");
    folder.add("d1/MicroSIP.ini", "[Settings]\nAA=0\n");
    folder.add("d2/MicroSIP.ini", "[Settings]\nAA=1\n");
    let ndjson = folder.run(&["audit", "p.toml", "-i", "d*", "--format", "ndjson"]).code(1).out();
    let merge = ["report", "merge", "-", "--format", "json"];
    let run = folder.run_with_input(&merge, ndjson.as_bytes()).code(1).json();
    let states: BTreeSet<_> =
        run["files"].as_array().unwrap().iter().map(|row| row["state"].to_string()).collect();
    assert_eq!(states.len(), 2, "{run:#}");
    let rows = ndjson.lines().next().unwrap();
    let cut = folder.run_with_input(&merge, rows.as_bytes()).code(2);
    assert!(cut.err().contains("truncated NDJSON"), "{}", cut.err());
}
