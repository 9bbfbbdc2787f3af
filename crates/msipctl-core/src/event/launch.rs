//! Models how MicroSIP starts a command, step by step, and what happens to its quotes.
//!
//! These are the steps in the source of MicroSIP 3.19.10 and newer. Windows strips an outer pair of quotes when it reads
//! the value. Spaces at both ends are removed. CommandLineToArgvW splits the value. The second and all later words are
//! joined with spaces and without quotes. The caller ID is appended. Older versions use the complete value as a file name.
//!
//! Two algorithms split text, and they differ for adjacent quotes: [`split`] works like CommandLineToArgvW, and
//! [`arguments`] like the started program. `tests/it/explain.rs` compares both with the real calls.

use microsip_schema::Version;
use winini::profile::read_rule;

/// The first version that splits the value.
pub(super) const SPLITS: Version = Version::new(3, 19, 10);

/// The first version that saves commands in double quotes.
const SAVES_QUOTED: Version = Version::new(3, 21, 6);

/// The program that MicroSIP starts for a command of only spaces: itself, with any path and name.
pub const ITSELF: &str = "MicroSIP.exe";

/// The program and parameters that MicroSIP passes to Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The file to start.
    pub program: String,
    /// The parameters, which end with the caller ID.
    pub parameters: String,
}

/// Returns what a version starts for a command, as Windows reads it, and a caller ID. Returns `None` if it starts
/// nothing.
///
/// # Example
///
/// ```
/// use msipctl_core::event::launch;
/// use microsip_schema::Version;
///
/// let started = launch(r#""C:\My Hooks\a.bat" end"#, "4930", Version::NEWEST).expect("starts");
/// assert_eq!(started.program, r"C:\My Hooks\a.bat");
/// assert_eq!(started.parameters, "end 4930");
///
/// let split_command = launch(r"C:\My Hooks\a.bat", "4930", Version::NEWEST).expect("starts");
/// assert_eq!(split_command.program, r"C:\My");
/// ```
pub fn launch(value: &str, caller: &str, microsip: Version) -> Option<Launch> {
    if value.is_empty() {
        return None;
    }
    if microsip < SPLITS {
        return Some(Launch { program: value.to_owned(), parameters: caller.to_owned() });
    }
    let value = value.trim();
    if value.is_empty() {
        // CommandLineToArgvW returns the path of the running program for an empty line.
        let parameters = caller.trim_start().to_owned();
        return Some(Launch { program: ITSELF.to_owned(), parameters });
    }
    let words = split(value);
    let (program, rest) = words.split_first()?;
    let parameters = format!("{} {caller}", rest.join(" ").trim_end());
    let parameters = parameters.trim_start().to_owned();
    Some(Launch { program: program.clone(), parameters })
}

/// Returns the text that a version writes when it saves a command that it read.
pub fn saved(value: &str, microsip: Version) -> String {
    if microsip < SAVES_QUOTED { value.to_owned() } else { format!("\"{value}\"") }
}

/// Returns the value that Windows reads from a written value.
pub fn read_back(written: &str) -> &str {
    read_rule(written)
}

/// Splits a complete command line like `CommandLineToArgvW`. In the first word, backslashes have no meaning, and the word
/// ends at the next quote or whitespace. In the other words, every third of adjacent quotes is a character, including
/// the opening quote in the count, and the other quotes open or close.
///
/// # Example
///
/// ```
/// use msipctl_core::event::split;
///
/// assert_eq!(split(r#""C:\a b\x.exe" "two words" a\"b"#), [r"C:\a b\x.exe", "two words", r#"a"b"#]);
/// assert_eq!(split(r#"x "a""b c""#), ["x", r#"a"b"#, "c"]);
/// ```
pub fn split(line: &str) -> Vec<String> {
    let (program, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => line.split_at(line.find([' ', '\t']).unwrap_or(line.len())),
    };
    [program.to_owned()].into_iter().chain(words(rest, Quotes::InThrees)).collect()
}

/// Returns the words of a complete command line like [`split`], but as written, including quotes.
pub(super) fn raw_arguments(line: &str) -> Vec<&str> {
    if line.is_empty() {
        return Vec::new();
    }
    let end = match line.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map_or(line.len(), |end| end + 2),
        None => line.find([' ', '\t']).unwrap_or(line.len()),
    };
    let (program, mut rest) = line.split_at(end);
    let mut words = vec![program];
    while let Some((_, after)) = next(rest, Quotes::InThrees) {
        let word = &rest[..rest.len() - after.len()];
        words.push(word.trim_start_matches([' ', '\t']));
        rest = after;
    }
    words
}

/// Splits parameters like a started program. Whitespace separates words outside quotes. Two backslashes before a quote
/// are one backslash, and a single backslash makes the quote a character. `""` inside quotes is a quote, and the quoted
/// text continues.
///
/// # Example
///
/// ```
/// use msipctl_core::event::arguments;
///
/// assert_eq!(arguments(r#""C:\my x\h.py" end "#), [r"C:\my x\h.py", "end"]);
/// assert_eq!(arguments(r#"a\\\"b"#), [r#"a\"b"#]);
/// assert_eq!(arguments(r#""a""b c""#), [r#"a"b c"#]);
/// ```
pub fn arguments(parameters: &str) -> Vec<String> {
    words(parameters, Quotes::InPairs)
}

/// How adjacent quotes are parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// Like shell32: every third quote is a character.
    InThrees,
    /// Like the C runtime and Rust: two quotes inside quotes are a character.
    InPairs,
}

