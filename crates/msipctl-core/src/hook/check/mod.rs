//! Checks a template: parses it, and adds it to each of its events, with sample values and with hostile values.

mod finding;
mod trial;

pub use finding::TemplateFinding;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::render::{Engine, Injection, RenderError};
use super::scaffold::check_name;
use super::source::{Source, Spot};
use super::template::{Parameter, Template};
use crate::diagnostic::{Code, Diagnostic, Message, Prose, Severity};
use crate::event::{self, Directive, Event, Hazard, SETTINGS};
use finding::is_once;
use microsip_schema::Version;
use trial::{Trial, sample};

/// Checks the text of a template. `with` contains values for its parameters. For a parameter without a value, the example,
/// the default, or a sample value is used. The findings are in the order of their lines.
///
/// # Example
///
/// ```
/// use msipctl_core::hook::check;
///
/// let text = "[template]\nsummary=Greet\nevents=call-start\n\
///             [parameter.window]\nsummary=Title\nrequired=yes\n\
///             [Settings]\n{{ event.directive }}=SendMessage,{{ window }},WM_USER+100,%number%\n";
/// let findings = check("greet", text, &Default::default());
/// assert_eq!(findings[0].code().name(), "template-unquoted-field");
/// assert_eq!(findings[0].location().line, 7);
/// ```
pub fn check(name: &str, text: &str, with: &BTreeMap<String, String>) -> Vec<TemplateFinding> {
    let source = Source::new(text);
    let mut checking = Checking { source, findings: Vec::new() };
    if let Err(what) = check_name(name) {
        let message = message!("{what}", what = Prose(what); name = name);
        let start = checking.source.start();
        checking.add(Code::TemplateBadName, &start, message, Some("rename the file"));
    }
    match Template::parse(name, text) {
        Err(error) => {
            checking.findings.extend(error.problems().iter().map(|problem| {
                let message = message!("{what}", what = Prose(&problem.message));
                let location = problem.location.clone();
                let finding = Diagnostic::new(Code::TemplateMalformed, message, location);
                match problem.hint.clone() {
                    Some(hint) => finding.with_help(hint),
                    None => finding,
                }
            }));
        }
        Ok(template) => checking.template(&template, with),
    }
    checking.findings.sort_by_key(|finding| finding.location().line);
    checking.findings
}

/// The state of a check.
struct Checking<'s> {
    source: Source<'s>,
    findings: Vec<TemplateFinding>,
}

