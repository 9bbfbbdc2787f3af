//! `password-with-outer-whitespace`: password with whitespace that is easy to overlook.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for a `password` that starts or ends with a no-break space, as in the example, or is followed by whitespace.
    ///
    /// ## Why is this bad?
    /// Windows strips trailing whitespace, even if it belongs to the password. A no-break space, as in text copied from web pages and documents, becomes part of the password. Such a password is wrong, and the reason is invisible.
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
    /// Delete the whitespace. If it belongs to the password, put quotes around it: `"swordfish "`.
    ///
    /// ## Fix safety
    /// Deletes the whitespace. Safe for trailing whitespace that Windows strips. Unsafe for a no-break space, because MicroSIP then reads another password.
    PasswordWithOuterWhitespace,
    on Known, keys Account "password", requires SPACE | NON_ASCII,
    fix Always
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(account) = Account::of(location.0).filter(|_| !location.1.is_empty()) else { return };
    let (name, line) = (account.section.name(), location.1.line());
    let (value, written) = (location.1.value(), location.1.written());
    let content = context.document.line(line).content().range();
    let has_suffix = location.1.value_span().range().end < content.end;
    let is_quoted = value != written;
    let no_break = ['\u{a0}', '\u{202f}', '\u{2007}', '\u{feff}', '\u{200b}'];
    let stripped = value.trim_matches(no_break);
    if stripped != value && !stripped.is_empty() && !is_quoted {
        let message = message!(
            "the password of `[{section}]` starts or ends with a no-break space",
            section = name
        );
        let edit = Edit::ReplaceValue { line, text: stripped.to_owned() };
        let fix = Fix::edits(Safety::Unsafe, "delete the no-break space", vec![edit]);
        findings.push(RULE.at_value(location, message).with_fix(fix));
    } else if has_suffix && !is_quoted {
        let message = message!(
            "Windows strips the whitespace after the password of `[{section}]`",
            section = name
        );
        let edit = context.rewritten_without_suffix(location);
        let fix = Fix::edits(
            Safety::Safe,
            "delete the whitespace, which Windows strips",
            edit.into_iter().collect(),
        );
        findings.push(RULE.at_value(location, message).with_fix(fix));
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
            "2: warning: the password of `[Account1]` starts or ends with a no-break space";
        check(&RULE, account("\u{a0}hunter2"), &[no_break]);
        let space = "2: warning: Windows strips the whitespace after the password of `[Account1]`";
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
