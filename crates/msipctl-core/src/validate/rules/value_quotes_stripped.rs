//! `value-quotes-stripped`: value whose outer quotes are stripped as a pair.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for values that start with one quoted part and end with another, such as `"Anna" and "Ben"`.
    ///
    /// ## Why is this bad?
    /// Windows strips the first and last quote as if they were a pair, and keeps the quotes between them.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// displayName="Anna" and "Ben"
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// displayName=""Anna" and "Ben""
    /// ```
    ///
    /// ## How to fix
    /// Add another pair of quotes around the value. For commands, see `split-program-path`.
    ///
    /// ## Fix safety
    /// Adds another pair of quotes around the value, which Windows strips. Unsafe, because MicroSIP then reads another value.
    ValueQuotesStripped,
    on Known, kinds TEXT | PATH | LIST | SECRET, requires QUOTE,
    fix Always
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    known: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let raw = context.document.raw(entry.value_span());
    if !raw.contains(&b'"') && !raw.contains(&b'\'') {
        return;
    }
    let (key, written) = (entry.key(), entry.written());
    let is_text = matches!(known.kind(), Kind::Text | Kind::Path | Kind::List | Kind::Secret);
    if !is_text || !is_two_quoted_parts(&written) {
        return;
    }
    let message = message!(
        "Windows strips the first and last quote of `{key}`, although they aren't a pair",
        key
    );
    let edit = Edit::ReplaceValue { line: entry.line(), text: format!("\"{written}\"") };
    let fix = Fix::edits(Safety::Unsafe, "add another pair of quotes around the value", vec![edit]);
    findings.push(RULE.at_value((section, entry), message).with_fix(fix));
}

/// Returns whether a text starts with a quoted part and ends with another one in the same quotes.
fn is_two_quoted_parts(written: &str) -> bool {
    ['"', '\''].into_iter().any(|quote| {
        let inner = written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let Some(inner) = inner else { return false };
        let (Some(close), Some(open)) = (inner.find(quote), inner.rfind(quote)) else {
            return false;
        };
        let is_separator =
            |character: Option<char>| character.is_some_and(|it| matches!(it, ' ' | ',' | ';'));
        let after = inner[close + 1..].chars().next();
        let before = inner[..open].chars().next_back();
        close > 0
            && open + 1 < inner.len()
            && inner.matches(quote).count() % 2 == 0
            && is_separator(after)
            && is_separator(before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn paired_quotes_and_keys_written_by_microsip_are_not_reported() {
        check(
            &RULE,
            "[Settings]\naudioInputDevice=\"\"\naudioOutputDevice=\"Mic \"A\"\"\nuserAgent='a'\ncmdCallEnd=\"a\" \"b\"\n[Account1]\nlabel=\"a b\"\npassword=\"a\"b\"\ndisplayName=\"\"a\" \"b\"\"\n",
            &[],
        );
    }

    #[test]
    fn unsafe_fix_adds_an_outer_pair_of_quotes() {
        let before = "[Account1]\ndisplayName='a' or 'b'\n";
        let message = "2: warning: Windows strips the first and last quote of `displayName`, although they aren't a pair";
        check(&RULE, before, &[message]);
        let after = "[Account1]\ndisplayName=\"'a' or 'b'\"\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        check(&RULE, after, &[]);
    }
}
