//! Converts text to and from NUL-terminated UTF-16, which Windows functions use.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, Prefix};
use std::{io, iter};

/// Encodes a text in NUL-terminated UTF-16. Fails if the text contains a NUL character.
pub(super) fn wide(text: impl AsRef<OsStr>) -> io::Result<Vec<u16>> {
    let units: Vec<u16> = text.as_ref().encode_wide().chain(iter::once(0)).collect();
    let inner = units.len() - 1;
    if units.iter().take(inner).any(|&unit| unit == 0) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the text contains a NUL character",
        ));
    }
    Ok(units)
}

/// Encodes a path as an absolute path with the prefix `\\?\`, which has no length limit.
pub(super) fn wide_path(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    let Some(Component::Prefix(prefix)) = path.components().next() else { return wide(&path) };
    let mut text = OsString::new();
    match prefix.kind() {
        Prefix::Disk(_) => {
            text.push(r"\\?\");
            text.push(&path);
        }
        Prefix::UNC(server, share) => {
            text.push(r"\\?\UNC\");
            text.push(server);
            text.push(r"\");
            text.push(share);
            path.components().skip(1).for_each(|part| {
                if part != Component::RootDir {
                    text.push(r"\");
                    text.push(part);
                }
            });
        }
        _ => text.push(&path),
    }
    wide(text)
}

/// Decodes a text up to its first NUL character, or to its end if it has none.
pub(super) fn from_wide(units: &[u16]) -> OsString {
    let end = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
    OsString::from_wide(&units[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        assert_eq!(from_wide(&wide_path(Path::new(path)).unwrap()), expected);
    }

    #[test]
    fn paths_get_the_verbatim_prefix() {
        check(r"C:\a b\ä.ini", r"\\?\C:\a b\ä.ini");
        check(r"C:/a/../b.ini", r"\\?\C:\b.ini");
        check(r"\\server\share\a\b.ini", r"\\?\UNC\server\share\a\b.ini");
        check(r"\\?\C:\a", r"\\?\C:\a");
    }

    #[test]
    fn text_with_nul_character_is_rejected() {
        assert!(wide("a\0b").is_err());
    }
}
