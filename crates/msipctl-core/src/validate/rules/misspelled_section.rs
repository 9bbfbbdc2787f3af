//! `misspelled-section`: a section whose name is similar to one that MicroSIP reads.

use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Section;
use winini::Edit;
use winini::profile::SectionView;

rule! {
    /// ## What it does
    /// Checks for unknown sections with a name similar to a MicroSIP section, and with keys of that section.
    ///
    /// ## Why is this bad?
    /// MicroSIP looks for the exact names `[Settings]`, `[Account1]`, and so on, and ignores only their capitalization. It keeps a section such as `[Account 1]`, `[Account01]`, or `[Setting]`, but never reads it.
    ///
    /// ## Example
    /// ```ini
    /// [Account 1]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## How to fix
    /// Rename the section.
    ///
    /// ## Fix safety
    /// Unsafe if a section with the correct name exists, or if the names differ in more than extra spaces, hyphens, or zeros, because the intended name is then uncertain. The fix corrects the header.
    MisspelledSection,
    on Header, requires FOREIGN,
    fix Always
}

fn check(context: Context<'_>, section: SectionView<'_>, findings: &mut Vec<Finding>) {
    let name = section.name();
    // Other rules report invisible characters and brackets.
    if characters::is_known(&name) || name.contains(characters::is_invisible) {
        return;
    }
    let Some((meant, is_certain)) = meant(&name) else { return };
    let has_its_keys =
        section.entries().any(|entry| microsip_schema::find(&meant, &entry.key()).is_some());
    let number = section.place().header();
    let line = context.document.line(number);
    if !has_its_keys || !context.document.text(line.content()).contains(']') {
        return;
    }
    let is_unique = context.profile.section(&meant).is_none();
    let safety = if is_certain && is_unique { Safety::Safe } else { Safety::Unsafe };
    let message = message!(
        "unknown section `[{section}]`: expected `[{expected}]`",
        section = name,
        expected = meant
    );
    let edit = Edit::ReplaceLine { line: number, text: format!("[{meant}]") };
    let fix = Fix::edits(safety, format!("rename it to `[{meant}]`"), vec![edit]);
    let finding = RULE.at(number, line.name(), message).about(&name, None);
    findings.push(finding.with_fix(fix));
}

/// Returns the intended name, and whether the names differ only in extra spaces, hyphens, and zeros.
fn meant(name: &str) -> Option<(String, bool)> {
    const MIN_SIMILARITY: f64 = 0.75;
    let plain: String = name
        .chars()
        .filter(|character| !matches!(character, ' ' | '_' | '-' | '.' | '#' | '\t'))
        .collect();
    let digits = plain.trim_end_matches(|character: char| character.is_ascii_digit());
    let (word, number) = plain.split_at(digits.len());
    let number: Option<u32> = number.parse().ok();
    let named = |word: &str| match number {
        Some(number) => format!("{word}{number}"),
        None => word.to_owned(),
    };
    let labels = Section::ALL.iter().map(|section| match section {
        Section::Account => "Account",
        other => other.label(),
    });
    labels
        .filter(|label| (*label == "Account") == number.is_some())
        .map(|label| {
            let (one, other) = (word.to_ascii_lowercase(), label.to_ascii_lowercase());
            (strsim::normalized_damerau_levenshtein(&one, &other), label)
        })
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(similarity, label)| (named(label), similarity == 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn misspelled_sections_with_known_keys_are_reported() {
        check(
            &RULE,
            "[Account 1]\ndomain=x\n[Acount02]\nDomain=y\n[Setting]\nDND=1\n[General]\nDND=1\n[Account]\ndomain=x\n[Contact]\nx=1\n[Other1]\ndomain=x\n",
            &[
                "1: error: unknown section `[Account 1]`: expected `[Account1]`",
                "3: error: unknown section `[Acount02]`: expected `[Account2]`",
                "5: error: unknown section `[Setting]`: expected `[Settings]`",
            ],
        );
    }

    #[test]
    fn fix_corrects_the_section_name() {
        fixes(&RULE, Safety::Safe, "[Account 01]\ndomain=x\n", "[Account1]\ndomain=x\n");
        fixes(&RULE, Safety::Safe, "[Setting]\nDND=1\n", "[Setting]\nDND=1\n");
        fixes(&RULE, Safety::Unsafe, "[Setting]\nDND=1\n", "[Settings]\nDND=1\n");
        let duplicated = "[Account1]\ndomain=x\n[Account-1]\ndomain=y\n";
        fixes(&RULE, Safety::Safe, duplicated, duplicated);
    }
}
