//! Validates the arguments of a module. Ansible doesn't do that for a module that is a program.

use std::fmt;

use microsip_schema::{NEAR, Version, nearest};
use serde_json::{Map, Value};

use super::option::{Kind, Module, ModuleOption};

/// The prefix of what Ansible passes to each module.
const INTERNAL: &str = "_ansible_";

/// The texts that are true, as Ansible reads them, and those that are false.
const TRUE: &[&str] = &["yes", "on", "true", "1", "y", "t"];
const FALSE: &[&str] = &["no", "off", "false", "0", "n", "f"];

/// The maximum length of a value that a message repeats, in characters.
const MAX_SHOWN: usize = 40;

/// The validated arguments of a module, and what Ansible asks of it.
pub(super) struct Arguments {
    /// The options that are set. Their values have the types of the table.
    values: Map<String, Value>,
    /// Whether the module must not change anything.
    pub(super) is_check: bool,
    /// Whether the reply contains a diff.
    pub(super) has_diff: bool,
}

// Doesn't show the values, because some of them are secret.
impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Arguments").field(&self.values.keys()).finish()
    }
}

/// An invalid argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArgumentError {
    /// What is wrong, without a value that can be a secret.
    pub(super) message: String,
    /// What to do.
    pub(super) hint: Option<String>,
}

