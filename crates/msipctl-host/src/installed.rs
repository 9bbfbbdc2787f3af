//! The installed msipctl, which hooks start.

use std::path::{Path, PathBuf};

use msipctl_core::store;
use msipctl_windows::{Folder, Hive, System};

/// The registry key and value in which an installer records the folder of msipctl.
const KEY: &str = r"Software\msipctl";
const VALUE: &str = "Path";

/// The program that hooks start, because it opens no console window.
const PROGRAM: &str = "msipctlw.exe";

/// The path of that program where nothing else is known.
const DEFAULT: &str = r"C:\Program Files\msipctl\msipctlw.exe";

/// Returns the full Windows path of the installed program that launchers start: the one in the folder that the registry
/// names, or by default the one in `%ProgramFiles%\msipctl`. It may not exist; [`has_program`] tells. The running program
/// doesn't count, because an engine may have copied it to a temporary folder.
pub fn installed_program(system: &dyn System) -> String {
    let registered = system.registry_text(Hive::LocalMachine, KEY, Some(VALUE)).ok().flatten();
    let registered = registered.map(PathBuf::from).filter(|folder| folder.is_absolute());
    let program_files = || Some(system.folder(Folder::ProgramFiles).ok()?.join("msipctl"));
    let folder = registered.or_else(program_files);
    let program = folder.map(|folder| folder.join(PROGRAM).into_os_string());
    program.and_then(|program| program.into_string().ok()).unwrap_or_else(|| DEFAULT.to_owned())
}

/// Returns whether a program that a launcher starts exists. On other systems than Windows, where its PC is another one,
/// assumes that it does.
pub fn has_program(program: &str) -> bool {
    cfg!(not(windows)) || store::is_file(Path::new(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_program_is_never_the_running_one() {
        let program = installed_program(msipctl_windows::system());
        assert!(program.ends_with(r"\msipctlw.exe"), "{program}");
        assert!(!cfg!(windows) || program.contains("msipctl\\"), "{program}");
    }
}
