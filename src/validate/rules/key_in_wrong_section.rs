//! `key-in-wrong-section`: a key where MicroSIP does not look for it.

use crate::ini::{LineKind, Section as Place};
use crate::schema;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A key that MicroSIP reads, in a section where it does not look for it, or above the first section.
    ///
    /// ## Why it matters
    /// MicroSIP keeps the line and never reads it. Scripts that append a key at the end of the file put it into the last section, where hooks and settings do nothing.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// cmdCallEnd=C:\hooks\end.exe
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe
    /// ```
    ///
    /// ## Fix
    /// Move the line into the section named in the help.
    "key-in-wrong-section", "key in a section where MicroSIP does not look for it", Warning, Structure, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for (section, entry) in context.entries() {
        let (name, key) = (section.name(), entry.key());
        if schema::find(&name, &key).is_none()
            && let Some(place) = place(&key)
        {
            let message = format!("`{key}` stands in `[{name}]`, where MicroSIP does not read it");
            let finding = RULE.at_key((section, entry), message);
            findings.push(finding.with_help(format!("it belongs in {place}")));
        }
    }
    above_first_section(context, findings);
}

fn above_first_section(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let first = document.sections().next().map_or(document.lines().len(), Place::header);
    for (index, line) in document.lines()[..first].iter().enumerate() {
        let key = document.text(line.name());
        if line.kind() == LineKind::Entry
            && let Some(place) = place(&key)
        {
            let message = format!("`{key}` stands above the first section, where it is never read");
            let finding = RULE.at(index, line.name(), message);
            findings.push(finding.with_help(format!("it belongs in {place}")));
        }
    }
}

/// Tells where MicroSIP looks for a key.
fn place(key: &str) -> Option<String> {
    let places: Vec<_> = schema::sections_of(key).iter().map(|place| place.label()).collect();
    // A number is a key of many lists.
    let is_number = key.bytes().all(|byte| byte.is_ascii_digit());
    (!places.is_empty() && !is_number).then(|| format!("`[{}]`", places.join("]` or `[")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn a_hook_at_the_end_of_the_file_is_found() {
        check(
            &RULE,
            "AA=1\n[Settings]\nserver=x\n[Account1]\nCMDCALLEND=x\ndomain=y\n[Foo]\nAA=1\n",
            &[
                "1: warning: `AA` stands above the first section, where it is never read",
                "5: warning: `CMDCALLEND` stands in `[Account1]`, where MicroSIP does not read it",
            ],
        );
    }
}
