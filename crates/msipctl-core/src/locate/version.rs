//! Finds the version of MicroSIP that a file belongs to. It lists no processes or folders, because every command needs
//! the version.

use std::path::Path;

use super::registry::{HIVES, listed, registered};
use super::spelling::Spelling;
use crate::store;
use microsip_schema::Version;
use msipctl_windows::{Folder, System};
use winini::{Document, Section};

/// Returns the version of the program that reads a file: the one next to it, or the installed one for a file below the
/// user's `%APPDATA%`. Returns `None` if no program is found or this system isn't Windows.
pub fn version_of(system: &dyn System, ini: &Path) -> Option<Version> {
    let adjacent = ini.with_extension("exe");
    if store::is_file(&adjacent) {
        return program_version(system, &adjacent);
    }
    let roaming = system.folder(Folder::RoamingAppData).ok()?;
    let folder = Spelling::resolved(ini).folder()?;
    if folder.folder()? != Spelling::resolved(&roaming) {
        return None;
    }
    let name = adjacent.file_name()?;
    let mut homes =
        HIVES.iter().filter_map(|hive| registered(system, *hive, folder.name()).ok()?);
    let home = homes.next().or_else(|| {
        let mut homes =
            HIVES.iter().filter_map(|hive| listed(system, *hive, folder.name()).ok()).flatten();
        homes.find(|home| store::is_file(&home.join(name)))
    });
    program_version(system, &home?.join(name))
}

/// Returns the version that is recorded in a file.
pub fn written_by(document: &Document) -> Option<Version> {
    let is_global =
        |section: &Section| document.is_name(document.line(section.header()).name(), "Global");
    let section = document.sections().find(is_global)?;
    let mut lines = section.body().map(|index| document.line(index));
    let line = lines.find(|line| document.is_name(line.name(), "version"))?;
    document.text(line.value()).trim().trim_matches('"').parse().ok()
}

/// Returns the version of a program.
pub(super) fn program_version(system: &dyn System, program: &Path) -> Option<Version> {
    let [major, minor, patch, _] = system.program_version(program).ok().flatten()?;
    Some(Version::new(major, minor, patch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::fake::{Fake, write};
    use msipctl_windows::Hive;

    #[test]
    fn version_comes_from_the_adjacent_or_installed_program() {
        let disk = tempfile::tempdir().unwrap();
        let path = |name: &str| disk.path().join(name);
        for name in
            ["R/MicroSIP/MicroSIP.ini", "R/Other/Other.ini", "P/a.ini", "P/a.exe", "I/MicroSIP.exe"]
        {
            write(&path(name), "x");
        }
        let system = Fake::default()
            .roaming(path("R"))
            .text(Hive::LocalMachine, r"Software\MicroSIP", None, &path("I").to_string_lossy())
            .version(&path("I").join("MicroSIP.exe"), [3, 21, 6, 0])
            .version(&path("P/a.exe"), [3, 19, 3, 1]);
        assert_eq!(
            version_of(&system, &path("R/MicroSIP/MicroSIP.ini")),
            Some(Version::new(3, 21, 6))
        );
        assert_eq!(version_of(&system, &path("P/a.ini")), Some(Version::new(3, 19, 3)));
        assert_eq!(version_of(&system, &path("R/Other/Other.ini")), None);
        assert_eq!(version_of(&system, &path("P/none.ini")), None);
        assert_eq!(version_of(msipctl_windows::system(), &path("P/none.ini")), None);
    }
}
