//! What a finding is known again by, after lines above it came and went.

use std::fmt;

use crate::store::Digest;

/// Rule, section, key and message of a finding, without the numbers of lines.
///
/// # Invariants
///
/// Names in another case, and lines that moved, give the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::cli) struct Fingerprint(String);

impl Fingerprint {
    pub(in crate::cli) fn new(
        rule: &str,
        section: Option<&str>,
        key: Option<&str>,
        message: &str,
    ) -> Self {
        let name = |name: Option<&str>| name.unwrap_or_default().to_ascii_lowercase();
        Self([rule, &name(section), &name(key), &without_lines(message)].join("\0"))
    }
}

/// Shows it as 32 hex digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = Digest::of(self.0.as_bytes()).to_string();
        f.write_str(&digest[..32])
    }
}

/// Takes the numbers out of `line 12`, and of `lines 12, 13`.
fn without_lines(message: &str) -> String {
    let mut behind_line = false;
    let mut kept = String::with_capacity(message.len());
    for word in message.split_inclusive(' ') {
        let bare = word.trim_end_matches([' ', ',', '.', ':', ')']);
        let is_number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
        if behind_line && is_number {
            continue;
        }
        behind_line = matches!(bare, "line" | "lines") || behind_line && bare == "and";
        kept.push_str(word);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, expected: bool) {
        let of = |message| Fingerprint::new("r", Some("S"), None, message);
        assert_eq!(of(one) == of(other), expected, "{one} and {other}");
    }

    #[test]
    fn lines_that_moved_change_nothing() {
        check("only the one in line 2 is read", "only the one in line 14 is read", true);
        check("also in lines 2, 3 and 4", "also in lines 5, 6 and 70", true);
        check("has 300 units", "has 301 units", false);
        check("line 2 and 3 units", "line 4 and 9 units", true);
    }

    #[test]
    fn names_count_without_case_and_places_apart() {
        let of = |section, key| Fingerprint::new("r", section, key, "m");
        assert_eq!(of(Some("Settings"), Some("AA")), of(Some("settings"), Some("aa")));
        assert_ne!(of(Some("a"), None), of(None, Some("a")));
        assert_eq!(of(None, None).to_string().len(), 32);
    }
}
