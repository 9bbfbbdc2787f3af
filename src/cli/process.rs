#![expect(clippy::disallowed_methods, reason = "the one place that asks about the process itself")]
//! What the process around tells: environment, own program.

use std::path::PathBuf;

use crate::ini::CodePage;
use crate::windows::{Hive, System};

/// Returns the folders named by `MSIPCTL_TEMPLATES`, and the one in the user's configuration.
pub(super) fn template_folders() -> Vec<PathBuf> {
    let configured = std::env::var_os("MSIPCTL_TEMPLATES");
    let named = configured.iter().flat_map(std::env::split_paths);
    let home = if cfg!(windows) {
        std::env::var_os("APPDATA").map(PathBuf::from)
    } else {
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
        config.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
    };
    let own = home.map(|home| home.join("msipctl").join("templates"));
    named.chain(own).collect()
}

/// Returns the program that bridges start unless `--msipctl` names another: the running one on
/// Windows, and elsewhere the place where it is installed on Windows.
pub(super) fn default_program() -> String {
    const INSTALLED: &str = r"C:\Program Files\msipctl\msipctl.exe";
    let running = if cfg!(windows) { std::env::current_exe().ok() } else { None };
    let running = running.and_then(|path| path.into_os_string().into_string().ok());
    running.unwrap_or_else(|| INSTALLED.to_owned())
}

/// Returns the ANSI code page of the system, if it has one that is known. The registry tells, since a
/// program whose manifest asks for UTF-8, as this one's does, is told of no other.
pub(super) fn ansi_code_page(system: &dyn System) -> Option<CodePage> {
    const KEY: &str = r"SYSTEM\CurrentControlSet\Control\Nls\CodePage";
    let number = system.registry_text(Hive::LocalMachine, KEY, Some("ACP")).ok()??;
    CodePage::new(number.to_str()?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::system;

    #[test]
    fn the_code_page_is_known_on_windows_only() {
        assert_eq!(ansi_code_page(system()).is_some(), cfg!(windows));
    }
}
