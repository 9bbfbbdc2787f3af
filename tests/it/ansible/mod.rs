//! The Ansible collection in integrations/ansible: its generated documentation, its version, and its program.

mod sidecar;

use std::fs;
use std::path::{Path, PathBuf};

use microsip_schema::{Section, keys};
use msipctl_engine::ansible::modules;

/// Returns the path of a file of the collection.
fn collection(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations/ansible").join(name)
}

fn read(name: &str) -> String {
    let path = collection(name);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n")
}

#[test]
fn collection_has_the_version_of_the_program() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(read("galaxy.yml").lines().any(|line| line == format!("version: {version}")));
}

#[test]
fn sanity_tests_ignore_each_program_of_a_module() {
    for version in ["2.16", "2.17", "2.18", "2.19", "2.20", "2.21"] {
        let ignored = read(&format!("tests/sanity/ignore-{version}.txt"));
        let is_ignored = |test: &str| ignored.lines().any(|line| line == test);
        // The programs of the other modules are links to this one, which no test follows.
        for program in ["microsip_ini", "microsip_ini.exe"] {
            assert!(
                is_ignored(&format!("plugins/modules/{program} validate-modules!skip")),
                "{version}"
            );
        }
        for module in modules() {
            let name = module.name;
            let line = format!("plugins/modules/{name}.yml validate-modules:missing-gplv3-license");
            assert!(is_ignored(&line), "{version}: {line}");
        }
    }
}

#[test]
fn account_option_has_every_current_key_of_an_account() {
    let text = read("plugins/modules/microsip_ini.yml").to_lowercase().replace('_', "");
    let keys = keys().filter(|key| key.section() == Section::Account && key.until().is_none());
    for key in keys {
        let option = format!("{}:\n", key.name().to_lowercase());
        assert!(text.contains(&option), "{}", key.name());
    }
}
