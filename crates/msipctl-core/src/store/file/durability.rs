//! How soon a write is safely on disk.

/// When to flush writes to disk. In either mode, a crash leaves each file complete, either the old or the new version,
/// and each new version has a backup on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Flush each file before the next one is started.
    #[default]
    Full,
    /// Flush many files together, once before and once after they are put in place.
    Batch,
}
