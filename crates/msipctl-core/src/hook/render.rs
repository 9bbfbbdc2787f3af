//! Renders a template with its parameters to the lines to add, value by value.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use minijinja::{Value, context};

use super::engine::TextEngine;
use super::template::{Parameter, Template, nearest};
use crate::event::Event;
use microsip_schema::Version;

/// A `key=value` line to add to a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injection {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value, as Windows must read it.
    pub value: String,
}

/// A template that is rendered for certain events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub(super) template: String,
    pub(super) microsip: Option<Version>,
    pub(super) lines: Vec<(Event, Injection)>,
}

impl Rendered {
    /// Returns the lines, each with its event.
    pub fn lines(&self) -> &[(Event, Injection)] {
        &self.lines
    }
}

/// Why a template can't be rendered with these parameters. The message doesn't contain values, because they can be
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A required parameter is missing.
    #[error("missing parameter `{parameter}` for template `{template}`: {summary}")]
    Missing {
        /// The template.
        template: String,
        /// The parameter.
        parameter: String,
        /// The description of the parameter.
        summary: String,
    },
    /// The template doesn't have a given parameter.
    #[error("unknown parameter `{parameter}` for template `{template}`: expected {known}")]
    Unknown {
        /// The template.
        template: String,
        /// The parameter.
        parameter: String,
        /// The parameters that the template has.
        known: String,
        /// The most similar parameter that the template has.
        near: Option<String>,
    },
    /// The value of a parameter doesn't match its pattern.
    #[error("invalid value for parameter `{parameter}` of template `{template}`: {summary}")]
    Pattern {
        /// The template.
        template: String,
        /// The parameter.
        parameter: String,
        /// The pattern.
        pattern: String,
        /// The description of the parameter.
        summary: String,
    },
    /// The value of a parameter contains a line break or a NUL character.
    #[error(
        "parameter `{parameter}` of template `{template}` contains a line break or a NUL character: expected one line"
    )]
    LineBreak {
        /// The template.
        template: String,
        /// The parameter.
        parameter: String,
    },
    /// The template doesn't support this event.
    #[error("template `{template}` doesn't support `{event}`: expected {expected}")]
    Event {
        /// The template.
        template: String,
        /// The event.
        event: Event,
        /// The events that the template supports.
        expected: String,
    },
    /// The template itself has a problem.
    #[error("template `{template}`: {what}")]
    Problem {
        /// The template.
        template: String,
        /// The message of the template engine, without values.
        what: String,
    },
}

impl Template {
    /// Renders the lines for certain events.
    ///
    /// # Errors
    ///
    /// [`RenderError`] for a parameter that is missing, is unknown, doesn't match its pattern, or has more than one line,
    /// for an event that the template doesn't support, and for an invalid template.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::event::Event;
    /// use msipctl_core::hook::Catalogue;
    ///
    /// let template = Catalogue::shipped().template("send-message").expect("shipped")?;
    /// let with = [("window".to_owned(), "MyAppWindow".to_owned())].into();
    /// let rendered = template.render(&[Event::IncomingCall], &with)?;
    /// let (_, line) = &rendered.lines()[0];
    /// assert_eq!(line.key, "OnIncomingCall");
    /// assert_eq!(line.value, "SendMessage,MyAppWindow,WM_USER+100,%number%");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn render(
        &self,
        events: &[Event],
        with: &BTreeMap<String, String>,
    ) -> Result<Rendered, RenderError> {
        let mut lines = Vec::new();
        for event in events {
            let rendered = self.render_event(*event, with)?;
            lines.extend(rendered.into_iter().map(|line| (*event, line)));
        }
        Ok(Rendered { template: self.name().to_owned(), microsip: self.microsip(), lines })
    }

    pub(super) fn render_event(
        &self,
        event: Event,
        with: &BTreeMap<String, String>,
    ) -> Result<Vec<Injection>, RenderError> {
        let template = || self.name().to_owned();
        if !self.events().contains(&event) {
            let expected = list(self.events().iter().map(|event| event.name()));
            return Err(RenderError::Event { template: template(), event, expected });
        }
        let engine = Engine::on(self.name(), event);
        let values = engine.values(self.parameters(), with)?;
        self.lines()
            .iter()
            .map(|line| {
                Ok(Injection {
                    section: line.section.clone(),
                    key: engine.render(&line.key, &values)?,
                    value: engine.render(&line.value, &values)?,
                })
            })
            .collect()
    }
}

