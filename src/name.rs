//! `SECTION.KEY` and `SECTION.KEY=VALUE`, as users type them.

use super::error::CliError;
use microsip_schema::{Section, nearest, sections_of, spelled, suggest};

/// A section, and possibly a key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) section: String,
    pub(super) key: Option<String>,
}

/// Parses `SECTION`, `SECTION.KEY`, or the `KEY` of a single section. The first dot separates section and key; a name with
/// a dot is in double quotes. The error doesn't repeat a text with a value, because that may be a password.
pub(super) fn name(text: &str) -> Result<Name, CliError> {
    let name = written_name(text)?;
    if name.key.is_none() && Section::of(&name.section).is_none() {
        return Ok(match section_of(&name.section)? {
            Some((section, key)) => Name { section, key: Some(key) },
            None => name,
        });
    }
    Ok(name)
}

/// Parses `SECTION.KEY`, or the `KEY` of a single section.
pub(super) fn key_name(text: &str) -> Result<(String, String), CliError> {
    let Name { section, key } = written_name(text)?;
    if let Some(key) = key {
        return Ok((section, key));
    }
    section_of(&section)?.ok_or_else(|| missing_section(&section))
}

/// Parses `SECTION.KEY=VALUE`, or the `KEY=VALUE` of a single section. The first `=` separates name and value. The error
/// doesn't repeat an argument without one, because that may be a password that was split from its key.
pub(super) fn assignment(text: &str) -> Result<(String, String, String), CliError> {
    let Some((name, value)) = text.split_once('=') else {
        if is_key(text) {
            let message = format!("missing value for `{text}`: expected `{text}=VALUE`");
            return Err(CliError::usage(message));
        }
        let error = CliError::usage("an argument has no `=`: expected `SECTION.KEY=VALUE`");
        return Err(error.hint("if the value has spaces, put the argument in quotes"));
    };
    let (section, key) = key_name(name)?;
    Ok((section, key, value.to_owned()))
}

/// Returns whether a text is exactly the name of a key that MicroSIP knows, which can't be a secret.
fn is_key(text: &str) -> bool {
    match text.split_once('.') {
        Some((section, key)) => {
            Section::of(section).is_some_and(|it| sections_of(key).contains(&it))
        }
        None => !sections_of(text).is_empty(),
    }
}

/// Returns whether a text is a section or a key that MicroSIP knows, so it isn't used as a file.
pub(super) fn is_known(text: &str) -> bool {
    if text.starts_with('"') {
        return true;
    }
    let section = text.split('.').next().unwrap_or_default();
    Section::of(section).is_some() || !text.contains('.') && !sections_of(text).is_empty()
}

/// Returns the name of the section that a misspelled name probably means.
pub(super) fn near_section(section: &str) -> Option<String> {
    if Section::of(section).is_some() {
        return None;
    }
    let number = section.trim_start_matches(|character: char| !character.is_ascii_digit());
    let word = section.trim_end_matches(|character: char| character.is_ascii_digit());
    let number = number.trim_start_matches('0');
    let account = format!("Account{}", if number.is_empty() { "1" } else { number });
    let labels = Section::ALL.into_iter().filter(|it| *it != Section::Account);
    let labels = labels.map(Section::label).chain(["Account"]);
    let near = nearest(word, labels, microsip_schema::NEAR)?;
    let near = if near == "Account" { account } else { near.to_owned() };
    Some(near).filter(|near| !near.eq_ignore_ascii_case(section))
}

/// Returns the note for a section or key that isn't set, with a suggestion if MicroSIP doesn't read that name.
pub(super) fn not_set(name: &str, section: &str, key: Option<&str>) -> String {
    let meant = match (near_section(section), key) {
        (Some(near), None) => Some(format!("did you mean `{near}`?")),
        (Some(near), Some(key)) => Some(format!("did you mean `{near}.{key}`?")),
        (None, Some(key)) => suggest(section, key).map(|it| it.to_string()),
        (None, None) => None,
    };
    let meant = meant.map(|meant| format!("; {meant}")).unwrap_or_default();
    format!("`{name}` is not set{meant}")
}

