//! `header-after-value`: a header in the line of the key above.

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
    /// A value that ends in the header of a section of MicroSIP's.
    ///
    /// ## Why is this bad?
    /// Something was appended to a file whose last line had no line end. The value is wrong, and the section is not seen: its keys belong to the one above.
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
    /// The line is split. That is unsafe if another section of that name exists, or if MicroSIP reads another value afterwards: the header was part of a text, or keys below it now belong to the other section.
    HeaderAfterValue,
    on Entry, requires BRACKET,
    fix Sometimes
}

fn check(context: Context<'_>, place: EntryLocation<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let (section, entry) = place;
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
    // The texts of calls and numbers come from anyone, and may hold anything.
    let is_record = known
        .is_some_and(|known| known.kind() == Kind::Record && known.section() != Section::Shortcuts);
    if Section::of(name).is_none() || !before.contains('=') || is_record {
        return;
    }
    let key = entry.key();
    let message = message!(
        "`[{section}]` stands in the line of `{key}`, where it is no header",
        section = name,
        key
    );
    let is_alone = Profile::new(document).section(name).is_none();
    let safety = if is_alone { Safety::Safe } else { Safety::Unsafe };
    let edits = vec![
        Edit::ReplaceLine { line: entry.line(), text: before.to_owned() },
        Edit::InsertLine { after: Some(entry.line()), text: format!("[{name}]") },
    ];
    let fix = Fix::edits(safety, format!("put `[{name}]` on a line of its own"), edits);
    findings.push(RULE.at_value(place, message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_splits_line_before_the_header() {
        let before = "[Settings]\r\nDND=0[Account1]\r\ndomain=x";
        let message = "2: error: `[Account1]` stands in the line of `DND`, where it is no header";
        check(&RULE, before, &[message]);
        // Without accountId, MicroSIP reads the domain of [Settings].
        let after = "[Settings]\r\nDND=0\r\n[Account1]\r\ndomain=x";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, after);
        let before = "[Settings]\r\naccountId=1\r\nDND=0[Account1]\r\ndomain=x";
        let after = "[Settings]\r\naccountId=1\r\nDND=0\r\n[Account1]\r\ndomain=x";
        fixes(&RULE, Safety::Safe, before, after);
        let twice = "[Settings]\nDND=0[Settings]\nAA=1\n";
        fixes(&RULE, Safety::Safe, twice, twice);
        fixes(&RULE, Safety::Unsafe, twice, "[Settings]\nDND=0\n[Settings]\nAA=1\n");
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
