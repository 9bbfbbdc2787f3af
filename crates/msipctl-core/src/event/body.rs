//! Detects the type of a request body, and inserts values into it with the escaping that the type needs.

use super::payload::is_steering;
use super::text::{Placeholder, Text};

/// The type of a body, detected from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// The body begins with a bracket.
    Json,
    /// The body begins with a tag, a declaration, or a comment.
    Xml,
    /// The body begins with `name=`.
    Form,
    /// Any other body.
    Text,
}

impl BodyKind {
    /// Returns the type of a body.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::event::{BodyKind, Text};
    ///
    /// assert_eq!(BodyKind::of(&Text::parse("<call n=\"%number%\"/>")?), BodyKind::Xml);
    /// assert_eq!(BodyKind::of(&Text::parse("n=%number%")?), BodyKind::Form);
    /// assert_eq!(BodyKind::of(&Text::parse("<30>1 %number%")?), BodyKind::Text);
    /// # Ok::<(), msipctl_core::event::TextError>(())
    /// ```
    pub fn of(body: &Text) -> Self {
        let sample = sample(body);
        let is_space = |character: char| character.is_whitespace() || character == '\u{feff}';
        let start = sample.trim_start_matches(is_space);
        if start.starts_with(['{', '[']) {
            return Self::Json;
        }
        // `<30>` is the priority in a syslog line.
        if begins_markup(start) {
            return Self::Xml;
        }
        let name = sample.split('=').next().unwrap_or_default();
        let is_form = sample.contains('=')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        if is_form { Self::Form } else { Self::Text }
    }

    /// Returns the content type of the request.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "text/xml; charset=utf-8",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// Returns a text with sample values for its placeholders.
fn sample(text: &Text) -> String {
    text.expand(|placeholder| match placeholder {
        Placeholder::Event => "call-end".to_owned(),
        _ => "0".to_owned(),
    })
}

/// Returns whether a text begins like an element, a declaration, or a comment.
fn begins_markup(text: &str) -> bool {
    text.strip_prefix('<').is_some_and(|rest| rest.starts_with(['?', '!']) || begins_name(rest))
}

/// Returns whether a text begins like the name of an element.
fn begins_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || "_:".contains(first))
}

/// Returns whether the caller ID is in XML without escaping: in a text that contains elements and is sent to its receiver
/// unchanged.
pub(super) fn has_caller_in_xml(text: &Text) -> bool {
    text.placeholders().any(|placeholder| placeholder == Placeholder::Number) && has_elements(text)
}

/// The location of a placeholder in XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// Between tags.
    Content,
    /// In a quoted attribute value.
    Attribute,
    /// In a CDATA section.
    Cdata,
    /// In a tag, a comment, or a declaration, where escaping isn't possible.
    Markup,
}

/// The state of an XML scan.
#[derive(Debug, Clone, Copy)]
enum State {
    Content,
    Tag,
    Quoted(char),
    Cdata,
    Comment,
    Declaration,
}

impl State {
    fn spot(self) -> Spot {
        match self {
            Self::Content => Spot::Content,
            Self::Quoted(_) => Spot::Attribute,
            Self::Cdata => Spot::Cdata,
            Self::Tag | Self::Comment | Self::Declaration => Spot::Markup,
        }
    }

    /// Returns the state after a text.
    fn after(mut self, mut text: &str) -> Self {
        while let Some(first) = text.chars().next() {
            let (state, length) = match self {
                Self::Content if text.starts_with("<![CDATA[") => (Self::Cdata, "<![CDATA[".len()),
                Self::Content if text.starts_with("<!--") => (Self::Comment, "<!--".len()),
                Self::Content if text.starts_with("<!") || text.starts_with("<?") => {
                    (Self::Declaration, "<!".len())
                }
                Self::Content if first == '<' => (Self::Tag, 1),
                Self::Tag if first == '"' || first == '\'' => (Self::Quoted(first), 1),
                Self::Tag | Self::Declaration if first == '>' => (Self::Content, 1),
                Self::Quoted(quote) if first == quote => (Self::Tag, 1),
                Self::Cdata if text.starts_with("]]>") => (Self::Content, "]]>".len()),
                Self::Comment if text.starts_with("-->") => (Self::Content, "-->".len()),
                state => (state, first.len_utf8()),
            };
            self = state;
            text = &text[length..];
        }
        self
    }
}

