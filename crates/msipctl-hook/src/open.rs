//! The `Open` action: opens a URL in the browser.

use super::call::Call;
use super::error::{Error, Outcome};
use super::perform::{Perform, Surroundings};
use msipctl_core::event::{Open, Text};
use msipctl_windows::Desktop;

/// The maximum length of a URL in bytes.
const MAX_BYTES: usize = 2048;

impl Perform for Open {
    fn perform(&self, call: &Call, with: Surroundings<'_>) -> Outcome {
        match self.scheme_to_permit() {
            Some(scheme) if !(with.may_open)(&scheme).map_err(Error::Config)? => {
                Err(Error::SchemeNotPermitted)
            }
            _ => open(with.desktop, call, &self.url),
        }
    }
}

/// Opens a URL with URL-encoded values.
fn open(desktop: &dyn Desktop, call: &Call, url: &Text) -> Outcome {
    let address = call.url(url)?;
    if address.len() > MAX_BYTES {
        return Err(Error::AddressTooLong { bytes: address.len(), maximum: MAX_BYTES });
    }
    desktop.open(&address).map(|()| None).map_err(Error::Desktop)
}
