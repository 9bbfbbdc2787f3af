//! The features of a line that a rule may listen to.

/// A set of features: those that a line has, or those of which a rule needs one.
///
/// A line may have a feature although no rule finds anything. It never lacks a feature that a rule needs, as a test
/// verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FeatureSet(u32);

impl FeatureSet {
    /// None.
    pub(super) const NONE: Self = Self(0);
    /// All of them.
    pub(super) const ALL: Self = Self(u32::MAX);

    // Of a file.

    /// Another encoding than MicroSIP's own.
    pub(super) const ENCODING: Self = Self(1);
    /// A UTF-16 code unit from 0x100 on, a NUL character, or half a code unit at the end.
    pub(super) const WIDE: Self = Self(1 << 1);
    /// Accounts that aren't numbered 1, 2, 3, and so on, complete, of different users, and one of them in use.
    pub(super) const ACCOUNTS: Self = Self(1 << 2);

    // Of any line.

    /// A line ending of CR alone.
    pub(super) const LONE_CR: Self = Self(1 << 3);
    /// A comment.
    pub(super) const COMMENT: Self = Self(1 << 4);
    /// Neither blank, comment, header, nor entry.
    pub(super) const TEXT: Self = Self(1 << 5);
    /// An entry or text before the first header.
    pub(super) const ABOVE: Self = Self(1 << 6);
    /// A control character or a non-ASCII character in a header or an entry.
    pub(super) const NON_ASCII: Self = Self(1 << 7);
    /// A section or key that an earlier one of the same name shadows.
    pub(super) const SHADOWED: Self = Self(1 << 8);

    // Of a header.

    /// It has no closing bracket.
    pub(super) const OPEN_HEADER: Self = Self(1 << 9);
    /// Something follows its closing bracket.
    pub(super) const TEXT_AFTER_HEADER: Self = Self(1 << 10);
    /// MicroSIP doesn't read the section.
    pub(super) const FOREIGN: Self = Self(1 << 11);

    // Of an entry's key.

    /// The key is empty, or has other characters than names have.
    pub(super) const ODD_KEY: Self = Self(1 << 12);
    /// MicroSIP doesn't read the key in this section, although it reads the section.
    pub(super) const UNKNOWN_KEY: Self = Self(1 << 13);
    /// The target version doesn't read the key.
    pub(super) const UNAVAILABLE: Self = Self(1 << 14);
    /// The number of a numbered entry isn't the next one.
    pub(super) const GAP: Self = Self(1 << 15);
    /// A command or a directive of an event.
    pub(super) const HOOK: Self = Self(1 << 16);

    // Of an entry's value.

    /// It isn't empty.
    pub(super) const FILLED: Self = Self(1 << 17);
    /// It isn't `0`.
    pub(super) const NOT_ZERO: Self = Self(1 << 18);
    /// The target version doesn't read it as intended.
    pub(super) const INVALID: Self = Self(1 << 19);
    /// It is longer than some version reads.
    pub(super) const LONG: Self = Self(1 << 20);
    /// Whitespace before or after it.
    pub(super) const SPACE: Self = Self(1 << 21);
    /// A quote, single or double.
    pub(super) const QUOTE: Self = Self(1 << 22);
    /// A question mark.
    pub(super) const QUESTION: Self = Self(1 << 23);
    /// A closing bracket, in the key or the value.
    pub(super) const BRACKET: Self = Self(1 << 24);
    /// A colon.
    pub(super) const COLON: Self = Self(1 << 25);
    /// A percent sign.
    pub(super) const PERCENT: Self = Self(1 << 26);
    /// The start of a comment: `;`, `#`, or `//`.
    pub(super) const COMMENT_START: Self = Self(1 << 27);
    /// A sequence that other kinds of files use as an escape.
    pub(super) const ESCAPE: Self = Self(1 << 28);
    /// A possible placeholder that was never replaced.
    pub(super) const PLACEHOLDER: Self = Self(1 << 29);

