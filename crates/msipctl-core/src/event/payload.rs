//! Filters the values of a call that directives use. The same rules apply when msipctl runs a directive and when it
//! explains one.

use std::fmt::Write;

/// The maximum number of characters of the caller ID that are used.
const MAX_LENGTH: usize = 4096;

/// Programs that interpret their arguments as commands.
const SHELLS: [&str; 10] =
    ["cmd", "command", "powershell", "pwsh", "sh", "bash", "wsl", "mshta", "wscript", "cscript"];

/// Returns the part of a caller ID that is used: its first 4096 characters.
pub fn taken(caller: &str) -> &str {
    caller.char_indices().nth(MAX_LENGTH).map_or(caller, |(end, _)| &caller[..end])
}

/// Returns whether a character controls how text is shown or read: a control character, a line separator, a character
/// that changes the direction of text, or a byte order mark.
pub fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// Removes control characters, line separators, and characters that change the direction of text.
pub fn clean(text: &str) -> String {
    text.chars().filter(|character| !is_steering(*character)).collect()
}

/// URL-encodes all characters except those that never have a meaning in a URL.
///
/// # Example
///
/// ```
/// assert_eq!(msipctl_core::event::url_encoded("+49 30"), "%2B49%2030");
/// ```
pub fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Returns whether programs interpret the path of a URL as another one, because a part of it contains only dots.
pub fn leads_elsewhere(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|part| matches!(part, "." | ".."))
}

/// Returns whether Windows would start a shell, determined by the extension of a batch file or the name of the program.
/// Dots and spaces at the end of a name are ignored.
pub fn is_shell(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let name = name.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    matches!(extension, "bat" | "cmd") || SHELLS.contains(&stem)
}

/// Keeps letters and digits, which no shell interprets, and the other characters of numbers and addresses: space
/// (arguments are quoted), `+` `-` `_` `.` `:` `@` `/` `#` `*`. None of these ends a word or quoted text, joins
/// commands, redirects output, or begins a variable. Removes quotes, `&|<>^%!()=,;` `~` `` ` `` `$`, and similar ones.
pub fn harmless(value: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || " +-_.:@/#*".contains(*character);
    value.chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_recognized_by_file_extension_and_name() {
        for program in [r"C:\a\x.bat", r"C:\x.CMD. ", r"C:\Windows\System32\cmd.exe", "/bin/sh"] {
            assert!(is_shell(program), "{program}");
        }
        for program in [r"C:\a.bat\x.exe", r"C:\cmdx.exe"] {
            assert!(!is_shell(program), "{program}");
        }
    }

    #[test]
    fn shell_special_characters_are_removed() {
        assert_eq!(harmless("+49 30 \"x\" & calc %PATH% ^|!$(`~"), "+49 30 x  calc PATH ");
    }

    #[test]
    fn long_caller_id_is_truncated_at_a_character_boundary() {
        let long = "é".repeat(5000);
        assert_eq!(taken(&long).chars().count(), 4096);
        assert_eq!(taken("é"), "é");
    }

    #[test]
    fn dot_segments_are_recognized_only_as_complete_path_segments() {
        assert!(leads_elsewhere("https://h/a/../b") && leads_elsewhere(r"https://h\."));
        assert!(!leads_elsewhere("https://h/a..b?x=/../") && !leads_elsewhere("https://h/..%2F"));
    }
}
