//! What each action does when it is run.

use super::call::Call;
use super::error::{ConfigError, Outcome};
use super::journal::Journal;
use msipctl_windows::Desktop;

/// What directives are run with.
#[derive(Clone, Copy)]
pub struct Surroundings<'s> {
    /// The desktop that has the windows.
    pub desktop: &'s dyn Desktop,
    /// Where failures are noted.
    pub journal: &'s Journal,
    /// Returns whether addresses of a scheme other than http and https may be opened, or why that isn't known.
    pub may_open: &'s dyn Fn(&str) -> Result<bool, ConfigError>,
}

/// An action with its effect.
pub(super) trait Perform {
    /// Does it for a call.
    fn perform(&self, call: &Call, with: Surroundings<'_>) -> Outcome;
}
