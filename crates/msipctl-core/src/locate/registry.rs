//! Finds installed MicroSIPs in the registry: in the key that MicroSIP reads, and in the list of installed programs,
//! which MicroSIP 3.19.0 to 3.22.3 read if that key is missing.

use std::io;
use std::path::{Path, PathBuf};

use super::spelling::Spelling;
use msipctl_windows::{Hive, System};

/// The root keys, in the order in which MicroSIP reads them.
pub(super) const HIVES: [Hive; 2] = [Hive::CurrentUser, Hive::LocalMachine];

/// The list of installed programs.
const UNINSTALL: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";

/// The key with the names of the files whose profile calls are redirected to the registry.
const MAPPING: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping";

/// Returns whether Windows redirects the profile calls for a file to the registry. This depends only on the name of the
/// file. If the system can't be queried, no file is redirected.
pub fn is_redirected(system: &dyn System, ini: &Path) -> bool {
    let Some(name) = ini.file_name() else { return false };
    let keys = system.registry_keys(Hive::LocalMachine, MAPPING).unwrap_or_default();
    keys.iter().any(|key| key.eq_ignore_ascii_case(name))
}

/// Returns the folder in the key of a product, in one root key.
pub(super) fn registered(
    system: &dyn System,
    hive: Hive,
    product: &str,
) -> io::Result<Option<PathBuf>> {
    let folder = system.registry_text(hive, &format!(r"Software\{product}"), None)?;
    Ok(folder.filter(|folder| !folder.is_empty()).map(PathBuf::from))
}

/// Returns the folders of a product in the list of installed programs, in one root key.
pub(super) fn listed(system: &dyn System, hive: Hive, product: &str) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in system.registry_keys(hive, UNINSTALL)? {
        let key = format!(r"{UNINSTALL}\{}", entry.to_string_lossy());
        // If one entry can't be read, the others can still be valid.
        let text = |name| system.registry_text(hive, &key, Some(name)).ok().flatten();
        let fits = text("DisplayName").is_some_and(|name| name.eq_ignore_ascii_case(product));
        let folder = text("InstallLocation").filter(|folder| fits && !folder.is_empty());
        folders.extend(folder.map(PathBuf::from));
    }
    Ok(folders)
}

/// Returns whether a product is installed in a folder, as MicroSIP in that folder determines it.
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
