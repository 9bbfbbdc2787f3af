//! Exchanges, compared byte for byte with files in `golden`.
//!
//! A case starts with `# ` and its name. `| ` is a line of the MicroSIP.ini before, and after the exit code, one of the
//! file after. `$ ` is the command, `< ` its standard input, `> ` a line of its standard output, and `! ` the level and message
//! of a line of its standard error. `PATH` stands for the path of the file. `MSIPCTL_UPDATE=1 cargo test --test it -- dsc`
//! writes the files: review the changes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::ask;
use crate::runner::Folder;

/// An exchange, without its result.
#[derive(Debug, Default)]
struct Case {
    name: String,
    before: Option<String>,
    args: String,
    input: String,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let (mark, rest) = line.split_at_checked(2).unwrap_or((line, ""));
        if mark == "# " {
            cases.push(Case { name: rest.to_owned(), ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        match mark {
            // After the command, it's the file after.
            "| " if case.args.is_empty() => {
                let before = case.before.get_or_insert_default();
                before.push_str(&format!("{rest}\r\n"));
            }
            "$ " => case.args = rest.to_owned(),
            "< " => case.input = rest.to_owned(),
            _ => {}
        }
    }
    cases
}

/// Carries out a case, and returns it with its result.
fn carried_out(case: &Case) -> String {
    let Case { name, before, args, input } = case;
    let folder = match before {
        Some(before) => Folder::with(before),
        None => Folder::new(),
    };
    let path = folder.file("MicroSIP.ini").display().to_string();
    let quoted = Value::from(path.clone()).to_string();
    let quoted = quoted.trim_matches('"');
    let mut text = format!("# {name}\n");
    let listed = |ini: &str| ini.lines().map(|line| format!("| {line}\n")).collect::<String>();
    text.push_str(&listed(before.as_deref().unwrap_or_default()));
    text.push_str(&format!("$ {args}\n"));
    if !input.is_empty() {
        text.push_str(&format!("< {input}\n"));
    }
    let args: Vec<_> = args.split(' ').collect();
    let run = ask(&folder, &args, &input.replace("PATH", quoted));
    let (out, err, code) = run.streams();
    for line in out.replace(quoted, "PATH").lines() {
        text.push_str(&format!("> {line}\n"));
    }
    for line in err.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let (level, message) = (line["level"].as_str(), line["fields"]["message"].as_str());
        let message = message.unwrap().replace(&path, "PATH");
        text.push_str(&format!("! {} {message}\n", level.unwrap()));
    }
    text.push_str(&format!("exit {code}\n"));
    if folder.file("MicroSIP.ini").exists() {
        let after = decoded(&folder.ini());
        match before {
            Some(before) if *before == after => {}
            _ => text.push_str(&listed(&after)),
        }
    }
    text
}

/// Returns the text of a file as MicroSIP or a test writes it.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let Some(units) = bytes.strip_prefix(&[0xff, 0xfe]) else {
        return String::from_utf8(bytes.to_vec()).unwrap();
    };
    let units = units.chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
}

#[track_caller]
fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/dsc/golden").join(name);
    let expected = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let found: Vec<_> = cases(&expected).iter().map(carried_out).collect();
    assert!(found.len() >= 8, "{}", found.len());
    let found = found.join("\n");
    if std::env::var_os("MSIPCTL_UPDATE").is_some() {
        fs::write(&path, found).unwrap();
        return;
    }
    let other = expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
    assert!(expected == found, "{name}: {other:#?}\n{found}");
}

#[test]
fn setting_exchanges_match_the_golden_file() {
    check("setting.txt");
}

#[test]
fn hook_exchanges_match_the_golden_file() {
    check("hook.txt");
}

#[test]
fn policy_exchanges_match_the_golden_file() {
    check("policy.txt");
}
