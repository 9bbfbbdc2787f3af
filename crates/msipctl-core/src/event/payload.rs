//! What of a call's values reaches what a directive does. The same rules hold for doing it and for telling of it
//! beforehand.

use std::fmt::Write;

/// The most characters of the caller's text that are taken.
const MAX_LENGTH: usize = 4096;

/// Programs that take their arguments for commands.
const SHELLS: [&str; 10] =
    ["cmd", "command", "powershell", "pwsh", "sh", "bash", "wsl", "mshta", "wscript", "cscript"];

/// Returns as much of a caller's text as is taken: its first 4096 characters.
pub fn taken(caller: &str) -> &str {
    caller.char_indices().nth(MAX_LENGTH).map_or(caller, |(end, _)| &caller[..end])
}

/// Says whether a character steers what shows or reads it: a control character, a line separator, a mark that changes
/// the direction of text, or a byte order mark.
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

/// Drops control characters, line separators and marks that change the direction of text.
pub fn clean(text: &str) -> String {
    text.chars().filter(|character| !is_steering(*character)).collect()
}

/// Encodes all but the letters that never mean anything in an address.
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
            // Writing to a text never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Says whether programs take the path of an address for another one: a part of it is only dots.
pub fn leads_elsewhere(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|part| matches!(part, "." | ".."))
}

/// Says whether Windows would start a shell: by the ending of a batch file, or by the program's name. Dots
/// and blanks at the end of a name count not.
pub fn is_shell(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let name = name.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    matches!(ending, "bat" | "cmd") || SHELLS.contains(&stem)
}

/// Keeps letters and digits, which no shell acts on, and what numbers and addresses are made of: blank
/// (arguments are quoted), `+` `-` `_` `.` `:` `@` `/` `#` `*`. None of these ends a word or a quotation,
/// joins commands, redirects or names a variable. So no quotes, `&|<>^%!()=,;` `~` `` ` `` `$` and the like.
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
