//! Renders texts with `{{ … }}` within limits, because their author can be hostile.
//!
//! The parser of minijinja is recursive for each link of a chain such as `a+a+a`, and its filters can create large
//! results from small inputs. So a text is measured before it's parsed. Only filters whose results aren't much larger
//! than their inputs exist. Each rendering has fuel for a limited number of steps and bytes.

use std::collections::HashSet;
use std::error::Error as _;

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, filters, tests};

use crate::event;

/// The maximum length of a text to parse and of a rendered text, in bytes.
pub(crate) const MAX_TEXT: usize = 32 * 1024;

/// The maximum number of words, operators, and strings in all the tags of a text. Each can be a link of a chain.
const MAX_TOKENS: usize = 256;

/// The maximum number of brackets that are open at the same time.
const MAX_NESTING: usize = 16;

/// The fuel for rendering one text. An instruction costs 1, and so do 64 bytes that it reads or creates.
const FUEL: u64 = 4096;

/// The maximum nesting depth of loops and texts.
const MAX_DEPTH: usize = 16;

/// Why a text can't be parsed or rendered. The message never contains the given values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TextError {
    /// The text or the rendered text is too long.
    #[error("the text has {length} bytes: expected at most {MAX_TEXT}")]
    TooLong {
        /// The length in bytes.
        length: usize,
    },
    /// The tags have too many words and operators.
    #[error("its tags have more than {MAX_TOKENS} words and operators: simplify the text")]
    TooManyTokens,
    /// Too many brackets are open at the same time.
    #[error("brackets are nested more deeply than {MAX_NESTING}: simplify the expression")]
    TooDeep,
    /// The text uses `*`. That repeats text without using fuel, and no text needs a product.
    #[error("`*` isn't supported: remove it from the text")]
    Product,
    /// Rendering takes too many steps.
    #[error("rendering takes more than {FUEL} steps: simplify the text")]
    OutOfFuel,
    /// The engine can't parse or render the text.
    #[error("{0}")]
    Engine(String),
}

/// Renders texts of templates and policies within limits. Undefined names are errors.
pub(crate) struct TextEngine {
    environment: Environment<'static>,
}

impl TextEngine {
    /// Creates an engine with the filters and tests that templates and policies can use.
    pub(crate) fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(MAX_DEPTH);
        add_filters(&mut environment);
        add_tests(&mut environment);
        Self { environment }
    }

    /// Returns the names that a text uses, with the attributes of each if `with_attributes`.
    ///
    /// # Errors
    ///
    /// Why the text can't be parsed.
    pub(crate) fn names(
        &self,
        text: &str,
        with_attributes: bool,
    ) -> Result<HashSet<String>, TextError> {
        measure(text)?;
        let template = self.environment.template_from_str(text)?;
        Ok(template.undeclared_variables(with_attributes))
    }

    /// Renders a text.
    ///
    /// # Errors
    ///
    /// Why the text can't be rendered, without the given values.
    pub(crate) fn render(&self, text: &str, values: Value) -> Result<String, TextError> {
        self.render_counted(text, values).0
    }

    /// Renders a text like [`TextEngine::render`], and returns the used fuel.
    pub(crate) fn render_counted(
        &self,
        text: &str,
        values: Value,
    ) -> (Result<String, TextError>, u64) {
        if let Err(error) = measure(text) {
            return (Err(error), 0);
        }
        let template = match self.environment.template_from_str(text) {
            Ok(template) => template,
            Err(error) => return (Err(error.into()), 0),
        };
        match template.render_captured(values) {
            Err(error) => (Err(error.into()), FUEL),
            Ok(rendered) => {
                let fuel = rendered.state().fuel_levels().map_or(FUEL, |(used, _)| used);
                match rendered.output().len() {
                    ..=MAX_TEXT => (Ok(rendered.into_output()), fuel),
                    length => (Err(TextError::TooLong { length }), fuel),
                }
            }
        }
    }
}

