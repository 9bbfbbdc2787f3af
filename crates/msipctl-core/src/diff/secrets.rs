//! Selects whether the secrets of a file are shown.

use std::borrow::Cow;

use microsip_schema::SecretKeys;

/// How secret values are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets<'k> {
    /// Secrets are shown as `***`.
    #[default]
    Masked,
    /// Secrets and the values of these keys are shown as `***`.
    MaskedWith(&'k SecretKeys),
    /// Secrets are shown, because the user asked for them.
    Revealed,
}

impl Secrets<'_> {
    /// Returns the value of a key, masked if it's a secret.
    pub fn shown<'v>(self, section: &str, key: &str, value: &'v str) -> Cow<'v, str> {
        match self {
            Self::Masked => microsip_schema::mask(section, key, value),
            Self::MaskedWith(keys) => keys.mask(section, key, value),
            Self::Revealed => Cow::Borrowed(value),
        }
    }

    /// Returns a free-form text in which the values of known secrets are masked.
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