impl ArgumentError {
    fn new(message: String) -> Self {
        Self { message, hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn wrong_type(place: &str, expected: &str, found: &Value) -> Self {
        let found = type_name(found);
        Self::new(format!("invalid type for `{place}`: expected {expected}, found {found}"))
    }
}

/// Returns whether Ansible asks for a reply without anything about the settings. Invalid arguments must not end that.
pub(super) fn is_quiet(sent: &Map<String, Value>) -> bool {
    is_set(sent, "no_log")
}

fn is_set(sent: &Map<String, Value>, name: &str) -> bool {
    let value = sent.get(&format!("{INTERNAL}{name}"));
    value.and_then(boolean).unwrap_or_default()
}

impl Arguments {
    /// Validates what Ansible sent, and converts it to the types of the table.
    ///
    /// # Errors
    ///
    /// All invalid arguments, in the order of the table.
    pub(super) fn new(
        module: &Module,
        sent: &Map<String, Value>,
    ) -> Result<Self, Vec<ArgumentError>> {
        let mut errors = Vec::new();
        let given = sent.iter().filter(|(name, _)| !name.starts_with(INTERNAL));
        let given = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let ignores_unknown = is_set(sent, "ignore_unknown_opts");
        let values = dictionary(&module.options, &given, "", ignores_unknown, &mut errors);
        for [one, other] in module.exclusive {
            if values.contains_key(*one) && values.contains_key(*other) {
                let message = format!("`{one}` and `{other}` can't be combined");
                errors
                    .push(ArgumentError::new(message).hint(format!("remove `{one}` or `{other}`")));
            }
        }
        // A required option with a wrong type isn't missing, too.
        for names in
            module.one_of.iter().filter(|names| names.iter().all(|it| is_missing(&given, it)))
        {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("missing option: expected {}", or(&names));
            errors.push(ArgumentError::new(message).hint("add one of these options to the task"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self { values, is_check: is_set(sent, "check_mode"), has_diff: is_set(sent, "diff") })
    }

    /// Removes and returns the value of an option.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    /// Removes and returns a text.
    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Removes and returns a list of texts; an empty one if the option isn't set.
    pub(super) fn take_texts(&mut self, name: &str) -> Vec<String> {
        let Some(Value::Array(texts)) = self.take(name) else { return Vec::new() };
        texts.into_iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    /// Removes and returns whether an option is set to true.
    pub(super) fn take_flag(&mut self, name: &str) -> bool {
        self.take(name).and_then(|value| value.as_bool()).unwrap_or_default()
    }
}

/// Ansible treats an option with the value `null` as not set.
fn is_missing(given: &Map<String, Value>, name: &str) -> bool {
    given.get(name).is_none_or(Value::is_null)
}

/// Validates a dictionary. `place` is where it is; empty for the options of the module.
fn dictionary(
    options: &[ModuleOption],
    given: &Map<String, Value>,
    place: &str,
    ignores_unknown: bool,
    errors: &mut Vec<ArgumentError>,
) -> Map<String, Value> {
    let at = |name: &str| match place {
        "" => name.to_owned(),
        place => format!("{place}.{name}"),
    };
    let mut values = Map::new();
    for option in options {
        let name = option.name.as_ref();
        if is_missing(given, name) {
            if option.is_required {
                let message = format!("missing option `{}`", at(name));
                errors.push(ArgumentError::new(message).hint(format!("add `{name}` to the task")));
            }
            continue;
        }
        if let Some(value) = converted(option, &given[name], &at(name), ignores_unknown, errors) {
            values.insert(name.to_owned(), value);
        }
    }
    let is_known = |name: &str| options.iter().any(|option| option.name == name);
    for name in given.keys().filter(|name| !ignores_unknown && !is_known(name)) {
        let error = ArgumentError::new(format!("unknown option `{}`", at(&shown(name))));
        let names = options.iter().map(|option| option.name.as_ref());
        errors.push(match nearest(name, names, NEAR) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("remove it from the task"),
        });
    }
    values
}

/// Converts a value to the type of its option. Adds an error and returns `None` if that's impossible.
fn converted(
    option: &ModuleOption,
    value: &Value,
    place: &str,
    ignores_unknown: bool,
    errors: &mut Vec<ArgumentError>,
) -> Option<Value> {
    let result = match &option.kind {
        Kind::Text => text(value, place).map(Value::String),
        Kind::Path => path(value, place).map(Value::String),
        Kind::Version => version(value, place).map(Value::String),
        Kind::Setting => setting(value, place).map(Value::String),
        Kind::Bool => boolean(value).map(Value::Bool).ok_or_else(|| match value {
            Value::String(_) | Value::Number(_) => ArgumentError::new(format!(
                "invalid value for `{place}`: expected `true` or `false`"
            )),
            _ => ArgumentError::wrong_type(place, "`true` or `false`", value),
        }),
        Kind::Integer(min, max) => integer(value, *min, *max, place).map(Value::from),
        Kind::Choice(choices) => {
            text(value, place).and_then(|text| choice(text, choices, place)).map(Value::String)
        }
        Kind::Texts => {
            list(value, place, errors, |value, place, _| text(value, place).map(Value::String))
        }
        Kind::Paths => {
            list(value, place, errors, |value, place, _| path(value, place).map(Value::String))
        }
        Kind::Choices(choices) => list(value, place, errors, |value, place, _| {
            text(value, place).and_then(|text| choice(text, choices, place)).map(Value::String)
        }),
        Kind::Dictionary(options) => mapping(value, place)
            .map(|given| Value::Object(dictionary(options, given, place, ignores_unknown, errors))),
        Kind::OneOf(options) => mapping(value, place).and_then(|given| {
            let before = errors.len();
            let values = dictionary(options, given, place, ignores_unknown, errors);
            if values.len() != 1 && errors.len() == before {
                let names: Vec<_> = options.iter().map(|it| format!("`{}`", it.name)).collect();
                let message =
                    format!("invalid value for `{place}`: expected exactly one of {}", or(&names));
                return Err(ArgumentError::new(message));
            }
            Ok(Value::Object(values))
        }),
        Kind::Dictionaries(options) => list(value, place, errors, |value, place, errors| {
            let given = mapping(value, place)?;
            Ok(Value::Object(dictionary(options, given, place, ignores_unknown, errors)))
        }),
        Kind::Values => mapping(value, place).map(|given| {
            let mut values = Map::new();
            for (name, value) in given {
                match setting(value, &format!("{place}.{}", shown(name))) {
                    Ok(value) => drop(values.insert(name.clone(), Value::String(value))),
                    Err(error) => errors.push(error),
                }
            }
            Value::Object(values)
        }),
    };
    result.map_err(|error| errors.push(error)).ok()
}

fn list(
    value: &Value,
    place: &str,
    errors: &mut Vec<ArgumentError>,
    mut each: impl FnMut(&Value, &str, &mut Vec<ArgumentError>) -> Result<Value, ArgumentError>,
) -> Result<Value, ArgumentError> {
    let Value::Array(items) = value else {
        let error = ArgumentError::wrong_type(place, "a list", value);
        return Err(error.hint("write a YAML list, with `- ` before each item"));
    };
    let mut converted = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match each(item, &format!("{place}[{index}]"), errors) {
            Ok(item) => converted.push(item),
            Err(error) => errors.push(error),
        }
    }
    Ok(Value::Array(converted))
}

fn mapping<'v>(value: &'v Value, place: &str) -> Result<&'v Map<String, Value>, ArgumentError> {
    value.as_object().ok_or_else(|| {
        let error = ArgumentError::wrong_type(place, "a dictionary", value);
        error.hint("write a YAML dictionary, with one `name: value` per line")
    })
}

fn text(value: &Value, place: &str) -> Result<String, ArgumentError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        // YAML reads `3.20` as 3.2, and `no` as false.
        Value::Number(_) | Value::Bool(_) => {
            Err(ArgumentError::wrong_type(place, "text", value).hint("put the value in quotes"))
        }
        _ => Err(ArgumentError::wrong_type(place, "text", value)),
    }
}