/// The maximum work for one template on one event: fuel for its texts, and steps of its patterns. This is a fraction of a
/// second. A typical template uses a hundredth of it.
const MAX_WORK: usize = 250_000;

/// The message if the maximum work is exceeded.
const TOO_MUCH: &str = "its texts and patterns take too much work: simplify the template";

/// Renders texts of one template.
pub(super) struct Engine<'t> {
    template: &'t str,
    texts: TextEngine,
    event: Option<Event>,
    /// The remaining work.
    work: Cell<usize>,
}

impl<'t> Engine<'t> {
    /// Creates an engine for texts without an event.
    pub(super) fn new(template: &'t str) -> Self {
        Self { template, texts: TextEngine::new(), event: None, work: Cell::new(MAX_WORK) }
    }

    /// Creates an engine for an event.
    pub(super) fn on(template: &'t str, event: Event) -> Self {
        Self { event: Some(event), ..Self::new(template) }
    }

    /// Returns the names that a text uses, or `None` if the text can't be parsed.
    pub(super) fn names(&self, text: &str) -> Option<Vec<String>> {
        Some(self.texts.names(text, false).ok()?.into_iter().collect())
    }

    /// Renders one text. The result is one line if `text` and `values` are.
    pub(super) fn render(
        &self,
        text: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<String, RenderError> {
        let event = self.event.map(|event| {
            context! { name => event.name(), directive => event.directive(), key => event.key() }
        });
        let values = Value::from(values.clone());
        let context = match event {
            Some(event) => context! { event, ..values },
            None => values,
        };
        let problem = |error: &dyn fmt::Display| RenderError::Problem {
            template: self.template.to_owned(),
            what: format!("`{text}`: {error}"),
        };
        if self.work.get() == 0 {
            return Err(problem(&TOO_MUCH));
        }
        let (rendered, fuel) = self.texts.render_counted(text, context);
        self.spend(usize::try_from(fuel).unwrap_or(usize::MAX));
        rendered.map_err(|error| problem(&error))
    }

    /// Returns whether a value matches the pattern of a parameter, or `None` if the maximum work is exceeded.
    pub(super) fn fits(&self, parameter: &Parameter, value: &str) -> Option<bool> {
        let Some(pattern) = &parameter.pattern else { return Some(true) };
        if self.work.get() == 0 {
            return None;
        }
        self.spend(pattern.work(value));
        Some(pattern.is_match(value))
    }

    fn spend(&self, work: usize) {
        self.work.set(self.work.get().saturating_sub(work));
    }

    /// Returns the value of each parameter: the given one, or otherwise its default.
    pub(super) fn values(
        &self,
        parameters: &[Parameter],
        with: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, RenderError> {
        let template = || self.template.to_owned();
        let is_known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
        if let Some(parameter) = with.keys().find(|name| !is_known(name)) {
            let names = parameters.iter().map(|parameter| parameter.name.as_str());
            let near = nearest(parameter, names.clone()).map(str::to_owned);
            let (known, parameter) = (list(names), parameter.clone());
            return Err(RenderError::Unknown { template: template(), parameter, known, near });
        }
        let mut values = BTreeMap::new();
        for parameter in parameters {
            let given =
                with.get(&parameter.name).filter(|it| !parameter.required || !it.is_empty());
            let value = match (given, &parameter.default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => self.render(default, &BTreeMap::new())?,
                (None, None) => {
                    return Err(RenderError::Missing {
                        template: template(),
                        parameter: parameter.name.clone(),
                        summary: parameter.summary.clone(),
                    });
                }
            };
            self.check_value(parameter, &value)?;
            values.insert(parameter.name.clone(), value);
        }
        Ok(values)
    }

    fn check_value(&self, parameter: &Parameter, value: &str) -> Result<(), RenderError> {
        let template = self.template.to_owned();
        if value.contains(['\r', '\n', '\0']) {
            return Err(RenderError::LineBreak { template, parameter: parameter.name.clone() });
        }
        match (self.fits(parameter, value), &parameter.pattern) {
            (None, _) => Err(RenderError::Problem { template, what: TOO_MUCH.to_owned() }),
            (Some(false), Some(pattern)) => Err(RenderError::Pattern {
                template,
                parameter: parameter.name.clone(),
                pattern: pattern.to_string(),
                summary: parameter.summary.clone(),
            }),
            _ => Ok(()),
        }
    }
}

fn list<'t>(names: impl Iterator<Item = &'t str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => "no parameters".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, [other])) => format!("{other} or {last}"),
        Some((last, rest)) => format!("{}, or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{self, Directive};
    use crate::hook::Catalogue;
    use crate::hook::engine::winarg;
    use proptest::prelude::*;

    fn shipped(name: &str) -> Template {
        Catalogue::shipped().template(name).unwrap().unwrap()
    }

    fn with(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn check(name: &str, pairs: &[(&str, &str)], expected: &str) {
        let lines = shipped(name).render_event(Event::CallEnd, &with(pairs)).unwrap();
        assert_eq!(format!("{}={}", lines[0].key, lines[0].value), expected);
    }

    #[test]
    fn built_in_templates_render_expected_lines() {
        check(
            "post-message",
            &[("window", "class:X")],
            "OnCallEnd=PostMessage,class:X,WM_USER+100,%number%",
        );
        check("copy-data", &[("window", "A, B")], "OnCallEnd=CopyData,\"A, B\",1,%event% %number%");
        check(
            "run-program",
            &[("program", r"C:\100%\a.exe")],
            r"OnCallEnd=Run,C:\100%%\a.exe,%event%,%number%",
        );
        check(
            "open-url",
            &[("url", "https://crm/?n=%number%")],
            "OnCallEnd=Open,https://crm/?n=%number%",
        );
        check(
            "http-event",
            &[("url", "http://localhost:8/")],
            "OnCallEnd=Http,POST,http://localhost:8/",
        );
        check("call-log", &[("file", r"D:\log\calls.csv")], r"OnCallEnd=Log,D:\log\calls.csv");
        check(
            "native-command",
            &[("program", r"C:\My Hooks\a.bat")],
            r#"cmdCallEnd="C:\My Hooks\a.bat" call-end"#,
        );
        check(
            "native-command",
            &[("program", r"C:\Py 3\pyw.exe"), ("argument", r"C:\my x\h.py")],
            r#"cmdCallEnd="C:\Py 3\pyw.exe" "\"C:\my x\h.py\"" call-end"#,
        );
        check(
            "toast",
            &[("script", r"C:\My Tools\toast.ps1")],
            r"OnCallEnd=Run,C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe,-NoProfile,-NonInteractive,-WindowStyle,Hidden,-ExecutionPolicy,RemoteSigned,-File,C:\My Tools\toast.ps1,%event%,number=%number%",
        );
    }

    #[test]
    fn winarg_quotes_for_windows_and_microsip() {
        for (value, expected) in [
            ("end", "end"),
            ("", r#""\"\"""#),
            (r"C:\my x\h.py", r#""\"C:\my x\h.py\"""#),
            (r"C:\my x\", r#""\"C:\my x\\\\\"""#),
            (r"C:\x\", r"C:\x\"),
        ] {
            assert_eq!(winarg(value), expected, "{value}");
        }
    }

    #[test]
    fn built_in_templates_render_valid_lines_for_every_event() {
        let values = [
            ("window", "W"),
            ("program", r"C:\a b\c.exe"),
            ("url", "https://x/%number%"),
            ("file", r"C:\x.csv"),
            ("address", "127.0.0.1:5005"),
        ];
        let script = |name: &str| match name {
            "autohotkey" => r"C:\a b\c.ahk",
            "python-script" => r"C:\a b\c.py",
            _ => r"C:\a b\c.ps1",
        };
        for (name, _) in Catalogue::shipped().names() {
            let template = shipped(name);
            let values = values.iter().copied().chain([("script", script(name))]);
            let with =
                values.filter(|(name, _)| template.parameters().iter().any(|it| it.name == *name));
            let with = with.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            for event in template.events() {
                for line in template.render_event(*event, &with).unwrap() {
                    assert_eq!(line.section, "Settings");
                    if line.key == event.directive() {
                        Directive::parse(&line.value).unwrap();
                    } else {
                        assert_eq!(line.key, event.key(), "{name}");
                    }
                }
            }
        }
    }

    #[test]
    fn render_error_names_the_invalid_parameter() {
        let render = |pairs: &[(&str, &str)]| {
            let template = shipped("send-message");
            template.render_event(Event::CallEnd, &with(pairs)).unwrap_err().to_string()
        };
        assert_eq!(
            render(&[]),
            "missing parameter `window` for template `send-message`: Title of the receiving window, or \
             class:NAME for its window class",
        );
        assert_eq!(
            render(&[("windw", "x")]),
            "unknown parameter `windw` for template `send-message`: expected `window`, `message`, or `payload`",
        );
        assert_eq!(
            render(&[("window", "x\ny")]),
            "parameter `window` of template `send-message` contains a line break or a NUL character: expected one line",
        );
        assert!(
            render(&[("window", "x"), ("message", "12,13")])
                .ends_with(": Message ID to send: WM_USER+n, WM_APP+n, or a number")
        );
    }

    #[test]
    fn undefined_name_in_template_is_an_error() {
        let text = "[template]\nsummary=s\nevents=call-end\n[Settings]\nk={{ nothing }}\n";
        let error =
            Template::parse("t", text).unwrap().render_event(Event::CallEnd, &BTreeMap::new());
        assert!(error.unwrap_err().to_string().contains("undefined"));
    }

    proptest! {
        #[test]
        fn winarg_values_reach_the_program_unchanged(
            values in prop::collection::vec(r#"([ "\\\t]|[^\r\n\x00]){0,8}"#, 1..4),
            caller: String,
        ) {
            let words: Vec<_> = values.iter().map(|value| winarg(value)).collect();
            let command = format!(r#""C:\a b\c.exe" {} call-end"#, words.join(" "));
            prop_assert_eq!(event::read_back(&command), &command);
            let started = event::launch(&command, &caller, Version::NEWEST).unwrap();
            prop_assert_eq!(started.program, r"C:\a b\c.exe");
            let mut seen = event::arguments(&started.parameters);
            prop_assert!(seen.len() > values.len());
            let after = seen.split_off(values.len());
            prop_assert_eq!(seen, values);
            prop_assert_eq!(&after[0], "call-end");
        }

        #[test]
        fn parameter_value_cannot_add_fields_keys_or_lines(window in "\\PC{1,20}") {
            let lines = shipped("send-message").render_event(Event::CallEnd, &with(&[("window", &window)]));
            let lines = lines.unwrap();
            prop_assert_eq!(lines.len(), 1);
            prop_assert!(!lines[0].value.contains(['\r', '\n']));
            if let Ok(directive) = Directive::parse(&lines[0].value) {
                prop_assert!(directive.to_string().ends_with(",WM_USER+100,%number%"));
            }
        }
    }
}
