//! `scheme-not-permitted`: address with a scheme that isn't allowed.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `Open` directives whose address has a scheme other than `http` or `https` that `open_schemes` in msipctl.toml doesn't list.
    ///
    /// ## Why is this bad?
    /// Such an address starts the program that registered the scheme, so msipctl opens only permitted ones. Otherwise, nothing happens on the event. msipctl checks this only on Windows.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallStart=Open,crm://call/%number%
    /// cmdCallStart="C:\msipctl\msipctl.exe" hook run call-start
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallStart=Open,https://crm.example.com/call/%number%
    /// cmdCallStart="C:\msipctl\msipctl.exe" hook run call-start
    /// ```
    ///
    /// ## How to fix
    /// List the scheme in `open_schemes` in msipctl.toml on each PC that should open it.
    SchemeNotPermitted,
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
    fn scheme_is_reported_unless_it_is_http_or_permitted() {
        let message = "3: error: `OnCallEnd.2`: msipctl doesn't open addresses with the scheme `crm` unless `open_schemes` in msipctl.toml lists it";
        check(
            &RULE,
            "[Settings]\nOnCallEnd=Open,https://h/%number%\nOnCallEnd.2=Open,CRM:%number%\ncmdCallEnd=C:\\m.exe hook run call-end\n",
            &[message],
        );
    }
}