impl Checking<'_> {
    /// Adds a finding, unless it was already found for another event.
    fn add(
        &mut self,
        code: Code,
        spot: &Spot,
        message: Message,
        help: Option<impl Into<Cow<'static, str>>>,
    ) {
        self.add_as(code, code.descriptor().severity, spot, message, help);
    }

    fn add_as(
        &mut self,
        code: Code,
        severity: Severity,
        spot: &Spot,
        message: Message,
        help: Option<impl Into<Cow<'static, str>>>,
    ) {
        let line = spot.line();
        // The message can contain a given value, and therefore a token or a password.
        let message = message.map_values(|value| microsip_schema::mask(SETTINGS, "", value));
        let known = |other: &TemplateFinding| {
            other.code() == code
                && other.location().line == line
                && (*other.message() == message || is_once(code))
        };
        if self.findings.iter().any(known) {
            return;
        }
        let finding = Diagnostic::new(code, message, self.source.location(spot));
        let finding = finding.with_severity(severity);
        self.findings.push(match help {
            Some(help) => finding.with_help(help),
            None => finding,
        });
    }

    /// Returns the location of the line to add.
    fn line(&self, template: &Template) -> Spot {
        template.lines().first().map_or_else(|| self.source.start(), |line| line.spot.clone())
    }

    fn template(&mut self, template: &Template, with: &BTreeMap<String, String>) {
        let used = self.check_names(template);
        let engine = Engine::new(template.name());
        let mut values = BTreeMap::new();
        for parameter in template.parameters() {
            self.check_parameter(&engine, parameter, used.as_deref());
            let given = with.get(&parameter.name).cloned();
            match given.or_else(|| sample(&engine, parameter)) {
                Some(value) => {
                    values.insert(parameter.name.clone(), value);
                }
                None if parameter.required => {
                    let name = &parameter.name;
                    let message = message!("no sample value matches the pattern of `{name}`", name);
                    let help = format!("add an `example` to it, or pass `--with {name}=...`");
                    self.add(Code::TemplateMissingExample, &parameter.spot, message, Some(help));
                    return;
                }
                None => {}
            }
        }
        let mut tried = None;
        for event in template.events() {
            match template.render_event(*event, &values) {
                Err(error) => self.unrendered(template, &error, with),
                Ok(lines) => {
                    for line in &lines {
                        if self.check_line(template, *event, line) {
                            tried.get_or_insert((*event, line.key == event.key()));
                        }
                    }
                }
            }
        }
        if let Some((event, is_command)) = tried {
            self.try_values(template, event, is_command, &values);
        }
    }

    /// Returns the names that the line uses, or `None` if they can't be determined.
    fn check_names(&mut self, template: &Template) -> Option<Vec<String>> {
        let engine = Engine::new(template.name());
        let line = template.lines().first()?;
        let mut names = engine.names(&line.key)?;
        names.extend(engine.names(&line.value)?);
        Some(names)
    }

    fn check_parameter(
        &mut self,
        engine: &Engine<'_>,
        parameter: &Parameter,
        used: Option<&[String]>,
    ) {
        let (name, spot) = (&parameter.name, parameter.spot.clone());
        if parameter.summary.is_empty() {
            let message = message!("missing summary for parameter `{name}`", name);
            let help = "describe the parameter in one line";
            self.add(Code::TemplateUndescribedParameter, &spot, message, Some(help));
        }
        if used.is_some_and(|used| !used.contains(name)) {
            let message = message!("the line doesn't use parameter `{name}`", name);
            self.add(Code::TemplateUnusedParameter, &spot, message, None::<String>);
        }
        let unmatched = |value: &str| {
            parameter.pattern.as_ref().filter(|_| engine.fits(parameter, value) == Some(false))
        };
        if let Some(pattern) = parameter.example.as_deref().and_then(unmatched) {
            let message =
                message!("the example of `{name}` doesn't match `{pattern}`", name, pattern);
            let spot = &parameter.example_spot;
            self.add(Code::TemplateValueMismatch, spot, message, None::<String>);
        }
    }

    /// Reports why a template couldn't be rendered.
    fn unrendered(
        &mut self,
        template: &Template,
        error: &RenderError,
        with: &BTreeMap<String, String>,
    ) {
        match error {
            RenderError::Pattern { parameter, pattern, .. } => {
                let found = template.parameters().iter().find(|it| it.name == *parameter);
                let Some(found) = found else { return };
                let (message, spot) = match (with.contains_key(parameter), &found.default) {
                    (true, _) => (
                        message!(
                            "the value of `{name}` doesn't match `{pattern}`",
                            name = parameter,
                            pattern
                        ),
                        &found.spot,
                    ),
                    (_, Some(_)) => (
                        message!(
                            "the default of `{name}` doesn't match `{pattern}`",
                            name = parameter,
                            pattern
                        ),
                        &found.default_spot,
                    ),
                    // Already reported.
                    (_, None) => return,
                };
                self.add(Code::TemplateValueMismatch, spot, message, None::<String>);
            }
            RenderError::Problem { what, .. } => {
                let of_default = |it: &&Parameter| {
                    it.default.as_ref().is_some_and(|text| what.starts_with(&format!("`{text}`:")))
                };
                let spot = match template.parameters().iter().find(of_default) {
                    Some(parameter) => parameter.default_spot.clone(),
                    None => self.line(template),
                };
                let message = message!("{what}", what = Prose(what));
                self.add(Code::TemplateUnrenderable, &spot, message, None::<String>);
            }
            other => {
                let message = message!("{what}", what = Prose(other));
                let spot = self.line(template);
                self.add(Code::TemplateUnrenderable, &spot, message, None::<String>);
            }
        }
    }

    /// Checks the line for an event. Returns whether it's a working directive or command.
    fn check_line(&mut self, template: &Template, event: Event, line: &Injection) -> bool {
        let spot = self.line(template);
        let value = &line.value;
        let is_settings = line.section.eq_ignore_ascii_case(SETTINGS);
        if is_settings && line.key == event.directive() {
            match Directive::parse(value) {
                Err(error) => {
                    let message = message!(
                        "invalid directive `{value}` for {event}: {reason}",
                        event,
                        value,
                        reason = Prose(error)
                    );
                    self.add(Code::TemplateBrokenDirective, &spot, message, None::<String>);
                    false
                }
                Ok(directive) => {
                    if let Some(code) = directive.system_message() {
                        let message = message!(
                            "`{message}` is a window message that Windows defines",
                            message = code
                        );
                        let help = "use `WM_USER+n` or `WM_APP+n`; `hook add` adds this message only with `--allow-system-message`";
                        self.add(Code::TemplateSystemMessage, &spot, message, Some(help));
                    }
                    if directive.has_unescaped_xml() {
                        let message = message!("the caller ID isn't escaped in the XML");
                        let help = "send the XML with `Http` in a body that begins with `<`, or let the receiver build \
                                    it from `%number%`";
                        self.add(Code::TemplateUnescapedXml, &spot, message, Some(help));
                    }
                    true
                }
            }
        } else if is_settings && line.key == event.key() {
            let mut hazards = event::launch_hazards(value, Version::NEWEST);
            hazards.sort_by_key(|hazard| !event::is_fatal(hazard));
            for hazard in &hazards {
                let help = "put the program in quotes, use `winarg` for each value, and end the line with an argument without quotes";
                let is_fatal = event::is_fatal(hazard);
                let severity = if is_fatal { Severity::Error } else { Severity::Warning };
                let message = of_command(event, value, hazard);
                self.add_as(Code::TemplateSplitCommand, severity, &spot, message, Some(help));
            }
            let unknown = event::unknown_placeholders(event, value, Version::NEWEST);
            for hazard in &unknown {
                let help = "remove it, or write a directive: `{{ event.directive }}=...` supports `%number%`";
                let message = of_command(event, value, hazard);
                self.add(Code::TemplateUnknownPlaceholder, &spot, message, Some(help));
            }
            unknown.is_empty() && !hazards.iter().any(event::is_fatal)
        } else {
            let message = message!(
                "for {event}, the template writes `{key}` in `[{section}]`: expected `{directive}` or `{command}` in `[Settings]`",
                key = line.key,
                section = line.section,
                event,
                directive = event.directive(),
                command = event.key(),
            );
            let help =
                "write `{{ event.directive }}=...` or `{{ event.key }}=...` below `[Settings]`";
            self.add(Code::TemplateStrayLine, &spot, message, Some(help));
            false
        }
    }

    /// Tries values that the pattern of a parameter allows and that could change the meaning of the line.
    fn try_values(
        &mut self,
        template: &Template,
        event: Event,
        is_command: bool,
        values: &BTreeMap<String, String>,
    ) {
        let Some(trial) = Trial::new(template, event, values) else { return };
        let spot = self.line(template);
        for parameter in template.parameters() {
            let name = &parameter.name;
            if is_command {
                if let Some(value) = trial.splitting_command(parameter) {
                    let message = match parameter.pattern {
                        None => message!(
                            "`{name}` with the value `{value}` splits the command: the parameter has no pattern, and its value isn't quoted",
                            name,
                            value
                        ),
                        Some(_) => message!(
                            "`{name}` with the value `{value}` splits the command: the pattern allows this value, and the value isn't quoted",
                            name,
                            value
                        ),
                    };
                    let help = format!(
                        "add a pattern that allows no spaces or quotes, or write `{{{{ {name} | winarg }}}}`"
                    );
                    let spot = &parameter.spot;
                    self.add(Code::TemplateUncheckedParameter, spot, message, Some(help));
                }
                continue;
            }
            if let Some(value) = trial.splitting_field(parameter) {
                let message = message!(
                    "`{name}` with the value `{value}` becomes several fields",
                    name,
                    value
                );
                let help = format!("write `{{{{ {name} | field }}}}`");
                self.add(Code::TemplateUnquotedField, &spot, message, Some(help));
            } else if let Some(value) = trial.expanding(parameter) {
                let message = message!(
                    "`{name}` with the value `{value}`: `%` in the value starts a placeholder",
                    name,
                    value
                );
                let help = format!("write `{{{{ {name} | literal | field }}}}`");
                self.add(Code::TemplateUnescapedPercent, &spot, message, Some(help));
            }
        }
    }
}

