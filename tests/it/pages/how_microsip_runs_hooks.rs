//! docs/how-microsip-runs-hooks.md: what MicroSIP makes of a command.

use microsip_schema::Version;
use msipctl_core::event::{arguments, launch, launch_hazards, read_back, saved};

use super::{page, spans, table, words};

const NAME: &str = "how-microsip-runs-hooks";

#[cfg(not(windows))]
mod run {
    use super::super::{assert_says, check_table, in_backticks, path};
    use super::*;
    use crate::runner::Folder;

    /// The program that a command starts or tries, its arguments, and the findings, as cells of a table.
    fn explained(event: &str, line: &str, microsip: &str) -> [String; 3] {
        let line = format!("--line={line}");
        let args = ["hook", "explain", event, "--caller", "4930", "--format", "json", &line];
        let json = Folder::new().run(&[&args[..], &["--microsip", microsip]].concat()).json();
        let hook = &json["hooks"][0];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let list = |name: &str| hook[name].as_array().unwrap().iter();
        let findings = list("findings").map(|finding| text(&finding["rule"]));
        let program = in_backticks([text(&hook["program"])]);
        let is_started = hook["starts"] == true;
        let program = if is_started { program } else { format!("none (tries {program})") };
        [program, in_backticks(list("arguments").map(text)), in_backticks(findings)]
    }

    fn owned(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|&cell| cell.to_owned()).collect()
    }

    #[test]
    fn program_arguments_and_findings_of_each_command_are_listed() {
        let page = page(NAME);
        let newest = Version::NEWEST.to_string();
        assert_says(&page, &format!("With the caller ID `4930` and MicroSIP {newest}"));
        let common = table(&page, "| Value | Program |");
        let versions = table(&page, "| Value | MicroSIP |");
        assert!(common.len() >= 20 && versions.len() >= 6);
        let row = |keys: &[&str], microsip: &str| {
            let line = spans(keys[0])[0];
            [owned(keys), explained("call-end", line, microsip).to_vec()].concat()
        };
        let common: Vec<_> = common.iter().map(|cells| row(&cells[..1], &newest)).collect();
        check_table(&path(NAME), "| Value | Program |", &common);
        let versions: Vec<_> = versions.iter().map(|cells| row(&cells[..2], cells[1])).collect();
        check_table(&path(NAME), "| Value | MicroSIP |", &versions);
    }

    #[test]
    fn effect_of_each_extension_is_listed() {
        let page = page(NAME);
        let mut rows = Vec::new();
        for cells in table(&page, "| Extension |") {
            let mut effects = spans(cells[0]).into_iter().map(|extension| {
                let program = format!(r"C:\x\a{extension}");
                let out = Folder::new().run(&["hook", "explain", "--line", &program]).code(0).out();
                let (_, effect) = out.split_once(&format!("`{program}` ")).unwrap();
                effect.split_once(", not checked here").unwrap().0.to_owned()
            });
            let effect = effects.next().unwrap();
            assert!(effects.all(|other| other == effect), "{cells:?}");
            rows.push(vec![cells[0].to_owned(), effect]);
        }
        assert!(rows.len() >= 6);
        check_table(&path(NAME), "| Extension |", &rows);
    }

    #[test]
    fn findings_of_each_length_are_listed() {
        let page = page(NAME);
        let rows = table(&page, "| Length |");
        assert_eq!(rows.len(), 4);
        let row = |cells: &Vec<&str>| {
            let length: usize = cells[0].parse().unwrap();
            let line = format!("{:x<length$}", r"C:\a.exe ");
            let finding = |microsip| match explained("call-end", &line, microsip) {
                [_, _, none] if none.is_empty() => "complete".to_owned(),
                [_, _, findings] => findings,
            };
            vec![cells[0].to_owned(), finding("3.21.3"), finding("3.22.16")]
        };
        check_table(&path(NAME), "| Length |", &rows.iter().map(row).collect::<Vec<_>>());
    }

    #[test]
    fn number_placeholder_is_replaced_only_in_outgoing_calls_from_3_21_3() {
        assert_says(&page(NAME), "from 3.21.3, MicroSIP replaces `{number}` in the address");
        let line = "https://crm.example.com/?n={number}";
        let found = |event, microsip| explained(event, line, microsip);
        assert_eq!(
            found("outgoing-call", "3.21.3"),
            ["`https://crm.example.com/?n=4930`", "", ""].map(str::to_owned)
        );
        let unknown = "`caller-not-passed` `unknown-placeholder`";
        assert_eq!(found("outgoing-call", "3.20.1")[2], unknown);
        assert_eq!(found("call-end", "3.22.16")[2], unknown);
    }
}

#[test]
fn stable_forms_are_read_and_saved_the_same_by_all_versions() {
    let versions = [(3, 19, 10), (3, 20, 1), (3, 21, 3), (3, 21, 6), (3, 22, 16)];
    for row in table(&page(NAME), "| Form |") {
        let form = spans(row[0])[0];
        let mut written = form.to_owned();
        let first = launch(read_back(form), "4930", Version::NEWEST);
        for (major, minor, patch) in versions.iter().chain(versions.iter().rev()) {
            let version = Version::new(*major, *minor, *patch);
            assert_eq!(launch_hazards(&written, version), [], "{written}");
            assert_eq!(launch(read_back(&written), "4930", version), first, "{written}");
            written = saved(read_back(&written), version);
        }
    }
}

#[test]
fn shells_pass_the_line_on_as_shown() {
    let page = page("debug-hooks");
    let rows = table(&page, "| Shell |");
    let typed: Vec<_> = rows.iter().map(|row| spans(row[1])[0]).collect();
    let line = r#""C:\My Hooks\a.exe" end"#;
    assert_eq!(words(typed[0]), [line]);
    // Windows PowerShell puts quotes around a word with spaces, and looks no further.
    let inside = typed[1].trim_matches('\'');
    assert_eq!(arguments(&format!("\"{inside}\"")), [line]);
    // cmd.exe passes on what was typed.
    assert_eq!(arguments(typed[2]), [line]);
}
