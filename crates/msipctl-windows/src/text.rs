//! Text as Windows takes and gives it: UTF-16 with a zero at its end.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, Prefix};
use std::{io, iter};

/// Encodes a text with a zero at its end; one with a zero inside names nothing.
pub(super) fn wide(text: impl AsRef<OsStr>) -> io::Result<Vec<u16>> {
    let units: Vec<u16> = text.as_ref().encode_wide().chain(iter::once(0)).collect();
    let inner = units.len() - 1;
    if units.iter().take(inner).any(|&unit| unit == 0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a zero stands in the text"));
    }
    Ok(units)
}

/// Encodes a path so that calls take it whatever its length: absolute, behind `\\?\`.
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

/// Decodes a text up to its first zero, or whole if it has none.
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
