//! The key of all digests.

use std::path::Path;

use crate::store::Digest;

/// A key that stays on the PC. Its digests recognize texts without revealing them.
pub trait KeyedDigest: Sync {
    /// Returns the digest that identifies the key itself.
    fn id(&self) -> String;

    /// Returns the digest of a text at a location: the same text elsewhere has another digest.
    fn digest(&self, location: &[&str], text: &str) -> String;

    /// Returns the digest of a file whose hash is known.
    fn digest_of_hash(&self, path: &Path, hash: &Digest) -> String;
}
