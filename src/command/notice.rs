//! Notes and warnings about a running MicroSIP.

use crate::output::Output;
use msipctl_core::apply::Notice;

/// Prints what msipctl did about a running MicroSIP.
pub(super) fn print_notice(out: &mut Output, notice: &Notice) {
    let text = notice.to_string();
    match notice {
        // On other systems, no MicroSIP runs, and the note would only be noise.
        Notice::Unknown(..) if !cfg!(windows) => log::info!("{text}"),
        notice if notice.is_warning() => out.warning(&text),
        _ => out.note(&text),
    }
}
