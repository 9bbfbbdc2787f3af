//! Beginnings of templates of one's own: a commented example for each action that works as it is.

use std::fmt;
use std::str::FromStr;

use crate::event::Record;

/// A beginning, by what the template is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaffold {
    index: usize,
}

/// What one beginning has of its own.
struct Form {
    action: &'static str,
    summary: &'static str,
    parameter: &'static str,
    /// What stands above the line.
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
summary=Address; %number% stands for the caller, %% for a % of its own
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

/// All of them, the first one if nothing else is asked for.
const FORMS: &[Form] = &[
    Form {
        action: "run",
        summary: "Start a program for each call",
        parameter: PROGRAM,
        note: "Every field behind the program is one argument, whatever is in it. There is no shell.",
        line: "{{ event.directive }}=Run,{{ program | literal | field }},%event%,%number%",
    },
    Form {
        action: "send-message",
        summary: "Send each call's number to a window with SendMessage",
        parameter: WINDOW,
        note: "The payload arrives as a global atom in lParam, and as a number in wParam if it is one.",
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
        note: "The number in front of the text is what the receiver tells messages apart by (dwData).",
        line: "{{ event.directive }}=CopyData,{{ window | field }},1,%event% %number%",
    },
    Form {
        action: "open",
        summary: "Open a page for each call",
        parameter: URL,
        note: "What a placeholder stands for is URL-encoded.",
        line: "{{ event.directive }}=Open,{{ url | field }}",
    },
    Form {
        action: "http",
        summary: "Send each call to a web service",
        parameter: URL,
        note: "Without a third field, the body is JSON with event, number, time, user and host.",
        line: "{{ event.directive }}=Http,POST,{{ url | field }}",
    },
    Form {
        action: "log",
        summary: "Append a line for each call to a file",
        parameter: "\
[parameter.file]
summary=Full path of the file; .csv or .ndjson says the form
required=yes
example=C:\\Calls\\%user%.csv
pattern=^([A-Za-z]:\\\\|\\\\\\\\)[^\"]*\\.(csv|ndjson)$
",
        note: "%event%, %user% and %host% may stand in the path, the caller's text never.",
        line: "{{ event.directive }}=Log,{{ file | field }}",
    },
    Form {
        action: "udp",
        summary: "Send each call as one UDP datagram",
        parameter: "\
[parameter.address]
summary=Where to, as host:port
required=yes
example=127.0.0.1:5005
pattern=^[A-Za-z0-9._-]+:[0-9]{1,5}$
",
        note: "The second field is the text of the datagram.",
        line: "{{ event.directive }}=Udp,{{ address | field }},%event% %number%",
    },
    Form {
        action: "command",
        summary: "Let MicroSIP start a program itself, without msipctl in between",
        parameter: "\
[parameter.program]
summary=Full path of the program
required=yes
example=C:\\My Tools\\notify.exe
pattern=^([A-Za-z]:\\\\|\\\\\\\\)[^\"]*[^\"\\\\]$

[parameter.argument]
summary=One argument in front of the caller
default=from phone
",
        note: "MicroSIP puts the caller behind the command, unquoted. `winarg` keeps a value one argument though \
               MicroSIP splits and\n; joins the command; a bare word at the end keeps its quotes from being dropped.",
        line: "{{ event.key }}=\"{{ program }}\" {{ argument | winarg }} {{ event.name }}",
    },
];

impl Scaffold {
    /// Lists all of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..FORMS.len()).map(|index| Self { index })
    }

    /// Returns what the template is to do.
    pub fn action(self) -> &'static str {
        FORMS[self.index].action
    }

    /// Returns the name of the parameter that has to be given.
    pub fn parameter(self) -> &'static str {
        let header = FORMS[self.index].parameter.strip_prefix("[parameter.");
        header.and_then(|header| header.split(']').next()).unwrap_or_default()
    }

    /// Returns the text of a template of this name.
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
; A template of your own. `msipctl hook add {name} --on incoming-call` puts its line into MicroSIP.ini.
; Change what you like, then run `msipctl template check {name}`. Lines that begin with ; are for people.

[template]
; What `msipctl template list` says about it.
summary={summary}
; The events it may be put on; leave out those it makes no sense for.
events=outgoing-call incoming-call call-ring call-answer call-answer-video call-busy call-start call-end

; A parameter is given as --with NAME=VALUE. It has a default or is required=yes; its value must match the
; pattern, a regular expression, and is always one line. `msipctl template check` tries it with the example.
{parameter}
; The one line that is put in. %number% stands for the caller, %event% for the event, %time%, %user%, %host% and
; %ini% for those, %% for a %. `field` keeps a value one field, commas and quotes and all; `literal` keeps a % in
; it from beginning a placeholder.
; {note}
[Settings]
{line}
"
        )
    }
}

/// Runs a program.
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

/// A name of no action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", Scaffold::all().map(Scaffold::action).collect::<Vec<_>>().join(", "))]
pub struct UnknownScaffold;

/// Names that Windows keeps for devices.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// What is wrong with the name of a user's template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It has other characters, or too many.
    #[error("`{0}` is no name for a template, expected up to 64 small letters, digits and hyphens")]
    Characters(String),
    /// msipctl records something else under it.
    #[error("`{0}` is what msipctl records its own lines as, expected another name")]
    Reserved(String),
    /// Windows keeps it for a device.
    #[error("`{0}` is a device on Windows, expected another name")]
    Device(String),
}

/// Checks the name of a user's template.
///
/// # Errors
///
/// [`NameError`] says what is wrong with it.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(is_letter)
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
