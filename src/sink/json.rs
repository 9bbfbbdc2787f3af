//! JSON for machines, in ASCII: no character steers a terminal, and no reader has to guess an encoding.

use std::fmt::Write as _;

use serde::Serialize;

/// Returns a value as one line of JSON in ASCII. Other characters, and control characters, are escaped.
pub(super) fn ascii(value: &impl Serialize) -> String {
    // Only a map with keys that aren't text can't be serialized, and no type here has one.
    let json = serde_json::to_string(value).unwrap_or_default();
    if json.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return json;
    }
    let mut line = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        match character {
            ' '..='~' => line.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a text can't fail.
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ascii_json_is_printable_and_equivalent(text: String) {
            let line = ascii(&[&text]);
            prop_assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{}", line);
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&line).unwrap(), [text]);
        }
    }
}
