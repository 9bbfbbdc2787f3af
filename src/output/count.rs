//! Numbers with nouns.

/// Returns a number with its noun: `1 file`, `2 files`.
pub(crate) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Returns `98.2%`. Only a complete share is `100%`.
pub(super) fn percent(share: Option<f64>) -> String {
    let Some(share) = share else { return "unknown".to_owned() };
    if share >= 100.0 {
        "100%".to_owned()
    } else {
        format!("{:.1}%", (share * 10.0).floor() / 10.0)
    }
}
