//! Explains the directives of an event, and whether the command runs them.

use super::call::Call;
use super::effect::Effect;
use super::explanation::Explanation;
use super::facts::Facts;
use super::placeholder;
use crate::diagnostic::{Code, Prose, Severity};
use crate::event::action::{Action, Run};
use crate::event::directive::Directive;
use crate::event::grammar::DirectiveError;
use crate::event::hazard::{Part, hazard};
use crate::event::launcher::Launcher;

impl Explanation {
    /// Explains what happens to the directives.
    pub(super) fn run_directives(
        &mut self,
        call: &Call<'_>,
        launcher: Option<&Launcher>,
        facts: &dyn Facts,
    ) {
        let directives = call.directives.unwrap_or_default();
        let has_directives = !directives.is_empty();
        // Without directives, nothing is lost.
        let severity = if has_directives { Severity::Error } else { Severity::Warning };
        match launcher {
            Some(launcher) if launcher.event() != call.event => {
                let message = message!(
                    "the launcher runs the directives of {event}",
                    event = launcher.event()
                );
                let found = hazard(Code::LauncherForWrongEvent, Part::COMMAND, message);
                self.hazards.push(found.with_severity(severity));
            }
            Some(launcher)
                if launcher.ini().and_then(|ini| facts.is_own_ini(ini)) == Some(false) =>
            {
                let message = message!(
                    "the launcher runs the directives of another file, `{ini}`",
                    ini = launcher.ini().unwrap_or_default()
                );
                let found = hazard(Code::LauncherForWrongFile, Part::COMMAND, message);
                let found = found
                    .with_help("run `msipctl hook add`, which writes a launcher for this file");
                self.hazards.push(found.with_severity(severity));
            }
            Some(_) if has_directives || call.directives.is_none() => {}
            Some(_) => {
                let message =
                    message!("the launcher has nothing to run, because the event has no directive");
                self.add(Code::LauncherWithoutDirective, message);
            }
            None if has_directives => {
                let message = message!(
                    "the event's command isn't the launcher, so nothing runs the directives; run `msipctl hook add` to write both"
                );
                self.add(Code::DirectiveWithoutLauncher, message);
            }
            None => {}
        }
        for (key, directive) in directives {
            self.run_directive(key, directive, call, facts);
        }
    }

    fn run_directive(&mut self, key: &str, text: &str, call: &Call<'_>, facts: &dyn Facts) {
        let part = Part::directive_of(key);
        let parsed = Directive::parse(text);
        let effect = Effect::of(key, text, call);
        if let Err(reason) = &effect.effect {
            let message =
                message!("`{key}`: {reason}", key, reason = Prose(reason); directive = text);
            let column = parsed.as_ref().err().map_or(1, DirectiveError::column);
            let part = part.clone().at_column(column);
            let found = hazard(Code::InvalidDirective, part, message);
            self.hazards.push(match text.is_empty() {
                // An empty directive does nothing, as intended.
                true => found.with_severity(Severity::Info),
                false => found,
            });
        }
        self.effects.push(effect);
        let Ok(directive) = parsed else { return };
        let add = |code, message| hazard(code, part.clone(), message);
        let unknown = placeholder::unknown_in_directive(text).into_iter();
        self.hazards.extend(unknown.map(|placeholder| {
            let message = message!(
                "`{key}`: msipctl doesn't replace `{placeholder}` and passes it as it is; use `%number%`",
                key,
                placeholder
            );
            add(Code::UnknownPlaceholder, message).with_severity(Severity::Warning)
        }));
        if let Some(code) = directive.system_message() {
            let message = message!(
                "`{key}`: `{message_id}` is a message that Windows defines, so any window may act on it",
                key,
                message_id = code
            );
            let help = "use `WM_USER+n` or `WM_APP+n`, which are reserved for custom messages";
            self.hazards.push(add(Code::SystemMessage, message).with_help(help));
        }
        if directive.has_unescaped_xml() {
            let message = message!("`{key}`: the caller ID isn't escaped in the XML", key);
            let help = "send the XML with `Http` in a body that begins with `<`, or let the receiver build it from `%number%`";
            self.hazards.push(add(Code::UnescapedXml, message).with_help(help));
        }
        if let Some(scheme) = directive.scheme_to_permit()
            && facts.may_open(&scheme) == Some(false)
        {
            let message = message!(
                "`{key}`: msipctl doesn't open addresses with the scheme `{scheme}` unless `open_schemes` in msipctl.toml lists it",
                key,
                scheme
            );
            self.hazards.push(add(Code::SchemeNotPermitted, message));
        }
        if let Action::Run(Run { program, .. }) = directive.action() {
            self.check_target(&part, facts.target(program), program);
        }
    }
}
