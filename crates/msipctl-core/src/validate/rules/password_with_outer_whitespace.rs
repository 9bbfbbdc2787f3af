//! `password-with-outer-whitespace`: a password whose blank is not read.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;

rule! {
    /// ## What it does
    /// A `password` that begins or ends with a no-break space, as in the example, or has a blank behind it on its line.
    ///
    /// ## Why is this bad?
    /// Windows drops blanks at the end of a value: if one belongs to the password, it is not read. A no-break space, as web pages and documents have it, is read as a letter: a password that was copied with one is wrong, and nobody can see why.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password= swordfish
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password=swordfish
    /// ```
    ///
    /// ## How to fix
    /// Delete the blank. If it belongs to the password, put quotes round it: `"swordfish "`.
    PasswordWithOuterWhitespace,
    on Known, keys Account "password", requires SPACE | NON_ASCII,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(account) = Account::of(place.0).filter(|_| !place.1.is_empty()) else { return };
    let (name, line) = (account.section.name(), place.1.line());
    let (value, written) = (place.1.value(), place.1.written());
    let content = context.document.line(line).content().range();
    let is_trailed = place.1.value_span().range().end < content.end;
    let is_quoted = value != written;
    let no_break = ['\u{a0}', '\u{202f}', '\u{2007}', '\u{feff}', '\u{200b}'];
    let stripped = value.trim_matches(no_break);
    if stripped != value && !stripped.is_empty() && !is_quoted {
        let message = message!(
            "the password of `[{section}]` begins or ends with a no-break space",
            section = name
        );
        let edit = Edit::ReplaceValue { line, text: stripped.to_owned() };
        let fix = Fix::edits(Safety::Unsafe, "delete the no-break space", vec![edit]);
        findings.push(RULE.at_value(place, message).with_fix(fix));
    } else if is_trailed && !is_quoted {
        let message =
            message!("the blank behind the password of `[{section}]` is not read", section = name);
        let edit = context.rewritten_without_suffix(place);
        let fix = Fix::edits(
            Safety::Safe,
            "delete the blank, which is not read",
            edit.into_iter().collect(),
        );
        findings.push(RULE.at_value(place, message).with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn outer_whitespace_is_reported_unless_quoted() {
        let account = |password: &str| format!("[Account1]\npassword={password}\nAA=1\n");
        let no_break =
            "2: warning: the password of `[Account1]` begins or ends with a no-break space";
        check(&RULE, account("\u{a0}hunter2"), &[no_break]);
        let space = "2: warning: the blank behind the password of `[Account1]` is not read";
        check(&RULE, account("hunter2 "), &[space]);
        for password in ["hunter2", " hunter2", "\"hunter2 \"", "\"hunter2 \" ", "hunter 2", ""] {
            check(&RULE, account(password), &[]);
        }
    }

    #[test]
    fn safe_fix_keeps_the_password_microsip_reads() {
        fixes(
            &RULE,
            Safety::Safe,
            "[Account1]\r\n password = a b \t\r\n",
            "[Account1]\r\n password = a b\r\n",
        );
        let before = "[Account1]\npassword=a\u{a0}\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Account1]\npassword=a\n");
    }
}
