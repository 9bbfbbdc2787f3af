//! How MicroSIP starts a command, step by step, and what becomes of its quotes on the way.
//!
//! The steps are those of MicroSIP's source from 3.19.10 on: Windows drops an outer pair of quotes on
//! reading; the rest is split like a command line; words 2 and on are joined again with blanks and
//! without quotes; the caller is put behind. Older versions take the whole value for a file name.

use crate::profile::read_rule;
use crate::schema::Version;

/// The first version that splits the value.
const SPLITS: Version = Version::new(3, 19, 10);

/// The first version that saves commands in double quotes.
const SAVES_QUOTED: Version = Version::new(3, 21, 6);

/// What MicroSIP hands to Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The file to start.
    pub program: String,
    /// The text behind it, the caller last.
    pub parameters: String,
}

/// Tells what a version starts for a command as it is read, and a caller. `None` when it starts
/// nothing.
///
/// # Example
///
/// ```
/// use msipctl::event::launch;
/// use msipctl::schema::Version;
///
/// let started = launch(r#""C:\My Hooks\a.bat" end"#, "4930", Version::NEWEST).expect("starts");
/// assert_eq!(started.program, r"C:\My Hooks\a.bat");
/// assert_eq!(started.parameters, "end 4930");
///
/// let torn = launch(r"C:\My Hooks\a.bat", "4930", Version::NEWEST).expect("starts");
/// assert_eq!(torn.program, r"C:\My");
/// ```
pub fn launch(value: &str, caller: &str, microsip: Version) -> Option<Launch> {
    if value.is_empty() {
        return None;
    }
    if microsip < SPLITS {
        return Some(Launch { program: value.to_owned(), parameters: caller.to_owned() });
    }
    let words = split(value);
    let (program, rest) = words.split_first()?;
    let mut parameters: Vec<_> = rest.iter().map(String::as_str).collect();
    parameters.push(caller);
    Some(Launch { program: program.clone(), parameters: parameters.join(" ") })
}

/// Returns the text that a version writes when it saves a command as it read it.
pub fn saved(value: &str, microsip: Version) -> String {
    if microsip < SAVES_QUOTED { value.to_owned() } else { format!("\"{value}\"") }
}

/// Returns what Windows reads of a value as it stands written.
pub fn read_back(written: &str) -> &str {
    read_rule(written)
}

/// Splits a whole command line as `CommandLineToArgvW` does: the first word knows no backslashes, the
/// others as [`arguments`].
pub fn split(line: &str) -> Vec<String> {
    let (program, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => line.split_at(line.find([' ', '\t']).unwrap_or(line.len())),
    };
    [program.to_owned()].into_iter().chain(arguments(rest)).collect()
}

/// Splits parameters as a started program sees them: blanks part words outside quotes; two
/// backslashes before a quote are one, a lone one makes the quote a letter; `""` inside quotes is a
/// quote.
///
/// # Example
///
/// ```
/// use msipctl::event::arguments;
///
/// assert_eq!(arguments(r#""C:\my x\h.py" end "#), [r"C:\my x\h.py", "end"]);
/// assert_eq!(arguments(r#"a\\\"b"#), [r#"a\"b"#]);
/// ```
pub fn arguments(parameters: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut letters = parameters.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' if !quoted => words.extend(word.take()),
            '\\' => {
                let mut count = 1;
                while letters.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let text = word.get_or_insert_default();
                if letters.peek() == Some(&'"') {
                    text.extend(std::iter::repeat_n('\\', count / 2));
                    if count % 2 == 1 {
                        letters.next();
                        text.push('"');
                    }
                } else {
                    text.extend(std::iter::repeat_n('\\', count));
                }
            }
            '"' => {
                let text = word.get_or_insert_default();
                if quoted && letters.next_if_eq(&'"').is_some() {
                    text.push('"');
                } else {
                    quoted = !quoted;
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
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

    // The rows of the table of quotings that were tried against the calls themselves.
    #[test]
    fn quotings_come_out_as_they_were_seen() {
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
    fn old_versions_take_the_value_for_a_file() {
        let old = Version::new(3, 19, 8);
        let started = launch(r"C:\a.exe b", "123", old).unwrap();
        assert_eq!(started, Launch { program: r"C:\a.exe b".into(), parameters: "123".into() });
        assert_eq!(launch("", "123", old), None);
    }

    #[test]
    fn newer_versions_save_in_quotes() {
        assert_eq!(saved("a b", Version::new(3, 21, 3)), "a b");
        assert_eq!(saved("a b", Version::new(3, 21, 6)), "\"a b\"");
    }

    proptest! {
        #[test]
        fn no_text_panics(line: String, caller: String) {
            let _ = launch(read_back(&line), &caller, Version::NEWEST);
        }

        #[test]
        fn words_without_quotes_and_blanks_come_back(words in prop::collection::vec("[a-z\\\\:]{1,6}", 0..5)) {
            prop_assert_eq!(arguments(&words.join(" ")), words);
        }
    }
}
