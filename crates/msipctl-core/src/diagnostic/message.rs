//! A message: a template of words, and the named values in it.

use std::borrow::Cow;
use std::fmt;

/// What is wrong, as a text for people and as values for programs.
///
/// Two messages of one code are about the same problem if their [`identity`](Self::identity) is the same, whatever
/// words they have. `message!` makes one.
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

/// Words that a message shows and that are no value: they are left out of its identity and of its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Prose<T>(pub T);

/// A value that an argument can have.
pub trait ToArgument {
    /// Returns it as an argument of this name.
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
    /// The name of an argument that is the number of another line. It changes when lines move, so it is not part of the
    /// identity.
    const LINE: &'static str = "line";

    /// The name of the argument that is the key the message is about.
    const KEY: &'static str = "key";

    /// Makes a message. `message!` also checks that template and arguments belong together.
    pub fn new(template: &'static str, arguments: Vec<Argument>) -> Self {
        Self { template, arguments, is_prefixed: false }
    }

    /// Returns the names and values, without words.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let values = self.arguments.iter().filter(|argument| !argument.is_prose);
        values.map(|argument| (argument.name, argument.value.as_str()))
    }

    /// Returns a value by its name.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns the names and values by which the same problem is recognized, after lines moved and words changed.
    pub fn identity(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.arguments().filter(|(name, _)| Self::is_identifying(name))
    }

    /// Says whether an argument of that name is part of the identity.
    pub fn is_identifying(name: &str) -> bool {
        name != Self::LINE
    }

    /// Puts the key before the text, unless the message names it.
    #[must_use]
    pub fn about_key(mut self, key: &str) -> Self {
        if self.argument(Self::KEY).is_none() {
            self.arguments.insert(0, key.to_argument(Self::KEY));
            self.is_prefixed = true;
        }
        self
    }

    /// Replaces each value, for example by one without secrets.
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
            let behind = &rest[at + 1..];
            let sign = &rest[at..=at];
            rest = match behind.strip_prefix(sign) {
                // A doubled brace is a brace.
                Some(behind) => {
                    f.write_str(sign)?;
                    behind
                }
                None => {
                    let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
                    let found = self.arguments.iter().find(|argument| argument.name == name);
                    f.write_str(found.map_or("", |argument| &argument.value))?;
                    behind
                }
            };
        }
        f.write_str(rest)
    }
}

/// Makes a [`Message`](crate::diagnostic::Message) of a template and its arguments, as `name` or `name = value`; after a
/// `;` follow arguments that the text doesn't show. What doesn't belong together doesn't compile.
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

/// Checks that a template shows exactly these arguments, each once or more, and that no name is given twice.
///
/// # Panics
///
/// If they don't belong together. `message!` calls it while it is compiled.
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
            return Some("a brace of a message's template has no other one");
        }
        let mut index = 0;
        while index < shown.len() && !is_at(text, start, end, shown[index].as_bytes()) {
            index += 1;
        }
        if index == shown.len() {
            return Some("a message's template names an argument that is not given");
        }
        at = end + 1;
    }
    let mut index = 0;
    while index < shown.len() {
        let name = shown[index].as_bytes();
        if !is_shown(text, name) {
            return Some("a message's template doesn't show an argument that is given");
        }
        if count(shown, name) + count(hidden, name) > 1 {
            return Some("an argument of a message is given twice");
        }
        index += 1;
    }
    index = 0;
    while index < hidden.len() {
        if count(hidden, hidden[index].as_bytes()) > 1 {
            return Some("an argument of a message is given twice");
        }
        index += 1;
    }
    None
}

/// Finds the next name in braces: where it starts and ends. For a brace without another one, the start is after the end.
const fn next_name(text: &[u8], mut at: usize) -> Option<(usize, usize)> {
    while at < text.len() {
        let sign = text[at];
        at += 1;
        if sign != b'{' && sign != b'}' {
            continue;
        }
        if at < text.len() && text[at] == sign {
            at += 1;
            continue;
        }
        let start = at;
        while sign == b'{' && at < text.len() && text[at] != b'}' {
            at += 1;
        }
        let is_name = sign == b'{' && at < text.len();
        return Some(if is_name { (start, at) } else { (1, 0) });
    }
    None
}

/// Says whether a template without problems names an argument.
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

/// Says whether a part of a text is this name.
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

/// Counts how often a name is among others.
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
