//! Finds the most similar name, for suggestions.

/// The default minimum similarity of two names, where 1 means equal.
pub const NEAR: f64 = 0.85;

/// The maximum length of a name that is compared, in bytes. Comparing takes time proportional to the product of both lengths.
const MAX_COMPARED: usize = 128;

/// Returns the name that is most similar to `name`, ignoring case, if its similarity is above `min`.
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
