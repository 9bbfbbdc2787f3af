//! The file of a report that is written to a folder.

use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::flags::Format;
use crate::output::Output;
use msipctl_core::audit_report::Identity;
use msipctl_core::store::{self, Digest};

/// The maximum length of the name of a computer or a user in the name of a file.
const MAX_NAME: usize = 100;

/// Returns the file of a report: the one that `-o` names, or in a folder, one with the names of the computer and the user,
/// or `merged`.
/// In a folder, the report is JSON unless another format is requested.
pub(crate) fn report_file(
    named: &Path,
    identity: &Identity,
    out: &mut Output,
) -> Result<PathBuf, CliError> {
    let is_folder = store::is_folder(named);
    if !is_folder && !named.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]) {
        return Ok(named.to_owned());
    }
    if !is_folder {
        store::make_folder(named)?;
    }
    if out.format() == Format::Human {
        out.set_format(Format::Json);
    }
    let extension = match out.format() {
        Format::Human | Format::Json => "json",
        Format::Ndjson => "ndjson",
        Format::Sarif => "sarif",
        Format::Junit => "xml",
        Format::Github => "txt",
        Format::Markdown => "md",
        Format::Html => "html",
    };
    if identity.is_merged() {
        return Ok(named.join(format!("merged.{extension}")));
    }
    let known = |name: &Option<String>| name.clone().unwrap_or_else(|| "unknown".to_owned());
    let (host, user) = (known(&identity.host), known(&identity.user));
    let name = format!("{}-{}.{extension}", file_name(&host, true), file_name(&user, false));
    Ok(named.join(name))
}

/// Returns a name as a part of the name of a file, on any system. A name that had to be changed gets a hash, so that two
/// names never share a file. Only the name of a computer can contain a dash, which separates it from the user.
fn file_name(name: &str, can_have_dash: bool) -> String {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let lower = name.to_lowercase();
    let is_plain = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "._".contains(character)
    };
    let plain: String = lower
        .chars()
        .map(|character| if is_plain(character) || character == '-' { character } else { '_' })
        .take(MAX_NAME)
        .collect();
    let stem = plain.split('.').next().unwrap_or_default();
    let is_port = |device: &str| {
        let number = stem.strip_prefix(device);
        number
            .is_some_and(|number| number.len() == 1 && number.bytes().all(|it| it.is_ascii_digit()))
    };
    let is_device = DEVICES.contains(&stem) || is_port("com") || is_port("lpt");
    let has_dash = plain.contains('-') && !can_have_dash;
    let is_changed = plain != lower || has_dash || plain.starts_with('.');
    let start = if is_device || plain.starts_with('.') { "_" } else { "" };
    match is_changed {
        true => format!("{start}{plain}-{:.8}", Digest::of(lower.as_bytes()).to_string()),
        false => format!("{start}{plain}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_safe_and_distinct_on_every_system() {
        let file_name = |name: &str| super::file_name(name, false);
        assert_eq!(file_name("ANN"), "ann");
        assert_eq!(file_name("nul"), "_nul");
        assert_eq!(file_name("com1.x"), "_com1.x");
        assert_eq!(super::file_name("DESK-7", true), "desk-7");
        assert_ne!(file_name("b-c"), "b-c");
        for hostile in
            ["../../etc/passwd", r"a\b:c", ".hidden", "a\0b", "\u{202e}x", &"x".repeat(300)]
        {
            let name = file_name(hostile);
            assert!(!name.contains(['/', '\\', ':', '\0']) && !name.starts_with('.'), "{name}");
            assert!(name.is_ascii() && name.len() < 120, "{name}");
        }
        assert_ne!(file_name("a/b"), file_name("a:b"));
    }
}
