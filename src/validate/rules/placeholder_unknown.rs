//! `placeholder-unknown`: a placeholder that stays as it is.

use crate::event::{self, Danger};
use crate::validate::rule::rule;
use crate::validate::{Context, Finding, Safety, Severity, dangers};

rule! {
    /// ## What it checks
    /// `%name%`, `%1` or `{name}` in a command. Only `cmdOutgoingCall` has placeholders, in braces, from 3.21.3 on; `%...%` means nothing anywhere, also in a path. Variables in what `cmd.exe` runs, and blocks of PowerShell code, are none.
    ///
    /// ## Why it matters
    /// The program gets the name in place of what was meant, and a path such as `%ProgramFiles%\...` leads nowhere. MicroSIP puts the caller's text behind every command by itself.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\hooks\ring.exe %callerid%
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\hooks\ring.exe
    /// ```
    ///
    /// ## Fix
    /// A name of the caller at the end goes, as MicroSIP puts the caller there. Unsafe. A warning, and an error in the path of the program.
    "placeholder-unknown", "placeholder that stays as it is", Error, Hooks, since "0.1.0",
    where HOOK | UNKNOWN_KEY
}

/// Names by which people mean the caller.
const CALLERS: [&str; 8] =
    ["%callerid%", "%number%", "%caller%", "%user%", "%1", "{number}", "{callerid}", "{user}"];

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in dangers::of(&RULE, context) {
        let Danger::PlaceholderUnknown { placeholder } = found.danger else { continue };
        let program = found.explanation.program.as_deref().unwrap_or_default();
        let finding = found.finding().with_help("MicroSIP puts the caller behind every command");
        let finding = match program.contains(placeholder) {
            true => finding.with_help("write the full path"),
            false => finding.with_severity(Severity::Warning),
        };
        findings.push(match without(&found.entry().written(), placeholder) {
            Some(text) => {
                let title = format!("leave out `{placeholder}`, as MicroSIP puts the caller there");
                finding.with_fix(found.rewrite(Safety::Unsafe, title, text))
            }
            None => finding,
        });
    }
}

/// Returns a command without the caller at its end, if that leaves its quotes as they are.
fn without(written: &str, placeholder: &str) -> Option<String> {
    let is_caller = CALLERS.iter().any(|name| name.eq_ignore_ascii_case(placeholder));
    let quoted = format!("\"{placeholder}\"");
    let rest = written.strip_suffix(&quoted).or_else(|| written.strip_suffix(placeholder))?;
    let text = rest.trim_end();
    let is_word = text.len() < rest.len() && !text.is_empty();
    (is_caller && is_word && event::read_back(text) == text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, mends};

    #[test]
    fn what_microsip_fills_in_is_known() {
        let text = "[Settings]\ncmdOutgoingCall=C:\\a.exe {number}\ncmdCallEnd=C:\\a.exe {number} x\ncmdCallStart=%ProgramFiles%\\a.exe\n";
        check(
            &RULE,
            text,
            &[
                "3: warning: `cmdCallEnd`: `{number}` is passed as it is, MicroSIP puts nothing in its place",
                "4: error: `cmdCallStart`: `%ProgramFiles%` is passed as it is, MicroSIP puts nothing in its place",
            ],
        );
    }

    #[test]
    fn addresses_and_variables_are_no_placeholders() {
        for value in [
            "curl.exe http://h/?a=%20b",
            "cmd.exe /c echo %DATE%>>C:\\x.txt",
            "C:\\a.bat %USERNAME%",
        ] {
            check(&RULE, format!("[Settings]\ncmdCallEnd={value}\n"), &[]);
        }
    }

    #[test]
    fn the_caller_at_the_end_is_left_out() {
        let with = "[Settings]\ncmdCallEnd=C:\\a.exe x %CallerId%\n";
        mends(&RULE, Safety::Safe, with, with);
        mends(&RULE, Safety::Unsafe, with, "[Settings]\ncmdCallEnd=C:\\a.exe x\n");
        for kept in [r#""C:\a b.exe" %number%"#, "C:\\a.exe %number% x", "C:\\a.exe n=%number%"] {
            let kept = format!("[Settings]\ncmdCallEnd={kept}\n");
            mends(&RULE, Safety::Unsafe, &kept, &kept);
        }
    }
}
