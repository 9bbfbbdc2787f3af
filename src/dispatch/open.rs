//! Open: an address in the browser.

use super::Outcome;
use super::call::Call;
use crate::event::Text;
use crate::windows::Desktop;

/// The most bytes of an address.
const MOST: usize = 2048;

/// Opens an address, its values URL-encoded.
pub(super) fn open(desktop: &dyn Desktop, call: &Call, url: &Text) -> Outcome {
    let address = call.url(url)?;
    if address.len() > MOST {
        return Err(format!("the address has {} bytes, expected at most {MOST}", address.len()));
    }
    desktop.open(&address).map(|()| None).map_err(|error| error.to_string())
}
