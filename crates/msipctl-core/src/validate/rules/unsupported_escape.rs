//! `unsupported-escape`: escape sequence that Windows doesn't support.

use crate::diagnostic::Prose;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for paths, commands, and addresses with the escape sequences of other file formats: `C:\\hooks`, `C\:\\hooks`, `http\://`, `&amp;`, or `\x41e`.
    ///
    /// ## Why is this bad?
    /// INI files have no escape sequences, so every character is part of the value. Windows accepts two backslashes in most paths, but not at the start of a share, and programs don't accept them in arguments. A value with `\:` has no valid drive and isn't a valid address.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// recordingPath=D:\\calls\\today
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// recordingPath=D:\calls\today
    /// ```
    ///
    /// ## How to fix
    /// Remove the escapes. If the value may be a network share, compare the path first. Sequences such as `\x41e` come from Qt's QSettings, which writes non-ASCII characters like this in any text value.
    ///
    /// ## Fix safety
    /// Removes the escapes. Unsafe, because MicroSIP then reads another value than today.
    UnsupportedEscape,
    on Known, kinds PATH | COMMAND | TEXT | LIST | RECORD, requires ESCAPE,
    fix Always
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    known: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let raw = context.document.raw(entry.value_span());
    if !raw.contains(&b'\\') && !raw.contains(&b'&') {
        return;
    }
    let (key, written) = (entry.key(), entry.written());
    let is_directory = known.name() == "usersDirectory";
    let is_path = matches!(known.kind(), Kind::Path | Kind::Command) || is_directory;
    let is_text = matches!(known.kind(), Kind::Text | Kind::List | Kind::Record);
    let qt = || {
        let is_checked = is_path || is_text;
        let is_checked = is_checked && !known.is_machine_state() && !known.is_personal();
        let text = without_qt_escapes(&entry.value()).filter(|_| is_checked)?;
        // Decoding a path with single backslashes doesn't result in a path.
        let is_path_or_url = |text: &str| {
            let text = text.trim_start_matches('"');
            text.get(1..3) == Some(":\\") || text.starts_with("\\\\") || text.contains("://")
        };
        if is_path && !is_path_or_url(&text) {
            return None;
        }
        let text = profile::written(&text).ok()?.into_owned();
        Some(("escapes of Qt's QSettings", text))
    };
    let Some((escapes, text)) = qt().or_else(|| unescaped(&written).filter(|_| is_path)) else {
        return;
    };
    let message = message!(
        "`{key}` contains {escapes}, which Windows reads as part of the value",
        key,
        escapes = Prose(escapes)
    );
    let edit = Edit::ReplaceValue { line: entry.line(), text };
    let fix = Fix::edits(Safety::Unsafe, "remove the escapes", vec![edit]);
    findings.push(RULE.at_value((section, entry), message).with_fix(fix));
}

