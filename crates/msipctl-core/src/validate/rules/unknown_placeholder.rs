//! `unknown-placeholder`: a placeholder that stays as it is.

use crate::event;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Text in a command that looks like a placeholder of MicroSIP, of another program, or of a template: `%s`, `%1`, `%number%`, `{number}`, `$1`, `${number}`, `[number]`, `<number>`, `#number#`, `@HOST@`, `__X__`, `{{ row.x }}`. Only `cmdOutgoingCall` has placeholders, in braces, from 3.21.3 on; `%...%` means nothing anywhere, also in a path. Variables in what `cmd.exe` runs, and code of PowerShell and other languages, are no placeholders. In a directive, a name of the caller in other marks than `%number%`, such as `{number}`.
    ///
    /// ## Why is this bad?
    /// The program gets the placeholder in place of what was meant, and a path such as `%ProgramFiles%\...` leads nowhere. MicroSIP appends the caller ID to the end of every command, after a space, and can't put it anywhere else.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\hooks\ring.exe %callerid%
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\hooks\ring.exe
    /// ```
    ///
    /// ## How to fix
    /// A name of the caller at the end goes, as MicroSIP puts the caller there. In a directive, it becomes `%number%`. Both are unsafe. Where the number belongs inside of an argument, such as an address, add a directive: `msipctl hook add http-event`. A warning, and an error in the path of the program and in an address.
    UnknownPlaceholder,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let (finding, placeholder) = (found.finding(), found.argument("placeholder"));
        let written = found.entry().written();
        let fix = if found.is_of_command() {
            let title = format!("leave out `{placeholder}`, as MicroSIP puts the caller there");
            without(&written, placeholder).map(|text| (title, text))
        } else {
            let title = format!("write `%number%` for `{placeholder}`");
            Some((title, written.replace(placeholder, "%number%")))
        };
        let fix = fix.map(|(title, text)| found.rewrite(Safety::Unsafe, title, text));
        findings.push(finding.with_fix(fix));
    }
}

/// Returns a command without the caller at its end, if that leaves its quotes as they are.
fn without(written: &str, placeholder: &str) -> Option<String> {
    let is_caller = microsip_schema::placeholders(placeholder).any(|it| it.means_caller());
    let quoted = format!("\"{placeholder}\"");
    let rest = written.strip_suffix(&quoted).or_else(|| written.strip_suffix(placeholder))?;
    let text = rest.trim_end();
    let is_word = text.len() < rest.len() && !text.is_empty();
    (is_caller && is_word && event::read_back(text) == text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn only_unknown_placeholders_are_reported() {
        let text = "[Settings]\ncmdOutgoingCall=C:\\a.exe {number}\ncmdCallEnd=C:\\a.exe {number} x\ncmdCallStart=%ProgramFiles%\\a.exe\n";
        check(
            &RULE,
            text,
            &[
                "3: warning: `cmdCallEnd`: MicroSIP doesn't replace `{number}` and passes it as it is; it appends the caller ID to the end of the command, after a space",
                "4: error: `cmdCallStart`: MicroSIP doesn't expand `%ProgramFiles%` and passes it as it is",
            ],
        );
    }

    #[test]
    fn percent_encoding_and_shell_variables_are_not_reported() {
        for value in [
            "curl.exe http://h/?a=%20b",
            "cmd.exe /c echo %DATE%>>C:\\x.txt",
            "C:\\a.bat %USERNAME%",
        ] {
            check(&RULE, format!("[Settings]\ncmdCallEnd={value}\n"), &[]);
        }
    }

    #[test]
    fn caller_placeholder_in_an_address_is_an_error() {
        for command in ["curl \"https://x.example/?n=%s\"", "curl.exe https://x.example/?n=%s&m=1"]
        {
            let text = format!("[Settings]\ncmdCallEnd={command}\n");
            check(
                &RULE,
                &text,
                &[
                    "2: error: `cmdCallEnd`: MicroSIP doesn't replace `%s` and passes it as it is; it appends the caller ID to the end of the command, after a space",
                ],
            );
            fixes(&RULE, Safety::Unsafe, &text, &text);
        }
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=https://x.example/?n={number}\ncmdCallStart=C:\\a.exe @TOOL_DIR@\\x\n",
            &[
                "2: error: `cmdCallEnd`: MicroSIP doesn't replace `{number}` and passes it as it is; it appends no caller ID to what it only opens",
                "3: warning: `cmdCallStart`: MicroSIP doesn't replace `@TOOL_DIR@` and passes it as it is: nothing filled in this placeholder",
            ],
        );
    }

    #[test]
    fn unsafe_fix_writes_the_directive_placeholder() {
        let text = "[Settings]\ncmdCallEnd=C:\\m.exe hook run call-end\nOnCallEnd=Log,C:\\a.csv\nOnCallEnd.2=Udp,h:1,n={number} {x}\n";
        let message = "4: warning: `OnCallEnd.2`: msipctl doesn't replace `{number}` and passes it as it is, expected `%number%`";
        check(&RULE, text, &[message]);
        fixes(&RULE, Safety::Safe, text, text);
        fixes(&RULE, Safety::Unsafe, text, text.replace("{number}", "%number%"));
    }

    #[test]
    fn unsafe_fix_removes_trailing_caller_placeholder() {
        let with = "[Settings]\ncmdCallEnd=C:\\a.exe x %CallerId%\n";
        fixes(&RULE, Safety::Safe, with, with);
        fixes(&RULE, Safety::Unsafe, with, "[Settings]\ncmdCallEnd=C:\\a.exe x\n");
        for kept in [r#""C:\a b.exe" %number%"#, "C:\\a.exe %number% x", "C:\\a.exe n=%number%"] {
            let kept = format!("[Settings]\ncmdCallEnd={kept}\n");
            fixes(&RULE, Safety::Unsafe, &kept, &kept);
        }
    }
}
