//! `header-after-value`: a section header at the end of a key's line.

use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Kind, Section};
use winini::Edit;
use winini::profile::Profile;

rule! {
    /// ## What it does
    /// Checks for values that end with the header of a MicroSIP section.
    ///
    /// ## Why is this bad?
    /// A program appended text to a file whose last line had no line ending. The value is wrong, and Windows doesn't find the section: its keys belong to the section above.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// DND=0[Account1]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=0
    /// [Account1]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## How to fix
    /// Move the header to a separate line.
    ///
    /// ## Fix safety
    /// Unsafe if another section with that name exists, or if it changes a value that MicroSIP reads, because the header can be part of a text. Keys below the header can also move to another section. The fix splits the line before the header.
    HeaderAfterValue,
    on Entry, requires BRACKET,
    fix Always
}

fn check(context: Context<'_>, location: EntryLocation<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let (section, entry) = location;
    let line = document.line(entry.line());
    if !document.raw(entry.value_span()).contains(&b']') {
        return;
    }
    let text = document.text(line.content());
    let text = characters::trimmed(&text);
    let Some((before, name)) = text.strip_suffix(']').and_then(|open| open.rsplit_once('[')) else {
        return;
    };
    let known = microsip_schema::find(&section.name(), &entry.key());
    // The texts of calls and numbers can contain anything, because other people choose them.
    let is_record = known
        .is_some_and(|known| known.kind() == Kind::Record && known.section() != Section::Shortcuts);
    if Section::of(name).is_none() || !before.contains('=') || is_record {
        return;
    }
    let key = entry.key();
    let message = message!(
        "`[{section}]` is in the line of `{key}`, so Windows doesn't read it as a header",
        section = name,
        key
    );
    let is_unique = Profile::new(document).section(name).is_none();
    let safety = if is_unique { Safety::Safe } else { Safety::Unsafe };
    let edits = vec![
        Edit::ReplaceLine { line: entry.line(), text: before.to_owned() },
        Edit::InsertLine { after: Some(entry.line()), text: format!("[{name}]") },
    ];
    let fix = Fix::edits(safety, format!("move `[{name}]` to a separate line"), edits);
    findings.push(RULE.at_value(location, message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_splits_line_before_the_header() {
        let before = "[Settings]\r\nDND=0[Account1]\r\ndomain=x";
        let message = "2: error: `[Account1]` is in the line of `DND`, so Windows doesn't read it as a header";
        check(&RULE, before, &[message]);
        // Without accountId, MicroSIP reads the domain of [Settings].
        let after = "[Settings]\r\nDND=0\r\n[Account1]\r\ndomain=x";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, after);
        let before = "[Settings]\r\naccountId=1\r\nDND=0[Account1]\r\ndomain=x";
        let after = "[Settings]\r\naccountId=1\r\nDND=0\r\n[Account1]\r\ndomain=x";
        fixes(&RULE, Safety::Safe, before, after);
        let duplicated = "[Settings]\nDND=0[Settings]\nAA=1\n";
        fixes(&RULE, Safety::Safe, duplicated, duplicated);
        fixes(&RULE, Safety::Unsafe, duplicated, "[Settings]\nDND=0\n[Settings]\nAA=1\n");
    }

    #[test]
    fn other_brackets_in_values_are_not_reported() {
        check(
            &RULE,
            "[Account1]\ndialPlan=[0-9]\nlabel=a[b]\n[Calls]\n0=1;x;0;1;1;[Settings]\n",
            &[],
        );
    }
}