/// Adds the filters of msipctl, and those of Jinja that return at most a small multiple of their input.
fn add_filters(environment: &mut Environment<'static>) {
    // One field of a directive, in quotes where the grammar needs them.
    environment.add_filter("field", |text: &str| event::field(text));
    // Text in which `%` doesn't start a placeholder.
    environment.add_filter("literal", |text: &str| text.replace('%', "%%"));
    // One argument of a command that MicroSIP starts directly.
    environment.add_filter("winarg", winarg);
    // A path with backslashes.
    environment.add_filter("winpath", |text: &str| text.replace('/', "\\"));
    environment.add_filter("abs", filters::abs);
    environment.add_filter("bool", filters::bool);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("count", filters::length);
    environment.add_filter("d", filters::default);
    environment.add_filter("default", filters::default);
    environment.add_filter("first", filters::first);
    environment.add_filter("float", filters::float);
    environment.add_filter("int", filters::int);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("replace", replace);
    environment.add_filter("round", filters::round);
    environment.add_filter("split", filters::split);
    environment.add_filter("string", filters::string);
    environment.add_filter("title", filters::title);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("urlencode", filters::urlencode);
}

/// Adds the tests for `is`.
fn add_tests(environment: &mut Environment<'static>) {
    environment.add_test("defined", tests::is_defined);
    environment.add_test("divisibleby", tests::is_divisibleby);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("eq", tests::is_eq);
    environment.add_test("equalto", tests::is_eq);
    environment.add_test("even", tests::is_even);
    environment.add_test("false", tests::is_false);
    environment.add_test("ge", tests::is_ge);
    environment.add_test("gt", tests::is_gt);
    environment.add_test("in", tests::is_in);
    environment.add_test("integer", tests::is_integer);
    environment.add_test("le", tests::is_le);
    environment.add_test("lower", tests::is_lower);
    environment.add_test("lt", tests::is_lt);
    environment.add_test("ne", tests::is_ne);
    environment.add_test("none", tests::is_none);
    environment.add_test("number", tests::is_number);
    environment.add_test("odd", tests::is_odd);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("string", tests::is_string);
    environment.add_test("true", tests::is_true);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("upper", tests::is_upper);
}

/// Replaces a part of a text, unless the result would be longer than [`MAX_TEXT`].
fn replace(text: &str, from: &str, to: &str) -> Result<String, Error> {
    let grows = text.matches(from).count().saturating_mul(to.len());
    match grows.saturating_add(text.len()) {
        ..=MAX_TEXT => Ok(text.replace(from, to)),
        length => {
            let error = TextError::TooLong { length };
            Err(Error::new(ErrorKind::OutOfFuel, "").with_source(error))
        }
    }
}

/// Formats a value as one argument of a command in MicroSIP.ini. MicroSIP splits the command and joins its words without
/// quotes, so the value is quoted twice: once for MicroSIP, and once for the program.
pub(super) fn winarg(value: &str) -> String {
    quoted(&quoted(value))
}

/// Formats a word for a command line, in quotes if it needs them. Backslashes before a quote are doubled, and the quote
/// is escaped with a backslash.
fn quoted(word: &str) -> String {
    let parts = |character: char| character.is_whitespace() || character == '"';
    if !word.is_empty() && !word.contains(parts) {
        return word.to_owned();
    }
    let mut written = String::from('"');
    let mut backslashes = 0;
    for character in word.chars() {
        if character == '"' {
            written.extend(std::iter::repeat_n('\\', backslashes + 1));
        }
        backslashes = if character == '\\' { backslashes + 1 } else { 0 };
        written.push(character);
    }
    written.extend(std::iter::repeat_n('\\', backslashes));
    written.push('"');
    written
}

impl From<Error> for TextError {
    /// Converts an error of the engine, without the values that its details quote.
    fn from(error: Error) -> Self {
        let of_filter = error.source().and_then(|source| source.downcast_ref::<Self>());
        if let Some(error) = of_filter {
            return error.clone();
        }
        let kind = error.kind();
        match (kind, error.detail()) {
            (ErrorKind::OutOfFuel, _) => Self::OutOfFuel,
            (ErrorKind::InvalidOperation, _) | (_, None) => Self::Engine(kind.to_string()),
            (_, Some(detail)) => Self::Engine(format!("{kind}: {detail}")),
        }
    }
}

/// Checks that a text is neither too long nor too deeply nested for the parser.
fn measure(text: &str) -> Result<(), TextError> {
    if text.len() > MAX_TEXT {
        return Err(TextError::TooLong { length: text.len() });
    }
    let mut measure = Measure { rest: text, tokens: 0, open: 0 };
    while let Some(start) = measure.next_tag() {
        match start {
            b'#' => measure.skip_past("#}"),
            b'%' => match measure.raw() {
                true => {}
                false => measure.tag("%}")?,
            },
            _ => measure.tag("}}")?,
        }
    }
    Ok(())
}

