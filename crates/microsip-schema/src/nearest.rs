//! Which of several names was probably meant.

/// How alike two names must be by default, where 1 is equal.
pub const NEAR: f64 = 0.85;

/// The longest name that is compared, in bytes: comparing two takes as much time as the product of their lengths.
const MAX_COMPARED: usize = 128;

/// Returns the name that was probably meant, in any case: the one that is most alike, and more than `min`.
///
/// # Example
///
/// ```
/// use microsip_schema::{NEAR, nearest};
///
/// assert_eq!(nearest("sendmesage", ["SendMessage", "PostMessage"], NEAR), Some("SendMessage"));
/// assert_eq!(nearest("beep", ["SendMessage", "PostMessage"], NEAR), None);
/// ```
pub fn nearest<'n>(
    name: &str,
    names: impl IntoIterator<Item = &'n str>,
    min: f64,
) -> Option<&'n str> {
    if name.len() > MAX_COMPARED {
        return None;
    }
    let name = name.to_lowercase();
    names
        .into_iter()
        .filter(|known| known.len() <= MAX_COMPARED)
        .map(|known| (strsim::jaro_winkler(&name, &known.to_lowercase()), known))
        .filter(|(nearness, _)| *nearness > min)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}
