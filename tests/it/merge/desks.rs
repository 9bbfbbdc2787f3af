//! Reports of many PCs, the same in each run: also broken ones, duplicates, old ones, and those of another policy.
//!
//! `benches/floor/merge.rs` includes this file, too.

use serde_json::{Value, json};

/// When the reports are merged.
pub(crate) const AS_OF: &str = "2026-12-01T12:00:00Z";

/// The reports of a fleet, and what a merge should count.
#[derive(Debug, Default)]
pub(crate) struct Desks {
    /// The path of each report in its folder, and its bytes.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) hosts: u64,
    pub(crate) drifted: u64,
    pub(crate) broken: u64,
    pub(crate) superseded: u64,
    pub(crate) silent: u64,
}

/// Returns the reports of a number of PCs. Of 100 PCs, 3 have only a broken report, 5 a duplicate, 10 an older report, 2 only
/// an old one, and 1 another policy.
pub(crate) fn desks(number: usize) -> Desks {
    let mut desks = Desks::default();
    for desk in 0..number {
        let site = ["berlin", "hamburg", "munich"][desk % 3];
        let name = |kind: &str| format!("{site}/desk-{desk:05}-user{desk}{kind}.json");
        let kind = desk * 37 % 100;
        let drifts = desk % 7 == 0;
        match kind {
            0..=2 => {
                desks.broken += 1;
                desks.files.push((name(""), broken(desk)));
                continue;
            }
            3..=7 => desks.files.push((name("-copy"), bytes(&report(desk, "2026-12-01", drifts)))),
            8..=17 => {
                desks.superseded += 1;
                desks.files.push((name("-old"), bytes(&report(desk, "2026-11-28", !drifts))));
            }
            _ => {}
        }
        let is_silent = matches!(kind, 20 | 21);
        let day = if is_silent { "2026-11-03" } else { "2026-12-01" };
        let mut newest = report(desk, day, drifts);
        if kind == 30 {
            newest["audit"]["policy"] = json!("f".repeat(64));
        }
        desks.hosts += 1;
        desks.silent += u64::from(is_silent);
        desks.drifted += u64::from(drifts);
        desks.files.push((name(""), bytes(&newest)));
    }
    desks
}

/// Returns the report of a PC on a day.
pub(crate) fn report(desk: usize, day: &str, drifts: bool) -> Value {
    let user = format!("user{desk}");
    let row = json!({
        "path": format!(r"C:\Users\{user}\AppData\Roaming\MicroSIP\MicroSIP.ini"),
        "state": if drifts { "drifted" } else { "in_sync" },
        "keys": 8,
        "drift": if drifts { json!([drift(desk)]) } else { json!([]) },
        "unverified": 1,
        "missing_secrets": [],
        "resolved": null,
        "error": null,
    });
    let time = format!("{day}T{:02}:{:02}:00Z", desk % 12, desk % 60);
    json!({
        "audit": {
            "host": format!("DESK-{desk:05}"),
            "user": user,
            "system": "windows",
            "machine_id": format!("{desk:032x}"),
            "policy": "a".repeat(64),
            "run": format!("{}T{:02}{:02}00Z-{:04x}", day.replace('-', ""), desk % 12, desk % 60, desk % 65536),
            "time": time,
        },
        "files": [row],
        "policy": [r"\\files\policies\company.toml"],
        "schema_version": 1,
        "summary": {"files": 1, "in_sync": u8::from(!drifts), "drifted": u8::from(drifts)},
        "time": time,
        "tool": "msipctl 0.1.0",
        "trend": null,
    })
}

fn drift(desk: usize) -> Value {
    let (key, expected, actual) =
        [("AA", "1", Some("0")), ("singleMode", "1", None), ("volumeRing", "80", Some("90"))]
            [desk % 3];
    json!({
        "section": "Settings", "key": key, "hook": null, "expected": expected, "actual": actual, "line": 2,
        "policy": "company.toml:2:1", "since": null,
    })
}

fn bytes(report: &Value) -> Vec<u8> {
    format!("{report:#}\n").into_bytes()
}

/// Returns a file that isn't a report.
fn broken(desk: usize) -> Vec<u8> {
    let good = bytes(&report(desk, "2026-12-01", true));
    match desk / 3 % 8 {
        0 => good[..good.len() / 2].to_vec(),
        1 => Vec::new(),
        2 => b"<!doctype html><title>502 Bad Gateway</title>".to_vec(),
        3 => good.iter().flat_map(|byte| [*byte, 0]).collect(),
        4 => bytes(&json!({"schema_version": 1, "tool": "other 1.0", "files": []})),
        5 => bytes(&json!({
            "schema_version": 1, "tool": "msipctl 0.1.0", "time": "2026-12-01T00:00:00Z",
            "files": [{"path": "a.ini", "state": "clean", "findings": []}],
        })),
        6 => bytes(&report(desk, "2027-03-01", true)),
        _ => String::from_utf8_lossy(&good)
            .replace("\"policy\": [", "\"files\": [], \"policy\": [")
            .into_bytes(),
    }
}
