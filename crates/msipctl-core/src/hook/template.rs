//! Parses a template: its description, its parameters, and its line.

use std::fmt;

use super::pattern::Pattern;
use crate::event::Event;
use ini::{Ini, ParseOption};
use microsip_schema::Version;

/// The maximum length of a template in bytes. The built-in ones have about a thousand.
const MAX_LENGTH: usize = 32 * 1024;

/// The maximum number of parameters.
const MAX_PARAMETERS: usize = 32;

/// A parsed hook template.
///
/// # Example
///
/// ```
/// use msipctl_core::hook::Template;
///
/// let template = Template::parse(
///     "greet",
///     "[template]\nsummary=Say hello\nevents=call-start\n\
///      [parameter.file]\nsummary=Where to\nrequired=yes\n\
///      [Settings]\n{{ event.directive }}=Log,{{ file | field }}\n",
/// )?;
/// assert_eq!(template.parameters()[0].name, "file");
/// # Ok::<(), msipctl_core::hook::TemplateError>(())
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

/// A parameter, whose value the user passes.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name, as in `--with NAME=VALUE`.
    pub name: String,
    /// The description for the user.
    pub summary: String,
    /// Whether the parameter is required.
    pub required: bool,
    /// The default value, which can use `{{ event.name }}`.
    pub default: Option<String>,
    /// An example value, for the user and for checks.
    pub example: Option<String>,
    /// The pattern that the value must match.
    pub pattern: Option<Pattern>,
}

/// A `key=value` line to add, before rendering.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
}

/// The error for an invalid template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template `{name}`: {problem}")]
pub struct TemplateError {
    name: String,
    problem: Problem,
}

/// A problem and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) what: String,
    pub(super) spot: Spot,
}