/// A scanner that follows the same steps as the lexer of minijinja.
struct Measure<'t> {
    rest: &'t str,
    tokens: usize,
    /// The number of open brackets. The lexer recognizes the end of a tag only if all brackets are closed.
    open: isize,
}

impl Measure<'_> {
    /// Moves after the next `{{`, `{%`, or `{#`, and returns its second byte.
    fn next_tag(&mut self) -> Option<u8> {
        let bytes = self.rest.as_bytes();
        let is_start = |pair: &[u8]| pair[0] == b'{' && b"{%#".contains(&pair[1]);
        let found = bytes.windows(2).position(is_start);
        let second = found.map(|offset| bytes[offset + 1]);
        self.rest = found.map_or("", |offset| &self.rest[offset + 2..]);
        if second != Some(b'#') {
            self.rest = self.rest.strip_prefix(['-', '+']).unwrap_or(self.rest);
        }
        second
    }

    fn skip_past(&mut self, end: &str) {
        self.rest = self.rest.split_once(end).map_or("", |(_, rest)| rest);
    }

    /// Skips a raw block, which starts with `{%` and the beginning of `rest`. Returns whether this is a raw block.
    fn raw(&mut self) -> bool {
        let Some(mut rest) = basic_tag(self.rest, "raw") else { return false };
        loop {
            let Some((_, after)) = rest.split_once("{%") else {
                self.rest = "";
                return true;
            };
            let inner = after.strip_prefix(['-', '+']).unwrap_or(after);
            if let Some(after) = basic_tag(inner, "endraw") {
                self.rest = after;
                return true;
            }
            rest = after;
        }
    }

    /// Counts the tokens in a tag, and moves after its end.
    fn tag(&mut self, end: &str) -> Result<(), TextError> {
        self.add()?;
        loop {
            self.rest = self.rest.trim_start_matches(|it: char| it.is_ascii_whitespace());
            let bare = self.rest.strip_prefix(['-', '+']).unwrap_or(self.rest);
            if let Some(rest) = bare.strip_prefix(end).filter(|_| self.open == 0) {
                self.rest = rest;
                return Ok(());
            }
            let Some(first) = self.rest.bytes().next() else { return Ok(()) };
            self.add()?;
            let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
            match first {
                b'"' | b'\'' => match string(&self.rest[1..], first) {
                    Some(rest) => self.rest = rest,
                    // The lexer rejects the remaining text.
                    None => self.rest = "",
                },
                b'*' => return Err(TextError::Product),
                b'(' | b'[' | b'{' => {
                    self.open += 1;
                    if self.open > MAX_NESTING as isize {
                        return Err(TextError::TooDeep);
                    }
                    self.rest = &self.rest[1..];
                }
                b')' | b']' | b'}' => {
                    self.open -= 1;
                    self.rest = &self.rest[1..];
                }
                _ if is_word(char::from(first)) => {
                    self.rest = self.rest.trim_start_matches(is_word);
                }
                _ if first.is_ascii() => self.rest = &self.rest[1..],
                // The lexer rejects the remaining text.
                _ => self.rest = "",
            }
        }
    }

    fn add(&mut self) -> Result<(), TextError> {
        self.tokens += 1;
        match self.tokens {
            ..=MAX_TOKENS => Ok(()),
            _ => Err(TextError::TooManyTokens),
        }
    }
}

/// Returns the text after a string whose opening quote was already removed.
fn string(text: &str, quote: u8) -> Option<&str> {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == quote && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some(&text[end + 1..])
}

/// Returns the text after `name %}` at the beginning of a text.
fn basic_tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let is_space = |it: char| it.is_ascii_whitespace();
    let text = text.trim_start_matches(is_space).strip_prefix(name)?;
    let text = text.trim_start_matches(is_space);
    text.strip_prefix(['-', '+']).unwrap_or(text).strip_prefix("%}")
}

#[cfg(test)]
mod unit_tests {
    use proptest::prelude::*;

    use super::*;

    fn render(text: &str) -> Result<String, TextError> {
        TextEngine::new().render(text, Value::from_pairs([("a", "x")]))
    }

