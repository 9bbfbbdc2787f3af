//! What the registry tells of installed MicroSIPs: the key MicroSIP itself asks, and the list of installed
//! programs, which MicroSIP 3.19.0 to 3.22.3 ask when that key is missing.

use std::io;
use std::path::{Path, PathBuf};

use super::spelling::Spelling;
use msipctl_windows::{Hive, System};

/// The roots, in the order MicroSIP asks them.
pub(super) const HIVES: [Hive; 2] = [Hive::CurrentUser, Hive::LocalMachine];

/// The list of installed programs.
const UNINSTALL: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";

/// The names of the files whose profile calls go to the registry.
const MAPPING: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping";

/// Tells whether Windows redirects the profile calls for a file to the registry, which it does by the file's name alone. Where
/// the system cannot be asked, no file is redirected.
pub fn is_redirected(system: &dyn System, ini: &Path) -> bool {
    let Some(name) = ini.file_name() else { return false };
    let keys = system.registry_keys(Hive::LocalMachine, MAPPING).unwrap_or_default();
    keys.iter().any(|key| key.eq_ignore_ascii_case(name))
}

/// Returns the folder that the key of a product names, in one root.
pub(super) fn registered(
    system: &dyn System,
    hive: Hive,
    product: &str,
) -> io::Result<Option<PathBuf>> {
    let folder = system.registry_text(hive, &format!(r"Software\{product}"), None)?;
    Ok(folder.filter(|folder| !folder.is_empty()).map(PathBuf::from))
}

/// Returns the folders that the list of installed programs names for a product, in one root.
pub(super) fn listed(system: &dyn System, hive: Hive, product: &str) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in system.registry_keys(hive, UNINSTALL)? {
        let key = format!(r"{UNINSTALL}\{}", entry.to_string_lossy());
        // One entry that may not be read says nothing of the others.
        let text = |name| system.registry_text(hive, &key, Some(name)).ok().flatten();
        let fits = text("DisplayName").is_some_and(|name| name.eq_ignore_ascii_case(product));
        let folder = text("InstallLocation").filter(|folder| fits && !folder.is_empty());
        folders.extend(folder.map(PathBuf::from));
    }
    Ok(folders)
}

/// Tells whether a product is installed in a folder, as MicroSIP in that folder would find.
pub(super) fn is_installed(
    system: &dyn System,
    product: &str,
    folder: &Spelling,
) -> io::Result<bool> {
    for hive in HIVES {
        if let Some(found) = registered(system, hive, product)? {
            return Ok(Spelling::resolved(&found) == *folder);
        }
    }
    for hive in HIVES {
        let found = listed(system, hive, product)?;
        if found.iter().any(|found| Spelling::resolved(found) == *folder) {
            return Ok(true);
        }
    }
    Ok(false)
}