/// Returns the message for a problem of the command that a template renders for an event.
fn of_command(event: Event, value: &str, hazard: &Hazard) -> Message {
    message!(
        "`{value}` for {event}: {reason}",
        event,
        value,
        reason = Prose(hazard.message());
        problem = hazard.code()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{CATALOG, Scope};
    use crate::hook::{Catalogue, Scaffold};

    const HEAD: &str = "[template]\nsummary=s\nevents=call-end incoming-call\n";
    const WINDOW: &str = "[parameter.w]\nsummary=s\nrequired=yes\nexample=W\n";

    /// Checks that a text has these findings, each with its rule and its line from 1.
    #[track_caller]
    fn finds(text: &str, expected: &[(&str, usize)]) -> Vec<String> {
        let findings = check("t", text, &BTreeMap::new());
        let found: Vec<_> =
            findings.iter().map(|it| (it.code().name(), it.location().line + 1)).collect();
        assert_eq!(found, expected, "{text}\n{findings:#?}");
        findings.iter().map(|it| it.message().to_string()).collect()
    }

    #[track_caller]
    fn finds_on(line: &str, expected: &[(&str, usize)]) -> Vec<String> {
        finds(&format!("{HEAD}{WINDOW}[Settings]\n{line}\n"), expected)
    }

    #[test]
    fn every_template_rule_reports_its_problem() {
        finds("[template]\nsummary\n", &[("template-malformed", 2)]);
        finds(
            "[template]\nsummary=s\nevents=call-end\ncolour=red\n",
            &[("template-malformed", 1), ("template-malformed", 4)],
        );
        finds(HEAD, &[("template-malformed", 1)]);
        finds(
            &format!("{HEAD}[parameter.p]\nsummary=s\nrequired=yes\npattern=(\n"),
            &[("template-malformed", 1), ("template-malformed", 7)],
        );
        let found = finds_on(
            "{{ event.directive }}=Run,{{ nothing }}",
            &[("template-unused-parameter", 4), ("template-unrenderable", 9)],
        );
        assert!(found[1].contains("undefined"), "{found:?}");
        finds_on("{{ event.directive }}=Log,{{ w", &[("template-unrenderable", 9)]);
        finds_on(
            "{{ event.directive }}=SendMesage,{{ w | field }},WM_USER,x",
            &[("template-broken-directive", 9)],
        );
        let found = finds_on(
            "{{ event.directive }}=SendMessage,{{ w | field }},WM_USER,%callerid%",
            &[("template-broken-directive", 9)],
        );
        assert!(found[0].contains("unknown placeholder `%callerid%`"), "{found:?}");
        finds_on(
            "{{ event.directive }}=SendMessage,{{ w | field }},WM_CLOSE,%number%",
            &[("template-system-message", 9)],
        );
        finds_on(
            "{{ event.directive }}=CopyData,{{ w | field }},1,<call>%number%</call>",
            &[("template-unescaped-xml", 9)],
        );
        finds_on("OnCallEnd=SendMessage,{{ w | field }},WM_USER,x", &[("template-stray-line", 9)]);
        finds_on("AA={{ w }}", &[("template-stray-line", 9)]);
        finds_on(
            "{{ event.directive }}=SendMessage,{{ w }},WM_USER,%number%",
            &[("template-unquoted-field", 9)],
        );
        let found = finds_on(
            "{{ event.key }}=\"C:\\My Tools\\{{ w }}.exe\"",
            &[("template-split-command", 9)],
        );
        assert!(found[0].contains("is split at the space"), "{found:?}");
        let found = finds_on(
            "{{ event.key }}=powershell.exe -File C:\\My Hooks\\{{ w }}.ps1 end",
            &[("template-split-command", 9)],
        );
        assert!(found[0].contains("receives `C:\\My` and `Hooks\\W.ps1`"), "{found:?}");
        let found = finds_on(
            "{{ event.key }}=curl.exe https://x.example/{{ w }}?n=%s",
            &[("template-unknown-placeholder", 9)],
        );
        assert!(found[0].contains("it appends the caller ID"), "{found:?}");
        finds_on("{{ event.key }}=C:\\a.exe {{ w }} end", &[("template-unchecked-parameter", 4)]);
        let path = "[parameter.p]\nsummary=s\nrequired=yes\nexample=C:\\a.exe\n";
        finds(
            &format!(
                "{HEAD}{path}[Settings]\n{{{{ event.directive }}}}=Run,{{{{ p | field }}}},%number%\n"
            ),
            &[("template-unescaped-percent", 9)],
        );
        let bare = "[parameter.p]\ndefault=x\nexample=y\npattern=^x$\n";
        finds(
            &format!("{HEAD}{bare}[Settings]\n{{{{ event.directive }}}}=Udp,h:1,{{{{ p }}}}\n"),
            &[("template-undescribed-parameter", 4), ("template-value-mismatch", 6)],
        );
        let odd = "[parameter.p]\nsummary=s\nrequired=yes\npattern=^[xyz]{9}$\n";
        finds(
            &format!("{HEAD}{odd}[Settings]\n{{{{ event.directive }}}}=Udp,h:1,{{{{ p }}}}\n"),
            &[("template-missing-example", 4)],
        );
        let works = format!("{HEAD}[Settings]\n{{{{ event.directive }}}}=Udp,h:1,x\n");
        let named = check("Launcher of mine", &works, &BTreeMap::new());
        assert_eq!(named[0].code().name(), "template-bad-name");
        assert_eq!(check("t", &works, &BTreeMap::new()), []);
    }

    #[test]
    fn every_template_code_appears_in_a_test() {
        let tests = include_str!("mod.rs").split("mod tests").nth(1).unwrap_or_default();
        for rule in CATALOG.iter().filter(|rule| rule.scope == Scope::Template) {
            assert!(tests.contains(rule.name), "{}", rule.name);
        }
    }

    #[test]
    fn given_values_replace_example_values() {
        let odd = "[parameter.p]\nsummary=s\nrequired=yes\npattern=^[xyz]{9}$\n";
        let text =
            format!("{HEAD}{odd}[Settings]\n{{{{ event.directive }}}}=Udp,h:1,{{{{ p }}}}\n");
        let with = |value: &str| [("p".to_owned(), value.to_owned())].into();
        assert_eq!(check("t", &text, &with("xyzxyzxyz")), []);
        assert_eq!(check("t", &text, &with("a"))[0].code().name(), "template-value-mismatch");
    }

    #[test]
    fn built_in_templates_and_scaffolds_have_no_findings() {
        let catalogue = Catalogue::shipped();
        for (name, _) in catalogue.names() {
            assert_eq!(check(name, catalogue.text(name).unwrap(), &BTreeMap::new()), [], "{name}");
        }
        for scaffold in Scaffold::all() {
            let text = scaffold.text("call-note");
            assert_eq!(check("call-note", &text, &BTreeMap::new()), [], "{scaffold}");
        }
    }

    proptest::proptest! {
        #[test]
        fn checking_any_text_does_not_panic(text: String) {
            let _ = check("t", &text, &BTreeMap::new());
        }

        #[test]
        fn checking_malformed_templates_does_not_panic(line in r#"[{}|"\\%,= a-zé.]{0,40}"#, value: String) {
            let text = format!("{HEAD}{WINDOW}[Settings]\n{{{{ event.directive }}}}={line}\n");
            let _ = check("t", &text, &[("w".to_owned(), value)].into());
        }
    }
}
