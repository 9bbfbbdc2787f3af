//! Whether a launcher must name its file.

use std::path::Path;
use std::sync::OnceLock;

use crate::hook::NamedIni;
use crate::locate::{self, Found, Search};
use crate::store;

/// The files that `hook run` would find, searched once for all files.
#[derive(Default)]
pub struct Findable(OnceLock<Result<Vec<Found>, locate::Error>>);

impl Findable {
    /// Returns the file itself, which its launcher must name, unless `hook run` finds only that file.
    pub fn to_name(&self, path: &Path) -> Option<NamedIni> {
        (!self.is_alone(path)).then(|| named_ini(store::absolute(path).display().to_string()))
    }

    /// Returns whether a file is the only one. On systems where MicroSIP can't run, assumes that it is.
    fn is_alone(&self, path: &Path) -> bool {
        match self.0.get_or_init(|| locate::find(msipctl_windows::system(), &Search::default())) {
            Ok(found) => matches!(found.as_slice(), [only] if locate::same_file(&only.path, path)),
            Err(error) => error.is_unsupported(),
        }
    }
}

/// Returns the file at a path, for a launcher that names it.
pub fn named_ini(path: String) -> NamedIni {
    NamedIni { path, is_same: |own, other| locate::leads_to(Path::new(other), Path::new(own)) }
}
