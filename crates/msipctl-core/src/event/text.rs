//! Text with placeholders, as in a field of a directive.

use std::fmt;

/// A placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `%number%`: the caller ID as MicroSIP passed it.
    Number,
    /// `%event%`: the name of the event.
    Event,
    /// `%time%`: the current time in the format of RFC 3339.
    Time,
    /// `%user%`: the Windows user.
    User,
    /// `%host%`: the name of the PC.
    Host,
    /// `%ini%`: the path of MicroSIP.ini.
    Ini,
}

impl Placeholder {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Number, "number"),
        (Self::Event, "event"),
        (Self::Time, "time"),
        (Self::User, "user"),
        (Self::Host, "host"),
        (Self::Ini, "ini"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(it, _)| *it == self).map_or("", |(_, name)| name)
    }
}

/// A text in which `%name%` is replaced with a value that is known only during a call, and `%%` with `%`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Placeholder(Placeholder),
}

/// The error for a `%` that doesn't start a known placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    pub(super) offset: usize,
    found: Option<String>,
}

impl Text {
    /// Parses a text.
    ///
    /// # Errors
    ///
    /// [`TextError`] for an unknown placeholder and for a single `%`.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::event::Text;
    ///
    /// let text = Text::parse("%number% is 100%% sure")?;
    /// assert_eq!(text.expand(|_| "42".into()), "42 is 100% sure");
    /// assert!(Text::parse("%callerid%").is_err());
    /// # Ok::<(), msipctl_core::event::TextError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let mut segments = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, following)) = rest.split_once('%') {
            let offset = text.len() - following.len() - 1;
            literal.push_str(before);
            let (name, after) =
                following.split_once('%').ok_or(TextError { offset, found: None })?;
            rest = after;
            if name.is_empty() {
                literal.push('%');
                continue;
            }
            let known = Placeholder::ALL.iter().find(|(_, known)| *known == name);
            let (placeholder, _) =
                known.ok_or_else(|| TextError { offset, found: Some(name.to_owned()) })?;
            if !literal.is_empty() {
                segments.push(Segment::Literal(std::mem::take(&mut literal)));
            }
            segments.push(Segment::Placeholder(*placeholder));
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            segments.push(Segment::Literal(literal));
        }
        Ok(Self { segments })
    }

    /// Returns the text with each placeholder replaced by its value. Placeholders in values aren't replaced.
    pub fn expand(&self, value: impl Fn(Placeholder) -> String) -> String {
        let piece = |piece: &Segment| match piece {
            Segment::Literal(text) => text.clone(),
            Segment::Placeholder(placeholder) => value(*placeholder),
        };
        self.segments.iter().map(piece).collect()
    }

    /// Returns the text if it has no placeholders.
    pub fn literal(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [] => Some(""),
            [Segment::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns the placeholders of the text.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.segments.iter().filter_map(|piece| match piece {
            Segment::Placeholder(placeholder) => Some(*placeholder),
            Segment::Literal(_) => None,
        })
    }

    /// Returns the segments in order: literal texts and placeholders.
    pub(super) fn segments(&self) -> impl Iterator<Item = Result<&str, Placeholder>> {
        self.segments.iter().map(|piece| match piece {
            Segment::Literal(text) => Ok(text.as_str()),
            Segment::Placeholder(placeholder) => Err(*placeholder),
        })
    }

    /// Returns the text before the first placeholder.
    pub(super) fn start(&self) -> &str {
        match self.segments.first() {
            Some(Segment::Literal(text)) => text,
            _ => "",
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|piece| match piece {
            Segment::Literal(text) => f.write_str(&text.replace('%', "%%")),
            Segment::Placeholder(placeholder) => write!(f, "%{}%", placeholder.name()),
        })
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(name) => write!(f, "unknown placeholder `%{name}%`: ")?,
            None => f.write_str("a single `%` doesn't start a placeholder: ")?,
        }
        f.write_str("expected %number%, %event%, %time%, %user%, %host%, %ini%, or %% for `%`")
    }
}

impl std::error::Error for TextError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn placeholder_error_points_at_its_percent_sign() {
        assert_eq!(Text::parse("ab%x%").unwrap_err().offset, 2);
        assert_eq!(Text::parse("%%a%").unwrap_err().offset, 3);
    }

    proptest! {
        #[test]
        fn printed_text_parses_to_the_same_text(text in "(%%|%number%|%ini%|[^%]){0,8}") {
            let parsed = Text::parse(&text).unwrap();
            prop_assert_eq!(Text::parse(&parsed.to_string()), Ok(parsed));
        }

        #[test]
        fn escaped_literal_text_round_trips(text: String) {
            let parsed = Text::parse(&text.replace('%', "%%")).unwrap();
            prop_assert_eq!(parsed.literal(), Some(&text[..]));
        }
    }
}