impl Quotes {
    /// Parses adjacent quotes. Returns how many of them are characters, and whether the word continues in quotes.
    fn read(self, count: usize, is_quoted: bool) -> (usize, bool) {
        let opened = usize::from(is_quoted);
        match self {
            Self::InThrees => ((opened + count) / 3, (opened + count) % 3 == 1),
            // The first quote opens the quoted text, unless it's already open.
            Self::InPairs => {
                let inside = count + opened - 1;
                (inside / 2, inside.is_multiple_of(2))
            }
        }
    }
}

fn words(text: &str, quotes: Quotes) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some((word, after)) = next(rest, quotes) {
        words.push(word);
        rest = after;
    }
    words
}

/// Reads the next word like [`arguments`], and returns the text after it, which begins with the whitespace that ended
/// the word. Returns `None` if only whitespace is left.
pub(super) fn next_word(text: &str) -> Option<(String, &str)> {
    next(text, Quotes::InPairs)
}

fn next(text: &str, quotes: Quotes) -> Option<(String, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    if text.is_empty() {
        return None;
    }
    let mut word = String::new();
    let mut is_quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        if matches!(character, ' ' | '\t') && !is_quoted {
            return Some((word, &text[offset..]));
        }
        let mut run_of = |expected: char| {
            let mut count = 0;
            while characters.next_if(|(_, next)| *next == expected).is_some() {
                count += 1;
            }
            count
        };
        let mut count = 0;
        match character {
            '"' => count = 1 + run_of('"'),
            '\\' => {
                let slashes = 1 + run_of('\\');
                count = run_of('"');
                let is_escape = count > 0;
                word.extend(std::iter::repeat_n(
                    '\\',
                    if is_escape { slashes / 2 } else { slashes },
                ));
                if is_escape && slashes % 2 == 1 {
                    word.push('"');
                    count -= 1;
                }
            }
            other => word.push(other),
        }
        if count > 0 {
            (count, is_quoted) = quotes.read(count, is_quoted);
            word.extend(std::iter::repeat_n('"', count));
        }
    }
    Some((word, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(written: &str, program: &str, parameters: &str) {
        let started = launch(read_back(written), "123", Version::NEWEST).unwrap();
        assert_eq!((started.program.as_str(), started.parameters.as_str()), (program, parameters));
    }

    // The rows of the table of quotings that were verified with the real calls.
    #[test]
    fn quoted_commands_launch_as_observed_in_microsip() {
        check(r"C:\hooks\a.bat", r"C:\hooks\a.bat", "123");
        check(r"C:\My Hooks\a.bat", r"C:\My", r"Hooks\a.bat 123");
        check(r#""C:\Users\Ann B\a.bat""#, r"C:\Users\Ann", r"B\a.bat 123");
        check(r#"""C:\Users\Ann B\a.bat"""#, r"C:\Users\Ann B\a.bat", "123");
        check(r#""C:\My Hooks\a.bat" end"#, r"C:\My Hooks\a.bat", "end 123");
        let both = read_back(r#""C:\py.exe" "C:\h.py""#);
        assert_eq!(both, r#"C:\py.exe" "C:\h.py"#);
        check(
            r#""C:\Py 3\python.exe" "C:\my x\h.py" start"#,
            r"C:\Py 3\python.exe",
            r"C:\my x\h.py start 123",
        );
        check(
            r#""C:\Py 3\py.exe" "\"C:\my x\h.py\"" end"#,
            r"C:\Py 3\py.exe",
            r#""C:\my x\h.py" end 123"#,
        );
    }

    #[test]
    fn outer_spaces_of_a_command_are_removed() {
        check(r#""  C:\a.exe  b  ""#, r"C:\a.exe", "b 123");
        check("\"  \"", ITSELF, "123");
        let parameters =
            |value: &str, caller: &str| launch(value, caller, Version::NEWEST).unwrap().parameters;
        assert_eq!(parameters("a", "  1  2 "), "1  2 ");
        assert_eq!(parameters("a b", "  1"), "b   1");
        assert_eq!(parameters("a b", ""), "b ");
        assert_eq!(parameters(r#"a "" b "" "c  ""#, "1"), "b  c 1");
    }

    #[test]
    fn old_versions_treat_the_value_as_a_file_path() {
        let old = Version::new(3, 19, 8);
        let started = launch(r"C:\a.exe b", "123", old).unwrap();
        assert_eq!(started, Launch { program: r"C:\a.exe b".into(), parameters: "123".into() });
        assert_eq!(launch("", "123", old), None);
    }

    #[test]
    fn commands_are_saved_in_quotes_since_3_21_6() {
        assert_eq!(saved("a b", Version::new(3, 21, 3)), "a b");
        assert_eq!(saved("a b", Version::new(3, 21, 6)), "\"a b\"");
    }

    proptest! {
        #[test]
        fn launching_any_text_does_not_panic(line: String, caller: String) {
            let _ = launch(read_back(&line), &caller, Version::NEWEST);
        }

        #[test]
        fn raw_arguments_match_split_arguments(line in r#"[ \t"\\ab]{1,20}"#) {
            let (raw, words) = (raw_arguments(&line), split(&line));
            prop_assert_eq!(raw.len(), words.len());
            for (raw, word) in raw.iter().zip(&words).filter(|(raw, _)| !raw.contains('"')) {
                prop_assert_eq!(raw, word);
            }
        }

        #[test]
        fn arguments_without_quotes_or_spaces_round_trip(words in prop::collection::vec("[a-z\\\\:]{1,6}", 0..5)) {
            prop_assert_eq!(arguments(&words.join(" ")), words);
        }
    }
}
