//! Runs the directives of a call event, one after another.
//!
//! The caller ID comes from the network, so each action treats it only as data: [`Call`] limits its length, and all actions
//! except window messages remove control characters.
//!
//! # Invariants
//!
//! - If a directive fails, the [`Journal`] records it, and the next one runs.
//! - Every wait has a time limit, and nothing is shown on the screen.

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

pub use address::{AddressError, is_here as is_local, read as read_address};
pub use call::Call;
pub use error::ConfigError;
pub use journal::{Journal, Note};
pub use perform::Surroundings;
pub use start::start_again;
pub use udp::send_datagram;

use self::error::{Notice, Outcome};
use self::perform::Perform;
use msipctl_core::event::{Action, Directive, Hooks};

/// Runs all directives of the call's event, in order. Records errors and notices in the journal of `with`.
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
