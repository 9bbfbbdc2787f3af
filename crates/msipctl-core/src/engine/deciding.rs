//! A desired state that grows step by step, each step from the file after all earlier ones.

use std::borrow::Cow;

use super::error::Error;
use crate::event::Hooks;
use crate::plan::{Desired, EncodingPolicy, Plan};
use winini::Document;
use winini::profile::Profile;

/// A desired state that grows, and the file with all changes so far.
pub(super) struct Deciding<'d> {
    pub(super) desired: Desired,
    file: Cow<'d, Document>,
    encoding: EncodingPolicy,
}

impl<'d> Deciding<'d> {
    /// Starts with a file.
    pub(super) fn new(file: &'d Document, encoding: EncodingPolicy) -> Self {
        Self { desired: Desired::new(), file: Cow::Borrowed(file), encoding }
    }

    /// Adds changes to the file as it is after all earlier ones.
    pub(super) fn add(&mut self, desired: Desired) -> Result<(), Error> {
        if !desired.requests().is_empty() {
            let plan = Plan::new(&self.file, &desired, self.encoding)?;
            self.file = Cow::Owned(plan.after().clone());
        }
        self.desired = std::mem::take(&mut self.desired).and(desired);
        Ok(())
    }

    /// Returns the file after all changes so far.
    pub(super) fn profile(&self) -> Profile<'_> {
        Profile::new(&self.file)
    }

    /// Returns the hooks of the file after all changes so far.
    pub(super) fn hooks(&self) -> Hooks<'_> {
        Hooks::new(self.profile())
    }
}
