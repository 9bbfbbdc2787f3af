//! Does what the directives of an event say, one after the other.
//!
//! The caller's text comes from the network. Each action takes it as a payload and as nothing else:
//! [`Call`] bounds its length, and all but the window messages drop control characters.
//!
//! # Invariants
//!
//! - A directive that fails is noted in the [`Journal`], and the next one is run.
//! - Nothing waits without end, and nothing is shown.

mod address;
mod call;
mod client;
mod http;
mod journal;
mod log;
mod messages;
mod open;
mod run;
mod start;
mod udp;

pub use call::Call;
pub use journal::{Journal, Note};
pub use start::start_again;

use crate::event::{Action, Directive, Hooks};
use crate::windows::Desktop;

/// What an action tells: why it failed, or what is worth a remark though it was done.
type Outcome = Result<Option<String>, String>;

/// What directives are run with.
#[derive(Clone, Copy)]
pub struct Surroundings<'s> {
    /// The desktop that has the windows.
    pub desktop: &'s dyn Desktop,
    /// Where failures are noted.
    pub journal: &'s Journal,
    /// Says whether addresses of a scheme other than http and https may be opened, or why that cannot be told.
    pub may_open: &'s dyn Fn(&str) -> Result<bool, String>,
}

/// Runs the directives of the call's event in their order.
pub fn dispatch(hooks: Hooks<'_>, call: &Call, with: Surroundings<'_>) {
    let directives = hooks.directives(call.event);
    if directives.is_empty() {
        let nothing = "there is nothing to do: the event has no directive";
        with.journal.note(&Note::new(call, None, "", true, nothing));
    }
    for placed in directives {
        let key = placed.entry.key();
        let value = placed.entry.value();
        let (action, outcome) = match Directive::parse(&value) {
            Ok(directive) => (name(directive.action()), act(&directive, call, with)),
            Err(error) => ("", Err(error.to_string())),
        };
        let (failed, message) = match outcome {
            Ok(None) => continue,
            Ok(Some(remark)) => (false, remark),
            Err(failure) => (true, failure),
        };
        with.journal.note(&Note::new(call, Some(&key), action, failed, &message));
    }
}

fn act(directive: &Directive, call: &Call, with: Surroundings<'_>) -> Outcome {
    let desktop = with.desktop;
    match directive.action() {
        Action::SendMessage { window, message, payload, timeout_ms } => {
            messages::send(desktop, call, window, message.number(), payload, *timeout_ms)
        }
        Action::PostMessage { window, message, payload } => {
            messages::post(desktop, call, window, message.number(), payload)
        }
        Action::CopyData { window, id, text } => messages::copy(desktop, call, window, *id, text),
        Action::Run { program, arguments } => run::run(call, program, arguments),
        Action::Open { url } => match directive.scheme_to_permit() {
            Some(scheme) if !(with.may_open)(&scheme)? => {
                let allow = "unless `open_schemes` in msipctl.toml names their scheme";
                Err(format!("only http and https addresses are opened, {allow}"))
            }
            _ => open::open(desktop, call, url),
        },
        Action::Http { method, url, body } => http::request(call, method, url, body.as_ref()),
        Action::Log { file } => log::append(call, file),
        Action::Udp { address, text } => udp::send(call, address, text),
    }
}

fn name(action: &Action) -> &'static str {
    match action {
        Action::SendMessage { .. } => "SendMessage",
        Action::PostMessage { .. } => "PostMessage",
        Action::CopyData { .. } => "CopyData",
        Action::Run { .. } => "Run",
        Action::Open { .. } => "Open",
        Action::Http { .. } => "Http",
        Action::Log { .. } => "Log",
        Action::Udp { .. } => "Udp",
    }
}
