//! `caller-not-passed`: an address to which MicroSIP doesn't add the caller.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for commands that are addresses, such as `https://...`, without a placeholder that MicroSIP replaces.
    ///
    /// ## Why is this bad?
    /// Windows opens the address in the browser, and drops the caller ID that MicroSIP appends to every command. An address that ends in `=` or `:` is incomplete without it, so the finding is a warning. Other addresses are reported as `info`.
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
    /// Run `msipctl hook add open-url` to add a hook that inserts the caller ID, URL-encoded.
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
