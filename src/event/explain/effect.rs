//! What a directive will do with a caller, as text.

use super::Call;
use crate::event::{
    Action, Directive, Placeholder, Text, clean, harmless, is_shell, leads_elsewhere, taken,
    url_encoded,
};

/// A directive and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its key.
    pub key: String,
    /// Its text.
    pub directive: String,
    /// What it does with this caller; the reason why it does nothing, if it is none.
    pub does: Result<String, String>,
}

impl Effect {
    pub(super) fn of(key: &str, directive: &str, call: &Call<'_>) -> Self {
        let parsed = Directive::parse(directive);
        let does = match &parsed {
            Ok(parsed) => describe(parsed.action(), call),
            Err(error) => Err(error.to_string()),
        };
        Self { key: key.to_owned(), directive: directive.to_owned(), does }
    }
}

/// Says what an action does, or why nothing. What is known only then stays a placeholder.
fn describe(action: &Action, call: &Call<'_>) -> Result<String, String> {
    let exact = |text: &Text| expanded(text, call, str::to_owned);
    let plain = |text: &Text| expanded(text, call, clean);
    let address = |text: &Text| match expanded(text, call, |value| url_encoded(&clean(value))) {
        address if leads_elsewhere(&address) => {
            Err("a part of the address's path is only dots, and nothing is sent".to_owned())
        }
        address => Ok(address),
    };
    Ok(match action {
        Action::SendMessage { window, message, payload, .. } => {
            let (window, payload) = (plain(window), exact(payload));
            format!("sends {message} with `{payload}` to the window `{window}`")
        }
        Action::PostMessage { window, message, payload } => {
            let (window, payload) = (plain(window), exact(payload));
            format!("posts {message} with `{payload}` to the window `{window}`")
        }
        Action::CopyData { window, id, text } => {
            let (window, text) = (plain(window), exact(text));
            format!("sends WM_COPYDATA {id} with `{text}` to the window `{window}`")
        }
        Action::Run { program, arguments } => {
            let passed = |value: &str| match is_shell(program) {
                true => harmless(&clean(value)),
                false => clean(value),
            };
            let arguments = arguments.iter().map(|text| expanded(text, call, passed));
            let arguments: Vec<_> = arguments.map(|argument| format!("`{argument}`")).collect();
            match arguments.as_slice() {
                [] => format!("runs `{program}`"),
                some => format!("runs `{program}` with {}", some.join(" ")),
            }
        }
        Action::Open { url } => format!("opens `{}`", address(url)?),
        Action::Http { method, url, .. } => format!("requests {method} `{}`", address(url)?),
        Action::Log { file } => format!("adds a line to `{}`", plain(file)),
        Action::Udp { address, text } => format!("sends `{}` to {address} by UDP", plain(text)),
    })
}

fn expanded(text: &Text, call: &Call<'_>, passed: impl Fn(&str) -> String) -> String {
    text.expand(|placeholder| match placeholder {
        Placeholder::Number => passed(taken(call.caller)),
        Placeholder::Event => call.event.name().to_owned(),
        Placeholder::Time => "%time%".to_owned(),
        Placeholder::User => "%user%".to_owned(),
        Placeholder::Host => "%host%".to_owned(),
        Placeholder::Ini => "%ini%".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    #[track_caller]
    fn check(directive: &str, expected: &str) {
        let call = Call { caller: "1 & 2", ..Call::new(Event::CallEnd, "") };
        let does = Effect::of("OnCallEnd", directive, &call).does;
        assert_eq!(does.as_deref(), Ok(expected));
    }

    #[test]
    fn what_is_refused_then_is_refused_here() {
        for directive in [
            "Run,calc.exe",
            r"Run,C:\a.vbs",
            "Log,a.csv",
            "Http,GET,https://x.example/,body",
            "Http,GET,https://x.example/%number%/",
            "SendMessage,%number%,WM_USER+1,x",
            "SendMessage,W,WM_USER+1,x,0",
        ] {
            let call = Call { caller: "..", ..Call::new(Event::CallEnd, "") };
            assert!(Effect::of("OnCallEnd", directive, &call).does.is_err(), "{directive}");
        }
    }

    #[test]
    fn the_caller_stands_where_it_will() {
        check(
            "SendMessage,My,WM_USER+100,%number%",
            "sends WM_USER+100 with `1 & 2` to the window `My`",
        );
        check(r"Run,C:\a.exe,%number%,%event%", r"runs `C:\a.exe` with `1 & 2` `call-end`");
        check("Open,https://x.example/?n=%number%", "opens `https://x.example/?n=1%20%26%202`");
        check(r"Run,C:\a.bat,%number%", r"runs `C:\a.bat` with `1  2`");
        check(r"Log,C:\a.csv", r"adds a line to `C:\a.csv`");
        check("Udp,localhost:99,%time%", "sends `%time%` to localhost:99 by UDP");
    }
}
