//! Notes and warnings about a running MicroSIP.

use crate::output::Output;
use msipctl_core::apply::Notice;
use msipctl_windows::Process;

/// Prints what msipctl did about a running MicroSIP.
pub(super) fn print_notice(out: &mut Output, notice: &Notice) {
    let named = |process: &Process| {
        let name = process.name.to_string_lossy();
        name.strip_suffix(".exe").unwrap_or(&name).to_owned()
    };
    match notice {
        Notice::Unknown(path, reason) => {
            let text = format!(
                "{}: can't detect whether MicroSIP uses the file: {reason}",
                path.display()
            );
            // On other systems, no MicroSIP runs, and the note would only be noise.
            if cfg!(windows) { out.note(&text) } else { log::info!("{text}") }
        }
        Notice::Ended(process) => {
            out.note(&format!("closed {} (process {})", named(process), process.id));
        }
        Notice::Started(process) => out.note(&format!("restarted {}", named(process))),
        Notice::NotStarted(process, reason) => {
            out.warning(&format!("can't restart {}: {reason}", named(process)));
        }
    }
}
