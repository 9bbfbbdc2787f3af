//! Global atoms: texts under a number of 16 bits, which any program of the session can read.

use std::ffi::OsString;
use std::io;
use std::mem;

use windows_sys::Win32::System::DataExchange::{
    GlobalAddAtomW, GlobalDeleteAtom, GlobalGetAtomNameW,
};

use super::text::{from_wide, wide};

/// The longest text of an atom, in UTF-16 units.
const MAX_LENGTH: usize = 255;

/// The first number of an atom with a text of its own; below it, the number is the text.
pub(super) const FIRST_WITH_TEXT: u16 = 0xc000;

/// An atom that is deleted when it is dropped.
pub(super) struct Atom(u16);

impl Atom {
    /// Makes the atom of a text; `None` for an empty one, which no atom can have.
    pub(super) fn new(text: &str) -> io::Result<Option<Self>> {
        if text.is_empty() {
            return Ok(None);
        }
        let name = name(text);
        if name != text {
            log::warn!("the atom's text differs from what was given: `{name}`");
        }
        let units = wide(&name)?;
        // SAFETY: `units` has a zero at its end and lives until the call returns.
        let number = unsafe { GlobalAddAtomW(units.as_ptr()) };
        if number == 0 {
            return Err(io::Error::last_os_error());
        }
        let atom = Self(number);
        // Atoms are found whatever their case: one that is there keeps the letters it was made with.
        if text_of(number).is_none_or(|found| found != *name) {
            log::warn!("the atom 0x{number:x} is there in another spelling than `{name}`");
        }
        Ok(Some(atom))
    }

    /// Returns its number as a message carries it.
    pub(super) fn lparam(&self) -> isize {
        self.0 as isize
    }

    /// Leaves it to the receiver to delete.
    pub(super) fn hand_over(self) {
        mem::forget(self);
    }
}

impl Drop for Atom {
    fn drop(&mut self) {
        delete(self.0);
    }
}

/// Deletes an atom, or one of the uses of it. Nothing happens to a number that has no text of its own.
pub(super) fn delete(number: u16) {
    if number >= FIRST_WITH_TEXT {
        // SAFETY: the call takes no pointer, and a number that is no atom only makes it fail.
        unsafe { GlobalDeleteAtom(number) };
    }
}

/// Returns the text of an atom; `None` if there is none of this number.
pub(super) fn text_of(number: u16) -> Option<OsString> {
    let mut units = [0_u16; MAX_LENGTH + 1];
    // SAFETY: the call writes at most as many units as it is told that `units` has, a zero included.
    let length =
        unsafe { GlobalGetAtomNameW(number, units.as_mut_ptr(), units.len() as i32) } as usize;
    units.get(..length).filter(|units| !units.is_empty()).map(from_wide)
}

/// Returns what an atom can hold of a text. Windows takes `#` and digits for the number itself and gives it
/// back as it would write it, or refuses; a blank behind keeps such a text a text.
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

    /// Makes an atom and reads it as a receiver does.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        // What is not loaded has no atoms.
        super::super::library::Library::load("user32.dll").unwrap();
        let atom = Atom::new(text).unwrap().unwrap();
        let number = u16::try_from(atom.lparam()).unwrap();
        assert_eq!(text_of(number).unwrap(), expected);
        drop(atom);
        if number >= FIRST_WITH_TEXT {
            // Another test may have its number by now.
            assert!(text_of(number).is_none_or(|text| text != expected), "it was not deleted");
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
