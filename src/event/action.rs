//! The eight actions: their fields, and what may stand in each.

use super::body::{BodyKind, xml_filled};
use super::grammar::{DirectiveError, Field};
use super::message::Message;
use super::path::{is_full, is_script};
use super::text::{Placeholder, Text};

/// What a directive does. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends a message to a window and waits for it.
    SendMessage {
        /// The window's title, or `class:NAME`.
        window: Text,
        /// The message.
        message: Message,
        /// The text handed over.
        payload: Text,
        /// How long to wait, 1 to 10000.
        timeout_ms: Option<u32>,
    },
    /// Posts a message to a window.
    PostMessage {
        /// The window's title, or `class:NAME`.
        window: Text,
        /// The message.
        message: Message,
        /// The text handed over.
        payload: Text,
    },
    /// Sends WM_COPYDATA to a window.
    CopyData {
        /// The window's title, or `class:NAME`.
        window: Text,
        /// The number by which the receiver tells messages apart.
        id: u32,
        /// The text handed over.
        text: Text,
    },
    /// Starts a program without a shell.
    Run {
        /// Its path.
        program: String,
        /// Its arguments, each one argument whatever is in it.
        arguments: Vec<Text>,
    },
    /// Opens an address in the browser.
    Open {
        /// The address; values are URL-encoded.
        url: Text,
    },
    /// Sends an HTTP request.
    Http {
        /// Its method.
        method: String,
        /// The address; values are URL-encoded.
        url: Text,
        /// The body, instead of JSON about the event.
        body: Option<Text>,
    },
    /// Appends a line to a file.
    Log {
        /// Its path; the ending says the form.
        file: Text,
    },
    /// Sends a datagram.
    Udp {
        /// Host and port.
        address: String,
        /// The text.
        text: Text,
    },
}

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/// Schemes by which an address is a program, or the path of one.
const NEVER_OPENED: [&str; 6] = ["file", "javascript", "vbscript", "data", "shell", "search-ms"];

/// The methods that have a body.
const BODIED: [&str; 3] = ["POST", "PUT", "PATCH"];

/// The actions with the names of their fields.
const FORMS: [(&str, &str); 8] = [
    ("SendMessage", "window, message, payload[, timeout_ms]"),
    ("PostMessage", "window, message, payload"),
    ("CopyData", "window, id, text"),
    ("Run", "program[, argument, ...]"),
    ("Open", "URL"),
    ("Http", "method, URL[, body]"),
    ("Log", "file"),
    ("Udp", "host:port, text"),
];

impl Action {
    /// Reads an action from the fields of a directive.
    pub(super) fn parse(fields: &[Field]) -> Result<Self, DirectiveError> {
        let Some((name, rest)) = fields.split_first() else {
            return Err(DirectiveError::new(1, "nothing, expected an action"));
        };
        let fields = Fields { name, rest };
        match name.text.as_str() {
            "SendMessage" => fields.send_message(),
            "PostMessage" => fields.post_message(),
            "CopyData" => fields.copy_data(),
            "Run" => fields.run(),
            "Open" => fields.open(),
            "Http" => fields.http(),
            "Log" => fields.log(),
            "Udp" => fields.udp(),
            other => {
                let expected = match Self::near(other) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("expected {}", FORMS.map(|(name, _)| name).join(", ")),
                };
                Err(name.fault(format!("`{other}` is no action, {expected}")))
            }
        }
    }

    /// Returns the name of the action that was probably meant by one that is none.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl::event::Action;
    ///
    /// assert_eq!(Action::near("sendmesage"), Some("SendMessage"));
    /// assert_eq!(Action::near("beep"), None);
    /// ```
    pub fn near(name: &str) -> Option<&'static str> {
        let name = name.to_ascii_lowercase();
        FORMS
            .iter()
            .map(|(known, _)| (strsim::jaro_winkler(&name, &known.to_ascii_lowercase()), *known))
            .filter(|(nearness, _)| *nearness > 0.85)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, known)| known)
    }

    /// Returns its fields as texts, the name first.
    pub(super) fn fields(&self) -> Vec<String> {
        match self {
            Self::SendMessage { window, message, payload, timeout_ms } => {
                let mut fields = texts("SendMessage", &[window, message, payload]);
                fields.extend(timeout_ms.map(|timeout| timeout.to_string()));
                fields
            }
            Self::PostMessage { window, message, payload } => {
                texts("PostMessage", &[window, message, payload])
            }
            Self::CopyData { window, id, text } => texts("CopyData", &[window, id, text]),
            Self::Run { program, arguments } => {
                let mut fields = texts("Run", &[&program.replace('%', "%%")]);
                fields.extend(arguments.iter().map(ToString::to_string));
                fields
            }
            Self::Open { url } => texts("Open", &[url]),
            Self::Http { method, url, body } => {
                let mut fields = texts("Http", &[method, url]);
                fields.extend(body.iter().map(ToString::to_string));
                fields
            }
            Self::Log { file } => texts("Log", &[file]),
            Self::Udp { address, text } => texts("Udp", &[address, text]),
        }
    }
}

