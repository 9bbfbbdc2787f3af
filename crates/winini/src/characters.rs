//! Finds lines and whitespace in text with one byte per code unit, as [`Document::narrowed`](crate::Document::narrowed)
//! returns it.

use std::ops::Range;

use super::whitespace::is_whitespace;

/// The number of 8-byte words to check before `memchr` takes over. Most lines are so short that starting `memchr` would take
/// longer.
const NEAR: usize = 4;

/// Returns the offset where a line's content ends: at a CR, at an LF, or at the end of the text.
#[inline]
pub(super) fn line_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    for _ in 0..NEAR {
        let Some(word) = text[at..].first_chunk::<8>() else { break };
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ (EACH * b'\n' as u64)) | zeros(word ^ (EACH * b'\r' as u64));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    memchr::memchr2(b'\n', b'\r', &text[at..]).map_or(text.len(), |length| at + length)
}

/// Returns the offset of the first `=` in a range of a text.
#[inline]
pub(super) fn find_equals(text: &[u8], range: Range<usize>) -> Option<usize> {
    let mut at = range.start;
    for _ in 0..NEAR {
        if at >= range.end {
            return None;
        }
        // The word can extend past the range.
        let Some(word) = text[at..].first_chunk::<8>() else { break };
        let found = zeros(u64::from_le_bytes(*word) ^ (EACH * b'=' as u64));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8).filter(|at| *at < range.end);
        }
        at += 8;
    }
    memchr::memchr(b'=', text.get(at..range.end)?).map(|length| at + length)
}

/// 1 in each byte.
const EACH: u64 = u64::from_le_bytes([1; 8]);

/// Sets the highest bit of each byte of a word that is zero. The result can be wrong after the first such byte.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & (EACH << 7)
}

/// Returns the offset where the next line starts, after a line whose content ends at `end`.
#[inline]
pub(super) fn next_line(text: &[u8], end: usize) -> usize {
    match text[end..] {
        [] => end,
        [b'\r', b'\n', ..] => end + 2,
        _ => end + 1,
    }
}

/// Returns whether a byte is whitespace for Windows: a space, tab, or vertical tab.
#[inline]
pub fn is_whitespace_byte(character: u8) -> bool {
    is_whitespace(character as u16)
}

/// Returns a range of a text without the whitespace at both ends.
#[inline]
pub(super) fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = range;
    while start < end && is_whitespace_byte(text[start]) {
        start += 1;
    }
    while start < end && is_whitespace_byte(text[end - 1]) {
        end -= 1;
    }
    start..end
}

/// Returns a text without the whitespace at both ends.
///
/// # Example
///
/// ```
/// assert_eq!(winini::characters::trim(b" \t a b "), b"a b");
/// ```
#[inline]
pub fn trim(text: &[u8]) -> &[u8] {
    &text[trimmed(text, 0..text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_any_length_ends_at_the_first_cr_or_lf() {
        for length in 0..50 {
            for line_ending in ["", "\n", "\r", "\r\n", "\n\r"] {
                let line = "x".repeat(length);
                let text = format!("ab\n{line}{line_ending}c\n");
                let end = line_end(text.as_bytes(), 3);
                let expected = if line_ending.is_empty() { 3 + length + 1 } else { 3 + length };
                assert_eq!(end, expected, "{text:?}");
                let width = if line_ending == "\r\n" { 2 } else { 1 };
                assert_eq!(next_line(text.as_bytes(), end), end + width, "{text:?}");
            }
        }
        assert_eq!((line_end(b"ab", 1), next_line(b"ab", 2)), (2, 2));
    }

    #[test]
    fn first_equals_sign_is_found_at_any_position() {
        for length in 0..50 {
            for (start, end) in [(0, 0), (0, 1), (3, 9), (0, 50), (17, 50)] {
                let text = format!("{}==", "x".repeat(length));
                let range = start.min(text.len())..end.min(text.len());
                let found = text[range.clone()].find('=').map(|at| range.start + at);
                assert_eq!(find_equals(text.as_bytes(), range.clone()), found, "{text} {range:?}");
                let longer = text + "\r\nlonger than one word";
                assert_eq!(find_equals(longer.as_bytes(), range), found, "{longer}");
            }
        }
    }

    #[test]
    fn trim_removes_whitespace_at_both_ends() {
        assert_eq!(trim(b" \t a b\x0b "), b"a b");
        assert_eq!((trim(b" \t"), trimmed(b"x  y", 1..3)), (&b""[..], 3..3));
    }
}
