//! `starts-itself`: command that contains only spaces.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` keys that contain only spaces in quotes.
    ///
    /// ## Why is this bad?
    /// Windows treats an empty command line as the running program. MicroSIP then starts itself with the caller ID, and so calls the caller back.
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
    /// Remove the spaces.
    ///
    /// ## Fix safety
    /// Removes the spaces. Unsafe, because MicroSIP then starts nothing.
    StartsItself,
    on Document, requires HOOK,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let fix = found.rewrite(Safety::Unsafe, "remove the spaces", "\"\"".to_owned());
        findings.push(found.finding().with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn command_of_spaces_is_reported_and_empty_command_is_not() {
        let message = "2: error: `cmdCallEnd`: the command contains only spaces: MicroSIP starts itself with the caller ID, and dials it";
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
