//! The `Log` action: appends a line to a CSV or NDJSON file.

use std::path::Path;
use std::time::Duration;

use super::call::Call;
use super::error::{Error, Outcome};
use super::perform::{Perform, Surroundings};
use msipctl_core::event::{Log, Text, clean};
use msipctl_core::store::{self, Appending};

/// The maximum time to wait for another program that writes to the file.
const WAIT: Duration = Duration::from_secs(5);

impl Perform for Log {
    fn perform(&self, call: &Call, _: Surroundings<'_>) -> Outcome {
        append(call, &self.file)
    }
}

/// Appends a line in the format that the file extension selects.
///
/// Removes all characters from values in the file name that could lead to another folder.
fn append(call: &Call, file: &Text) -> Outcome {
    let path = call.filled(file, name_part);
    let path = Path::new(&path);
    if !path.is_absolute() {
        return Err(Error::RelativePath(path.to_owned()));
    }
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let line = |length| match is_csv {
        true if length == 0 => format!("time,event,number,user,host\r\n{}", csv(call)),
        true => csv(call),
        false => format!("{}\n", call.json()),
    };
    let how = Appending { wait: WAIT, create_folder: false, rotate_at: None };
    store::append(path, how, |length| line(length).into_bytes()).map_err(Error::Append)?;
    Ok(None)
}

/// Returns a value that is safe in a file name: only letters, digits, `-`, and `_`.
fn name_part(value: &str) -> String {
    let kept = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    value.chars().map(|character| if kept(character) { character } else { '_' }).collect()
}

fn csv(call: &Call) -> String {
    let time = call.time_text();
    let fields = [&time, call.event.name(), &call.caller, &call.user, &call.host];
    fields.map(field).join(",") + "\r\n"
}

/// Returns a CSV field according to RFC 4180, so that no spreadsheet reads it as a formula.
///
/// A phone number doesn't change: an optional `+`, followed by digits, spaces, and `()+-./#*`. Without letters, a formula
/// can't call a function. In any other text, an apostrophe is inserted before `=`, `+`, `-`, and `@` at the beginning, and
/// after `,`, `;`, and quotes, where some spreadsheets also start a cell.
fn field(text: &str) -> String {
    let text = clean(text);
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .chars()
            .all(|character| character.is_ascii_digit() || " ()+-./#*".contains(character));
    let mut safe = String::with_capacity(text.len() + 2);
    let mut begins = !is_number;
    for character in text.chars() {
        if begins && "=+-@＝＋－＠".contains(character) {
            safe.push('\'');
        }
        begins = !is_number && (matches!(character, ',' | ';' | '"') || begins && character == ' ');
        safe.push(character);
    }
    if safe.contains(['"', ',', ';']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::testing::call;
    use proptest::prelude::*;

    /// Parses a record of RFC 4180.
    fn record(line: &str) -> Vec<String> {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        let mut characters = line.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if quoted && characters.next_if_eq(&'"').is_some() => {
                    fields.last_mut().unwrap().push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                other => fields.last_mut().unwrap().push(other),
            }
        }
        assert!(!quoted);
        fields
    }

    #[test]
    fn csv_fields_keep_numbers_and_neutralize_formulas() {
        for (text, expected) in [
            ("+49 (30) 123-4", "+49 (30) 123-4"),
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("a;=x", "\"a;'=x\""),
            ("-1", "'-1"),
            ("a\r\n\t=b", "a=b"),
            ("\"=x\"", "\"\"\"'=x\"\"\""),
        ] {
            assert_eq!(field(text), expected, "{text}");
        }
    }

    #[test]
    fn csv_header_is_written_once_and_file_names_are_sanitized() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("{}/%user%.csv", folder.path().display().to_string().replace('%', "%%"));
        let call = Call { user: "../é".into(), ..call("1") };
        for _ in 0..2 {
            append(&call, &Text::parse(&text).unwrap()).unwrap();
        }
        #[expect(clippy::disallowed_methods, reason = "the test looks at the file")]
        let written = std::fs::read_to_string(folder.path().join("___é.csv")).unwrap();
        assert_eq!(written.lines().count(), 3);
        assert!(written.starts_with("time,event,number,user,host\r\n"), "{written}");
        assert!(append(&call, &Text::parse("a.csv").unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn any_caller_id_is_one_csv_record_and_one_json_line(caller in r#"(?s)([=+@,;"\r\n\t-]|.){0,12}"#) {
            let call = call(&caller);
            let line = csv(&call);
            let fields = record(&line);
            prop_assert_eq!((fields.len(), line.lines().count()), (5, 1));
            prop_assert_eq!(fields[2].replace('\'', ""), clean(&caller).replace('\'', ""));
            let json = call.json().to_string();
            prop_assert_eq!(json.lines().count(), 1);
            let back: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(back.as_object().unwrap().len(), 5);
            prop_assert_eq!(back["number"].as_str().unwrap(), clean(&caller));
        }
    }
}
