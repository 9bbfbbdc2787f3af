//! Does what the directives of an event say, one after the other.
//!
//! The caller's text comes from the network. Each action takes it as a payload and as nothing else:
//! [`Call`] bounds its length, and all but the window messages drop control characters.
//!
//! # Invariants
//!
//! - A directive that fails is noted in the [`Journal`], and the next one is run.
//! - Nothing waits without end, and nothing is shown.

#![forbid(unsafe_code)]

mod address;
mod call;
mod client;
mod copy_data;
mod error;
mod http;
mod journal;
mod log;
mod open;
mod perform;
mod post_message;
mod run;
mod send_message;
mod start;
mod udp;
mod window;

pub use call::Call;
pub use error::ConfigError;
pub use journal::{Journal, Note};
pub use perform::Surroundings;
pub use start::start_again;

use self::error::{Notice, Outcome};
use self::perform::Perform;
use msipctl_core::event::{Action, Directive, Hooks};

/// Runs the directives of the call's event in their order.
pub fn dispatch(hooks: Hooks<'_>, call: &Call, with: Surroundings<'_>) {
    let directives = hooks.directives(call.event);
    if directives.is_empty() {
        with.journal.note(&Note::new(call, None, "", true, &Notice::NoDirective.to_string()));
    }
    for placed in directives {
        let key = placed.entry.key();
        let value = placed.entry.value();
        let (action, outcome) = match Directive::parse(&value) {
            Ok(directive) => (directive.action().name(), act(directive.action(), call, with)),
            Err(error) => ("", Err(error.into())),
        };
        let (failed, message) = match outcome {
            Ok(None) => continue,
            Ok(Some(notice)) => (false, notice.to_string()),
            Err(error) => (true, error.to_string()),
        };
        with.journal.note(&Note::new(call, Some(&key), action, failed, &message));
    }
}

fn act(action: &Action, call: &Call, with: Surroundings<'_>) -> Outcome {
    match action {
        Action::SendMessage(action) => action.perform(call, with),
        Action::PostMessage(action) => action.perform(call, with),
        Action::CopyData(action) => action.perform(call, with),
        Action::Run(action) => action.perform(call, with),
        Action::Open(action) => action.perform(call, with),
        Action::Http(action) => action.perform(call, with),
        Action::Log(action) => action.perform(call, with),
        Action::Udp(action) => action.perform(call, with),
    }
}