fn version(value: &Value, place: &str) -> Result<String, ArgumentError> {
    let text = text(value, place)?;
    match text.parse::<Version>() {
        Ok(_) => Ok(text),
        Err(error) => Err(ArgumentError::new(error.to_string())),
    }
}

fn setting(value: &Value, place: &str) -> Result<String, ArgumentError> {
    match value {
        Value::Bool(is_on) => Ok(u8::from(*is_on).to_string()),
        _ => text(value, place),
    }
}

fn path(value: &Value, place: &str) -> Result<String, ArgumentError> {
    match text(value, place)? {
        path if path.is_empty() => {
            let message = format!("invalid value `\"\"` (empty) for `{place}`: expected a path");
            Err(ArgumentError::new(message))
        }
        path => Ok(path),
    }
}

/// Reads a boolean as Ansible does; `None` if it's none of the accepted values.
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is_on) => Some(*is_on),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(text) => {
            let is =
                |words: &[&str]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
            if is(TRUE) { Some(true) } else { is(FALSE).then_some(false) }
        }
        _ => None,
    }
}

fn integer(value: &Value, min: i64, max: i64, place: &str) -> Result<i64, ArgumentError> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => return Err(ArgumentError::wrong_type(place, "an integer", value)),
    };
    number.filter(|number| (min..=max).contains(number)).ok_or_else(|| {
        let message =
            format!("invalid value for `{place}`: expected an integer from {min} to {max}");
        ArgumentError::new(message)
    })
}

fn choice(text: String, choices: &[&str], place: &str) -> Result<String, ArgumentError> {
    if choices.contains(&text.as_str()) {
        return Ok(text);
    }
    let names: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    let message =
        format!("invalid value `{}` for `{place}`: expected {}", shown(&text), or(&names));
    let error = ArgumentError::new(message);
    Err(match nearest(&text, choices.iter().copied(), NEAR) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    })
}

/// Shortens a name or a choice for a message.
fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns a list of alternatives: `a`, `b`, or `c`.
fn or(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        [most @ .., last] => format!("{}, or {last}", most.join(", ")),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "`null`",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a decimal number",
        Value::Number(_) => "an integer",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a dictionary",
    }
}
