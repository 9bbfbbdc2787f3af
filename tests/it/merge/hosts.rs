//! Silent PCs, PCs without a report, sites, and outdated files.

use super::desks::{AS_OF, report};
use super::{fleet, merged};
use crate::runner::Folder;

#[test]
fn silent_hosts_and_hosts_without_report_are_listed() {
    let (folder, desks) = fleet(400);
    let inventory: String =
        (0..410).map(|desk| format!("Desk-{desk:05},site{}\n", desk % 2)).collect();
    folder.write("pcs.csv", format!("host,site\n{inventory}"));
    let merged = merged(&folder, &["--inventory", "pcs.csv"], 1);
    let summary = &merged["summary"];
    assert_eq!(
        (&summary["silent"], &summary["hosts"]),
        (&desks.silent.into(), &desks.hosts.into())
    );
    assert_eq!(summary["no_report"], 410 - desks.hosts);
    assert_eq!(summary["not_in_inventory"], 0);
    let hosts = merged["hosts"].as_array().unwrap();
    let of = |state: &str| hosts.iter().filter(|host| host["state"] == state).count() as u64;
    assert_eq!((of("silent"), of("no_report")), (desks.silent, 410 - desks.hosts));
    let silent = hosts.iter().find(|host| host["state"] == "silent").unwrap();
    assert!(silent["last_report"].as_str().unwrap().starts_with("2026-11-03T"), "{silent}");
    let files = merged["files"].as_array().unwrap();
    assert!(files.iter().all(|row| row["site"].as_str().unwrap().starts_with("site")));
    let is_silent = |row: &&serde_json::Value| row["is_silent"] == true;
    assert_eq!(files.iter().filter(is_silent).count() as u64, desks.silent);

    let list = |which| {
        let args = [
            "report",
            "merge",
            "reports",
            "--as-of",
            AS_OF,
            "--inventory",
            "pcs.csv",
            "--list",
            which,
        ];
        folder.run(&args).code(1).out().lines().count() as u64
    };
    assert_eq!((list("silent"), list("no-report")), (desks.silent, 410 - desks.hosts));
    assert_eq!(list("drifted"), desks.drifted);
}

#[test]
fn silent_after_and_as_of_decide_which_hosts_are_silent() {
    let folder = Folder::new();
    folder.add_reports(&[(
        "a.json".to_owned(),
        report(0, "2026-12-01", false).to_string().into_bytes(),
    )]);
    for (as_of, days, expected) in [
        ("2026-12-02T00:00:00Z", "1", 0),
        ("2026-12-02T00:00:01Z", "1", 1),
        ("2026-12-08T00:00:00Z", "7", 0),
        ("2026-12-08T00:00:01Z", "7", 1),
    ] {
        let args = [
            "report",
            "merge",
            "reports",
            "--as-of",
            as_of,
            "--silent-after",
            days,
            "--format",
            "json",
        ];
        let merged = folder.run(&args).code(0).json();
        assert_eq!(merged["summary"]["silent"], expected, "{as_of} {days}");
    }
}

#[test]
fn file_that_newer_reports_do_not_contain_is_outdated() {
    let folder = Folder::new();
    let old = report(1, "2026-11-01", true);
    let mut new = report(1, "2026-12-01", false);
    new["files"][0]["path"] = r"D:\Phone\MicroSIP.ini".into();
    let files = [("old.json", old), ("new.json", new)];
    folder.add_reports(&files.map(|(name, it)| (name.to_owned(), it.to_string().into_bytes())));
    let merged = merged(&folder, &[], 1);
    let outdated: Vec<_> =
        merged["files"].as_array().unwrap().iter().map(|row| row["is_outdated"] == true).collect();
    assert_eq!(outdated, [true, false]);
    assert_eq!(
        (&merged["summary"]["outdated"], &merged["summary"]["silent"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn folder_below_the_source_is_the_site_without_another() {
    let (folder, _) = fleet(30);
    let mut own = report(1, "2026-12-01", false);
    own["files"][0]["site"] = "own".into();
    folder.add("reports/munich/one.json", own.to_string());
    folder.add("reports/top.json", report(2000, "2026-12-01", false).to_string());
    let merged = merged(&folder, &[], 1);
    let site = |host: &str| {
        let files = merged["files"].as_array().unwrap();
        files.iter().find(|row| row["audit"]["host"] == host).unwrap()["site"].clone()
    };
    assert_eq!(site("DESK-00003"), "berlin");
    assert_eq!(site("DESK-02000"), serde_json::Value::Null);
    let page = folder
        .run(&["report", "merge", "reports", "--as-of", AS_OF, "--format", "html"])
        .code(1)
        .out();
    for expected in ["\"berlin\"", "\"hamburg\"", "\"no site\""] {
        assert!(page.contains(expected), "{expected}");
    }
}

#[test]
fn two_computers_with_one_name_are_reported() {
    let folder = Folder::new();
    let one = report(1, "2026-12-01", false);
    let mut other = one.clone();
    other["audit"]["machine_id"] = "b".repeat(32).into();
    other["files"][0]["path"] = r"E:\MicroSIP.ini".into();
    let files = [("1.json", one), ("2.json", other)];
    folder.add_reports(&files.map(|(name, it)| (name.to_owned(), it.to_string().into_bytes())));
    let run = folder.run(&["report", "merge", "reports", "--as-of", AS_OF]).code(0);
    assert!(run.err().contains("several PCs report as `DESK-00001`"), "{}", run.err());
}

#[test]
fn inventory_without_a_host_column_is_rejected() {
    let (folder, _) = fleet(5);
    folder.write("pcs.csv", "ini,site\na.ini,x\n");
    let run = folder.run(&["report", "merge", "reports", "--inventory", "pcs.csv"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: pcs.csv: missing column `host`, which names the PCs
    hint: the first line must name the columns, for example: `host,site`
    ");
}
