//! Global atoms: 16-bit numbers for texts, which all programs in the session can read.

use std::ffi::OsString;
use std::io;
use std::mem;

use windows_sys::Win32::System::DataExchange::{
    GlobalAddAtomW, GlobalDeleteAtom, GlobalGetAtomNameW,
};

use super::text::{from_wide, wide};

/// The maximum length of an atom's text, in UTF-16 code units.
const MAX_LENGTH: usize = 255;

/// The lowest number of a string atom. The text of a lower number is the number itself.
pub(super) const FIRST_WITH_TEXT: u16 = 0xc000;

/// An atom that is deleted when it is dropped.
pub(super) struct Atom(u16);

impl Atom {
    /// Creates the atom of a text. Returns `None` for an empty text, which can't have an atom.
    pub(super) fn new(text: &str) -> io::Result<Option<Self>> {
        if text.is_empty() {
            return Ok(None);
        }
        let name = name(text);
        if name != text {
            log::warn!("the text of the atom differs from the payload: `{name}`");
        }
        let units = wide(&name)?;
        // SAFETY: `units` is NUL-terminated and lives until the call returns.
        let number = unsafe { GlobalAddAtomW(units.as_ptr()) };
        if number == 0 {
            return Err(io::Error::last_os_error());
        }
        let atom = Self(number);
        // Atoms aren't case-sensitive: an existing atom keeps its capitalization.
        if text_of(number).is_none_or(|found| found != *name) {
            log::warn!(
                "the atom 0x{number:x} of `{name}` already exists in a different capitalization"
            );
        }
        Ok(Some(atom))
    }

    /// Returns the number of the atom as the lParam of a message.
    pub(super) fn lparam(&self) -> isize {
        self.0 as isize
    }

    /// Keeps the atom for the receiver, which must delete it.
    pub(super) fn hand_over(self) {
        mem::forget(self);
    }
}

impl Drop for Atom {
    fn drop(&mut self) {
        delete(self.0);
    }
}

/// Deletes an atom, or decrements its reference count. Ignores a number that isn't a string atom.
pub(super) fn delete(number: u16) {
    if number >= FIRST_WITH_TEXT {
        // SAFETY: the function takes no pointer, and fails for a number that isn't an atom.
        unsafe { GlobalDeleteAtom(number) };
    }
}

/// Returns the text of an atom, or `None` if there is no atom with this number.
pub(super) fn text_of(number: u16) -> Option<OsString> {
    let mut units = [0_u16; MAX_LENGTH + 1];
    // SAFETY: the function writes at most `units.len()` code units, including the terminating NUL.
    let length =
        unsafe { GlobalGetAtomNameW(number, units.as_mut_ptr(), units.len() as i32) } as usize;
    units.get(..length).filter(|units| !units.is_empty()).map(from_wide)
}

/// Returns the text to store in an atom: truncated to the maximum length.
///
/// Windows interprets `#` and digits as an atom number, and either returns that number in its own notation or fails. An
/// appended space keeps such a text unchanged.
fn name(text: &str) -> String {
    let mut units = 0;
    let fits = |character: &char| {
        units += character.len_utf16();
        units <= MAX_LENGTH
    };
    let mut name: String = text.chars().take_while(fits).collect();
    let digits = name.strip_prefix('#').filter(|digits| is_number(digits));
    if digits.is_some_and(|digits| !comes_back(digits)) {
        name.truncate(MAX_LENGTH - 1);
        name.push(' ');
    }
    name
}

fn is_number(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn comes_back(digits: &str) -> bool {
    let number = digits.parse().ok().filter(|number| (1..FIRST_WITH_TEXT).contains(number));
    number.is_some_and(|number: u16| number.to_string() == digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates an atom and reads it like a receiver.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        // Atoms require user32.dll.
        super::super::library::Library::load("user32.dll").unwrap();
        let atom = Atom::new(text).unwrap().unwrap();
        let number = u16::try_from(atom.lparam()).unwrap();
        assert_eq!(text_of(number).unwrap(), expected);
        drop(atom);
        if number >= FIRST_WITH_TEXT {
            // Another test can have created an atom with the same number.
            assert!(text_of(number).is_none_or(|text| text != expected), "the atom still exists");
        }
    }

    #[test]
    fn atom_text_round_trips() {
        check("unit: 4930123", "unit: 4930123");
        check("unit: Jürgen 東京 \u{1f4de}", "unit: Jürgen 東京 \u{1f4de}");
        check("unit:\u{1}\t\"x\" & calc", "unit:\u{1}\t\"x\" & calc");
        assert!(Atom::new("").unwrap().is_none());
        assert!(Atom::new("a\0b").is_err());
    }

    #[test]
    fn long_atom_text_is_truncated_at_a_character_boundary() {
        let long = "u".repeat(300);
        check(&long, &long[..255]);
        let pairs = format!("v{}", "\u{1f4de}".repeat(150));
        check(&pairs, &format!("v{}", "\u{1f4de}".repeat(127)));
        let odd = "\u{1f4de}".repeat(150);
        check(&odd, &"\u{1f4de}".repeat(127));
    }

    #[test]
    fn atom_text_that_looks_like_a_number_remains_text() {
        check("#1234", "#1234");
        check("#49151", "#49151");
        check("#49152", "#49152 ");
        check("#0", "#0 ");
        check("#0012", "#0012 ");
        check("#31#1234", "#31#1234");
        check("#", "#");
        let long = format!("#{}", "9".repeat(300));
        check(&long, &format!("{} ", &long[..254]));
    }
}
