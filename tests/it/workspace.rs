//! The crates of the workspace, for the tests of its structure.

use std::fs;
use std::path::{Path, PathBuf};

/// One crate.
pub(crate) struct Member {
    pub(crate) name: String,
    /// The folder that contains Cargo.toml.
    pub(crate) folder: PathBuf,
    /// The folder that contains the sources.
    pub(crate) sources: PathBuf,
}

/// Returns the top folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lists the crates by name.
pub(crate) fn members() -> Vec<Member> {
    let listed = fs::read_dir(root().join("crates")).unwrap().map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), entry.path())
    });
    let others = [("msipctl", root().to_owned()), ("msipctl-templates", root().join("templates"))];
    let others = others.map(|(name, folder)| (name.to_owned(), folder));
    let mut found: Vec<_> = listed
        .chain(others)
        .map(|(name, folder)| {
            let sources = folder.join("src");
            let sources = if sources.is_dir() { sources } else { folder.clone() };
            Member { name, folder, sources }
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}
