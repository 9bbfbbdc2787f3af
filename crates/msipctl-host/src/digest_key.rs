//! The key by which plans recognize secrets, and files that may contain some, without revealing them. It never leaves
//! this computer.

use std::path::Path;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::HostError;
use crate::process;
use msipctl_core::store::{self, Appending, Digest};

/// The name of the file with the key.
const FILE: &str = "plan.key";

/// A key that was created on this computer, for this user.
pub struct DigestKey([u8; 32]);

impl DigestKey {
    /// Reads the key, which is created if it doesn't exist.
    ///
    /// # Errors
    ///
    /// When there is no folder for it, or the system reports an error.
    pub fn own() -> Result<Self, HostError> {
        // If only a folder for journals is set, they also need the key.
        let system = msipctl_windows::system();
        let folder = process::own_folder(system).or_else(|| process::runs_folder(system));
        Self::at(&folder.ok_or(HostError::NoFolder)?.join(FILE))
    }

    fn at(path: &Path) -> Result<Self, HostError> {
        // The file usually exists, and then nothing is changed.
        match store::read_text(path) {
            Err(error) if error.kind() == store::Kind::NotFound => {}
            text => return Self::parse(path, &text?),
        }
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(HostError::Random)?;
        let how = Appending { wait: Duration::from_secs(10), create_folder: true, rotate_at: None };
        // Under the lock of the file, so that two programs that start at the same time share one key.
        store::append(path, how, |length| match length {
            0 => format!("{}\n", Digest::from(fresh)).into_bytes(),
            _ => Vec::new(),
        })?;
        Self::parse(path, &store::read_text(path)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, HostError> {
        let key = text.lines().next().and_then(|line| line.parse::<Digest>().ok());
        let key = key.ok_or_else(|| HostError::InvalidKey(path.to_owned()))?;
        Ok(Self(key.into()))
    }

    /// Returns the digest that identifies the bytes of a file. Unlike a plain hash, it doesn't help to guess a PIN in
    /// them.
    pub fn digest_of_file(&self, path: &Path, bytes: &[u8]) -> String {
        self.digest_of_hash(path, &Digest::of(bytes))
    }

    /// Returns the same for a file whose hash is known.
    pub fn digest_of_hash(&self, path: &Path, hash: &Digest) -> String {
        let path = store::absolute(path).display().to_string();
        self.digest(&["file", &path], &hash.to_string())
    }

    /// Returns the digest that identifies the key itself.
    pub fn id(&self) -> String {
        self.digest(&["key"], "")
    }

    /// Returns the digest that identifies a secret at a location: the same secret elsewhere has another digest.
    pub fn digest(&self, place: &[&str], secret: &str) -> String {
        // The code accepts keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        for part in place.iter().copied().chain([secret]) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        Digest::from(bytes).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_key_is_created_once_and_digests_depend_on_location() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join(FILE);
        let (key, again) = (DigestKey::at(&path).unwrap(), DigestKey::at(&path).unwrap());
        let digest = |key: &DigestKey, place: &[&str], secret| key.digest(place, secret);
        let first = digest(&key, &["a.ini", "Account1"], "hunter2");
        assert_eq!(first, digest(&again, &["a.ini", "Account1"], "hunter2"));
        assert_ne!(first, digest(&key, &["a.ini", "Account1"], "hunter3"));
        assert_ne!(first, digest(&key, &["b.ini", "Account1"], "hunter2"));
        assert_ne!(first, digest(&key, &["a.iniA", "ccount1"], "hunter2"));

        let other = DigestKey::at(&folder.path().join("other").join(FILE)).unwrap();
        assert_ne!(first, digest(&other, &["a.ini", "Account1"], "hunter2"));
        let file = |key: &DigestKey, bytes: &[u8]| key.digest_of_file(Path::new("a.ini"), bytes);
        assert_eq!(file(&key, b"pin=4711"), file(&again, b"pin=4711"));
        assert_ne!(file(&key, b"pin=4711"), file(&key, b"pin=4712"));
        assert_ne!(file(&key, b"pin=4711"), file(&other, b"pin=4711"));
        assert_ne!(file(&key, b"pin=4711"), Digest::of(b"pin=4711").to_string());
        assert_ne!(key.id(), other.id());
        // On Windows, the folder determines who can read it.
        if cfg!(unix) {
            assert_eq!(store::readable_by_others(&path), Some(false));
        }
    }
}
