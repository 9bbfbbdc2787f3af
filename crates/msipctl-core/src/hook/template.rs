//! Parses a template: its description, its parameters, and its line.

use std::fmt;

use super::pattern::Pattern;
use super::source::{Pair, Problem, Section, Source, Spot, TemplateLocation, masked};
use crate::event::{Event, SETTINGS};
use microsip_schema::Version;

/// The maximum number of parameters.
const MAX_PARAMETERS: usize = 32;

/// The section with the description.
const HEAD: &str = "template";

/// The start of the name of a section with a parameter.
const PARAMETER: &str = "parameter.";

/// How similar an unknown name must be to a known one to suggest it.
const NEAR: f64 = 0.8;

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
    /// The header of its section.
    pub(super) spot: Spot,
    pub(super) default_spot: Spot,
    pub(super) example_spot: Spot,
}

/// A `key=value` line to add, before rendering.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
    pub(super) spot: Spot,
}

/// All errors of an invalid template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    name: String,
    problems: Vec<TemplateProblem>,
}

/// An error in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// What is wrong, and what was expected.
    pub message: String,
    /// The location.
    pub location: TemplateLocation,
    /// What the user can do about it.
    pub hint: Option<String>,
}

impl TemplateError {
    /// Creates the error of a template, unless there is no problem.
    pub(super) fn new(
        name: &str,
        source: &Source<'_>,
        mut problems: Vec<Problem>,
    ) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        let problem = |Problem { what, spot, hint }: Problem| TemplateProblem {
            message: what,
            location: source.location(&spot),
            hint,
        };
        problems.sort_by_key(|problem| problem.spot.line());
        let problems = problems.into_iter().map(problem).collect();
        Err(Self { name: name.to_owned(), problems })
    }

    /// Returns the errors in the order of their lines. There is at least one.
    pub fn problems(&self) -> &[TemplateProblem] {
        &self.problems
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template `{}`", self.name)?;
        if let Some(TemplateProblem { message, location, .. }) = self.problems.first() {
            write!(f, ": line {}: {message}", location.line + 1)?;
        }
        match self.problems.len() {
            0 | 1 => Ok(()),
            2 => f.write_str(" (and 1 more error)"),
            count => write!(f, " (and {} more errors)", count - 1),
        }
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Parses the text of a template.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] with everything that is missing, unknown, or malformed.
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateError> {
        let source = Source::new(text);
        let mut problems = source.problems().to_vec();
        let template = Self::read(name, &source, &mut problems);
        TemplateError::new(name, &source, problems)?;
        Ok(template)
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

    fn read(name: &str, source: &Source<'_>, problems: &mut Vec<Problem>) -> Self {
        let mut template = Self {
            name: name.to_owned(),
            summary: String::new(),
            events: Vec::new(),
            microsip: None,
            parameters: Vec::new(),
            lines: Vec::new(),
        };
        // What is missing may be in a line that can't be read.
        let is_complete = problems.is_empty();
        let (mut parameters, mut is_misspelled) = (0, false);
        for section in source.sections() {
            if section.name == HEAD {
                template.read_head(section, problems);
            } else if let Some(name) = section.name.strip_prefix(PARAMETER) {
                parameters += 1;
                let parameter = Parameter::read(name, section, is_complete, problems);
                if parameters > MAX_PARAMETERS {
                    if parameters == MAX_PARAMETERS + 1 {
                        let what =
                            format!("too many parameters: expected at most {MAX_PARAMETERS}");
                        problems.push(Problem::new(what, &section.spot));
                    }
                } else if template.parameters.iter().any(|other| other.name == name) {
                    let what = format!("duplicate parameter `{name}`");
                    let hint = Some("rename or remove one of them");
                    problems.push(Problem::new(what, &section.spot).with_hint(hint));
                } else {
                    template.parameters.push(parameter);
                }
            } else if let Some(near) = misspelled(&section.name) {
                is_misspelled = true;
                let what = format!(
                    "unknown section `[{}]`: expected `[template]`, `[parameter.NAME]`, or `[Settings]`",
                    masked(&section.name)
                );
                let hint = Some(format!("did you mean `[{near}]`?"));
                problems.push(Problem::new(what, &section.spot).with_hint(hint));
            } else {
                template.lines.extend(section.pairs.iter().map(|pair| Line {
                    section: section.name.clone(),
                    key: pair.key.clone(),
                    value: pair.value.clone(),
                    spot: pair.value_spot.clone(),
                }));
            }
        }
        if is_complete && !is_misspelled {
            template.check(source, problems);
        }
        template
    }

    fn read_head(&mut self, section: &Section, problems: &mut Vec<Problem>) {
        for pair in &section.pairs {
            match pair.key.as_str() {
                "summary" => self.summary.clone_from(&pair.value),
                "events" => {
                    self.events.clear();
                    for (name, spot) in pair.words().take(MAX_EVENTS) {
                        match name.parse() {
                            Ok(event) if self.events.contains(&event) => {}
                            Ok(event) => self.events.push(event),
                            Err(error) => {
                                problems.push(Problem::new(masked(&error.to_string()), &spot));
                            }
                        }
                    }
                }
                "microsip" => match pair.value.parse() {
                    Ok(version) => self.microsip = Some(version),
                    Err(error) => {
                        let what = masked(&error.to_string());
                        problems.push(Problem::new(what, &pair.value_spot));
                    }
                },
                _ => problems.push(unknown_key(pair, HEAD, &["summary", "events", "microsip"])),
            }
        }
    }

    /// Adds a problem for everything that is missing.
    fn check(&self, source: &Source<'_>, problems: &mut Vec<Problem>) {
        let Some(head) = source.sections().iter().find(|section| section.name == HEAD) else {
            let what = "missing `[template]` section, with `summary` and `events`";
            problems.push(Problem::new(what, &source.start()));
            return;
        };
        let is_empty = |key: &str| {
            source.sections().iter().filter(|section| section.name == HEAD).all(|section| {
                section.pairs.iter().all(|pair| pair.key != key || pair.value.is_empty())
            })
        };
        if is_empty("summary") {
            let what = "missing `summary` in `[template]`";
            let hint = Some("describe the template in one line");
            problems.push(Problem::new(what, &head.spot).with_hint(hint));
        }
        if is_empty("events") {
            let what = "missing `events` in `[template]`";
            let hint = Some("list the events that the template supports");
            problems.push(Problem::new(what, &head.spot).with_hint(hint));
        }
        match self.lines.as_slice() {
            [] => {
                let what = "missing line to add: expected a directive or command in `[Settings]`";
                problems.push(Problem::new(what, &source.start()));
            }
            [_] => {}
            [.., last] => {
                let what = format!("found {} lines to add: expected one", self.lines.len());
                problems.push(Problem::new(what, &last.spot));
            }
        }
    }
}

