//! Scaffolds for custom templates: a working example with comments for each action.

use std::fmt;
use std::str::FromStr;

use crate::event::Record;

/// A scaffold for a template, selected by its action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaffold {
    index: usize,
}

/// The parts that differ between scaffolds.
struct Form {
    action: &'static str,
    summary: &'static str,
    parameter: &'static str,
    /// The comment before the line.
    note: &'static str,
    line: &'static str,
}

const WINDOW: &str = "\
[parameter.window]
summary=Title of the receiving window, or class:NAME for its window class
required=yes
example=MyAppWindow
";

const URL: &str = "\
[parameter.url]
summary=URL; %number% is replaced with the caller ID, and %% with %
required=yes
example=https://crm.example.com/call?number=%number%
pattern=^https?://[^\\s\"]+$
";

const PROGRAM: &str = "\
[parameter.program]
summary=Full path of the program
required=yes
example=C:\\My Tools\\notify.exe
pattern=^([A-Za-z]:\\\\|\\\\\\\\)[^\"]*[^\"\\\\]$
";

/// All scaffolds. The first one is the default.
const FORMS: &[Form] = &[
    Form {
        action: "run",
        summary: "Start a program for each call",
        parameter: PROGRAM,
        note: "Each field after the program is passed as exactly one argument, without a shell.",
        line: "{{ event.directive }}=Run,{{ program | literal | field }},%event%,%number%",
    },
    Form {
        action: "send-message",
        summary: "Send each call's number to a window with SendMessage",
        parameter: WINDOW,
        note: "The payload arrives as a global atom in lParam, and also in wParam if it is a number.",
        line: "{{ event.directive }}=SendMessage,{{ window | field }},WM_USER+100,%number%",
    },
    Form {
        action: "post-message",
        summary: "Send each call's number to a window with PostMessage",
        parameter: WINDOW,
        note: "The payload arrives as a global atom in lParam, which the receiver deletes.",
        line: "{{ event.directive }}=PostMessage,{{ window | field }},WM_USER+100,%number%",
    },
    Form {
        action: "copy-data",
        summary: "Send each call as text to a window with WM_COPYDATA",
        parameter: WINDOW,
        note: "The number before the text (dwData) tells the receiver which kind of message it is.",
        line: "{{ event.directive }}=CopyData,{{ window | field }},1,%event% %number%",
    },
    Form {
        action: "open",
        summary: "Open a page for each call",
        parameter: URL,
        note: "The values of placeholders are URL-encoded.",
        line: "{{ event.directive }}=Open,{{ url | field }}",
    },
    Form {
        action: "http",
        summary: "Send each call to a web service",
        parameter: URL,
        note: "Without a third field, the body is JSON with event, number, time, user, and host.",
        line: "{{ event.directive }}=Http,POST,{{ url | field }}",
    },
    Form {
        action: "log",
        summary: "Append a line for each call to a file",
        parameter: "\
[parameter.file]
summary=Full path of the file; its extension (.csv or .ndjson) selects the format
required=yes
example=C:\\Calls\\%user%.csv
pattern=^([A-Za-z]:\\\\|\\\\\\\\)[^\"]*\\.(csv|ndjson)$
",
        note: "The path can contain %event%, %user%, and %host%, but never the caller ID.",
        line: "{{ event.directive }}=Log,{{ file | field }}",
    },
    Form {
        action: "udp",
        summary: "Send each call as one UDP datagram",
        parameter: "\
[parameter.address]
summary=Destination, as host:port
required=yes
example=127.0.0.1:5005
pattern=^[A-Za-z0-9._-]+:[0-9]{1,5}$
",
        note: "The second field is the text of the datagram.",
        line: "{{ event.directive }}=Udp,{{ address | field }},%event% %number%",
    },
    Form {
        action: "command",
        summary: "Let MicroSIP start a program directly, without msipctl",
        parameter: "\
[parameter.program]
summary=Full path of the program
required=yes
example=C:\\My Tools\\notify.exe
pattern=^([A-Za-z]:\\\\|\\\\\\\\)[^\"]*[^\"\\\\]$

[parameter.argument]
summary=One argument before the caller ID
default=from phone
",
        note: "MicroSIP appends the caller ID to the command, without quotes. `winarg` keeps a value one argument\n; when \
               MicroSIP splits and joins the command. An argument without quotes at the end keeps Windows from\n; stripping \
               the quotes.",
        line: "{{ event.key }}=\"{{ program }}\" {{ argument | winarg }} {{ event.name }}",
    },
];

impl Scaffold {
    /// Returns all scaffolds.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..FORMS.len()).map(|index| Self { index })
    }

    /// Returns the action of the template.
    pub fn action(self) -> &'static str {
        FORMS[self.index].action
    }

    /// Returns the name of the required parameter.
    pub fn parameter(self) -> &'static str {
        let header = FORMS[self.index].parameter.strip_prefix("[parameter.");
        header.and_then(|header| header.split(']').next()).unwrap_or_default()
    }

    /// Returns the text of a template with this name.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::hook::{Scaffold, Template};
    ///
    /// let scaffold: Scaffold = "open".parse()?;
    /// let template = Template::parse("crm-popup", &scaffold.text("crm-popup"))?;
    /// assert_eq!(template.summary(), "Open a page for each call");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(self, name: &str) -> String {
        let Form { summary, parameter, note, line, .. } = &FORMS[self.index];
        format!(
            "\
; A custom template. `msipctl hook add {name} --on incoming-call` adds its line to MicroSIP.ini.
; Edit this file, and then run `msipctl template check {name}`. Lines that begin with ; are comments.

[template]
; The description that `msipctl template list` shows.
summary={summary}
; The events that the template supports. Remove the events that you don't need.
events=outgoing-call incoming-call call-ring call-answer call-answer-video call-busy call-start call-end

; A parameter is passed as --with NAME=VALUE. It has a default, or it is required=yes. Its value is always one line
; and must match the pattern, a regular expression. `msipctl template check` tries the template with the example.
{parameter}
; The one line that is added. Placeholders: %number% (caller ID), %event%, %time%, %user%, %host%, and %ini% (path of
; MicroSIP.ini). Write %% for a %. `field` keeps a value one field, even if it contains commas or quotes. `literal`
; keeps a % in a value from starting a placeholder.
; {note}
[Settings]
{line}
"
        )
    }
}

