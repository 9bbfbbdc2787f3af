//! `directive-without-launcher`: a directive that nothing runs.

use crate::event::{Event, Hooks, Launcher, SETTINGS};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::hazards;
use crate::validate::rule::rule;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for `On...` directives whose `cmd...` key doesn't start msipctl.
    ///
    /// ## Why is this bad?
    /// MicroSIP ignores directives. It only runs the command in the `cmd...` key, so nothing happens on the event unless that command is the launcher.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%
    /// cmdIncomingCall="C:\msipctl\msipctl.exe" hook run incoming-call
    /// ```
    ///
    /// ## How to fix
    /// Run `msipctl hook add` with the template of the directive. It adds the launcher.
    ///
    /// ## Fix safety
    /// Unsafe if the `cmd...` key is set but empty, because MicroSIP then runs a command. Safe if the key isn't set. The fix adds the launcher with the path from the launcher of another event. It requires such a launcher, and an event without another command.
    DirectiveWithoutLauncher,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let hooks = Hooks::new(context.profile);
    for found in hazards::of(&RULE, context) {
        let (event, command) = (found.event, found.event.key());
        let fix = launcher(context, hooks, event);
        let directives = context.directives(event);
        for directive in directives.iter().filter(|directive| !directive.entry.is_empty()) {
            let key = directive.entry.key();
            let message = message!(
                "`{key}` never runs because `{command}` doesn't start msipctl",
                key,
                command
            );
            let finding = RULE.at_key((found.place.0, directive.entry), message);
            let finding = finding.with_help("run `msipctl hook add` to add the launcher");
            findings.push(finding.with_fix(fix.clone()));
        }
    }
}

/// Returns the fix that adds a launcher like the one of another event in the file.
fn launcher(context: Context<'_>, hooks: Hooks<'_>, event: Event) -> Option<Fix> {
    if hooks.command(event).is_some() {
        return None;
    }
    let other = Event::ALL.into_iter().find_map(|other| hooks.command(other)?.launcher(other))?;
    let launcher = Launcher::new(other.program(), event).ok()?;
    let launcher = match other.ini() {
        Some(ini) => launcher.with_ini(ini).ok()?,
        None => launcher,
    };
    let edits = profile::set(context.document, SETTINGS, event.key(), &launcher.value()).ok()?;
    let title = format!("add the launcher to `{}`", event.key());
    Some(Fix::edits(Safety::Safe, title, edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn directive_is_reported_when_its_command_does_not_start_msipctl() {
        let directive = "[Settings]\nOnCallEnd=Log,C:\\x.csv\n";
        let message = "2: error: `OnCallEnd` never runs because `cmdCallEnd` doesn't start msipctl";
        check(&RULE, directive, &[message]);
        check(&RULE, format!("{directive}cmdCallEnd=C:\\a.bat\n"), &[message]);
        check(
            &RULE,
            format!("{directive}cmdCallEnd=\"C:\\x\\msipctl.exe\" hook run call-end\n"),
            &[],
        );
    }

    #[test]
    fn empty_directive_is_not_reported() {
        check(&RULE, "[Settings]\nOnCallEnd=\n", &[]);
    }

    #[test]
    fn unsafe_fix_adds_launcher_modeled_on_an_existing_one() {
        let before = r#"[Settings]
    cmdCallStart="C:\x\msipctl.exe" hook run --ini C:\a.ini call-start
    OnCallEnd=Log,C:\x.csv
    OnCallEnd.2=Log,C:\y.csv
    cmdCallEnd=""
    "#;
        let launcher = r#"cmdCallEnd="C:\x\msipctl.exe" hook run --ini C:\a.ini call-end"#;
        let after = before.replace("cmdCallEnd=\"\"", launcher);
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, &after);
        // A key that isn't set has no value that can change.
        let unset = before.replace("    cmdCallEnd=\"\"\n", "");
        let after = unset.replace("y.csv\n", &format!("y.csv\n{launcher}\n"));
        fixes(&RULE, Safety::Safe, unset, after);
        let with_command = before.replace("cmdCallEnd=\"\"", "cmdCallEnd=C:\\a.exe");
        fixes(&RULE, Safety::Unsafe, &with_command, &with_command);
    }
}
