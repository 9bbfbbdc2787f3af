//! The `SendMessage` action: sends a window message and waits for the return value.

use std::time::Duration;

use super::call::Call;
use super::error::Outcome;
use super::perform::{Perform, Surroundings};
use super::window::{WAIT, number, to_window};
use msipctl_core::event::{SendMessage, Text};
use msipctl_windows::Desktop;

impl Perform for SendMessage {
    fn perform(&self, call: &Call, with: Surroundings<'_>) -> Outcome {
        let Self { window, message, payload, timeout_ms } = self;
        send(with.desktop, call, window, message.number(), payload, *timeout_ms)
    }
}

/// Sends a message and waits for the return value.
pub(super) fn send(
    desktop: &dyn Desktop,
    call: &Call,
    window: &Text,
    message: u32,
    payload: &Text,
    timeout_ms: Option<u32>,
) -> Outcome {
    let payload = call.exact(payload);
    let at_most =
        timeout_ms.map_or(WAIT, |milliseconds| Duration::from_millis(milliseconds.into()));
    to_window(desktop, &call.plain(window), |window| {
        desktop.send_message(window, message, number(&payload), &payload, at_most).map(drop)
    })
}