fn texts(name: &str, fields: &[&dyn ToString]) -> Vec<String> {
    let fields = fields.iter().map(|field| field.to_string());
    [name.to_owned()].into_iter().chain(fields).collect()
}

impl Field {
    fn fault(&self, what: impl Into<String>) -> DirectiveError {
        DirectiveError::new(self.column, what)
    }

    fn text(&self) -> Result<Text, DirectiveError> {
        Text::parse(&self.text).map_err(|error| {
            let column = self.column + self.text[..error.offset].chars().count();
            DirectiveError::new(column, error.to_string())
        })
    }

    fn window(&self) -> Result<Text, DirectiveError> {
        if self.text.strip_prefix("class:").unwrap_or(&self.text).is_empty() {
            return Err(self.fault("an empty window, expected its title or class:NAME"));
        }
        self.local("a window's name")
    }

    /// Reads a text that names something of this computer. The caller's text comes from the network, and chooses none.
    fn local(&self, what: &str) -> Result<Text, DirectiveError> {
        let text = self.text()?;
        let allowed = |placeholder| {
            matches!(placeholder, Placeholder::Event | Placeholder::User | Placeholder::Host)
        };
        if text.placeholders().all(allowed) {
            return Ok(text);
        }
        let expected = "expected %event%, %user% or %host% only";
        Err(self.fault(format!("a placeholder in {what}, {expected}")))
    }

    /// Checks that what begins with `start` is a full path.
    fn full_path(&self, start: &str, example: &str) -> Result<(), DirectiveError> {
        // Paths of other systems are for trying directives there.
        if is_full(start) || cfg!(not(windows)) && start.starts_with('/') {
            return Ok(());
        }
        let what =
            format!("`{}` is no full path, expected one such as C:\\calls\\{example}", self.text);
        Err(self.fault(what))
    }

    fn message(&self) -> Result<Message, DirectiveError> {
        Message::parse(&self.text).map_err(|error| self.fault(error.to_string()))
    }

    fn number(&self, what: &str, most: u32) -> Result<u32, DirectiveError> {
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        let number = self.text.parse().ok().filter(|number| digits && *number <= most);
        number.ok_or_else(|| {
            self.fault(format!("`{}` is no {what}, expected a number up to {most}", self.text))
        })
    }

    /// Reads an address whose scheme and host are fixed.
    fn url(&self, schemes: &[&str]) -> Result<Text, DirectiveError> {
        let url = self.text()?;
        let start = url.start();
        let is_known = schemes.is_empty()
            || schemes.iter().any(|scheme| {
                start.len() > scheme.len()
                    && start.is_char_boundary(scheme.len())
                    && start[..scheme.len()].eq_ignore_ascii_case(scheme)
            });
        let expected = "expected http:// or https:// and a host";
        if !is_known {
            return Err(self.fault(format!("`{}` is no address, {expected}", self.text)));
        }
        let host = start.split_once("://").map_or("", |(_, host)| host);
        let fixed = host.contains('/') || url.literal().is_some();
        if !schemes.is_empty() && (host.starts_with('/') || !fixed) {
            return Err(self.fault(format!("`{}` has no fixed host, {expected}", self.text)));
        }
        Ok(url)
    }
}

/// The fields of one action.
struct Fields<'f> {
    name: &'f Field,
    rest: &'f [Field],
}

