//! `scheme-not-permitted`: an address that is not opened.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A directive `Open` with an address of another scheme than `http` and `https`, which `open_schemes` in msipctl.toml does not name. It is looked at on Windows.
    ///
    /// ## Why is this bad?
    /// Such an address starts the program that registered the scheme. msipctl opens none that was not permitted: nothing happens on the event.
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
    /// Name the scheme in `open_schemes` in msipctl.toml on each machine that is to open it.
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
        let message = "3: error: `OnCallEnd.2`: an address of the scheme `crm` is not opened, unless `open_schemes` in msipctl.toml names it";
        check(
            &RULE,
            "[Settings]\nOnCallEnd=Open,https://h/%number%\nOnCallEnd.2=Open,CRM:%number%\ncmdCallEnd=C:\\m.exe hook run call-end\n",
            &[message],
        );
    }
}
