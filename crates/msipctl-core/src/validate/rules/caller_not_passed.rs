//! `caller-not-passed`: an address to which nothing is added.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A command that is an address, such as `https://...`, without a placeholder that MicroSIP fills in. It is a warning where the address ends in `=` or `:`, and so is meant to go on; else it is information.
    ///
    /// ## Why is this bad?
    /// Windows opens the address in the browser, and drops the caller's text, which MicroSIP puts behind every command.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallStart=https://crm.example.com/?number=
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallStart=Open,https://crm.example.com/?number=%number%
    /// cmdCallStart=C:\msipctl\msipctl.exe hook run call-start
    /// ```
    ///
    /// ## How to fix
    /// `msipctl hook add open-url` adds the caller's text, encoded.
    CallerNotPassed,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(hazards::findings(&RULE, context));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn address_with_an_unfinished_query_is_a_warning() {
        let text = "MicroSIP doesn't add the caller ID to an address; a directive `Open` does";
        check(
            &RULE,
            "[Settings]\ncmdCallStart=https://h/?n=\ncmdCallEnd=https://h/\ncmdOutgoingCall=https://h/{number}\n",
            &[
                &format!("2: warning: `cmdCallStart`: {text}"),
                &format!("3: info: `cmdCallEnd`: {text}"),
            ],
        );
    }
}
