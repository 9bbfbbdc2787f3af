//! Conditions on the MicroSIP version.

use std::str::FromStr;

use microsip_schema::Version;

/// A text that isn't a comparison with a version.
#[derive(Debug, thiserror::Error)]
#[error("invalid version condition `{0}`: expected a comparison such as `>=3.20` or `<3.22.3`")]
pub(super) struct InvalidComparison(String);

/// Versions, as comparisons that must all be true.
#[derive(Debug)]
pub(super) struct Versions(Vec<(Comparison, Version, Version)>);

#[derive(Debug, Clone, Copy)]
enum Comparison {
    AtLeast,
    AtMost,
    Above,
    Below,
    Equal,
}

impl Versions {
    /// Returns versions of which each group that the comparisons distinguish has at least one, except the oldest.
    pub(super) fn samples(&self) -> impl Iterator<Item = Version> {
        let next = |version: Version| {
            let rank = version.rank() + 1;
            Version::new((rank >> 32) as u16, (rank >> 16) as u16, rank as u16)
        };
        self.0.iter().flat_map(move |(_, first, last)| [*first, next(*last)])
    }

    /// Returns whether a version is one of them.
    pub(super) fn include(&self, version: Version) -> bool {
        self.0.iter().all(|(comparison, first, last)| match comparison {
            Comparison::AtLeast => version >= *first,
            Comparison::AtMost => version <= *last,
            Comparison::Above => version > *last,
            Comparison::Below => version < *first,
            Comparison::Equal => (*first..=*last).contains(&version),
        })
    }
}

impl FromStr for Versions {
    type Err = InvalidComparison;

    fn from_str(text: &str) -> Result<Self, InvalidComparison> {
        const COMPARISONS: [(&str, Comparison); 5] = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::Above),
            ("<", Comparison::Below),
            ("=", Comparison::Equal),
        ];
        let part = |part: &str| {
            let part = part.trim();
            let compared = COMPARISONS
                .iter()
                .find_map(|(sign, it)| Some((*it, part.strip_prefix(sign)?.trim_start())));
            let (comparison, version) = compared.unwrap_or((Comparison::Equal, part));
            let first: Version = version.parse().map_err(|_| InvalidComparison(part.to_owned()))?;
            // Two numbers mean all versions that start with them.
            let is_whole = version.matches('.').count() == 2;
            let last = if is_whole { first } else { first.last_of_minor() };
            Ok((comparison, first, last))
        };
        text.split(',').map(part).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_with_two_numbers_matches_all_patch_releases() {
        for (text, first, before, after) in [
            (">=3.20", "3.20.0", "3.19.99", ""),
            ("<=3.20", "3.20.5", "", "3.21.0"),
            (">3.20", "3.21.0", "3.20.9", ""),
            ("< 3.20", "3.19.31", "", "3.20.0"),
            ("3.20", "3.20.7", "3.19.31", "3.21.0"),
            ("=3.20.5", "3.20.5", "3.20.4", "3.20.6"),
            (">=3.19.10, <3.22", "3.20.1", "3.19.9", "3.22.0"),
        ] {
            let versions: Versions = text.parse().unwrap();
            let include = |version: &str| versions.include(version.parse().unwrap());
            assert!(include(first), "{text} {first}");
            for outside in [before, after].iter().filter(|it| !it.is_empty()) {
                assert!(!include(outside), "{text} {outside}");
            }
        }
        for text in ["", ">=", "3", "~3.20", ">=3.20,", "new"] {
            assert!(
                text.parse::<Versions>().unwrap_err().to_string().contains("expected"),
                "{text}"
            );
        }
    }
}