impl Fields<'_> {
    fn send_message(&self) -> Result<Action, DirectiveError> {
        let (window, message, payload) = (self.at(0)?, self.at(1)?, self.at(2)?);
        let timeout_ms = match self.rest.get(3) {
            Some(field) => match field.number("timeout", 10_000)? {
                0 => return Err(field.fault("`0` is no timeout, expected 1 to 10000")),
                timeout => Some(timeout),
            },
            None => None,
        };
        self.no_more_than(4)?;
        let (window, message, payload) = (window.window()?, message.message()?, payload.text()?);
        Ok(Action::SendMessage { window, message, payload, timeout_ms })
    }

    fn post_message(&self) -> Result<Action, DirectiveError> {
        let (window, message, payload) = (self.at(0)?, self.at(1)?, self.at(2)?);
        self.no_more_than(3)?;
        let (window, message, payload) = (window.window()?, message.message()?, payload.text()?);
        Ok(Action::PostMessage { window, message, payload })
    }

    fn copy_data(&self) -> Result<Action, DirectiveError> {
        let (window, id, text) = (self.at(0)?, self.at(1)?, self.at(2)?);
        self.no_more_than(3)?;
        let (window, id, text) = (window.window()?, id.number("id", u32::MAX)?, text.text()?);
        Ok(Action::CopyData { window, id, text })
    }

    fn run(&self) -> Result<Action, DirectiveError> {
        let field = self.at(0)?;
        let program = field.text()?;
        let program = program.literal().filter(|program| !program.trim().is_empty());
        let program = program.ok_or_else(|| {
            field.fault("a program that is empty or has a placeholder, expected a path")
        })?;
        field.full_path(program, "a.exe")?;
        if is_script(program) {
            let what = "a script is not started by itself, expected the program that runs it in front of it";
            return Err(field.fault(format!("`{program}`: {what}")));
        }
        let arguments = self.rest[1..].iter().map(Field::text).collect::<Result<_, _>>()?;
        Ok(Action::Run { program: program.to_owned(), arguments })
    }

    fn open(&self) -> Result<Action, DirectiveError> {
        let field = self.at(0)?;
        self.no_more_than(1)?;
        let scheme = field.text.split_once(':').map_or("", |(scheme, _)| scheme);
        // One letter is a drive.
        let is_scheme = scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if !is_scheme {
            let what =
                format!("`{}` has no scheme, expected an address such as https://...", field.text);
            return Err(field.fault(what));
        }
        if NEVER_OPENED.iter().any(|never| scheme.eq_ignore_ascii_case(never)) {
            let what = format!("`{}` would run what it names, and is never opened", field.text);
            return Err(field.fault(what));
        }
        let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
        let url = field.url(if is_web { &["http://", "https://"] } else { &[] })?;
        Ok(Action::Open { url })
    }

    fn http(&self) -> Result<Action, DirectiveError> {
        let (method, url) = (self.at(0)?, self.at(1)?);
        self.no_more_than(3)?;
        if !METHODS.contains(&method.text.as_str()) {
            let known = METHODS.join(", ");
            return Err(method.fault(format!("`{}` is no method, expected {known}", method.text)));
        }
        if let Some(body) = self.rest.get(2)
            && !BODIED.contains(&method.text.as_str())
        {
            let known = BODIED.join(", ");
            return Err(
                body.fault(format!("a body with {}, expected {known} for one", method.text))
            );
        }
        let body = self.rest.get(2).map(Field::text).transpose()?;
        if let (Some(field), Some(text)) = (self.rest.get(2), &body)
            && BodyKind::of(text) == BodyKind::Xml
        {
            xml_filled(text, |_| String::new()).map_err(|what| field.fault(what))?;
        }
        let url = url.url(&["http://", "https://"])?;
        Ok(Action::Http { method: method.text.clone(), url, body })
    }

    fn log(&self) -> Result<Action, DirectiveError> {
        let field = self.at(0)?;
        self.no_more_than(1)?;
        let file = field.local("a file's name")?;
        field.full_path(file.start(), "a.csv")?;
        let name = field.text.to_ascii_lowercase();
        if ![".csv", ".ndjson", ".jsonl"].iter().any(|ending| name.ends_with(ending)) {
            let what =
                format!("`{}` has no known ending, expected .csv, .ndjson or .jsonl", field.text);
            return Err(field.fault(what));
        }
        Ok(Action::Log { file })
    }

    fn udp(&self) -> Result<Action, DirectiveError> {
        let (address, text) = (self.at(0)?, self.at(1)?);
        self.no_more_than(2)?;
        let parts = address.text.rsplit_once(':');
        let is_address = parts.is_some_and(|(host, port)| {
            let is_host = !host.is_empty() && !host.contains(['%', ' ', '/']);
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            is_host && digits && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if !is_address {
            let what = format!("`{}` is no address, expected host:port", address.text);
            return Err(address.fault(what));
        }
        Ok(Action::Udp { address: address.text.clone(), text: text.text()? })
    }

    fn at(&self, index: usize) -> Result<&Field, DirectiveError> {
        self.rest.get(index).ok_or_else(|| self.miscounted())
    }

    fn no_more_than(&self, most: usize) -> Result<(), DirectiveError> {
        if self.rest.len() > most { Err(self.miscounted()) } else { Ok(()) }
    }

    fn miscounted(&self) -> DirectiveError {
        let name = self.name.text.as_str();
        let form = FORMS.iter().find(|(known, _)| *known == name).map_or("", |(_, form)| form);
        let count = self.rest.len();
        self.name.fault(format!("`{name}` has {count} fields, expected {form}"))
    }
}

#[cfg(test)]
pub(super) mod testing {
    use proptest::prelude::*;

    use crate::event::field;

    /// Directives of every action, with odd but allowed fields.
    pub(crate) fn directives() -> impl Strategy<Value = String> {
        let text = || r#"([ ,"a-zé]|%%|%number%|%event%){0,6}"#.prop_map(|text| field(&text));
        let window = || "(class:)?[a-z ,\"é]{0,4}x".prop_map(|text| field(&text));
        let message = || "(WM_USER|WM_APP)\\+[0-9]{1,4}|0x[0-9a-f]{1,4}|WM_CLOSE";
        prop_oneof![
            (window(), message(), text(), prop::option::of(1..10_000u32)).prop_map(
                |(window, message, payload, timeout)| {
                    let timeout = timeout.map(|timeout| format!(",{timeout}")).unwrap_or_default();
                    format!("SendMessage,{window},{message},{payload}{timeout}")
                }
            ),
            (window(), message(), text()).prop_map(|(window, message, text)| format!(
                "PostMessage,{window},{message},{text}"
            )),
            (window(), any::<u32>(), text())
                .prop_map(|(window, id, text)| format!("CopyData,{window},{id},{text}")),
            ("C:\\\\[a-z ,]{1,5}\\.exe", prop::collection::vec(text(), 0..3)).prop_map(
                |(program, arguments)| {
                    [vec!["Run".to_owned(), field(&program)], arguments].concat().join(",")
                }
            ),
            "[a-z ,]{0,3}%number%"
                .prop_map(|path| format!("Open,{}", field(&format!("https://h/{path}")))),
            text().prop_map(|body| format!("Http,POST,http://localhost:80/,{body}")),
            "D:\\\\[a-z,]{1,4}(%event%)?\\.csv".prop_map(|file| format!("Log,{}", field(&file))),
            (1..u16::MAX, text()).prop_map(|(port, text)| format!("Udp,localhost:{port},{text}")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::event::Directive;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match Directive::parse(text) {
            Ok(directive) => directive.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_line_of_the_brief_is_printed_as_it_stands() {
        let line = "SendMessage,MyAppWindow,WM_USER+100,%number%";
        check(line, line);
    }

    #[test]
    fn faults_name_what_was_expected() {
        check(
            "SendMessage,x",
            "column 1: `SendMessage` has 1 fields, expected window, message, payload[, timeout_ms]",
        );
        check(
            "SendMessage,,WM_USER+1,x",
            "column 13: an empty window, expected its title or class:NAME",
        );
        check(
            "SendMessage,x,y,z",
            "column 15: `y` is no message, expected WM_USER+n, WM_APP+n, a number up to 65535 or a name such as WM_CLOSE",
        );
        check(
            "SendMessage,x,WM_USER+1,%callerid%",
            "column 25: `%callerid%` is no placeholder, expected %number%, %event%, %time%, %user%, %host%, %ini% or %% for `%`",
        );
        check(
            "SendMessage,x,WM_USER+1,y,20000",
            "column 27: `20000` is no timeout, expected a number up to 10000",
        );
        check(
            "Run,%number%",
            "column 5: a program that is empty or has a placeholder, expected a path",
        );
        check(
            "Http,get,http://x/",
            "column 6: `get` is no method, expected GET, POST, PUT, PATCH, DELETE, HEAD",
        );
        check(
            "Http,GET,ftp://x/",
            "column 10: `ftp://x/` is no address, expected http:// or https:// and a host",
        );
        check(
            "Http,GET,http://%number%/",
            "column 10: `http://%number%/` is no address, expected http:// or https:// and a host",
        );
        check(
            "Http,GET,http://a%number%/",
            "column 10: `http://a%number%/` has no fixed host, expected http:// or https:// and a host",
        );
        check(
            "Log,C:\\%number%.csv",
            "column 5: a placeholder in a file's name, expected %event%, %user% or %host% only",
        );
        check(
            "Log,C:\\a.txt",
            "column 5: `C:\\a.txt` has no known ending, expected .csv, .ndjson or .jsonl",
        );
        check("Udp,host,x", "column 5: `host` is no address, expected host:port");
        check("Udp,host:0,x", "column 5: `host:0` is no address, expected host:port");
        check(
            "Open,page",
            "column 6: `page` has no scheme, expected an address such as https://...",
        );
        check(
            "",
            "column 1: `` is no action, expected SendMessage, PostMessage, CopyData, Run, Open, Http, Log, Udp",
        );
    }

    #[test]
    fn what_needs_permission_says_so() {
        let parse = |text: &str| Directive::parse(text).unwrap();
        assert!(parse("SendMessage,x,WM_CLOSE,y").system_message().is_some());
        assert_eq!(parse("SendMessage,x,WM_USER+1,y").system_message(), None);
        assert_eq!(parse("Open,CRM:%number%").scheme_to_permit().as_deref(), Some("crm"));
        assert_eq!(parse("Open,HTTPS://x/%number%").scheme_to_permit(), None);
        assert!(Directive::parse(r"Open,File:///C:/a.exe").is_err());
    }
}