    #[track_caller]
    fn refuses(text: &str, expected: &str) {
        let error = render(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn long_expressions_are_rejected_before_parsing() {
        for link in ["+a", ".a", "|upper", "()", "[0]", " and a", "~a", " if a else a", " is a"] {
            refuses(&format!("{{{{ a{} }}}}", link.repeat(35_000)), "bytes: expected at most");
            let text = format!("{{{{ a{} }}}}", link.repeat(300));
            refuses(&text, "more than 256 words and operators");
        }
        for link in ["-", "not "] {
            refuses(&format!("{{{{ {}a }}}}", link.repeat(300)), "more than 256");
        }
        refuses(&format!("{{{{ {}a }}}}", "(".repeat(200)), "nested more deeply than 16");
        refuses(&"{% if a %}".repeat(300), "more than 256");
        refuses(&format!("{{% if a %}}{}", "{% elif a %}".repeat(300)), "more than 256");
    }

    #[test]
    fn long_expressions_after_strings_and_comments_are_rejected() {
        let chain = "+a".repeat(300);
        for before in [
            "{# \" #}",
            "{#- ' -#}",
            "{% raw %}{{ \" {% endraw %}",
            "{%- raw -%} ' {%- endraw -%}",
            "{% raw %}{%+ endraw %}",
            "\"'{ ",
            "{{ {'a': {'b': 1}}.a.b }}",
            "{{ 'a\\'b' }}",
            "{{ \"a\\\\\" }}",
            "{{ \"}}\" }}",
            "{% if 5 % 2 -%}{% endif %}",
            "{{ 1e5 -}}",
        ] {
            assert!(render(&format!("{before}{{{{ a }}}}")).is_ok(), "{before}");
            refuses(&format!("{before}{{{{ a{chain} }}}}"), "more than 256");
        }
    }

    #[test]
    fn expressions_that_multiply_data_are_rejected() {
        for text in [
            "{{ 'a' * 100000000 }}",
            "{{ [1] * 100000000 }}",
            "{% set s = 'aaaaaaaa' %}{% for i in [1,2,3,4] %}{% for j in [1,2,3,4] %}{% for k in [1,2,3,4] %}{% for l in [1,2,3,4] %}{{ s * 999 }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
            "{{ 'aaaaaaaaaaaaaaaaaaaaaaaa'|replace('', 'b' * 9999) }}",
            "{% for a in 'a' * 9999 recursive %}{{ loop('a' * 9999) }}{% endfor %}",
        ] {
            assert!(render(text).is_err(), "{text}");
        }
        let doubled = "{% set s = s ~ s %}".repeat(30);
        refuses(&format!("{{% set s = 'aaaaaaaaaaaaaaaaa' %}}{doubled}{{{{ s }}}}"), "steps");
        for name in ["batch", "slice", "indent", "join", "format", "pprint", "list", "zip"] {
            refuses(&format!("{{{{ a|{name} }}}}"), "unknown filter");
        }
        for name in ["range(9)", "dict()", "debug()", "namespace()"] {
            assert!(render(&format!("{{{{ {name} }}}}")).is_err(), "{name}");
        }
    }

    #[test]
    fn common_expressions_are_rendered() {
        for (text, expected) in [
            ("{{ a|upper ~ '-' }}", "X-"),
            ("{{ 'Ann Bee'|split(' ')|first }}", "Ann"),
            ("{{ 'a-b'|replace('-', '') }}", "ab"),
            ("{% if a is startingwith 'x' %}1{% else %}0{% endif %}", "1"),
            ("{{ '007'|int + 1 }}", "8"),
            ("{% raw %}{{ a }}{% endraw %}", "{{ a }}"),
        ] {
            assert_eq!(render(text), Ok(expected.to_owned()), "{text}");
        }
    }

    proptest! {
        /// If the scanner missed a tag, the parser would receive a chain that isn't counted.
        #[test]
        fn preceding_text_cannot_hide_a_long_expression(before in r#"([{}%#"'()\[\]a \\+-]|\{\{|\}\}|\{%|%\}|raw|endraw|if|\{#|#\}|-?%\}|\{%-?){0,24}"#) {
            let engine = TextEngine::new();
            let names = engine.names(&format!("{before}{{{{ zz }}}}"), false);
            if names.is_ok_and(|names| names.contains("zz")) {
                let chain = format!("{before}{{{{ zz{} }}}}", "+zz".repeat(300));
                prop_assert!(engine.names(&chain, false).is_err(), "{}", before);
            }
        }
    }
}