/// Returns the kind of escapes in a value, and the value without them.
fn unescaped(written: &str) -> Option<(&'static str, String)> {
    let plain = written.trim_start_matches(['"', '\'']);
    let first =
        plain.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(plain.len());
    let rest = &plain[first..];
    // A drive, or the scheme of an address.
    let has_name = first == 1 || (first > 1 && rest.starts_with("\\://"));
    if has_name && (rest.starts_with("\\:\\\\") || rest.starts_with("\\://")) {
        let text = ["\\:", "\\=", "\\;", "\\#", "\\!", "\\,", "\\\\"]
            .iter()
            .fold(written.to_owned(), |text, escape| text.replace(escape, &escape[1..]));
        return Some(("escapes of a properties file", text));
    }
    // A JSON string: outer quotes, and escaped quotes within them.
    let json = written.strip_prefix("\"\\\"").and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = json
        && inner.contains(":\\\\")
    {
        let text = format!("\"{}", inner.replace("\\\"", "\"").replace("\\\\", "\\"));
        return Some(("escapes of JSON", text));
    }
    let is_doubled = written.split(|character| character != '\\').all(|run| run.len() % 2 == 0);
    let is_path = (first == 1 && rest.starts_with(":\\\\")) || plain.starts_with("\\\\\\\\");
    if is_doubled && is_path {
        return Some(("doubled backslashes", written.replace("\\\\", "\\")));
    }
    let entities = [
        ("&amp;", "&"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#39;", "'"),
        ("&apos;", "'"),
    ];
    let text = entities
        .iter()
        .fold(written.to_owned(), |text, (name, character)| text.replace(name, character));
    (text != written).then_some(("XML entities", text))
}

/// Decodes a value as QSettings writes it: every backslash starts an escape, and at least one escape is a non-ASCII
/// character. `None` if it isn't such a value.
fn without_qt_escapes(value: &str) -> Option<String> {
    let mut units = Vec::with_capacity(value.len());
    let mut is_escaped = false;
    let mut rest = value.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            units.extend(character.encode_utf16(&mut [0; 2]).iter());
            continue;
        }
        match rest.next()? {
            same @ ('\\' | '"' | '\'' | '?') => units.push(same as u16),
            'x' => {
                let mut code = 0_u32;
                let mut digits = 0;
                while let Some(digit) = rest.peek().and_then(|character| character.to_digit(16)) {
                    code = code * 16 + digit;
                    digits += 1;
                    if digits > 4 {
                        return None;
                    }
                    rest.next();
                }
                let unit = u16::try_from(code).ok().filter(|_| digits > 0)?;
                is_escaped |= unit >= 0x80;
                units.push(unit);
            }
            _ => return None,
        }
    }
    let text = String::from_utf16(&units).ok().filter(|_| is_escaped)?;
    (!text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn escapes_of_properties_files_are_reported_and_fixed() {
        let before = concat!(
            "[Settings]\nrecordingPath=C\\:\\\\a\\\\b\nringingSound=\\\\\\\\srv\\\\x.wav\n",
            "cmdCallEnd=C:\\\\a\\\\b.exe x\nusersDirectory=https\\://x/?a\\=b\n"
        );
        check(
            &RULE,
            before,
            &[
                "2: warning: `recordingPath` contains escapes of a properties file, which Windows reads as part of the value",
                "3: warning: `ringingSound` contains doubled backslashes, which Windows reads as part of the value",
                "4: warning: `cmdCallEnd` contains doubled backslashes, which Windows reads as part of the value",
                "5: warning: `usersDirectory` contains escapes of a properties file, which Windows reads as part of the value",
            ],
        );
        let after = concat!(
            "[Settings]\nrecordingPath=C:\\a\\b\nringingSound=\\\\srv\\x.wav\n",
            "cmdCallEnd=C:\\a\\b.exe x\nusersDirectory=https://x/?a=b\n"
        );
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, after);
    }

    #[test]
    fn qt_escapes_are_reported_and_fixed_in_every_text_value() {
        let before = concat!(
            "[Settings]\nrecordingPath=C:\\\\\\x437\\x432\\\\a\n",
            "[Account1]\nlabel=B\\xfcro \\x41e\ndisplayName=\"\\xe4, b\"\n",
            "[Shortcuts]\n0=\\x41f;100;call\n",
        );
        let message = "escapes of Qt's QSettings, which Windows reads as part of the value";
        check(
            &RULE,
            before,
            &[
                &format!("2: warning: `recordingPath` contains {message}"),
                &format!("4: warning: `label` contains {message}"),
                &format!("5: warning: `displayName` contains {message}"),
                &format!("7: warning: `0` contains {message}"),
            ],
        );
        let after = concat!(
            "[Settings]\nrecordingPath=C:\\\u{437}\u{432}\\a\n",
            "[Account1]\nlabel=B\u{fc}ro \u{41e}\ndisplayName=\u{e4}, b\n",
            "[Shortcuts]\n0=\u{41f};100;call\n",
        );
        let before = [b"\xff\xfe".to_vec(), wide(before)].concat();
        fixes(&RULE, Safety::Safe, &before, &before);
        fixes(&RULE, Safety::Unsafe, before, [b"\xff\xfe".to_vec(), wide(after)].concat());
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn paths_and_texts_with_single_backslashes_are_not_reported() {
        for line in [
            "recordingPath=C:\\xampp\\xfd3",
            "cmdCallEnd=D:\\xe4\\b.exe",
            "recordingPath=\\\\srv\\xab",
        ] {
            check(&RULE, format!("[Settings]\n{line}\n"), &[]);
        }
        check(&RULE, "[Account1]\nlabel=DOM\\user\ndisplayName=\\x41\nusername=a\\x\n", &[]);
    }

    #[test]
    fn safe_fix_keeps_command_with_network_share_argument() {
        let before = "[Settings]\ncmdCallEnd=C:\\\\a.exe \\\\srv\n";
        fixes(&RULE, Safety::Safe, before, before);
    }

    #[test]
    fn unsafe_fix_replaces_xml_entities() {
        let before = "[Settings]\nusersDirectory=https://x/?a=1&amp;b=2\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\nusersDirectory=https://x/?a=1&b=2\n");
    }

    #[test]
    fn unsafe_fix_decodes_json_escapes() {
        let before = r#"cmdCallEnd="\"C:\\a b\\x.exe\" end""#;
        let before = format!("[Settings]\n{before}\n");
        fixes(&RULE, Safety::Safe, &before, &before);
        let after = r#"cmdCallEnd="C:\a b\x.exe" end"#;
        fixes(&RULE, Safety::Unsafe, &before, format!("[Settings]\n{after}\n"));
    }

    #[test]
    fn network_shares_and_single_backslashes_are_not_reported() {
        check(
            &RULE,
            "[Settings]\nrecordingPath=\\\\srv\\calls\nringingSound=C:\\a\\\\b.wav\ncmdCallEnd=\"C:\\a\\x.exe\" \"\\\"C:\\b\\\"\" end\n[Account1]\nlabel=C:\\\\x\n",
            &[],
        );
    }
}
