//! The same fault of many files: told a few times, named in each row.

use microsip_schema::{Version, validate_setting};
use serde_json::Value;

use super::{desks, slashed};

const POLICY: &str = "[Settings]\nAA = true\nvolumeRing = \"{{ row.volume }}\"\n";

#[test]
fn repeated_errors_are_summarized_and_listed_in_rows() {
    let folder = desks(14, POLICY);
    let lines: String = (1..=15).map(|desk| format!("d{desk:02}/MicroSIP.ini,loud\n")).collect();
    folder.write("desks.csv", format!("ini,volume\n{lines}"));
    let invalid = validate_setting("Settings", "volumeRing", "loud", Version::NEWEST).unwrap_err();
    let error = format!("p.toml:3:14: {invalid}");
    for command in ["plan", "apply", "audit"] {
        let run =
            folder.run(&[command, "p.toml", "--inventory", "desks.csv", "--jobs", "3"]).code(2);
        let told = slashed(&run.err());
        let lines: Vec<_> =
            told.lines().filter(|line| !line.starts_with("hint: to write")).collect();
        let expected = [
            format!("error: desks.csv:2: d01/MicroSIP.ini: {error}"),
            format!("error: desks.csv:3: d02/MicroSIP.ini: {error}"),
            format!("error: desks.csv:4: d03/MicroSIP.ini: {error}"),
            "error: desks.csv:16: d15/MicroSIP.ini: is missing, expected a file".to_owned(),
            "hint: check the path".to_owned(),
            format!("error: ... and 11 more files: {error}"),
        ];
        assert_eq!(lines, expected, "{command}");
        let rows = slashed(&run.out());
        for desk in 1..=14 {
            let row = format!("d{desk:02}/MicroSIP.ini: failed: {error}\n");
            assert!(rows.contains(&row), "{command}: {rows}");
        }
        assert!(rows.contains("d15/MicroSIP.ini: failed: is missing, expected a file\n"), "{rows}");

        for format in ["json", "ndjson"] {
            let run = folder
                .run(&[command, "p.toml", "--inventory", "desks.csv", "--format", format])
                .code(2);
            let errors = run.err().lines().count();
            assert_eq!(errors, 5, "{}", run.err());
            assert!(run.err().lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
            for desk in 1..=15 {
                let named = format!("desks.csv:{}: d{desk:02}/MicroSIP.ini: ", desk + 1);
                assert!(slashed(&run.out()).contains(&named), "{}", run.out());
            }
        }
    }
    for format in ["sarif", "junit", "github", "markdown"] {
        let run = folder
            .run(&["audit", "p.toml", "--inventory", "desks.csv", "--format", format])
            .code(2);
        for desk in 1..=15 {
            assert!(
                slashed(&run.out()).contains(&format!("d{desk:02}/MicroSIP.ini")),
                "{}",
                run.out()
            );
        }
        assert!(run.out().contains("p.toml:3:14: "), "{}", run.out());
    }
}

#[test]
fn commands_without_failure_rows_print_every_error() {
    let folder = desks(12, POLICY);
    let missing: Vec<_> = (20..32).map(|desk| format!("-id{desk}/MicroSIP.ini")).collect();
    let missing: Vec<_> = missing.iter().map(String::as_str).collect();
    for (command, told) in [
        (&["get", "Settings.AA"][..], 12),
        (&["check", "--fix"], 12),
        (&["set", "Settings.AA=1"], 4),
    ] {
        let run = folder.run(&[command, &["-i", "d*"], &missing[..]].concat()).code(4);
        assert_eq!(run.err().matches("error: ").count(), told, "{command:?}: {}", run.err());
    }
}
