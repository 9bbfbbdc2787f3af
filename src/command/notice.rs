//! What every command that writes prints about a running MicroSIP.

use crate::output::Output;
use msipctl_core::apply::Notice;
use msipctl_windows::Process;

/// Prints what was done about a running MicroSIP.
pub(super) fn print_notice(out: &mut Output, notice: &Notice) {
    let named = |process: &Process| {
        let name = process.name.to_string_lossy();
        name.strip_suffix(".exe").unwrap_or(&name).to_owned()
    };
    match notice {
        Notice::Unknown(path, reason) => {
            let text = format!(
                "{}: it cannot be known whether a MicroSIP uses the file: {reason}",
                path.display()
            );
            // No MicroSIP runs on another system, and scripts that edit thousands of files there have no use for the
            // remark.
            if cfg!(windows) { out.note(&text) } else { log::info!("{text}") }
        }
        Notice::Ended(process) => {
            out.note(&format!("ended {} (process {})", named(process), process.id));
        }
        Notice::Started(process) => out.note(&format!("started {} again", named(process))),
        Notice::NotStarted(process, reason) => {
            out.warning(&format!("{} could not be started again: {reason}", named(process)));
        }
    }
}