/// Inserts values into XML so that each stays text. `value` returns the value of a placeholder.
///
/// # Errors
///
/// If a placeholder is where XML can't escape its value.
pub fn xml_filled(
    body: &Text,
    value: impl Fn(Placeholder) -> String,
) -> Result<String, &'static str> {
    let mut state = State::Content;
    let mut filled = String::new();
    for piece in body.segments() {
        match piece {
            Ok(literal) => {
                filled.push_str(literal);
                state = state.after(literal);
            }
            // The name of an event consists only of letters and hyphens.
            Err(Placeholder::Event) => filled.push_str(&value(Placeholder::Event)),
            Err(placeholder) => {
                let value = value(placeholder);
                match state.spot() {
                    Spot::Content | Spot::Attribute => filled.push_str(&xml_escaped(&value)),
                    Spot::Cdata => {
                        if filled.ends_with(']') {
                            filled.push_str("]]><![CDATA[");
                        }
                        filled.push_str(&cdata_escaped(&value));
                    }
                    Spot::Markup => {
                        return Err(
                            "invalid placeholder in XML markup: use placeholders only between tags, in \
                                    quoted attribute values, or in CDATA",
                        );
                    }
                }
            }
        }
    }
    Ok(filled)
}

/// Escapes a text for XML content and quoted attribute values. Removes characters that XML can't contain.
///
/// # Example
///
/// ```
/// use msipctl_core::event::xml_escaped;
///
/// assert_eq!(xml_escaped("\"A&B\" <49]]>\u{1b}"), "&quot;A&amp;B&quot; &lt;49]]&gt;");
/// ```
pub fn xml_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|character| is_xml(*character)) {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            character => escaped.push(character),
        }
    }
    escaped
}

/// Splits the CDATA section wherever a value, together with the text next to it, could end the section.
fn cdata_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|character| is_xml(*character)) {
        match character {
            ']' => escaped.push_str("]]]><![CDATA["),
            '>' => escaped.push_str("]]>&gt;<![CDATA["),
            character => escaped.push(character),
        }
    }
    escaped
}

