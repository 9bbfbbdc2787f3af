//! Window messages by number or name.

use std::fmt;

/// A window message, which keeps its original spelling.
///
/// # Example
///
/// ```
/// use msipctl_core::event::Message;
///
/// let message = Message::parse("WM_USER+100")?;
/// assert_eq!(message.number(), 0x464);
/// assert!(!message.is_system());
/// # Ok::<(), msipctl_core::event::MessageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    written: String,
    number: u32,
}

/// The error for an invalid window message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid window message `{written}`: expected WM_USER+n, WM_APP+n, a number up to 65535, or a name such as WM_CLOSE"
)]
pub struct MessageError {
    written: String,
}

const USER: u32 = 0x400;
const APP: u32 = 0x8000;
const LAST: u32 = 0xffff;

/// Messages that Windows defines and that receivers are known to handle, with their numbers from winuser.h.
const NAMED: &[(&str, u32)] = &[
    ("WM_NULL", 0x0000),
    ("WM_MOVE", 0x0003),
    ("WM_SIZE", 0x0005),
    ("WM_ACTIVATE", 0x0006),
    ("WM_SETFOCUS", 0x0007),
    ("WM_KILLFOCUS", 0x0008),
    ("WM_ENABLE", 0x000a),
    ("WM_SETTEXT", 0x000c),
    ("WM_GETTEXT", 0x000d),
    ("WM_PAINT", 0x000f),
    ("WM_CLOSE", 0x0010),
    ("WM_QUIT", 0x0012),
    ("WM_SHOWWINDOW", 0x0018),
    ("WM_SETTINGCHANGE", 0x001a),
    ("WM_ACTIVATEAPP", 0x001c),
    ("WM_COPYDATA", 0x004a),
    ("WM_KEYDOWN", 0x0100),
    ("WM_KEYUP", 0x0101),
    ("WM_CHAR", 0x0102),
    ("WM_COMMAND", 0x0111),
    ("WM_SYSCOMMAND", 0x0112),
    ("WM_TIMER", 0x0113),
    ("WM_HOTKEY", 0x0312),
    ("WM_APPCOMMAND", 0x0319),
    ("WM_USER", USER),
    ("WM_APP", APP),
];

impl Message {
    /// Parses a message.
    ///
    /// # Errors
    ///
    /// [`MessageError`] for a text that is neither a number up to 65535 nor a known name.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        let number = Self::number_of(text).filter(|number| *number <= LAST);
        let number = number.ok_or_else(|| MessageError { written: text.to_owned() })?;
        Ok(Self { written: text.to_owned(), number })
    }

    /// Returns the number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns whether Windows defines the message, so that any window can act on it.
    pub fn is_system(&self) -> bool {
        self.number < USER
    }

    fn number_of(text: &str) -> Option<u32> {
        if let Some((name, offset)) = text.split_once('+') {
            let base = match name {
                "WM_USER" => USER,
                "WM_APP" => APP,
                _ => return None,
            };
            return base.checked_add(decimal(offset)?);
        }
        if let Some(hex) = text.strip_prefix("0x") {
            let digits = !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
            return digits.then(|| u32::from_str_radix(hex, 16).ok()).flatten();
        }
        let named = NAMED.iter().find(|(name, _)| *name == text).map(|(_, number)| *number);
        named.or_else(|| decimal(text))
    }
}

fn decimal(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_message_parses_from_numbers_and_names() {
        let number = |text: &str| Message::parse(text).ok().map(|message| message.number());
        assert_eq!(number("WM_APP+1"), Some(0x8001));
        assert_eq!(number("1124"), Some(1124));
        assert_eq!(number("0x464"), Some(0x464));
        assert_eq!(number("WM_CLOSE"), Some(0x10));
        for text in ["", "WM_USER+", "WM_USER+-1", "WM_CLOSE+1", "0x", "0x+1", "70000", "wm_user+1"]
        {
            assert_eq!(number(text), None, "{text}");
        }
        assert!(Message::parse("WM_CLOSE").unwrap().is_system());
    }
}
