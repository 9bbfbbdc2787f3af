//! The same error of many files: printed once, and repeated in each row.

use microsip_schema::{Version, validate_setting};
use serde_json::Value;

use super::{pcs, slashed};

/// A value that depends on the version can only be checked with its file.
const POLICY: &str = "[Settings]\nAA = true\nvolumeRing = \"{{ row.volume if microsip }}\"\n";

#[test]
fn repeated_errors_are_summarized_and_listed_in_rows() {
    let folder = pcs(14, POLICY);
    let lines: String = (1..=15).map(|desk| format!("d{desk:02}/MicroSIP.ini,loud\n")).collect();
    folder.write("desks.csv", format!("ini,volume\n{lines}"));
    let invalid = validate_setting("Settings", "volumeRing", "loud", Version::NEWEST).unwrap_err();
    let error = format!("p.toml:3:14: {invalid}");
    for command in ["plan", "apply", "audit"] {
        let run =
            folder.run(&[command, "p.toml", "--inventory", "desks.csv", "--jobs", "3"]).code(2);
        // `audit` can't create files.
        let err = run.err().replace("the path, or pass `--create` to create the file", "the path");
        assert_eq!(err == run.err(), command == "audit", "{}", run.err());
        insta::allow_duplicates! {
            insta::assert_snapshot!(slashed(&err), @"
            error: p.toml:3:14: invalid value `loud` for `Settings.volumeRing`: expected an integer from 0 to 100 (14 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 11 more)
            hint: to write it anyway, use `{ value = ..., force = true }`; to limit it to some versions, use `[match]` or `[[when]]`
            error: desks.csv:16: d15/MicroSIP.ini: file not found
            hint: check the path
            ");
        }
        let rows = slashed(&run.out());
        for error in [
            &format!(
                "failed: {error} (14 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 11 more)\n"
            ),
            "failed: file not found (1 file: d15/MicroSIP.ini)\n",
        ] {
            assert!(rows.contains(error), "{command}: {rows}");
        }
        // Each file has its error on request.
        let all = folder.run(&[command, "p.toml", "--inventory", "desks.csv", "-v"]).code(2).err();
        assert_eq!(all.matches(&format!("{error}\n")).count(), 14, "{all}");

        for format in ["json", "ndjson"] {
            let run = folder
                .run(&[command, "p.toml", "--inventory", "desks.csv", "--format", format])
                .code(2);
            let errors = run.err().lines().count();
            assert_eq!(errors, 2, "{}", run.err());
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
fn only_commands_with_groups_print_an_error_once() {
    let folder = pcs(12, POLICY);
    let missing: Vec<_> = (20..32).map(|desk| format!("-id{desk}/MicroSIP.ini")).collect();
    let missing: Vec<_> = missing.iter().map(String::as_str).collect();
    for (command, count) in [
        (&["get", "Settings.AA"][..], 12),
        (&["check", "--fix"], 1),
        (&["set", "Settings.AA=1"], 1),
    ] {
        let run = folder.run(&[command, &["-i", "d*"], &missing[..]].concat()).code(4);
        assert_eq!(run.err().matches("error: ").count(), count, "{command:?}: {}", run.err());
    }
}

#[test]
fn value_of_a_row_that_no_version_accepts_is_rejected_before_any_file_is_read() {
    let folder = pcs(5, "[Settings]\nAA = true\nvolumeRing = \"{{ row.volume }}\"\n");
    let rows = ["loud", "80", "loud", "loud", "101", "loud"];
    let lines = rows.iter().enumerate();
    let lines = lines.map(|(index, volume)| format!("d{:02}/MicroSIP.ini,{volume}\n", index + 1));
    folder.write("desks.csv", format!("ini,volume\n{}", lines.collect::<String>()));
    for command in ["plan", "apply", "audit"] {
        let run = folder.run(&[command, "p.toml", "--inventory", "desks.csv"]).code(2);
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.err(), @r#"
            error: invalid value `loud` for `Settings.volumeRing`: expected an integer from 0 to 100 (4 rows: desks.csv:2, desks.csv:4, desks.csv:5, and 1 more)
             --> p.toml:3:14
              |
            3 | volumeRing = "{{ row.volume }}"
              |              ^^^^^^^^^^^^^^^^^^
              |
              = help: to write it anyway, use `{ value = ..., force = true }`; to limit it to some versions, use `[match]` or `[[when]]`

            error: desks.csv:6: invalid value `101` for `Settings.volumeRing`: expected an integer from 0 to 100
             --> p.toml:3:14
              |
            3 | volumeRing = "{{ row.volume }}"
              |              ^^^^^^^^^^^^^^^^^^
              |
              = help: to write it anyway, use `{ value = ..., force = true }`; to limit it to some versions, use `[match]` or `[[when]]`

            error: found 2 errors in p.toml
            "#);
        }
        assert_eq!(run.out(), "");
    }
}

#[test]
fn value_that_no_version_accepts_is_rejected_by_set_before_any_file_is_read() {
    let folder = pcs(3, "");
    let run = folder.run(&["set", "AA=loud", "-i", "d*/MicroSIP.ini", "-i", "none.ini"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: invalid value `loud` for `Settings.AA`: expected `0` or `1`
    hint: to write it anyway, pass `--force`
    ");
    assert_eq!(run.out(), "");
    let run = folder.run(&["set", "singelMode=1", "-i", "d*/MicroSIP.ini"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: missing section in `singelMode`: expected `SECTION.KEY`
    hint: did you mean `Settings.singleMode`?
    ");
}
