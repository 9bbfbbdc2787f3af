//! The identity of this computer in reports.

use msipctl_core::store::{self, Digest};
use msipctl_windows::{Hive, System};

/// Separates this hash from others of the same ID.
const PREFIX: &str = "msipctl machine 1\0";

/// Returns the operating system for reports: `windows`, `linux`, `macos`, or `other`.
pub fn system_name() -> &'static str {
    match std::env::consts::OS {
        known @ ("windows" | "linux" | "macos") => known,
        _ => "other",
    }
}

/// Returns a hash of the ID that the system gave this computer, in 32 hex digits; `None` if it has none. The ID itself
/// identifies the computer to other programs, so it stays here.
pub fn machine_id(system: &dyn System) -> Option<String> {
    let id = match cfg!(windows) {
        true => {
            let key = r"SOFTWARE\Microsoft\Cryptography";
            let id = system.registry_text(Hive::LocalMachine, key, Some("MachineGuid"));
            id.ok()??.to_string_lossy().into_owned()
        }
        false => store::read_text("/etc/machine-id".as_ref()).ok()?,
    };
    hashed(id.trim())
}

fn hashed(id: &str) -> Option<String> {
    let digest = Digest::of(format!("{PREFIX}{}", id.to_lowercase()).as_bytes());
    (!id.is_empty()).then(|| format!("{:.32}", digest.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_id_is_hashed_and_the_same_in_any_case() {
        let hash = hashed("3F2504E0-4F89-11D3-9A0C-0305E82C3301").unwrap();
        assert_eq!(hash.len(), 32);
        assert_eq!(hashed("3f2504e0-4f89-11d3-9a0c-0305e82c3301"), Some(hash.clone()));
        assert!(!hash.contains("3f2504e0"));
        assert_eq!(hashed(""), None);
    }
}
