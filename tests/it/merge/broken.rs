//! Broken documents are named, and aren't fatal.

use super::desks::{AS_OF, report};
use super::{fleet, merged};
use crate::fleet::slashed;
use crate::runner::Folder;

#[test]
fn broken_documents_are_named_with_their_reason() {
    let (folder, desks) = fleet(1000);
    let merged = merged(&folder, &[], 1);
    let broken = merged["broken"].as_array().unwrap();
    assert_eq!(broken.len() as u64, desks.broken);
    let reasons: std::collections::BTreeSet<_> =
        broken.iter().map(|it| it["reason"].as_str().unwrap()).collect();
    let reasons: Vec<_> = reasons.into_iter().collect();
    insta::assert_snapshot!(reasons.join("\n"), @"
    created in the future: the clock of the PC is wrong
    invalid JSON
    not a report of `audit`: duplicate field `files`
    not a report of `audit`: unknown variant `clean`, expected one of `in_sync`, `drifted`, `failed`
    not a report of msipctl
    the file is empty
    truncated JSON
    ");
    let run = folder.run(&["report", "merge", "reports", "--as-of", AS_OF]).code(1);
    for reason in reasons {
        assert!(run.err().contains(reason), "{reason}: {}", run.err());
    }
}

#[test]
fn rows_of_a_truncated_document_do_not_count() {
    let folder = Folder::new();
    let good = report(1, "2026-12-01", false);
    let mut many = report(2, "2026-12-01", true);
    let row = many["files"][0].clone();
    many["files"] = (0..100)
        .map(|number| {
            let mut row = row.clone();
            row["path"] = format!("{number}.ini").into();
            row
        })
        .collect();
    let text = many.to_string();
    let cut = text.as_bytes()[..text.len() / 2].to_vec();
    folder.add_reports(&[
        ("good.json".to_owned(), good.to_string().into_bytes()),
        ("cut.json".to_owned(), cut),
    ]);
    let merged = merged(&folder, &[], 0);
    assert_eq!((&merged["summary"]["files"], &merged["summary"]["broken"]), (&1.into(), &1.into()));
}

#[test]
fn merge_fails_when_no_document_is_a_report() {
    let folder = Folder::new();
    folder.add_reports(&[("a.json".to_owned(), b"{}".to_vec()), ("b.txt".to_owned(), Vec::new())]);
    let run = folder.run(&["report", "merge", "reports"]).code(2);
    insta::assert_snapshot!(slashed(&run.err()), @"
    warning: not a report of msipctl (1 document: reports/a.json)
    error: no reports found
    hint: run `msipctl audit POLICY -o DIR` on each PC to create reports
    ");
    let run = folder.run(&["report", "merge", "gone"]).code(2);
    insta::assert_snapshot!(slashed(&run.err()), @"
    error: gone: file or folder not found
    hint: name a folder with reports of `msipctl audit -o DIR`
    ");
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_not_followed() {
    let (folder, _) = fleet(50);
    let before = merged(&folder, &[], 1);
    let loop_ = folder.file("reports/berlin/loop");
    std::os::unix::fs::symlink("..", loop_).unwrap();
    folder.write("secret.json", report(77777, "2026-12-01", true).to_string());
    std::os::unix::fs::symlink("../secret.json", folder.file("reports/x.json")).unwrap();
    assert_eq!(merged(&folder, &[], 1), before);
}

#[test]
fn hostile_names_reach_no_terminal_raw() {
    let folder = Folder::new();
    let mut hostile = report(1, "2026-12-01", true);
    hostile["audit"]["host"] = "pc\u{1b}]0;x\u{7}\u{202e}".into();
    hostile["files"][0]["path"] = "a\u{1b}[2J.ini".into();
    hostile["files"][0]["drift"][0]["key"] = "</script>\u{1b}[31m".into();
    folder.add_reports(&[("a.json".to_owned(), hostile.to_string().into_bytes())]);
    for format in ["human", "markdown", "html", "github", "junit", "sarif", "json"] {
        let args = ["report", "merge", "reports", "--as-of", AS_OF, "--format", format];
        let run = folder.run(&args).code(1);
        assert!(!run.out().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{format}: {}", run.out());
        assert!(!run.out().contains("</script>\u{1b}"), "{format}");
    }
}
