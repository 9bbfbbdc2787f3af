//! Whether people see the secrets of a file.

use std::borrow::Cow;

use microsip_schema::SecretKeys;

/// Whether secret values are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets<'k> {
    /// Shown as `***`.
    #[default]
    Masked,
    /// The same, and so are the values of these keys.
    MaskedWith(&'k SecretKeys),
    /// Shown as they are, because someone asked for it.
    Revealed,
}

impl Secrets<'_> {
    /// Returns the value of a key as it may be shown.
    pub fn shown<'v>(self, section: &str, key: &str, value: &'v str) -> Cow<'v, str> {
        match self {
            Self::Masked => microsip_schema::mask(section, key, value),
            Self::MaskedWith(keys) => keys.mask(section, key, value),
            Self::Revealed => Cow::Borrowed(value),
        }
    }

    /// Returns a text of free form as it may be shown: without the secrets that are known by their values.
    pub(super) fn shown_text(self, text: String) -> String {
        match self {
            Self::MaskedWith(keys) => match keys.mask_text(&text) {
                Cow::Borrowed(_) => text,
                Cow::Owned(masked) => masked,
            },
            Self::Masked | Self::Revealed => text,
        }
    }
}
