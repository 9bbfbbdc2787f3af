//! A template as people write it: what it is about, its parameters, and the lines it injects.

use ini::{Ini, ParseOption};
use regex_lite::Regex;

use crate::event::Event;
use crate::schema::Version;

/// A parsed hook template.
///
/// # Example
///
/// ```
/// use msipctl::hook::Template;
///
/// let template = Template::parse(
///     "greet",
///     "[template]\nsummary=Say hello\nevents=call-start\n\
///      [parameter.file]\nsummary=Where to\nrequired=yes\n\
///      [Settings]\n{{ event.directive }}=Log,{{ file | field }}\n",
/// )?;
/// assert_eq!(template.parameters()[0].name, "file");
/// # Ok::<(), msipctl::hook::TemplateError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    name: String,
    summary: String,
    events: Vec<Event>,
    microsip: Option<Version>,
    parameters: Vec<Parameter>,
    lines: Vec<Line>,
}

/// A value that the user of a template gives.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name, as in `--with NAME=VALUE`.
    pub name: String,
    /// What it is, for people.
    pub summary: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it is when not given; may itself use `{{ event.name }}`.
    pub default: Option<String>,
    /// What its value must match.
    pub pattern: Option<Regex>,
}

/// One `key=value` to inject, still to be rendered.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template `{name}`: {what}")]
pub struct TemplateError {
    name: String,
    what: String,
}

impl Template {
    /// Parses a template's text.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] names what is missing, unknown or malformed.
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateError> {
        let fault = |what: String| TemplateError { name: name.to_owned(), what };
        // Backslashes and quotes mean themselves, as in MicroSIP.ini.
        let options =
            ParseOption { enabled_quote: false, enabled_escape: false, ..Default::default() };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let ini = Ini::load_from_str_opt(text, options).map_err(|error| {
            fault(format!("line {}, column {}: {}", error.line, error.col, error.msg))
        })?;

        let mut template = Self {
            name: name.to_owned(),
            summary: String::new(),
            events: Vec::new(),
            microsip: None,
            parameters: Vec::new(),
            lines: Vec::new(),
        };
        for (section, properties) in &ini {
            let pairs = properties.iter();
            match section {
                None if properties.is_empty() => {}
                None => return Err(fault("a key stands above the first section".to_owned())),
                Some("template") => template.read_head(pairs).map_err(fault)?,
                Some(section) => match section.strip_prefix("parameter.") {
                    Some(parameter) => {
                        let parameter = Parameter::parse(parameter, pairs).map_err(fault)?;
                        template.parameters.push(parameter);
                    }
                    None => template.lines.extend(pairs.map(|(key, value)| Line {
                        section: section.to_owned(),
                        key: key.to_owned(),
                        value: value.to_owned(),
                    })),
                },
            }
        }
        template.check().map_err(fault)?;
        Ok(template)
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what it does, in a line.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Returns the events it may be put on.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the oldest version it works with, where the template says so.
    pub fn microsip(&self) -> Option<Version> {
        self.microsip
    }

    /// Returns its parameters in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    fn read_head<'i>(
        &mut self,
        pairs: impl Iterator<Item = (&'i str, &'i str)>,
    ) -> Result<(), String> {
        for (key, value) in pairs {
            match key {
                "summary" => self.summary = value.to_owned(),
                "events" => {
                    let names = value.split([' ', ',']).filter(|name| !name.is_empty());
                    let events: Result<_, _> = names.map(str::parse).collect();
                    self.events = events.map_err(|error| format!("events: {error}"))?;
                }
                "microsip" => {
                    let version = value.parse().map_err(|error| format!("microsip: {error}"))?;
                    self.microsip = Some(version);
                }
                _ => return Err(unknown_key(key, "template", "summary, events or microsip")),
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        if self.summary.is_empty() {
            return Err("`summary` in `[template]` is missing".to_owned());
        }
        if self.events.is_empty() {
            return Err("`events` in `[template]` is missing, expected names of events".to_owned());
        }
        match self.lines.len() {
            0 => {
                Err("no line to put in, expected a directive or command in `[Settings]`".to_owned())
            }
            1 => Ok(()),
            count => Err(format!("{count} lines to put in, expected one")),
        }
    }
}

impl Parameter {
    fn parse<'i>(
        name: &str,
        pairs: impl Iterator<Item = (&'i str, &'i str)>,
    ) -> Result<Self, String> {
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name != "event";
        if !is_name {
            return Err(format!(
                "`{name}` is no name for a parameter, expected letters, digits and `_`, not `event`"
            ));
        }
        let mut parameter = Self {
            name: name.to_owned(),
            summary: String::new(),
            required: false,
            default: None,
            pattern: None,
        };
        for (key, value) in pairs {
            match key {
                "summary" => parameter.summary = value.to_owned(),
                "required" => parameter.required = switch(name, value)?,
                "default" => parameter.default = Some(value.to_owned()),
                "pattern" => {
                    let pattern = Regex::new(value)
                        .map_err(|error| format!("pattern of parameter `{name}`: {error}"))?;
                    parameter.pattern = Some(pattern);
                }
                _ => {
                    let section = format!("parameter.{name}");
                    return Err(unknown_key(
                        key,
                        &section,
                        "summary, required, default or pattern",
                    ));
                }
            }
        }
        if parameter.required && parameter.default.is_some() {
            return Err(format!("parameter `{name}` is required and has a default, expected one"));
        }
        if !parameter.required && parameter.default.is_none() {
            return Err(format!("parameter `{name}` has no `default` and is not `required=yes`"));
        }
        Ok(parameter)
    }
}

fn switch(name: &str, value: &str) -> Result<bool, String> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("`required` of parameter `{name}` is `{value}`, expected yes or no")),
    }
}

fn unknown_key(key: &str, section: &str, expected: &str) -> String {
    format!("`{key}` in `[{section}]` is unknown, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fault(text: &str, expected: &str) {
        let error = Template::parse("t", text).unwrap_err();
        assert_eq!(error.to_string(), format!("template `t`: {expected}"));
    }

    #[test]
    fn backslashes_and_quotes_mean_themselves() {
        let text = "[template]\nsummary=s\nevents=call-end\n[Settings]\n{{ event.key }}=\"C:\\new\\t.exe\" end\n";
        let template = Template::parse("t", text).unwrap();
        assert_eq!(template.lines()[0].value, "\"C:\\new\\t.exe\" end");
        assert_eq!(template.lines()[0].key, "{{ event.key }}");
    }

    #[test]
    fn says_what_is_wrong() {
        check_fault("", "`summary` in `[template]` is missing");
        check_fault("a=b\n", "a key stands above the first section");
        check_fault(
            "[template]\ncolour=red\n",
            "`colour` in `[template]` is unknown, expected summary, events or microsip",
        );
        let head = "[template]\nsummary=s\nevents=call-end\n";
        check_fault(head, "no line to put in, expected a directive or command in `[Settings]`");
        check_fault(&format!("{head}[Settings]\na=1\nb=2\n"), "2 lines to put in, expected one");
        check_fault(
            &format!("{head}[parameter.event]\n"),
            "`event` is no name for a parameter, expected letters, digits and `_`, not `event`",
        );
        check_fault(
            &format!("{head}[parameter.p]\nrequired=true\n"),
            "`required` of parameter `p` is `true`, expected yes or no",
        );
        check_fault(
            &format!("{head}[parameter.p]\nsummary=s\n"),
            "parameter `p` has no `default` and is not `required=yes`",
        );
    }
}
