//! How soon what is written is sure to be on disk.

/// When what is written is flushed to disk. After a crash each file is whole either way, the old one or the new one, and
/// what is new has its backup on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Each file by itself, before the next one is begun.
    #[default]
    Full,
    /// Many files together, once before any is put in its place and once after all are.
    Batch,
}