/// Splits `SECTION` or `SECTION.KEY`.
fn written_name(text: &str) -> Result<Name, CliError> {
    if text.contains('=') && !text.contains('"') {
        let message = "a name has a `=`: expected `SECTION.KEY` without a value";
        return Err(CliError::usage(message).hint("to set a value, run `msipctl set`"));
    }
    let (section, rest) = part(text)?;
    let key = match rest.strip_prefix('.') {
        None if rest.is_empty() => None,
        None => return Err(malformed(text, "`SECTION.KEY`")),
        Some(rest) => {
            let (key, rest) = if rest.starts_with('"') { part(rest)? } else { (rest, "") };
            if key.is_empty() || !rest.is_empty() {
                return Err(malformed(text, "`SECTION.KEY`"));
            }
            Some(key.to_owned())
        }
    };
    if section.is_empty() {
        return Err(malformed(text, "`SECTION.KEY`"));
    }
    Ok(Name { section: section.to_owned(), key })
}

/// Returns section and key for a key without its section; `None` if MicroSIP has no such key.
///
/// # Errors
///
/// When the key is in several sections, or in each account.
fn section_of(key: &str) -> Result<Option<(String, String)>, CliError> {
    let sections = sections_of(key);
    match sections[..] {
        [] => Ok(None),
        [only] if only != Section::Account => Ok(Some(spelled(only.label(), key))),
        _ => {
            let full = |section: &Section| {
                let section =
                    if *section == Section::Account { "Account1" } else { section.label() };
                let (section, key) = spelled(section, key);
                format!("`{section}.{key}`")
            };
            let names: Vec<_> = sections.iter().map(full).collect();
            let place = match sections[..] {
                [_] => "is a key of each account",
                _ => "is a key of several sections",
            };
            let error = CliError::usage(format!("`{key}` {place}: expected `SECTION.KEY`"));
            Err(error.hint(format!("use {}", names.join(" or "))))
        }
    }
}

/// Returns the error for a name without a section that isn't a key of MicroSIP.
fn missing_section(text: &str) -> CliError {
    let meant = suggest(Section::Settings.label(), text).and_then(|meant| meant.name(text));
    let hint = match meant {
        Some((Section::Account, key)) => format!("did you mean `Account1.{key}`?"),
        Some((section, key)) => format!("did you mean `{}.{key}`?", section.label()),
        None => EXAMPLE.to_owned(),
    };
    CliError::usage(format!("missing section in `{text}`: expected `SECTION.KEY`")).hint(hint)
}

/// Splits off a name: in double quotes, or up to the first dot.
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
    CliError::usage(format!("invalid name `{text}`: expected {expected}")).hint(EXAMPLE)
}

const EXAMPLE: &str = "for example, use `Settings.localDTMF` or `Account1.domain`";

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
        for text in ["Settings", "Settings.", ".AA", "nothing", "\"a", "\"a\"b", "a.\"b\"c", ""] {
            assert_eq!(split(text), None, "{text}");
        }
        assert_eq!(name("Settings").unwrap().key, None);
    }

    #[test]
    fn key_without_section_is_found_when_one_section_has_it() {
        let pair = |section: &str, key: &str| (section.to_owned(), key.to_owned());
        assert_eq!(key_name("AA").unwrap(), pair("Settings", "AA"));
        assert_eq!(key_name("singlemode").unwrap(), pair("Settings", "singleMode"));
        let (section, key, value) = assignment("AA=1").unwrap();
        assert_eq!((section.as_str(), key.as_str(), value.as_str()), ("Settings", "AA", "1"));
        assert_eq!(name("AA").unwrap().key.as_deref(), Some("AA"));
        assert_eq!(name("Elsewhere").unwrap().section, "Elsewhere");
    }

    #[test]
    fn key_without_section_suggests_full_names_when_ambiguous() {
        let error = |text: &str| {
            let error = key_name(text).unwrap_err();
            format!("{error}\n{}", error.hint_text().unwrap_or_default())
        };
        insta::assert_snapshot!(error("domain"), @"
        `domain` is a key of each account: expected `SECTION.KEY`
        use `Account1.domain`
        ");
        insta::assert_snapshot!(error("singleMod"), @"
        missing section in `singleMod`: expected `SECTION.KEY`
        did you mean `Settings.singleMode`?
        ");
        insta::assert_snapshot!(error("nothing"), @"
        missing section in `nothing`: expected `SECTION.KEY`
        for example, use `Settings.localDTMF` or `Account1.domain`
        ");
    }

    #[test]
    fn misspelled_sections_suggest_the_correct_section() {
        assert_eq!(near_section("Setings").as_deref(), Some("Settings"));
        assert_eq!(near_section("Acount2").as_deref(), Some("Account2"));
        assert_eq!(near_section("Account").as_deref(), Some("Account1"));
        assert_eq!(near_section("Settings"), None);
        assert_eq!(near_section("Elsewhere"), None);
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