/// Selects the scaffold that runs a program.
impl Default for Scaffold {
    fn default() -> Self {
        Self { index: 0 }
    }
}

impl fmt::Display for Scaffold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action())
    }
}

impl FromStr for Scaffold {
    type Err = UnknownScaffold;

    fn from_str(text: &str) -> Result<Self, UnknownScaffold> {
        Self::all().find(|scaffold| scaffold.action() == text).ok_or(UnknownScaffold)
    }
}

/// The error for an unknown action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", Scaffold::all().map(Scaffold::action).collect::<Vec<_>>().join(", "))]
pub struct UnknownScaffold;

/// Names that Windows reserves for devices.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Why the name of a custom template is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The name has invalid characters or too many characters.
    #[error(
        "invalid template name `{0}`: expected up to 64 lowercase letters, digits, and hyphens"
    )]
    Characters(String),
    /// msipctl uses the name in its own records.
    #[error("reserved template name `{0}`: msipctl uses it in its own records")]
    Reserved(String),
    /// Windows reserves the name for a device.
    #[error("reserved template name `{0}`: Windows uses it for a device")]
    Device(String),
}

/// Checks the name of a custom template.
///
/// # Errors
///
/// [`NameError`] if the name is invalid.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(is_allowed)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !is_name {
        return Err(NameError::Characters(name.to_owned()));
    }
    if [Record::LAUNCHER, Record::CHAIN].contains(&name) {
        return Err(NameError::Reserved(name.to_owned()));
    }
    let numbered = |start| name.len() == 4 && name.starts_with(start);
    if DEVICES.contains(&name) || numbered("com") || numbered("lpt") {
        return Err(NameError::Device(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_names_are_lowercase_and_not_reserved() {
        for name in ["a", "call-note", "9to5", "command", "x".repeat(64).as_str()] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let long = "x".repeat(65);
        for name in [
            "", "A", "a b", "../a", "a.ini", "-a", "a-", "\u{e9}", "launcher", "chain", "nul",
            "com1", &long,
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn scaffolds_parse_from_their_names() {
        for scaffold in Scaffold::all() {
            assert_eq!(scaffold.to_string().parse(), Ok(scaffold));
        }
        assert!(
            "Run"
                .parse::<Scaffold>()
                .unwrap_err()
                .to_string()
                .starts_with("expected run, send-message")
        );
    }
}
