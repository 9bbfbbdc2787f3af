//! JUnit XML, which most test services read: one suite per file, and one case per rule.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::found::{Found, FoundFile, FoundRow, RuleRow};
use super::screen::shown;
use msipctl_core::diagnostic::Severity;

/// Writes the findings. A rule fails if one of its findings counts as a failure. The output of its case lists the others.
pub(super) fn write(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    let mut report = Report::new("msipctl");
    report.add_test_suites(found.files.iter().map(|file| suite(found, file)));
    report.add_test_suites(found.failed.iter().map(|(path, message)| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(&*shown(message));
        let mut suite = TestSuite::new(&*shown(path));
        suite.add_test_case(case("readable", path, status));
        suite
    }));
    report.serialize(&mut *out).map_err(io::Error::other)
}

fn suite(found: &Found<'_>, file: &FoundFile<'_>) -> TestSuite {
    let mut suite = TestSuite::new(&*shown(file.path));
    for rule in &found.rules {
        suite.add_test_case(rule_case(found.fail_on, file, rule));
    }
    if let Some(note) = &file.note {
        suite.set_system_out(note);
    }
    suite
}

fn rule_case(fail_on: Severity, file: &FoundFile<'_>, rule: &RuleRow<'_>) -> TestCase {
    let of_rule = file.rows.iter().filter(|row| row.rule == rule.name);
    let (suppressed, heard): (Vec<&FoundRow<'_>>, Vec<&FoundRow<'_>>) =
        of_rule.partition(|row| row.suppressed.is_some());
    let (failures, remarks): (Vec<&FoundRow<'_>>, Vec<&FoundRow<'_>>) =
        heard.into_iter().partition(|row| row.level >= fail_on);
    let status = match (failures.as_slice(), suppressed.as_slice()) {
        ([first, ..], _) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(first.level.name()).set_message(&*shown(first.message));
            status.set_description(lines(file, &failures));
            status
        }
        ([], [first, ..]) if remarks.is_empty() => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(&*shown(first.suppressed.map_or("", |it| it.reason)));
            status
        }
        _ => TestCaseStatus::success(),
    };
    let mut case = case(rule.name, file.path, status);
    if !remarks.is_empty() {
        case.set_system_out(lines(file, &remarks));
    }
    case
}

fn case(name: &str, path: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(&*shown(name), status);
    case.set_classname(&*shown(path));
    case
}

/// Lists findings like a compiler, one per line.
fn lines(file: &FoundFile<'_>, rows: &[&FoundRow<'_>]) -> String {
    let line = |row: &&FoundRow<'_>| {
        let (line, column, level) = (row.line, row.column, row.level);
        let path = shown(file.path);
        format!("{path}:{line}:{column}: {level}: {}", row.text().replace('\n', "\n  "))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
