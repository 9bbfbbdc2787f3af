//! The profile functions with a limited buffer, as programs call them.

use super::value::truncate;
use super::view::{Profile, SectionView};

/// The result of a profile function that writes to a buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text in the buffer, without the terminating NUL characters. In a list, a NUL character follows each name.
    pub text: String,
    /// Whether the text was truncated because the buffer was too small. Windows then sets error 234 (`ERROR_MORE_DATA`).
    pub is_truncated: bool,
}

/// Returns what `GetPrivateProfileString` returns for a key: its value, or `default` without trailing spaces.
///
/// `size` is the size of the buffer in UTF-16 code units, including the terminating NUL character.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use winini::profile::{Profile, get_string};
///
/// let document = Document::parse(b"[Settings]\nuserAgent=Desk phone\n".to_vec(), Encoding::Ascii);
/// let answer = get_string(Profile::new(&document), "Settings", "userAgent", "", 5);
/// assert_eq!(answer.text, "Desk");
/// assert!(answer.is_truncated);
/// ```
pub fn get_string(
    profile: Profile<'_>,
    section: &str,
    key: &str,
    default: &str,
    size: usize,
) -> Answer {
    let value = profile.get(section, key);
    let text = value.as_deref().unwrap_or(default.trim_end_matches(' '));
    answer(text, size.saturating_sub(1), size == 0)
}

/// Returns what `GetPrivateProfileString` returns without a key or section: a list of names.
///
/// With a section, returns the keys of that section, and otherwise all section names. The names are in file order, including
/// duplicates. `size` is the size of the buffer in UTF-16 code units, including the two terminating NUL characters.
pub fn get_names(profile: Profile<'_>, section: Option<&str>, size: usize) -> Answer {
    let mut list = String::new();
    let mut push = |name: &str| {
        list.push_str(name);
        list.push('\0');
    };
    match section {
        None => profile.sections().for_each(|section| push(&section.name())),
        Some(name) => {
            let entries = profile.section(name).into_iter().flat_map(SectionView::entries);
            entries.for_each(|entry| push(&entry.key()));
        }
    }
    // Two NUL characters terminate a list, so there is one unit less for names.
    answer(&list, size.saturating_sub(2), false)
}

fn answer(text: &str, room: usize, no_buffer: bool) -> Answer {
    let kept = truncate(text, room);
    Answer { text: kept.to_owned(), is_truncated: no_buffer || kept.len() < text.len() }
}
