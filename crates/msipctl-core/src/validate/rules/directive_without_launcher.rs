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
    /// An `On...` directive whose `cmd...` key does not start msipctl.
    ///
    /// ## Why is this bad?
    /// MicroSIP does not know directives. It only starts the command in `cmd...`, and without the launcher there nobody reads the directive: nothing happens on the event.
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
    /// The launcher is written, if the event has no other command, and another event's launcher in the file tells where msipctl is. That is safe if the key of the command isn't set at all, and unsafe if it is empty, because MicroSIP then starts a command. Otherwise, `msipctl hook add` with the directive's template writes it.
    DirectiveWithoutLauncher,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let hooks = Hooks::new(context.profile);
    for found in hazards::of(&RULE, context) {
        let (event, command) = (found.event, found.event.key());
        let fix = launcher(context, hooks, event);
        let placed = context.directives(event);
        for placed in placed.iter().filter(|placed| !placed.entry.is_empty()) {
            let key = placed.entry.key();
            let message =
                message!("`{key}` never runs, as `{command}` does not start msipctl", key, command);
            let finding = RULE.at_key((found.place.0, placed.entry), message);
            let finding = finding.with_help("`msipctl hook add` writes the launcher");
            findings.push(finding.with_fix(fix.clone()));
        }
    }
}

/// Makes the fix that writes the launcher after another one in the file.
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
    let title = format!("write the launcher into `{}`", event.key());
    Some(Fix::edits(Safety::Safe, title, edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn directive_is_reported_when_its_command_does_not_start_msipctl() {
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
        // A key that isn't set has no value that could change.
        let unset = before.replace("    cmdCallEnd=\"\"\n", "");
        let after = unset.replace("y.csv\n", &format!("y.csv\n{launcher}\n"));
        fixes(&RULE, Safety::Safe, unset, after);
        let taken = before.replace("cmdCallEnd=\"\"", "cmdCallEnd=C:\\a.exe");
        fixes(&RULE, Safety::Unsafe, &taken, &taken);
    }
}
