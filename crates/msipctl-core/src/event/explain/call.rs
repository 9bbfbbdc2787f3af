//! The call that is explained.

use crate::event::kind::Event;
use microsip_schema::Version;

/// A moment that is thought up, and what a file has for it.
#[derive(Debug, Clone, Copy)]
pub struct Call<'c> {
    /// The event.
    pub event: Event,
    /// The command as it stands written, quotes included.
    pub written: &'c str,
    /// Keys and texts of the directives, in the order they run; `None` if they are not known.
    pub directives: Option<&'c [(String, String)]>,
    /// The caller's text.
    pub caller: &'c str,
    /// The version.
    pub microsip: Version,
}

impl<'c> Call<'c> {
    /// Makes a call without directives and without a caller's text, in the newest version.
    pub fn new(event: Event, written: &'c str) -> Self {
        Self { event, written, directives: None, caller: "", microsip: Version::NEWEST }
    }
}
