//! `starts-itself`: a command of blanks only.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A `cmd...` key with nothing but blanks in quotes.
    ///
    /// ## Why is this bad?
    /// Windows takes an empty command line for the running program itself. MicroSIP starts itself with the caller's text, and so calls back whoever calls.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=" "
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=""
    /// ```
    ///
    /// ## How to fix
    /// An unsafe fix removes the spaces, and MicroSIP starts nothing.
    StartsItself,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let fix = found.rewrite(Safety::Unsafe, "take the blanks away", "\"\"".to_owned());
        findings.push(found.finding().with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn command_of_spaces_is_reported_and_empty_command_is_not() {
        let message = "2: error: `cmdCallEnd`: it is made of blanks only: MicroSIP starts itself with the caller's text, and so dials it";
        check(&RULE, "[Settings]\ncmdCallEnd=\"  \"\n", &[message]);
        check(&RULE, "[Settings]\ncmdCallEnd=  \ncmdCallStart=\"\"\n", &[]);
        fixes(
            &RULE,
            Safety::Unsafe,
            "[Settings]\ncmdCallEnd=\"  \"\n",
            "[Settings]\ncmdCallEnd=\"\"\n",
        );
    }
}
