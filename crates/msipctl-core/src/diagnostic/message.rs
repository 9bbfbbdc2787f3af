//! Messages: a text template and its named values.

use std::borrow::Cow;
use std::fmt;

/// The description of a problem, as text for users and as values for programs.
///
/// Two messages of one code describe the same problem if their [`identity`](Self::identity) is the same, even if their text
/// differs. To create a message, use `message!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    template: &'static str,
    arguments: Vec<Argument>,
    /// Whether the argument `key` is shown before the text.
    is_prefixed: bool,
}

/// A named value of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    name: &'static str,
    value: String,
    is_prose: bool,
}

/// Text that a message shows but that isn't a value, so it's not part of its identity or its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Prose<T>(pub T);

/// A value that can become an argument.
pub trait ToArgument {
    /// Returns it as an argument with this name.
    fn to_argument(&self, name: &'static str) -> Argument;
}

impl<T: fmt::Display> ToArgument for T {
    fn to_argument(&self, name: &'static str) -> Argument {
        Argument { name, value: self.to_string(), is_prose: false }
    }
}

impl<T: fmt::Display> ToArgument for Prose<T> {
    fn to_argument(&self, name: &'static str) -> Argument {
        Argument { name, value: self.0.to_string(), is_prose: true }
    }
}

impl Message {
    /// The name of the argument with the number of another line. The number changes when lines move, so it isn't part of
    /// the identity.
    const LINE: &'static str = "line";

    /// The name of the argument with the key that the message describes.
    const KEY: &'static str = "key";

    /// Creates a message. Use `message!` to also check that the arguments match the template.
    pub fn new(template: &'static str, arguments: Vec<Argument>) -> Self {
        Self { template, arguments, is_prefixed: false }
    }

    /// Returns the names and values of its arguments, without [`Prose`].
    pub fn arguments(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let values = self.arguments.iter().filter(|argument| !argument.is_prose);
        values.map(|argument| (argument.name, argument.value.as_str()))
    }

    /// Returns the value of an argument.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns the names and values that identify the problem, even if lines move or the wording changes.
    pub fn identity(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.arguments().filter(|(name, _)| Self::is_identifying(name))
    }

    /// Returns whether an argument with this name is part of the identity.
    pub fn is_identifying(name: &str) -> bool {
        name != Self::LINE
    }

    /// Adds the key before the text, unless the message already contains it.
    #[must_use]
    pub fn about_key(mut self, key: &str) -> Self {
        if self.argument(Self::KEY).is_none() {
            self.arguments.insert(0, key.to_argument(Self::KEY));
            self.is_prefixed = true;
        }
        self
    }

    /// Replaces each value, for example to mask secrets.
    #[must_use]
    pub fn map_values(mut self, map: impl Fn(&str) -> Cow<'_, str>) -> Self {
        for argument in &mut self.arguments {
            if let Cow::Owned(value) = map(&argument.value) {
                argument.value = value;
            }
        }
        self
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_prefixed {
            write!(f, "`{}`: ", self.argument(Self::KEY).unwrap_or_default())?;
        }
        let mut rest = self.template;
        while let Some(at) = rest.find(['{', '}']) {
            f.write_str(&rest[..at])?;
            let after = &rest[at + 1..];
            let brace = &rest[at..=at];
            rest = match after.strip_prefix(brace) {
                // A doubled brace is an escaped brace.
                Some(after) => {
                    f.write_str(brace)?;
                    after
                }
                None => {
                    let (name, after) = after.split_once('}').unwrap_or((after, ""));
                    let found = self.arguments.iter().find(|argument| argument.name == name);
                    f.write_str(found.map_or("", |argument| &argument.value))?;
                    after
                }
            };
        }
        f.write_str(rest)
    }
}

/// Creates a [`Message`](crate::diagnostic::Message) from a template and its arguments, as `name` or `name = value`.
///
/// Arguments after a `;` aren't shown in the text. If the arguments don't match the template, the code doesn't compile.
///
/// # Example
///
/// ```
/// use msipctl_core::message;
///
/// let limit = 255;
/// let message = message!("`{key}` has more than {limit} characters", key = "dialPlan", limit);
/// assert_eq!(message.to_string(), "`dialPlan` has more than 255 characters");
/// ```
#[macro_export]
macro_rules! message {
    ($template:literal $(, $name:ident $(= $value:expr)?)* $(; $($hidden:ident = $more:expr),+)? $(,)?) => {{
        const {
            $crate::diagnostic::check_template(
                $template,
                &[$(stringify!($name)),*],
                &[$($(stringify!($hidden)),+)?],
            );
        }
        $crate::diagnostic::Message::new(
            $template,
            vec![
                $($crate::message!(@ $name $(= $value)?)),*
                $($(, $crate::message!(@ $hidden = $more))+)?
            ],
        )
    }};
    (@ $name:ident) => {
        $crate::diagnostic::ToArgument::to_argument(&$name, stringify!($name))
    };
    (@ $name:ident = $value:expr) => {
        $crate::diagnostic::ToArgument::to_argument(&$value, stringify!($name))
    };
}

/// Checks that a template shows each of these arguments at least once and no others, and that names are unique.
///
/// # Panics
///
/// Panics if the arguments don't match the template. `message!` calls this function at compile time.
pub const fn check_template(template: &str, shown: &[&str], hidden: &[&str]) {
    if let Some(problem) = template_problem(template, shown, hidden) {
        panic!("{}", problem);
    }
}

const fn template_problem(template: &str, shown: &[&str], hidden: &[&str]) -> Option<&'static str> {
    let text = template.as_bytes();
    let mut at = 0;
    while let Some((start, end)) = next_name(text, at) {
        if start > end {
            return Some("unmatched brace in the template of a message");
        }
        let mut index = 0;
        while index < shown.len() && !is_at(text, start, end, shown[index].as_bytes()) {
            index += 1;
        }
        if index == shown.len() {
            return Some("the template of a message contains an argument that isn't given");
        }
        at = end + 1;
    }
    let mut index = 0;
    while index < shown.len() {
        let name = shown[index].as_bytes();
        if !is_shown(text, name) {
            return Some("the template of a message doesn't show an argument that is given");
        }
        if count(shown, name) + count(hidden, name) > 1 {
            return Some("duplicate argument of a message");
        }
        index += 1;
    }
    index = 0;
    while index < hidden.len() {
        if count(hidden, hidden[index].as_bytes()) > 1 {
            return Some("duplicate argument of a message");
        }
        index += 1;
    }
    None
}

