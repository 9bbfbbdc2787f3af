//! Numbers, shares, and times as people read them.

use std::cmp::Ordering;

/// Compares names in the order in which people expect numbers: `site 2` before `site 10`.
pub(super) fn by_number(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    while let (Some(first), Some(second)) = (left.chars().next(), right.chars().next()) {
        let order = match (first.is_ascii_digit(), second.is_ascii_digit()) {
            (true, true) => {
                let (number, rest) = digits(left);
                let (other, other_rest) = digits(right);
                (left, right) = (rest, other_rest);
                (number.len(), number).cmp(&(other.len(), other))
            }
            _ => {
                left = &left[first.len_utf8()..];
                right = &right[second.len_utf8()..];
                first.cmp(&second)
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    // Names that are equal except for zeros before a number still have an order.
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
}

/// Splits a text after the digits at its start, without their leading zeros.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

/// Returns how a number changed: `+3` or `−1`; `None` if it didn't.
pub(super) fn change(before: u64, now: u64) -> Option<String> {
    match now.checked_sub(before) {
        Some(0) => None,
        Some(more) => Some(format!("+{}", grouped(more))),
        None => Some(format!("\u{2212}{}", grouped(before - now))),
    }
}

/// Returns a number with thousands separators.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns a share in percent, to a tenth. Only an empty share is 0, and only a complete one is 100.
pub(super) fn percent(part: u64, of: u64) -> f64 {
    if of == 0 {
        return 0.0;
    }
    let tenths = u128::from(part) * 1000 / u128::from(of);
    let tenths = if part > 0 { tenths.max(1) } else { tenths };
    tenths as f64 / 10.0
}

pub(super) fn percent_text(part: u64, of: u64) -> String {
    match of {
        0 => "\u{2013}".to_owned(),
        _ => format!("{}%", percent(part, of)),
    }
}

pub(super) fn exact_percent(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 * 100.0 / of as f64 }
}

/// Returns an RFC 3339 time for people: `2026-11-23 09:01 UTC`.
pub(super) fn time(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => rfc3339.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_numbers_are_sorted_by_number() {
        let mut names =
            ["10", "2", "site 10", "site 9b", "site 9", "1", "site", "site 09", "é2", "é10"];
        names.sort_by(|one, other| by_number(one, other));
        let expected =
            ["1", "2", "10", "site", "site 09", "site 9", "site 9b", "site 10", "é2", "é10"];
        assert_eq!(names, expected);
    }

    #[test]
    fn numbers_and_percentages_are_formatted_for_display() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        for (part, of, text) in [
            (0, 0, "\u{2013}"),
            (0, 7, "0%"),
            (1, 20_000, "0.1%"),
            (19_999, 20_000, "99.9%"),
            (7, 7, "100%"),
            (1, 3, "33.3%"),
        ] {
            assert_eq!(percent_text(part, of), text);
        }
        assert_eq!(change(5, 5), None);
        assert_eq!(change(5, 8).as_deref(), Some("+3"));
        assert_eq!(change(8, 5).as_deref(), Some("\u{2212}3"));
        assert_eq!(time("2026-11-23T09:01:02Z"), "2026-11-23 09:01 UTC");
        assert_eq!(time("é"), "é");
    }
}
