//! The `PostMessage` action: posts a window message and doesn't wait.

use super::call::Call;
use super::error::Outcome;
use super::perform::{Perform, Surroundings};
use super::window::{number, to_window};
use msipctl_core::event::{PostMessage, Text};
use msipctl_windows::Desktop;

impl Perform for PostMessage {
    fn perform(&self, call: &Call, with: Surroundings<'_>) -> Outcome {
        let Self { window, message, payload } = self;
        post(with.desktop, call, window, message.number(), payload)
    }
}

/// Posts a message.
pub(super) fn post(
    desktop: &dyn Desktop,
    call: &Call,
    window: &Text,
    message: u32,
    payload: &Text,
) -> Outcome {
    let payload = call.exact(payload);
    to_window(desktop, &call.plain(window), |window| {
        desktop.post_message(window, message, number(&payload), &payload)
    })
}