/// The maximum number of events that a template can list, including duplicates.
const MAX_EVENTS: usize = 4 * Event::ALL.len();

/// Returns the section that the name of another one probably means.
fn misspelled(name: &str) -> Option<String> {
    if name.eq_ignore_ascii_case(SETTINGS) {
        return None;
    }
    let (kind, parameter) = name.split_once('.').unwrap_or((name, ""));
    let near =
        microsip_schema::nearest(kind, [HEAD, PARAMETER.trim_end_matches('.'), SETTINGS], NEAR)?;
    Some(match near {
        HEAD | SETTINGS => near.to_owned(),
        _ if parameter.is_empty() => "parameter.NAME".to_owned(),
        _ => format!("{PARAMETER}{parameter}"),
    })
}

impl Parameter {
    /// Reads a section. Reports what is missing only if the complete template could be read.
    pub(super) fn read(
        name: &str,
        section: &Section,
        is_complete: bool,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name != "event";
        if !is_name {
            let what = format!(
                "invalid parameter name `{name}`: expected letters, digits, and `_`, but not `event`"
            );
            problems.push(Problem::new(what, &section.spot));
        }
        let mut parameter = Self {
            name: name.to_owned(),
            summary: String::new(),
            required: false,
            default: None,
            example: None,
            pattern: None,
            spot: section.spot.clone(),
            default_spot: section.spot.clone(),
            example_spot: section.spot.clone(),
        };
        let mut is_valid = is_complete;
        for pair in &section.pairs {
            match pair.key.as_str() {
                "summary" => parameter.summary.clone_from(&pair.value),
                "required" => match pair.value.as_str() {
                    "yes" => parameter.required = true,
                    "no" => parameter.required = false,
                    value => {
                        is_valid = false;
                        problems.push(invalid_required(name, pair, value));
                    }
                },
                "default" => {
                    parameter.default = Some(pair.value.clone());
                    parameter.default_spot = pair.value_spot.clone();
                }
                "example" => {
                    parameter.example = Some(pair.value.clone());
                    parameter.example_spot = pair.value_spot.clone();
                }
                "pattern" => match Pattern::new(&pair.value) {
                    Ok(pattern) => parameter.pattern = Some(pattern),
                    Err(error) => {
                        let what = format!("invalid pattern for parameter `{name}`: {error}");
                        problems.push(Problem::new(what, &pair.value_spot));
                    }
                },
                _ => {
                    is_valid = false;
                    let known = ["summary", "required", "default", "example", "pattern"];
                    problems.push(unknown_key(pair, &section.name, &known));
                }
            }
        }
        if parameter.required && parameter.default.is_some() {
            let what = format!("parameter `{name}` can't have both `required=yes` and a `default`");
            let hint = Some("remove one of the two lines");
            problems.push(Problem::new(what, &parameter.default_spot).with_hint(hint));
        }
        if is_valid && !parameter.required && parameter.default.is_none() {
            let what = format!("parameter `{name}` needs a `default` or `required=yes`");
            problems.push(Problem::new(what, &section.spot));
        }
        parameter
    }
}

