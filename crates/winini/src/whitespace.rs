//! The whitespace characters of the Windows profile functions.

/// The characters that Windows strips from both ends of names and values: space, tab, and vertical tab.
pub const WHITESPACE: [char; 3] = [' ', '\t', '\x0b'];

/// Returns whether a code unit is one of [`WHITESPACE`].
#[inline]
pub(super) const fn is_whitespace(unit: u16) -> bool {
    let [space, tab, vertical_tab] = WHITESPACE;
    unit == space as u16 || unit == tab as u16 || unit == vertical_tab as u16
}