/// A location in the text of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// A line and a column, both from 1.
    Position { line: usize, column: usize },
    /// The header of a section.
    Section(String),
    /// The last key with a name in a section.
    Key(String, String),
    /// The complete file.
    File,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>, spot: Spot) -> Self {
        Self { what: what.into(), spot }
    }

    /// Creates a problem of a key.
    pub(super) fn of_key(what: impl Into<String>, section: &str, key: &str) -> Self {
        Self::new(what, Spot::Key(section.to_owned(), key.to_owned()))
    }

    /// Creates a problem of a section.
    pub(super) fn of_section(what: impl Into<String>, section: &str) -> Self {
        Self::new(what, Spot::Section(section.to_owned()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.spot {
            Spot::Position { line, column } => {
                write!(f, "line {line}, column {column}: {}", self.what)
            }
            _ => f.write_str(&self.what),
        }
    }
}

impl TemplateError {
    /// Creates an error of a template.
    pub(super) fn new(name: &str, problem: Problem) -> Self {
        Self { name: name.to_owned(), problem }
    }

    /// Returns the problem and its location.
    pub(super) fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl Template {
    /// Parses the text of a template.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] if something is missing, unknown, or malformed.
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateError> {
        let read = Self::read(name, text);
        read.map_err(|problem| TemplateError::new(name, problem))
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a one-line description.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Returns the events that the template supports.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the oldest version that the template supports, if specified.
    pub fn microsip(&self) -> Option<Version> {
        self.microsip
    }

    /// Returns the parameters in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    fn read(name: &str, text: &str) -> Result<Self, Problem> {
        let mut template = Self {
            name: name.to_owned(),
            summary: String::new(),
            events: Vec::new(),
            microsip: None,
            parameters: Vec::new(),
            lines: Vec::new(),
        };
        for (section, properties) in &load(text)? {
            let pairs = properties.iter();
            match section {
                None if properties.is_empty() => {}
                None => {
                    let what = "a key appears before the first section";
                    return Err(Problem::new(what, Spot::Position { line: 1, column: 1 }));
                }
                Some("template") => template.read_head(pairs)?,
                Some(section) => match section.strip_prefix("parameter.") {
                    Some(name) => {
                        let parameter = Parameter::parse(name, pairs)?;
                        if template.parameters.len() == MAX_PARAMETERS {
                            let what =
                                format!("too many parameters: expected at most {MAX_PARAMETERS}");
                            return Err(Problem::of_section(what, section));
                        }
                        if template.parameters.iter().any(|other| other.name == name) {
                            let what = format!("duplicate parameter `{name}`");
                            return Err(Problem::of_section(what, section));
                        }
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
        template.check()?;
        Ok(template)
    }

    fn read_head<'i>(
        &mut self,
        pairs: impl Iterator<Item = (&'i str, &'i str)>,
    ) -> Result<(), Problem> {
        const HEAD: &str = "template";
        for (key, value) in pairs {
            let problem = |what: String| Problem::of_key(what, HEAD, key);
            match key {
                "summary" => self.summary = value.to_owned(),
                "events" => {
                    let names = value.split([' ', ',']).filter(|name| !name.is_empty());
                    self.events.clear();
                    for name in names {
                        let event =
                            name.parse().map_err(|error| problem(format!("events: {error}")))?;
                        if !self.events.contains(&event) {
                            self.events.push(event);
                        }
                    }
                }
                "microsip" => {
                    let version = value.parse();
                    let version = version.map_err(|error| problem(format!("microsip: {error}")))?;
                    self.microsip = Some(version);
                }
                _ => return Err(unknown_key(key, HEAD, "summary, events, or microsip")),
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Problem> {
        if self.summary.is_empty() {
            return Err(Problem::of_section("missing `summary` in `[template]`", "template"));
        }
        if self.events.is_empty() {
            let what =
                "missing `events` in `[template]`: list the events that the template supports";
            return Err(Problem::of_section(what, "template"));
        }
        match self.lines.as_slice() {
            [] => {
                let what = "missing line to add: expected a directive or command in `[Settings]`";
                Err(Problem::new(what, Spot::File))
            }
            [_] => Ok(()),
            [.., last] => {
                let what = format!("found {} lines to add: expected one", self.lines.len());
                Err(Problem::of_key(what, &last.section, &last.key))
            }
        }
    }
}

/// Parses an INI file that users write for msipctl.
pub(super) fn load(text: &str) -> Result<Ini, Problem> {
    // Backslashes and quotes are literal, as in MicroSIP.ini.
    let options = ParseOption { enabled_quote: false, enabled_escape: false, ..Default::default() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_LENGTH {
        let what = format!("the template has {} bytes: expected at most {MAX_LENGTH}", text.len());
        return Err(Problem::new(what, Spot::File));
    }
    Ini::load_from_str_opt(text, options).map_err(|error| {
        let (line, column) = (error.line.max(1), error.col.max(1));
        Problem::new(error.msg.to_string(), Spot::Position { line, column })
    })
}

impl Parameter {
    pub(super) fn parse<'i>(
        name: &str,
        pairs: impl Iterator<Item = (&'i str, &'i str)>,
    ) -> Result<Self, Problem> {
        let section = format!("parameter.{name}");
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name != "event";
        if !is_name {
            let what = format!(
                "invalid parameter name `{name}`: expected letters, digits, and `_`, but not `event`"
            );
            return Err(Problem::of_section(what, &section));
        }
        let mut parameter = Self {
            name: name.to_owned(),
            summary: String::new(),
            required: false,
            default: None,
            example: None,
            pattern: None,
        };
        for (key, value) in pairs {
            let problem = |what: String| Problem::of_key(what, &section, key);
            match key {
                "summary" => parameter.summary = value.to_owned(),
                "required" => {
                    parameter.required = match value {
                        "yes" => true,
                        "no" => false,
                        _ => {
                            let what = "expected `yes` or `no`";
                            return Err(problem(format!(
                                "invalid value `{value}` for `required` of parameter `{name}`: {what}"
                            )));
                        }
                    }
                }
                "default" => parameter.default = Some(value.to_owned()),
                "example" => parameter.example = Some(value.to_owned()),
                "pattern" => {
                    let pattern = Pattern::new(value).map_err(|error| {
                        problem(format!("invalid pattern for parameter `{name}`: {error}"))
                    })?;
                    parameter.pattern = Some(pattern);
                }
                _ => {
                    let known = "summary, required, default, example, or pattern";
                    return Err(unknown_key(key, &section, known));
                }
            }
        }
        if parameter.required && parameter.default.is_some() {
            let what = format!("parameter `{name}` can't have both `required=yes` and a `default`");
            return Err(Problem::of_key(what, &section, "default"));
        }
        if !parameter.required && parameter.default.is_none() {
            let what = format!("parameter `{name}` needs a `default` or `required=yes`");
            return Err(Problem::of_section(what, &section));
        }
        Ok(parameter)
    }
}

pub(super) fn unknown_key(key: &str, section: &str, expected: &str) -> Problem {
    let what = format!("unknown key `{key}` in `[{section}]`: expected {expected}");
    Problem::of_key(what, section, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_problem(text: &str, expected: &str) {
        let error = Template::parse("t", text).unwrap_err();
        assert_eq!(error.to_string(), format!("template `t`: {expected}"));
    }

    #[test]
    fn backslashes_and_quotes_in_templates_are_literal() {
        let text = "[template]\nsummary=s\nevents=call-end\n[Settings]\n{{ event.key }}=\"C:\\new\\t.exe\" end\n";
        let template = Template::parse("t", text).unwrap();
        assert_eq!(template.lines()[0].value, "\"C:\\new\\t.exe\" end");
        assert_eq!(template.lines()[0].key, "{{ event.key }}");
    }

    #[test]
    fn template_parse_error_names_the_problem() {
        check_problem("", "missing `summary` in `[template]`");
        check_problem("a=b\n", "line 1, column 1: a key appears before the first section");
        check_problem(
            "[template]\ncolor=red\n",
            "unknown key `color` in `[template]`: expected summary, events, or microsip",
        );
        let head = "[template]\nsummary=s\nevents=call-end\n";
        check_problem(head, "missing line to add: expected a directive or command in `[Settings]`");
        check_problem(
            &format!("{head}[Settings]\na=1\nb=2\n"),
            "found 2 lines to add: expected one",
        );
        check_problem(
            &format!("{head}[parameter.event]\n"),
            "invalid parameter name `event`: expected letters, digits, and `_`, but not `event`",
        );
        check_problem(
            &format!("{head}[parameter.p]\nrequired=true\n"),
            "invalid value `true` for `required` of parameter `p`: expected `yes` or `no`",
        );
        check_problem(
            &format!("{head}[parameter.p]\nsummary=s\n"),
            "parameter `p` needs a `default` or `required=yes`",
        );
        check_problem(
            &format!("{head}[parameter.p]\nrequired=yes\n[parameter.p]\ndefault=x\n"),
            "duplicate parameter `p`",
        );
    }
}
