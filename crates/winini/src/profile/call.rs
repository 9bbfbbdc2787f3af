//! The profile calls with their buffers: what a program of so many units of room receives.

use super::value::truncate;
use super::view::{Profile, SectionView};

/// What a profile call puts into the caller's buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text, without the zeros behind it. Lists hold one zero behind each name.
    pub text: String,
    /// Whether the buffer was too small for all of it; Windows then sets error 234.
    pub is_cut: bool,
}

/// Answers `GetPrivateProfileString` for one key: the value, or the default without the spaces at
/// its end. `size` is the buffer's room in UTF-16 units, the final zero included.
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
/// assert!(answer.is_cut);
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

/// Answers `GetPrivateProfileString` without a key, or without a section: the keys of a section, or
/// all section names, in file order, like ones each.
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
    // Two zeros end a list, so one unit less is left for names.
    answer(&list, size.saturating_sub(2), false)
}

fn answer(text: &str, room: usize, no_buffer: bool) -> Answer {
    let kept = truncate(text, room);
    Answer { text: kept.to_owned(), is_cut: no_buffer || kept.len() < text.len() }
}
