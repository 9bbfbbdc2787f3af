//! Open: an address in the browser.

use super::call::Call;
use super::perform::{Outcome, Perform, Surroundings};
use msipctl_core::event::{Open, Text};
use msipctl_windows::Desktop;

/// The most bytes of an address.
const MOST: usize = 2048;

impl Perform for Open {
    fn perform(&self, call: &Call, with: Surroundings<'_>) -> Outcome {
        match self.scheme_to_permit() {
            Some(scheme) if !(with.may_open)(&scheme)? => {
                let allow = "unless `open_schemes` in msipctl.toml names their scheme";
                Err(format!("only http and https addresses are opened, {allow}"))
            }
            _ => open(with.desktop, call, &self.url),
        }
    }
}

/// Opens an address, its values URL-encoded.
fn open(desktop: &dyn Desktop, call: &Call, url: &Text) -> Outcome {
    let address = call.url(url)?;
    if address.len() > MOST {
        return Err(format!("the address has {} bytes, expected at most {MOST}", address.len()));
    }
    desktop.open(&address).map(|()| None).map_err(|error| error.to_string())
}