/// Returns whether XML 1.0 can contain a character, and the character doesn't control how text is shown.
fn is_xml(character: char) -> bool {
    !is_steering(character) && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// Returns whether a text contains XML elements, even if it isn't an XML document.
fn has_elements(text: &Text) -> bool {
    let sample = sample(text);
    let opens = sample.match_indices('<').any(|(at, _)| begins_markup(&sample[at..]));
    let closes = sample.match_indices("</").any(|(at, end)| begins_name(&sample[at + end.len()..]));
    opens && (closes || sample.contains("/>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(body: &str, caller: &str) -> Result<String, &'static str> {
        xml_filled(&Text::parse(body).unwrap(), |placeholder| match placeholder {
            Placeholder::Event => "call-end".to_owned(),
            _ => caller.to_owned(),
        })
    }

    #[test]
    fn body_kind_is_detected_from_its_start() {
        for (body, expected) in [
            (" {\"n\":1}", BodyKind::Json),
            ("[%number%]", BodyKind::Json),
            ("<call>%number%</call>", BodyKind::Xml),
            ("\u{feff} <?xml version=\"1.0\"?><a/>", BodyKind::Xml),
            ("<!-- x --><a>%number%</a>", BodyKind::Xml),
            ("<%event%>%number%</%event%>", BodyKind::Xml),
            ("<30>1 - %number%", BodyKind::Text),
            ("< %number%", BodyKind::Text),
            ("a.b-c_1=%number%", BodyKind::Form),
            ("%number%=1", BodyKind::Form),
            ("call: <b>%number%</b>", BodyKind::Text),
        ] {
            assert_eq!(BodyKind::of(&Text::parse(body).unwrap()), expected, "{body}");
        }
    }

    #[test]
    fn values_are_escaped_for_their_xml_context() {
        let caller = "<a b=\"c\" d='e'>&]]>\u{1b}\u{ffff}\u{202e}";
        let escaped = "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;]]&gt;";
        for (body, expected) in [
            ("<a>%number%</a>", format!("<a>{escaped}</a>")),
            ("<a n=\"%number%\" m='%number%'/>", format!("<a n=\"{escaped}\" m='{escaped}'/>")),
            ("<a b='>'>%number%</a>", format!("<a b='>'>{escaped}</a>")),
            ("<!--<a>--><b>%number%</b>", format!("<!--<a>--><b>{escaped}</b>")),
            (
                "<?x y?><%event%>%number%</%event%>",
                format!("<?x y?><call-end>{escaped}</call-end>"),
            ),
            ("<![CDATA[x]]><a>%number%</a>", format!("<![CDATA[x]]><a>{escaped}</a>")),
        ] {
            assert_eq!(filled(body, caller), Ok(expected), "{body}");
        }
        assert_eq!(
            filled("<a><![CDATA[%number%]]></a>", "]]><b/>").unwrap(),
            "<a><![CDATA[]]]><![CDATA[]]]><![CDATA[]]>&gt;<![CDATA[<b/]]>&gt;<![CDATA[]]></a>"
        );
    }

    #[test]
    fn placeholders_in_xml_markup_are_rejected() {
        for body in [
            "<%number%/>",
            "<a %number%>",
            "<a x=%number%>",
            "<!-- %number% -->",
            "<?x %user%?>",
            "<!DOCTYPE %host%>",
        ] {
            assert!(filled(body, "1").is_err(), "{body}");
        }
    }

    #[test]
    fn unescaped_caller_id_in_xml_is_detected() {
        for (text, expected) in [
            ("<call><n>%number%</n></call>", true),
            ("<call n='%number%'/>", true),
            ("{\"xml\":\"<n>%number%</n>\"}", true),
            ("<n>%event%</n>", false),
            ("<%number%>", false),
            ("<30>%number%", false),
            ("%number% </3", false),
        ] {
            assert_eq!(has_caller_in_xml(&Text::parse(text).unwrap()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_caller_id_remains_text_within_xml(caller in r"([<>&\]'x \-]|\PC|\pC|\]\]>){0,12}") {
            let expected: String = caller.chars().filter(|character| is_xml(*character)).collect();
            for (body, before, after) in [
                ("<a>%number%</a>", "<a>", "</a>"),
                ("<a b=\"%number%\"/>", "<a b=\"", "\"/>"),
                ("<a><![CDATA[]]%number%>]%number%]]></a>", "<a>", "</a>"),
            ] {
                let filled = filled(body, &caller).unwrap();
                let text = filled.strip_prefix(before).unwrap().strip_suffix(after).unwrap();
                match body.contains("CDATA") {
                    true => prop_assert_eq!(content(text), format!("]]{expected}>]{expected}")),
                    false => prop_assert_eq!(content(text), &*expected),
                }
            }
        }
    }

    /// Reads the content of an element like an XML parser: CDATA sections and entities, but no tags.
    fn content(xml: &str) -> String {
        let mut text = String::new();
        let mut rest = xml;
        while let Some(first) = rest.chars().next() {
            let (piece, length) = if let Some(section) = rest.strip_prefix("<![CDATA[") {
                let end = section.find("]]>").unwrap();
                (section[..end].to_owned(), "<![CDATA[".len() + end + "]]>".len())
            } else if first == '&' {
                let (name, _) = rest.split_once(';').unwrap();
                let character = match name {
                    "&lt" => "<",
                    "&gt" => ">",
                    "&amp" => "&",
                    "&quot" => "\"",
                    "&apos" => "'",
                    other => panic!("{other}"),
                };
                (character.to_owned(), name.len() + 1)
            } else {
                assert!(first != '<' && !rest.starts_with("]]>"), "{xml}");
                (first.to_string(), first.len_utf8())
            };
            text.push_str(&piece);
            rest = &rest[length..];
        }
        text
    }
}
