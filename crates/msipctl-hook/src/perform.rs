//! The interface for running an action.

use super::call::Call;
use super::error::{ConfigError, Outcome};
use super::journal::Journal;
use msipctl_windows::Desktop;

/// The environment in which directives run.
#[derive(Clone, Copy)]
pub struct Surroundings<'s> {
    /// The desktop that contains the windows.
    pub desktop: &'s dyn Desktop,
    /// The journal that records errors and notices.
    pub journal: &'s Journal,
    /// Returns whether `Open` can open URLs of a scheme other than http and https, or an error in the configuration.
    pub may_open: &'s dyn Fn(&str) -> Result<bool, ConfigError>,
}

/// An action that can run.
pub(super) trait Perform {
    /// Runs the action for a call.
    fn perform(&self, call: &Call, with: Surroundings<'_>) -> Outcome;
}
