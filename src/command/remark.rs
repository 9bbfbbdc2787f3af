//! What every command that writes prints about a running MicroSIP.

use crate::output::Output;
use msipctl_core::apply::Remark;
use msipctl_windows::Process;

/// Prints what was done about a running MicroSIP.
pub(super) fn print_remark(out: &mut Output, remark: &Remark) {
    let named = |process: &Process| {
        let name = process.name.to_string_lossy();
        name.strip_suffix(".exe").unwrap_or(&name).to_owned()
    };
    match remark {
        Remark::Unknown(path, why) => {
            let text = format!(
                "{}: it cannot be known whether a MicroSIP uses the file: {why}",
                path.display()
            );
            // No MicroSIP runs on another system, and scripts that edit thousands of files there have no use for the
            // remark.
            if cfg!(windows) { out.note(&text) } else { log::info!("{text}") }
        }
        Remark::Ended(process) => {
            out.note(&format!("ended {} (process {})", named(process), process.id));
        }
        Remark::Started(process) => out.note(&format!("started {} again", named(process))),
        Remark::NotStarted(process, why) => {
            out.warning(&format!("{} could not be started again: {why}", named(process)));
        }
    }
}
