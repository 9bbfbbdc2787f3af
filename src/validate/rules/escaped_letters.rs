//! `escaped-letters`: backslashes and names that another kind of file needs.

use crate::ini::Edit;
use crate::schema::{self, Kind};
use crate::validate::rule::rule;
use crate::validate::{Context, Finding, Fix, Safety};

rule! {
    /// ## What it checks
    /// A path, command or address written as other kinds of file want it: `C:\\hooks`, `C\:\\hooks`, `http\://`, `&amp;`.
    ///
    /// ## Why it matters
    /// An ini file has no escapes: every letter is part of the value. Windows forgives two backslashes in most paths, but not at the front of a share, and programs that get such a text as an argument do not. Behind `\:` there is no drive and no address.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// recordingPath=D:\\calls\\today
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// recordingPath=D:\calls\today
    /// ```
    ///
    /// ## Fix
    /// The escapes are taken away. That is unsafe where a quote stands behind a backslash or a share may be meant, and for `&amp;` and the like.
    "escaped-letters", "escapes of another kind of file, which are part of the value", Warning, Structure, since "0.1.0",
    where ESCAPE
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for (section, entry) in context.entries() {
        let raw = context.document.raw(entry.value_span());
        if !raw.contains(&b'\\') && !raw.contains(&b'&') {
            continue;
        }
        let (key, written) = (entry.key(), entry.written());
        let Some(known) = schema::find(&section.name(), &key) else { continue };
        let is_directory = known.name() == "usersDirectory";
        if !matches!(known.kind(), Kind::Path | Kind::Command) && !is_directory {
            continue;
        }
        let Some((what, safety, text)) = unescaped(&written) else { continue };
        let message = format!("`{key}` holds {what}, which are part of the value");
        let edit = Edit::ReplaceValue { line: entry.line(), text };
        let fix = Fix::edits(safety, "take the escapes away", vec![edit]);
        findings.push(RULE.at_value((section, entry), message).with_fix(fix));
    }
}

/// Finds escapes, and the text without them.
fn unescaped(written: &str) -> Option<(&'static str, Safety, String)> {
    let plain = written.trim_start_matches(['"', '\'']);
    let first = plain.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(plain.len());
    let behind = &plain[first..];
    // A drive, or the scheme of an address.
    let has_name = first == 1 || (first > 1 && behind.starts_with("\\://"));
    // A share among the arguments has two backslashes in front, escaped or not.
    let is_certain = !written.contains("\\\"") && !written.contains(" \\\\");
    let safety = if is_certain { Safety::Safe } else { Safety::Unsafe };
    if has_name && (behind.starts_with("\\:\\\\") || behind.starts_with("\\://")) {
        let text = ["\\:", "\\=", "\\;", "\\#", "\\!", "\\,", "\\\\"]
            .iter()
            .fold(written.to_owned(), |text, escape| text.replace(escape, &escape[1..]));
        return Some(("escapes of a properties file", safety, text));
    }
    // A text of JSON: its own quotes, and escaped ones inside.
    let json = written.strip_prefix("\"\\\"").and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = json
        && inner.contains(":\\\\")
    {
        let text = format!("\"{}", inner.replace("\\\"", "\"").replace("\\\\", "\\"));
        return Some(("escapes of JSON", Safety::Unsafe, text));
    }
    let is_doubled = written.split(|letter| letter != '\\').all(|run| run.len() % 2 == 0);
    let is_path = (first == 1 && behind.starts_with(":\\\\")) || plain.starts_with("\\\\\\\\");
    if is_doubled && is_path {
        return Some(("doubled backslashes", safety, written.replace("\\\\", "\\")));
    }
    let entities = [
        ("&amp;", "&"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#39;", "'"),
        ("&apos;", "'"),
    ];
    let text =
        entities.iter().fold(written.to_owned(), |text, (name, letter)| text.replace(name, letter));
    (text != written).then_some(("names of letters from a web page", Safety::Unsafe, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, mends};

    #[test]
    fn each_kind_of_file_is_known() {
        let before = concat!(
            "[Settings]\nrecordingPath=C\\:\\\\a\\\\b\nringingSound=\\\\\\\\srv\\\\x.wav\n",
            "cmdCallEnd=C:\\\\a\\\\b.exe x\nusersDirectory=https\\://x/?a\\=b\n"
        );
        check(
            &RULE,
            before,
            &[
                "2: warning: `recordingPath` holds escapes of a properties file, which are part of the value",
                "3: warning: `ringingSound` holds doubled backslashes, which are part of the value",
                "4: warning: `cmdCallEnd` holds doubled backslashes, which are part of the value",
                "5: warning: `usersDirectory` holds escapes of a properties file, which are part of the value",
            ],
        );
        let after = concat!(
            "[Settings]\nrecordingPath=C:\\a\\b\nringingSound=\\\\srv\\x.wav\n",
            "cmdCallEnd=C:\\a\\b.exe x\nusersDirectory=https://x/?a=b\n"
        );
        mends(&RULE, Safety::Safe, before, after);
    }

    #[test]
    fn a_share_among_the_arguments_makes_it_a_question() {
        let before = "[Settings]\ncmdCallEnd=C:\\\\a.exe \\\\srv\n";
        mends(&RULE, Safety::Safe, before, before);
    }

    #[test]
    fn names_of_letters_go_when_asked() {
        let before = "[Settings]\nusersDirectory=https://x/?a=1&amp;b=2\n";
        mends(&RULE, Safety::Safe, before, before);
        mends(&RULE, Safety::Unsafe, before, "[Settings]\nusersDirectory=https://x/?a=1&b=2\n");
    }

    #[test]
    fn json_goes_when_asked() {
        let before = r#"cmdCallEnd="\"C:\\a b\\x.exe\" end""#;
        let before = format!("[Settings]\n{before}\n");
        mends(&RULE, Safety::Safe, &before, &before);
        let after = r#"cmdCallEnd="C:\a b\x.exe" end"#;
        mends(&RULE, Safety::Unsafe, &before, format!("[Settings]\n{after}\n"));
    }

    #[test]
    fn shares_and_odd_backslashes_are_none() {
        check(
            &RULE,
            "[Settings]\nrecordingPath=\\\\srv\\calls\nringingSound=C:\\a\\\\b.wav\ncmdCallEnd=\"C:\\a\\x.exe\" \"\\\"C:\\b\\\"\" end\n[Account1]\nlabel=C:\\\\x\n",
            &[],
        );
    }
}
