//! `hook-too-long`: a hook command longer than MicroSIP's buffer.

use crate::event::SETTINGS;
use crate::schema;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A `cmd...` key with more than 255 UTF-16 units.
    ///
    /// ## Why it matters
    /// MicroSIP cuts the command off and starts what is left. Directives have no such limit, because msipctl reads them.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\hooks\end.exe call-end
    /// ```
    ///
    /// ## Fix
    /// Put the rest into a script, or use a directive.
    "hook-too-long", "hook command that MicroSIP cuts off", Error, Hooks, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for (event, place) in context.commands() {
        let key = event.key();
        let units = place.1.value().encode_utf16().count();
        let limit = schema::find(SETTINGS, key).map_or(255, |known| known.limit(context.microsip));
        if units > limit {
            let message =
                format!("`{key}` has {units} UTF-16 units, MicroSIP starts {limit} of them");
            let help = "directives have no such limit: `msipctl template list`";
            findings.push(RULE.at_value(place, message).with_help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn the_limit_is_255_units() {
        let hook = |units: usize| format!("[Settings]\ncmdCallEnd={}\n", "x".repeat(units));
        check(&RULE, hook(255), &[]);
        check(
            &RULE,
            hook(256),
            &["2: error: `cmdCallEnd` has 256 UTF-16 units, MicroSIP starts 255 of them"],
        );
    }
}