/// Returns the start and end of the next name in braces. For an unmatched brace, the start is after the end.
const fn next_name(text: &[u8], mut at: usize) -> Option<(usize, usize)> {
    while at < text.len() {
        let byte = text[at];
        at += 1;
        if byte != b'{' && byte != b'}' {
            continue;
        }
        if at < text.len() && text[at] == byte {
            at += 1;
            continue;
        }
        let start = at;
        while byte == b'{' && at < text.len() && text[at] != b'}' {
            at += 1;
        }
        let is_name = byte == b'{' && at < text.len();
        return Some(if is_name { (start, at) } else { (1, 0) });
    }
    None
}

/// Returns whether a valid template shows an argument.
const fn is_shown(text: &[u8], name: &[u8]) -> bool {
    let mut at = 0;
    while let Some((start, end)) = next_name(text, at) {
        if is_at(text, start, end, name) {
            return true;
        }
        at = end + 1;
    }
    false
}

/// Returns whether a part of a text is equal to a name.
const fn is_at(text: &[u8], start: usize, end: usize, name: &[u8]) -> bool {
    if end - start != name.len() {
        return false;
    }
    let mut index = 0;
    while index < name.len() {
        if text[start + index] != name[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Returns how many of the names are equal to a name.
const fn count(names: &[&str], name: &[u8]) -> usize {
    let mut count = 0;
    let mut index = 0;
    while index < names.len() {
        let other = names[index].as_bytes();
        if is_at(other, 0, other.len(), name) {
            count += 1;
        }
        index += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_template_is_filled_with_values() {
        let key = "AA";
        let message =
            message!("`{key}` is `{value}`: {{{reason}}}", key, value = 2, reason = Prose("so"));
        assert_eq!(message.to_string(), "`AA` is `2`: {so}");
        let arguments: Vec<_> = message.arguments().collect();
        assert_eq!(arguments, [("key", "AA"), ("value", "2")]);
        assert_eq!(message.argument("value"), Some("2"));
        assert_eq!(message!("plain").to_string(), "plain");
    }

    #[test]
    fn message_identity_ignores_wording_and_line_numbers() {
        let of = |message: &Message| {
            let identity = message.identity();
            identity.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        let one = message!("`{key}` as in line {line}", key = "AA", line = 2);
        let other = message!("see line {line} for `{key}`", line = 9, key = "AA");
        assert_ne!(one.to_string(), other.to_string());
        assert_eq!(of(&one), of(&other));
        assert_ne!(of(&one), of(&message!("`{key}` as in line {line}", key = "AB", line = 2)));
        let [known, new] =
            ["1", "2"].map(|value| message!("{reason}", reason = Prose("x"); value = value));
        assert_eq!(known.to_string(), new.to_string());
        assert_ne!(of(&known), of(&new));
    }

    #[test]
    fn key_is_prepended_to_messages_that_do_not_name_it() {
        let message = message!("it is {size} long", size = 9).about_key("AA");
        assert_eq!(message.to_string(), "`AA`: it is 9 long");
        assert_eq!(message.argument("key"), Some("AA"));
        let named = message!("`{key}` is long", key = "AB").about_key("AA");
        assert_eq!(named.to_string(), "`AB` is long");
    }

    #[test]
    fn template_is_rejected_when_its_arguments_differ() {
        for (template, shown, hidden) in [
            ("{a}", &[][..], &[][..]),
            ("{a}", &["b"], &[]),
            ("a", &["a"], &[]),
            ("{{a}}", &["a"], &[]),
            ("{a", &["a"], &[]),
            ("{a}}", &["a"], &[]),
            ("{a}", &["a", "a"], &[]),
            ("{a}", &["a"], &["a"]),
            ("{a}", &["a"], &["b", "b"]),
        ] {
            let problem = template_problem(template, shown, hidden);
            assert!(problem.is_some(), "{template} {shown:?} {hidden:?}");
        }
        assert_eq!(template_problem("{a} {{b}} {a} {c}", &["a", "c"], &["d"]), None);
    }
}
