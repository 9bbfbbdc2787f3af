//! `directive-without-bridge`: a directive that nothing runs.

use crate::event::{Event, Hooks, SETTINGS};
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// An `On...` directive whose `cmd...` key is not the bridge that starts msipctl.
    ///
    /// ## Why it matters
    /// MicroSIP does not know directives. It only starts the command in `cmd...`, and without the bridge there nobody reads the directive: nothing happens on the event.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%
    /// cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call
    /// ```
    ///
    /// ## Fix
    /// `msipctl hook add` with the directive's template writes the bridge.
    "directive-without-bridge", "directive whose event does not start msipctl", Error, Hooks, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let hooks = Hooks::new(context.profile);
    for event in Event::ALL {
        let bridge = hooks.command(event).and_then(|command| command.bridge(event));
        let Some(section) = context.profile.section(SETTINGS).filter(|_| bridge.is_none()) else {
            continue;
        };
        for placed in hooks.directives(event) {
            let (key, command) = (placed.entry.key(), event.key());
            let message = format!("`{key}` never runs, as `{command}` does not start msipctl");
            let finding = RULE.at_key((section, placed.entry), message);
            findings.push(finding.with_help("`msipctl hook add` writes the bridge"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn a_foreign_command_is_no_bridge() {
        let directive = "[Settings]\nOnCallEnd=Log,C:\\x.csv\n";
        let message = "2: error: `OnCallEnd` never runs, as `cmdCallEnd` does not start msipctl";
        check(&RULE, directive, &[message]);
        check(&RULE, format!("{directive}cmdCallEnd=C:\\a.bat\n"), &[message]);
        check(
            &RULE,
            format!("{directive}cmdCallEnd=\"C:\\x\\msipctl.exe\" hook run call-end\n"),
            &[],
        );
    }
}
