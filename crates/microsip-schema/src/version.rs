//! MicroSIP version numbers, such as in "since 3.19.10".

use std::fmt;
use std::str::FromStr;

/// A MicroSIP version of three numbers, compared numerically.
///
/// A version with two numbers, such as `3.19`, is parsed as the first one: 3.19.0.
///
/// # Example
///
/// ```
/// use microsip_schema::Version;
///
/// let version: Version = "3.19.10".parse()?;
/// assert!(version > Version::new(3, 19, 8));
/// assert_eq!(version.to_string(), "3.19.10");
/// # Ok::<(), microsip_schema::VersionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u16,
    minor: u16,
    patch: u16,
}

impl Version {
    /// The newest known version, which every command targets by default.
    ///
    /// The facts about it come from the source code of 3.22.16, the newest one that was examined, and from the release notes
    /// of later versions.
    pub const NEWEST: Self = Self::new(3, 22, 18);

    /// Creates a version from its three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// Returns the highest possible version with the same first two numbers.
    pub const fn last_of_minor(self) -> Self {
        Self { patch: u16::MAX, ..self }
    }

    /// Returns a number that is higher for newer versions.
    pub const fn rank(self) -> u64 {
        (self.major as u64) << 32 | (self.minor as u64) << 16 | self.patch as u64
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut numbers = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits { part.parse().ok() } else { None }
        });
        match [numbers.next(), numbers.next(), numbers.next(), numbers.next()] {
            [Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None] => {
                Ok(Self::new(major, minor, patch))
            }
            [Some(Some(major)), Some(Some(minor)), None, None] => Ok(Self::new(major, minor, 0)),
            _ => Err(VersionError { text: text.to_owned() }),
        }
    }
}

/// An error for a text that isn't a MicroSIP version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid MicroSIP version `{text}`: expected a version such as 3.22.3 or 3.19")]
pub struct VersionError {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_numerically() {
        assert!(Version::new(3, 9, 9) < Version::new(3, 19, 2));
        assert!(Version::new(3, 22, 16) > Version::new(3, 22, 3));
        assert_eq!("3.19".parse(), Ok(Version::new(3, 19, 0)));
    }

    #[test]
    fn malformed_versions_are_rejected() {
        for text in ["", "3", "3.", "3.22.", "3.22.3.1", "3.22.x", "3.22.+3", "3..3", "3.22.99999"]
        {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
