//! Trends across several reports.

use super::desks::{AS_OF, report};
use crate::runner::Folder;

/// Writes the merged report of one day, on which some PCs drift.
fn day(folder: &Folder, day: &str, drifted: &[usize]) -> String {
    let files: Vec<_> = (0..20)
        .map(|desk| {
            let report = report(desk * 3, day, drifted.contains(&desk));
            (format!("{desk}.json"), report.to_string().into_bytes())
        })
        .collect();
    folder.add_reports(&files);
    let name = format!("{day}.json");
    let args = [
        "report",
        "merge",
        "reports",
        "--as-of",
        AS_OF,
        "--format",
        "json",
        "-o",
        &name,
        "--exit-zero",
    ];
    folder.run(&args).code(0);
    name
}

#[test]
fn trend_shows_the_score_and_keys_that_drifted_again() {
    let folder = Folder::new();
    let first = day(&folder, "2026-11-10", &[1, 2, 3]);
    let second = day(&folder, "2026-11-20", &[3]);
    day(&folder, "2026-12-01", &[2, 3, 4]);
    // The order of the flags doesn't matter.
    let compare = ["--compare-to", &second, "--compare-to", &first];
    let merge = ["report", "merge", "reports", "--as-of", AS_OF];
    let run = folder.run(&[&merge[..], &compare].concat()).code(1);
    insta::assert_snapshot!(run.out(), @r"
    ~ Settings.AA = 0, expected 1 in 3 files: DESK-00006: C:\Users\user6\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00009: C:\Users\user9\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00012: C:\Users\user12\AppData\Roaming\MicroSIP\MicroSIP.ini
    20 reports of 20 PCs
    ~ Settings.AA drifted again in 1 file: DESK-00006: C:\Users\user6\AppData\Roaming\MicroSIP\MicroSIP.ini
    score: 97.8% (2026-11-10) -> 99.2% (2026-11-20) -> 97.8% (2026-12-01)
    20 files: 17 in sync, 3 drifted; score 97.8%, coverage 100%; 2 new, 0 resolved; 20 passwords not verified
    ");
    let json = folder.run(&[&merge[..], &compare, &["--format", "json"]].concat()).code(1).json();
    let scores: Vec<_> = json["trend"]["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["score"].as_f64().unwrap())
        .collect();
    assert_eq!(scores, [97.85, 99.28, 97.85]);
    assert_eq!(
        json["trend"]["drifted_again"],
        serde_json::json!([{"section": "Settings", "key": "AA", "files": 1}])
    );
    assert_eq!((&json["summary"]["new"], &json["summary"]["resolved"]), (&2.into(), &0.into()));
    let page = folder.run(&[&merge[..], &compare, &["--format", "html"]].concat()).code(1).out();
    assert!(page.contains("<polyline class=\"score\" points=\"0.0,"), "no line chart");
    assert!(page.contains("Drifted again"), "no keys that drifted again");
}

#[test]
fn audit_shows_the_trend_since_several_reports() {
    let folder = Folder::new();
    folder.write("p.toml", "[Settings]\nAA = true\nDND = false\n");
    let mut compare = Vec::new();
    for (index, value) in ["0", "1", "0"].into_iter().enumerate() {
        folder.write("MicroSIP.ini", format!("[Settings]\nAA={value}\nDND=0\n"));
        folder.add("b/MicroSIP.ini", "[Settings]\nAA=1\nDND=0\n");
        let name = format!("{index}.json");
        let args = [
            "audit",
            "p.toml",
            "-i",
            "MicroSIP.ini",
            "-i",
            "b",
            "--format",
            "json",
            "-o",
            &name,
            "--exit-zero",
        ];
        let args: Vec<_> = args.into_iter().map(str::to_owned).collect();
        let args: Vec<_> = args.iter().chain(&compare).map(String::as_str).collect();
        folder.run(&args).code(0);
        compare.extend(["--compare-to".to_owned(), name]);
    }
    let last: serde_json::Value = serde_json::from_slice(&folder.read("2.json")).unwrap();
    assert_eq!(last["trend"]["drifted_again"][0]["key"], "AA", "{last:#}");
    assert_eq!(last["files"][0]["drift"][0]["since"], "new");
}
