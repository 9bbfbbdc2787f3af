//! Placeholders in a command: those that MicroSIP fills in, and those that people think it does.

use super::Call;
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

/// Returns what looks like a placeholder and is none.
pub(super) fn unknown(value: &str, call: &Call<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let braced = value.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    for (name, _) in braced {
        let is_filled_in = are_known(call) && KNOWN.contains(&name);
        if is_name(name) && !is_filled_in {
            found.push(format!("{{{name}}}"));
        }
    }
    let mut rest = value;
    while let Some((_, behind)) = rest.split_once('%') {
        rest = behind;
        match behind.split_once('%') {
            Some((name, after)) if is_name(name) => {
                found.push(format!("%{name}%"));
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
        assert_eq!(unknown("a.exe {number} {x} {1-2}", &outgoing), ["{x}"]);
        assert_eq!(passwords("a.exe {password}", &outgoing), ["{password}"]);
        for other in others {
            assert_eq!(unknown("a.exe {number}", &other), ["{number}"]);
            assert_eq!(filled("a.exe {number}", &other), "a.exe {number}");
            assert!(passwords("a.exe {password}", &other).is_empty());
        }
    }

    #[test]
    fn percent_signs_are_never_known() {
        let call = call(Event::CallEnd, Version::NEWEST);
        assert_eq!(
            unknown(r"%ProgramFiles(x86)%\a.exe %callerid% %1 100% %20", &call),
            ["%ProgramFiles(x86)%", "%callerid%", "%1", "%2"]
        );
        assert!(unknown("a 50% b%c d", &call).is_empty());
    }

    #[test]
    fn a_caller_is_encoded() {
        let mut call = call(Event::OutgoingCall, Version::NEWEST);
        call.caller = "+49 ü&";
        assert_eq!(filled("x {number}{callid}", &call), "x %2B49%20%C3%BC%26");
    }
}