    /// A character that is checked together with the next one.
    const PAIR: Self = Self(1 << 30);

    /// Returns the union with other features.
    #[must_use]
    pub(super) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Adds other features.
    pub(super) fn add(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// Adds other features if a condition is true.
    pub(super) fn add_if(&mut self, condition: bool, others: Self) {
        self.0 |= if condition { others.0 } else { 0 };
    }

    /// Returns the intersection with other features.
    #[must_use]
    pub(super) const fn only(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Returns whether it has at least one of other features.
    pub(super) const fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Returns whether there are none.
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the features of the characters of a value, which has one byte for each character.
    #[inline]
    pub(super) fn of_value(value: &[u8]) -> Self {
        let mut features = Self::of_characters(value);
        if features.has(Self::PAIR) {
            let is_escape = |pair: &[u8]| matches!(pair, [b'\\', b'\\' | b':' | b'x']);
            // A hash sign alone is part of every feature code.
            let is_marker =
                |pair: &[u8]| pair == b"__" || pair[0] == b'#' && !b"#*".contains(&pair[1]);
            features.add_if(value.windows(2).any(is_escape), Self::ESCAPE);
            features.add_if(value.windows(2).any(is_marker), Self::PLACEHOLDER);
            features.add_if(value.windows(2).any(|pair| pair == b"//"), Self::COMMENT_START);
        }
        features.add_if(is_reminder(value), Self::PLACEHOLDER);
        features
    }

    fn of_characters(text: &[u8]) -> Self {
        Self(text.iter().fold(0, |features, byte| features | OF_CHARACTER[usize::from(*byte)]))
    }

    /// Returns the features of a section's name.
    pub(super) fn of_name(name: &[u8]) -> Self {
        Self::of_characters(name).only(Self::NON_ASCII)
    }

    /// Returns the features of a key that isn't in the schema.
    pub(super) fn of_key(key: &[u8]) -> Self {
        let is_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let mut features = Self::of_characters(key).only(Self::NON_ASCII.and(Self::BRACKET));
        features.add_if(key.is_empty() || !key.iter().all(is_name), Self::ODD_KEY);
        features
    }
}

/// The features of each character; those from 0x80 on stand for all non-ASCII characters.
static OF_CHARACTER: [u32; 256] = {
    let mut features = [0; 256];
    let mut byte = 0;
    while byte < features.len() {
        features[byte] = match byte as u8 {
            0..0x20 | 0x7f.. => FeatureSet::NON_ASCII,
            b'"' | b'\'' => FeatureSet::QUOTE,
            b'?' => FeatureSet::QUESTION,
            b']' => FeatureSet::BRACKET,
            b':' => FeatureSet::COLON,
            b'%' => FeatureSet::PERCENT.and(FeatureSet::PLACEHOLDER),
            b'#' => FeatureSet::COMMENT_START.and(FeatureSet::PAIR),
            b';' => FeatureSet::COMMENT_START,
            b'_' | b'/' | b'\\' => FeatureSet::PAIR,
            b'&' => FeatureSet::ESCAPE,
            b'{' | b'$' | b'<' | b'@' | b'[' => FeatureSet::PLACEHOLDER,
            _ => FeatureSet::NONE,
        }
        .0;
        byte += 1;
    }
    features
};

/// Returns whether a value may be a reminder to replace it, such as `change-me`, `replace_this`, or `your.domain`.
fn is_reminder(value: &[u8]) -> bool {
    let is_skipped = |byte: &u8| matches!(byte, b'_' | b'-' | b'.' | b'"' | b'\'');
    let is_start = |byte: &u8| matches!(byte.to_ascii_lowercase(), b'c' | b'r' | b'y');
    if !value.first().is_some_and(|first| is_start(first) || is_skipped(first)) {
        return false;
    }
    let characters = value.iter().filter(|byte| !is_skipped(byte)).map(u8::to_ascii_lowercase);
    [b"chan", b"repl", b"your"]
        .iter()
        .any(|start| characters.clone().take(4).eq(start.iter().copied()))
}
