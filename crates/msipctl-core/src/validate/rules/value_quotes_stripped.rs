//! `value-quotes-stripped`: the first and the last of several quotes, taken for a pair.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// A value that begins with one quoted piece and ends with another, such as `"Anna" and "Ben"`. Commands have a rule of their own, `split-program-path`.
    ///
    /// ## Why is this bad?
    /// Windows drops the first and the last quote as if they were a pair, and leaves those between.
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
    /// An unsafe fix puts another pair round the value, for Windows to drop.
    ValueQuotesStripped,
    on Known, kinds TEXT | PATH | LIST | SECRET, requires QUOTE,
    fix Sometimes
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
    let message =
        message!("`{key}`: Windows drops the first and the last quote, which are no pair", key);
    let edit = Edit::ReplaceValue { line: entry.line(), text: format!("\"{written}\"") };
    let fix = Fix::edits(Safety::Unsafe, "put another pair of quotes round it", vec![edit]);
    findings.push(RULE.at_value((section, entry), message).with_fix(fix));
}

/// Says whether a text begins with a quoted piece and ends with another one of the same quotes.
fn is_two_quoted_parts(written: &str) -> bool {
    ['"', '\''].into_iter().any(|quote| {
        let inner = written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let Some(inner) = inner else { return false };
        let (Some(close), Some(open)) = (inner.find(quote), inner.rfind(quote)) else {
            return false;
        };
        let is_whitespace_byte =
            |character: Option<char>| character.is_some_and(|it| matches!(it, ' ' | ',' | ';'));
        let behind = inner[close + 1..].chars().next();
        let before = inner[..open].chars().next_back();
        close > 0
            && open + 1 < inner.len()
            && inner.matches(quote).count() % 2 == 0
            && is_whitespace_byte(behind)
            && is_whitespace_byte(before)
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
        let message = "2: warning: `displayName`: Windows drops the first and the last quote, which are no pair";
        check(&RULE, before, &[message]);
        let after = "[Account1]\ndisplayName=\"'a' or 'b'\"\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        check(&RULE, after, &[]);
    }
}
