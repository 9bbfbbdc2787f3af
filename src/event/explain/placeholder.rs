//! Placeholders in a command: those that MicroSIP fills in, and those that people think it does.

use super::Call;
use super::shell::Shell;
use crate::event::{Event, url_encoded};
use crate::schema::Version;

/// The first version that fills in placeholders, in the command of outgoing calls alone.
const FILLS_IN: Version = Version::new(3, 21, 3);

const KNOWN: [&str; 13] = [
    "server",
    "extension",
    "password",
    "md5_password",
    "duration",
    "time",
    "callid",
    "direction",
    "callerid",
    "user",
    "number",
    "domain",
    "name",
];

/// Says whether MicroSIP fills in placeholders for an event.
pub(super) fn are_known(call: &Call<'_>) -> bool {
    call.event == Event::OutgoingCall && call.microsip >= FILLS_IN
}

/// Fills in what is known of a command's placeholders; the others stay as they are.
pub(super) fn filled(value: &str, call: &Call<'_>) -> String {
    if !are_known(call) || !value.contains('{') {
        return value.to_owned();
    }
    let caller = url_encoded(call.caller);
    let value = value.replace("{number}", &caller).replace("{user}", &caller);
    value.replace("{callid}", "").replace("{direction}", "")
}

/// Returns the placeholders that put a password into the command.
pub(super) fn passwords(value: &str, call: &Call<'_>) -> Vec<String> {
    let names = ["{password}", "{md5_password}"].into_iter();
    names.filter(|name| are_known(call) && value.contains(name)).map(str::to_owned).collect()
}

/// Returns what looks like a placeholder and is none. What a shell takes for a variable or for code is none, but by a
/// name that is one elsewhere.
pub(super) fn unknown(value: &str, call: &Call<'_>, shell: Option<Shell>) -> Vec<String> {
    let mut found = Vec::new();
    let is_meant = |name: &str, of: Shell| {
        is_name(name) && (shell != Some(of) || KNOWN.contains(&name.to_ascii_lowercase().as_str()))
    };
    let braced = value.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    for (name, _) in braced {
        let is_filled_in = are_known(call) && KNOWN.contains(&name);
        if is_meant(name, Shell::PowerShell) && !is_filled_in {
            found.push(format!("{{{name}}}"));
        }
    }
    let mut rest = value;
    while let Some((_, behind)) = rest.split_once('%') {
        rest = behind;
        if is_encoded(behind) {
            continue;
        }
        match behind.split_once('%') {
            Some((name, after)) if is_name(name) => {
                if is_meant(name, Shell::Cmd) {
                    found.push(format!("%{name}%"));
                }
                rest = after;
            }
            _ => found.extend(
                behind.chars().next().filter(char::is_ascii_digit).map(|digit| format!("%{digit}")),
            ),
        }
    }
    found.dedup();
    found
}

/// Says whether a text is a name such as people give to variables.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_()".contains(letter))
}

/// Says whether a text that follows a `%` is a byte of an address, in hexadecimal with a digit, such as `20` or `D0`.
fn is_encoded(behind: &str) -> bool {
    matches!(behind.as_bytes(), [one, other, ..]
        if one.is_ascii_hexdigit()
            && other.is_ascii_hexdigit()
            && (one.is_ascii_digit() || other.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(event: Event, microsip: Version) -> Call<'static> {
        Call { event, microsip, ..Call::new(event, "") }
    }

    #[test]
    fn only_outgoing_calls_know_braces() {
        let outgoing = call(Event::OutgoingCall, Version::NEWEST);
        let others =
            [call(Event::CallEnd, FILLS_IN), call(Event::OutgoingCall, Version::new(3, 20, 1))];
        assert_eq!(unknown("a.exe {number} {x} {1-2}", &outgoing, None), ["{x}"]);
        assert_eq!(passwords("a.exe {password}", &outgoing), ["{password}"]);
        for other in others {
            assert_eq!(unknown("a.exe {number}", &other, None), ["{number}"]);
            assert_eq!(filled("a.exe {number}", &other), "a.exe {number}");
            assert!(passwords("a.exe {password}", &other).is_empty());
        }
    }

    #[test]
    fn percent_signs_are_never_known() {
        let call = call(Event::CallEnd, Version::NEWEST);
        let unknown = |value| unknown(value, &call, None);
        assert_eq!(
            unknown(r"%ProgramFiles(x86)%\a.exe %callerid% %1 100% %date%"),
            ["%ProgramFiles(x86)%", "%callerid%", "%1", "%date%"]
        );
        assert!(unknown("a 50% b%c d").is_empty());
    }

    #[test]
    fn an_encoded_address_has_no_placeholders() {
        let call = call(Event::CallEnd, Version::NEWEST);
        for value in ["curl http://h/?a=%20b%2C%D0%B0%d1%8f", "x 100%"] {
            assert!(unknown(value, &call, None).is_empty(), "{value}");
        }
    }

    #[test]
    fn shells_have_variables_and_code_of_their_own() {
        let call = call(Event::CallEnd, Version::NEWEST);
        let cmd = unknown("cmd /c echo %DATE% %callerid% {date} %1", &call, Some(Shell::Cmd));
        assert_eq!(cmd, ["{date}", "%callerid%", "%1"]);
        let value = "powershell -Command x | % {date} {Number} %DATE%";
        assert_eq!(unknown(value, &call, Some(Shell::PowerShell)), ["{Number}", "%DATE%"]);
    }

    #[test]
    fn a_caller_is_encoded() {
        let mut call = call(Event::OutgoingCall, Version::NEWEST);
        call.caller = "+49 ü&";
        assert_eq!(filled("x {number}{callid}", &call), "x %2B49%20%C3%BC%26");
    }
}
