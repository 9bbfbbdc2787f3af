//! `SECTION.KEY` and `SECTION.KEY=VALUE`, as people type them.

use super::error::CliError;

/// A section, and perhaps a key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) section: String,
    pub(super) key: Option<String>,
}

/// Splits `SECTION` or `SECTION.KEY` at the first dot. A name with a dot stands in double quotes. What
/// has a value behind it is not repeated in the error, as that may be a password.
pub(super) fn name(text: &str) -> Result<Name, CliError> {
    if text.contains('=') && !text.contains('"') {
        let message = "a name has a `=`, expected SECTION.KEY without a value";
        return Err(CliError::usage(message).hint("`msipctl set` takes SECTION.KEY=VALUE"));
    }
    let (section, rest) = part(text)?;
    let key = match rest.strip_prefix('.') {
        None if rest.is_empty() => None,
        None => return Err(malformed(text, "SECTION.KEY")),
        Some(rest) => {
            let (key, rest) = if rest.starts_with('"') { part(rest)? } else { (rest, "") };
            if key.is_empty() || !rest.is_empty() {
                return Err(malformed(text, "SECTION.KEY"));
            }
            Some(key.to_owned())
        }
    };
    if section.is_empty() {
        return Err(malformed(text, "SECTION.KEY"));
    }
    Ok(Name { section: section.to_owned(), key })
}

/// Splits `SECTION.KEY`.
pub(super) fn key_name(text: &str) -> Result<(String, String), CliError> {
    let Name { section, key } = name(text)?;
    let key = key.ok_or_else(|| malformed(text, "SECTION.KEY"))?;
    Ok((section, key))
}

/// Splits `SECTION.KEY=VALUE` at the first `=`. An argument without one is not repeated in the
/// error, as it may be a password that was parted from its key.
pub(super) fn assignment(text: &str) -> Result<(String, String, String), CliError> {
    let Some((name, value)) = text.split_once('=') else {
        let message = "an argument has no `=`, expected SECTION.KEY=VALUE";
        return Err(CliError::usage(message)
            .hint("put the whole argument in quotes when the value holds blanks"));
    };
    let (section, key) = key_name(name)?;
    Ok((section, key, value.to_owned()))
}

/// Takes a name off the front: in double quotes, or up to the first dot.
fn part(text: &str) -> Result<(&str, &str), CliError> {
    match text.strip_prefix('"') {
        Some(quoted) => {
            let parts = quoted.split_once('"');
            parts.ok_or_else(|| malformed(text, "a closing double quote"))
        }
        None => Ok(text.split_at(text.find('.').unwrap_or(text.len()))),
    }
}

fn malformed(text: &str, expected: &str) -> CliError {
    CliError::usage(format!("`{text}` is no name of a key, expected {expected}"))
        .hint("for example Settings.localDTMF or Account1.domain")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_name_is_split_at_the_first_dot_outside_quotes() {
        let split = |text: &str| key_name(text).ok();
        let pair = |section: &str, key: &str| Some((section.to_owned(), key.to_owned()));
        assert_eq!(split("Settings.AA"), pair("Settings", "AA"));
        assert_eq!(split("Settings.On.2"), pair("Settings", "On.2"));
        assert_eq!(split("\"a.b\".\"c.d\""), pair("a.b", "c.d"));
        for text in ["Settings", "Settings.", ".AA", "\"a", "\"a\"b", "a.\"b\"c", ""] {
            assert_eq!(split(text), None, "{text}");
        }
        assert_eq!(name("Settings").unwrap().key, None);
    }

    #[test]
    fn name_errors_do_not_repeat_the_argument() {
        let error = assignment("hunter2").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
        for text in ["Account1.password=hunter2", "password=hunter2"] {
            assert!(!name(text).unwrap_err().to_string().contains("hunter2"));
        }
        let (_, key, value) = assignment("S.k=a=b").unwrap();
        assert_eq!((key.as_str(), value.as_str()), ("k", "a=b"));
    }
}
