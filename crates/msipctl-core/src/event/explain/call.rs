//! The call to explain.

use crate::event::kind::Event;
use microsip_schema::Version;

/// A hypothetical event, and the hooks that a file has for it.
#[derive(Debug, Clone, Copy)]
pub struct Call<'c> {
    /// The event.
    pub event: Event,
    /// The command as written in the file, including quotes.
    pub written: &'c str,
    /// The keys and texts of the directives in the order in which they run, or `None` if they are unknown.
    pub directives: Option<&'c [(String, String)]>,
    /// The caller ID.
    pub caller: &'c str,
    /// The version of MicroSIP.
    pub microsip: Version,
}

impl<'c> Call<'c> {
    /// Creates a call without directives and caller ID, in the newest version.
    pub fn new(event: Event, written: &'c str) -> Self {
        Self { event, written, directives: None, caller: "", microsip: Version::NEWEST }
    }
}
