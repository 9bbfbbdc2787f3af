//! The `CopyData` action: sends WM_COPYDATA and waits for the return value.

use super::call::Call;
use super::error::Outcome;
use super::perform::{Perform, Surroundings};
use super::window::{WAIT, to_window};
use msipctl_core::event::{CopyData, Text};
use msipctl_windows::Desktop;

impl Perform for CopyData {
    fn perform(&self, call: &Call, with: Surroundings<'_>) -> Outcome {
        copy(with.desktop, call, &self.window, self.id, &self.text)
    }
}

/// Sends WM_COPYDATA and waits for the return value.
pub(super) fn copy(
    desktop: &dyn Desktop,
    call: &Call,
    window: &Text,
    id: u32,
    text: &Text,
) -> Outcome {
    let text = call.exact(text);
    to_window(desktop, &call.plain(window), |window| {
        desktop.copy_data(window, id, &text, WAIT).map(drop)
    })
}
