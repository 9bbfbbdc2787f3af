//! Characters that must not be shown as they are, and JSON without them.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::event::is_steering;

/// Returns whether a character must be escaped: it controls a terminal, ends a line, changes the direction of text, or is
/// invisible. Invisible characters are those that Unicode calls default ignorable, and noncharacters.
pub fn is_hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control() && character != '\t';
    }
    is_steering(character)
        || u32::from(character) & 0xfffe == 0xfffe
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200d}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Returns equivalent JSON with all hidden characters as `\uXXXX`. JSON itself requires that only for some.
pub fn json_shown(json: &str) -> Cow<'_, str> {
    if !is_raw_anywhere(json) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_raw(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a text never fails.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Returns whether a character of JSON must be escaped. Line feeds between the values belong to JSON; in its texts, they
/// are escaped already.
fn is_raw(character: char) -> bool {
    is_hidden(character) && character != '\n'
}

/// Returns whether JSON has a character to escape. Most JSON is ASCII, which is checked many bytes at a time.
fn is_raw_anywhere(json: &str) -> bool {
    const PART: usize = 32;
    let is_plain = |part: &&[u8]| {
        part.iter().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~' | b'\n'))
    };
    let mut rest = json;
    while !rest.is_empty() {
        let plain = rest.as_bytes().chunks(PART).take_while(is_plain).map(<[u8]>::len).sum();
        rest = &rest[plain..];
        let end = (PART..rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if part.contains(is_raw) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hidden_characters_of_every_kind_are_recognized() {
        let hidden = "\0\x08\r\n\x0c\x1b\x7f\u{80}\u{85}\u{9b}\u{9f}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\
             \u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{fffe}\u{ffff}\u{1ffff}\u{e0001}";
        assert_eq!(hidden.chars().find(|character| !is_hidden(*character)), None);
        assert_eq!(
            "\tä電é🙂\u{a0}\u{300}\u{fffd}".chars().find(|character| is_hidden(*character)),
            None
        );
    }

    proptest! {
        #[test]
        fn shown_json_is_equivalent_and_has_no_hidden_characters(text: String) {
            let json = serde_json::to_string_pretty(&[&text]).unwrap();
            let shown = json_shown(&json);
            prop_assert!(!shown.contains(|character| is_hidden(character) && character != '\n'));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), [text]);
        }
    }
}
