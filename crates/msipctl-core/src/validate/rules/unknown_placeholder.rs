//! `unknown-placeholder`: placeholder that MicroSIP doesn't replace.

use crate::event;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for text in commands that looks like a placeholder: `%s`, `%1`, `%number%`, `{number}`, `$1`, `${number}`, `[number]`, `<number>`, `#number#`, `@HOST@`, `__X__`, `{{ row.x }}`.
    ///
    /// ## Why is this bad?
    /// The program gets the placeholder itself, and a path such as `%ProgramFiles%\...` doesn't exist. MicroSIP appends the caller ID only to the end of a command, after a space. Only `cmdOutgoingCall` supports placeholders, in braces, from 3.21.3 on, and no key supports `%...%`.
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
    /// Remove a placeholder for the caller from the end of a command, because MicroSIP appends the caller ID. In a directive, write `%number%` instead of names such as `{number}`. If the number belongs inside an argument, such as an address, add a directive: `msipctl hook add http-event`. The finding is an error in the program path and in addresses, and a warning elsewhere. Placeholders of other programs and of templates are reported too. Variables in `cmd.exe` commands, and code in PowerShell and other languages, aren't reported.
    ///
    /// ## Fix safety
    /// Removes the placeholder from the end of a command, or writes `%number%` in a directive. Unsafe, because the program then gets other arguments than today. Other placeholders have no fix.
    UnknownPlaceholder,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let (finding, placeholder) = (found.finding(), found.argument("placeholder"));
        let written = found.entry().written();
        let fix = if found.is_of_command() {
            let title = format!("remove `{placeholder}`, because MicroSIP appends the caller ID");
            without(&written, placeholder).map(|text| (title, text))
        } else {
            let title = format!("replace `{placeholder}` with `%number%`");
            Some((title, written.replace(placeholder, "%number%")))
        };
        let fix = fix.map(|(title, text)| found.rewrite(Safety::Unsafe, title, text));
        findings.push(finding.with_fix(fix));
    }
}

/// Returns a command without the placeholder at its end, if that doesn't change how its quotes are read.
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
        let message = "4: warning: `OnCallEnd.2`: msipctl doesn't replace `{number}` and passes it as it is; use `%number%`";
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