/// Describes an invalid value of `required`.
fn invalid_required(name: &str, pair: &Pair, value: &str) -> Problem {
    let shown = masked(value);
    let what = format!(
        "invalid value `{shown}` for `required` of parameter `{name}`: expected `yes` or `no`"
    );
    let meant = match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" | "y" => Some("write `required=yes`"),
        "false" | "0" | "off" | "no" | "n" => Some("write `required=no`"),
        _ => None,
    };
    Problem::new(what, &pair.value_spot).with_hint(meant)
}

/// Describes a key that isn't one of the known keys of a section.
pub(super) fn unknown_key(pair: &Pair, section: &str, known: &[&str]) -> Problem {
    let key = &pair.key;
    let expected = match known {
        [one, other] => format!("`{one}` or `{other}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{}, or `{last}`", first.join(", "))
        }
        [] => String::new(),
    };
    let what = format!("unknown key `{key}` in `[{section}]`: expected {expected}");
    let near = microsip_schema::nearest(key, known.iter().copied(), NEAR);
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    Problem::new(what, &pair.key_spot).with_hint(hint)
}

/// Returns the most similar one of these names.
///
/// # Example
///
/// ```
/// use msipctl_core::hook::nearest;
///
/// assert_eq!(nearest("call_log", ["call-log", "udp"].into_iter()), Some("call-log"));
/// ```
pub fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    /// The similarity threshold. It's lower for names of several words.
    const NEAR: f64 = 0.8;
    microsip_schema::nearest(name, names, NEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the errors of a text, each as `LINE:TEXT: message`, with the marked text.
    #[track_caller]
    fn check_problems(text: &str, expected: &[&str]) {
        let error = Template::parse("t", text).unwrap_err();
        let shown: Vec<_> = error
            .problems()
            .iter()
            .map(|TemplateProblem { message, location, .. }| {
                let marked = &location.text[location.marked.clone()];
                format!("{}:{marked}: {message}", location.line + 1)
            })
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    const HEAD: &str = "[template]\nsummary=s\nevents=call-end\n";
    const LINE: &str = "[Settings]\n{{ event.key }}=a.exe\n";

    #[test]
    fn backslashes_and_quotes_in_templates_are_literal() {
        let text = format!("{HEAD}[Settings]\n{{{{ event.key }}}}=\"C:\\new\\t.exe\" end\n");
        let template = Template::parse("t", &text).unwrap();
        assert_eq!(template.lines()[0].value, "\"C:\\new\\t.exe\" end");
        assert_eq!(template.lines()[0].key, "{{ event.key }}");
    }

    #[test]
    fn template_parse_error_names_the_problem() {
        check_problems("", &["1:: missing `[template]` section, with `summary` and `events`"]);
        check_problems("a=b\n", &["1:a=b: a key appears before the first section"]);
        check_problems(
            HEAD,
            &["1:[template]: missing line to add: expected a directive or command in `[Settings]`"],
        );
        check_problems(
            &format!("{HEAD}[Settings]\na=1\nb=2\n"),
            &["6:2: found 2 lines to add: expected one"],
        );
        check_problems(
            &format!("{HEAD}[parameter.event]\nrequired=yes\n{LINE}"),
            &[
                "4:[parameter.event]: invalid parameter name `event`: expected letters, digits, and `_`, but not `event`",
            ],
        );
        check_problems(
            &format!("{HEAD}[parameter.p]\nsummary=s\n{LINE}"),
            &["4:[parameter.p]: parameter `p` needs a `default` or `required=yes`"],
        );
        check_problems(
            &format!("{HEAD}[parameter.p]\nrequired=yes\n[parameter.p]\ndefault=x\n{LINE}"),
            &["6:[parameter.p]: duplicate parameter `p`"],
        );
        check_problems(
            &format!("{HEAD}[paramter.p]\nrequired=yes\n{LINE}"),
            &[
                "4:[paramter.p]: unknown section `[paramter.p]`: expected `[template]`, `[parameter.NAME]`, or `[Settings]`",
            ],
        );
    }

    #[test]
    fn template_parse_error_lists_all_problems() {
        check_problems(
            "[template]\ncolor=red\nevents=call-end call-edn\nmicrosip=x\n[parameter.p]\nrequired=true\npattern=(\n\
             defualt=1\n[Settings]\na=1\nb=2\n",
            &[
                "1:[template]: missing `summary` in `[template]`",
                "2:color: unknown key `color` in `[template]`: expected `summary`, `events`, or `microsip`",
                "3:call-edn: unknown event `call-edn`; did you mean `call-end`?",
                "4:x: invalid MicroSIP version `x`: expected a version such as 3.22.3 or 3.19",
                "6:true: invalid value `true` for `required` of parameter `p`: expected `yes` or `no`",
                "7:(: invalid pattern for parameter `p`: found open group without closing ')'",
                "8:defualt: unknown key `defualt` in `[parameter.p]`: expected `summary`, `required`, `default`, `example`, or `pattern`",
                "11:2: found 2 lines to add: expected one",
            ],
        );
        let error = Template::parse("t", "[template]\nsummary=s\n").unwrap_err();
        let expected = "template `t`: line 1: missing `events` in `[template]` (and 1 more error)";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn missing_parts_are_not_reported_when_a_line_cannot_be_read() {
        let expected = "2:summary: missing `=`: expected `KEY=VALUE`, `[SECTION]`, or a comment that starts with `;`";
        check_problems("[template]\nsummary\n[parameter.p]\n", &[expected]);
    }

    #[test]
    fn hints_of_template_errors_suggest_the_correction() {
        let text = format!("{HEAD}[parameter.p]\nrequired=True\ndefualt=x\n[Setings]\na=1\n");
        let error = Template::parse("t", &text).unwrap_err();
        let hints: Vec<_> = error.problems().iter().filter_map(|it| it.hint.as_deref()).collect();
        let expected =
            ["write `required=yes`", "did you mean `default`?", "did you mean `[Settings]`?"];
        assert_eq!(hints, expected);
    }

    #[test]
    fn template_errors_do_not_repeat_secrets() {
        let text =
            format!("{HEAD}[parameter.p]\nrequired=https://ann:hunter2@example.com/\n{LINE}");
        let error = Template::parse("t", &text).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
