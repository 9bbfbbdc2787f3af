//! `msipctl.toml`: options for hooks and for `check`. The file is optional.
//!
//! Hooks use only the configuration of the user, because an event must not depend on the current folder.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::value::Datetime;
use wildmatch::WildMatch;

use super::error::CliError;
use super::process;
use microsip_schema::Version;
use msipctl_core::policy::Location;
use msipctl_core::store::{self, Input};
use msipctl_core::validate::{Selection, Severity, Suppression};

/// The configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    hook: HookConfig,
    pub(super) check: CheckConfig,
    /// The path of the file.
    #[serde(skip)]
    path: PathBuf,
    /// The offsets of its lines.
    #[serde(skip)]
    lines: Vec<usize>,
}

/// Options for hooks.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HookConfig {
    /// URL schemes that `Open` opens in addition to http and https.
    open_schemes: Vec<String>,
}

/// Options for `check`, unless the command line sets others.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CheckConfig {
    /// The rules to check.
    pub(super) select: Vec<RuleName>,
    /// The rules not to check.
    pub(super) ignore: Vec<RuleName>,
    /// The lowest severity that fails.
    pub(super) fail_on: Option<Level>,
    /// The target version.
    #[serde(deserialize_with = "parsed")]
    pub(super) microsip: Option<Version>,
    /// The suppressed findings.
    #[serde(deserialize_with = "suppressions")]
    suppress: Vec<SuppressConfig>,
}

/// A severity on the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// All findings
    Info,
    /// Warnings and errors
    #[default]
    Warning,
    /// Errors only
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

/// A suppression: its rule, location, reason, and expiry date.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuppressConfig {
    rule: Spanned<RuleName>,
    file: Option<String>,
    section: Option<String>,
    key: Option<String>,
    reason: Reason,
    until: Option<Until>,
}

/// The name of a rule or a group, or a pattern.
#[derive(Debug)]
pub(super) struct RuleName(String);

impl AsRef<str> for RuleName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for RuleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Selection::new(&[&text], &[]).map_err(D::Error::custom)?;
        Ok(Self(text))
    }
}

/// A non-empty reason.
#[derive(Debug)]
struct Reason(String);

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.trim() {
            "" => Err(D::Error::custom(
                "the reason is empty: expected a text that says why the finding is acceptable",
            )),
            reason => Ok(Self(reason.to_owned())),
        }
    }
}

/// The expiry date of a suppression, its last day.
#[derive(Debug, Clone, Copy)]
struct Until(Date);

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Datetime::deserialize(deserializer)?;
        let date = written.to_string().parse().ok().filter(|_| written.time.is_none());
        let expected = || D::Error::custom("expected a date such as 2027-01-31, without a time");
        date.map(Self).ok_or_else(expected)
    }
}

/// The maximum number of suppressions. Each finding is compared with all suppressions of its rule.
const MAX_SUPPRESSIONS: usize = 1024;

/// The maximum length of a pattern, in bytes. Matching takes time proportional to the product of both lengths.
const MAX_PATTERN: usize = 256;

fn suppressions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<SuppressConfig>, D::Error> {
    let found = Vec::<SuppressConfig>::deserialize(deserializer)?;
    if found.len() > MAX_SUPPRESSIONS {
        let count = found.len();
        let what = format!("found {count} suppressions: expected at most {MAX_SUPPRESSIONS}");
        return Err(D::Error::custom(what));
    }
    let patterns = found.iter().flat_map(|it| [&it.file, &it.section, &it.key]);
    if patterns.flatten().any(|pattern| pattern.len() > MAX_PATTERN) {
        let what = format!("expected patterns of at most {MAX_PATTERN} bytes");
        return Err(D::Error::custom(what));
    }
    Ok(found)
}

fn parsed<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

impl Config {
    /// Reads the configuration of the user; without the file, returns the defaults.
    pub(super) fn load() -> Result<Self, CliError> {
        match process::config_file() {
            Some(path) => Self::read_if_there(&path),
            None => Ok(Self::default()),
        }
    }

    /// Reads the selected file, or the nearest one: in the current folder or a folder above it, or that of the user.
    pub(super) fn nearest(named: Option<&Path>) -> Result<Self, CliError> {
        if let Some(named) = named {
            return Self::read(named, &store::read_text_as(named, Input::Config)?);
        }
        if process::named_config_file().is_some() {
            return Self::load();
        }
        let current = std::path::absolute(".").unwrap_or_default();
        let mut places = current.ancestors().map(|folder| folder.join(process::CONFIG));
        match places.find(|place| store::is_file(place)) {
            Some(place) => Self::read_if_there(&place),
            None => Self::load(),
        }
    }

    /// Returns whether `Open` may open URLs with this scheme, which is lowercase.
    pub(super) fn may_open(&self, scheme: &str) -> bool {
        let schemes = self.hook.open_schemes.iter();
        let mut named = schemes.map(|named| named.trim_end_matches(':'));
        named.any(|named| named.eq_ignore_ascii_case(scheme))
    }

    /// Returns the suppressions that are active on a day, and notes about those that expired.
    pub(super) fn suppressions(&self, today: Date) -> (Suppressions, Vec<String>) {
        let (mut acting, mut ended) = (Vec::new(), Vec::new());
        for it in &self.check.suppress {
            let rule = it.rule.get_ref();
            if let Some(Until(until)) = it.until.filter(|Until(until)| *until < today) {
                let line = self.lines.partition_point(|begin| *begin <= it.rule.span().start);
                let place = format!("{}:{line}", self.path.display());
                ended.push(format!("{place}: the suppression of `{}` expired on {until}", rule.0));
                continue;
            }
            let (section, key) = (it.section.as_deref(), it.key.as_deref());
            // The name of the rule was checked when the file was read.
            if let Ok(suppression) = Suppression::new(&rule.0, section, key, &it.reason.0) {
                acting.push((it.file.as_deref().map(FileGlob::new), suppression));
            }
        }
        (Suppressions(acting), ended)
    }

    fn read_if_there(path: &Path) -> Result<Self, CliError> {
        match store::read_text_as(path, Input::Config) {
            Err(error) if error.kind() == store::Kind::NotFound => Ok(Self::default()),
            text => Self::read(path, &text?),
        }
    }

    fn read(path: &Path, text: &str) -> Result<Self, CliError> {
        log::info!("configuration: {}", path.display());
        let config = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let place = Location::of(path.into(), text, offset);
            CliError::usage(format!("{place}: {}", error.message()))
                .hint("fix msipctl.toml, or select another file with `--config`")
        });
        let lines = text.match_indices('\n').map(|(offset, _)| offset + 1);
        let lines = std::iter::once(0).chain(lines).collect();
        Ok(Self { path: path.to_owned(), lines, ..config? })
    }
}

/// The active suppressions, each for some files or all.
#[derive(Debug, Default)]
pub(super) struct Suppressions(Vec<(Option<FileGlob>, Suppression)>);

impl Suppressions {
    /// Returns the suppressions for a file.
    pub(super) fn of(&self, path: &Path) -> Vec<&Suppression> {
        let fits = |glob: &Option<FileGlob>| glob.as_ref().is_none_or(|glob| glob.fits(path));
        self.0.iter().filter(|(glob, _)| fits(glob)).map(|(_, suppression)| suppression).collect()
    }
}

/// A glob for paths, which can omit leading folders.
#[derive(Debug)]
struct FileGlob {
    full: WildMatch,
    suffix: WildMatch,
}

impl FileGlob {
    fn new(glob: &str) -> Self {
        let glob = spelled(glob);
        let glob = glob.trim_start_matches("./");
        Self { full: WildMatch::new(glob), suffix: WildMatch::new(&format!("*/{glob}")) }
    }

    fn fits(&self, path: &Path) -> bool {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let path = spelled(&path.to_string_lossy());
        self.full.matches(&path) || self.suffix.matches(&path)
    }
}

/// Returns a path in the form that is compared.
fn spelled(path: &str) -> String {
    if cfg!(windows) { path.replace('\\', "/").to_lowercase() } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_globs_match_without_leading_folders() {
        let base = std::path::absolute("x").unwrap();
        let path = base.join("desk-4").join("MicroSIP.ini");
        let whole = path.to_string_lossy().into_owned();
        for (glob, expected) in [
            ("MicroSIP.ini", true),
            ("./desk-4/MicroSIP.ini", true),
            ("desk-?/*.ini", true),
            ("x/*", true),
            (whole.as_str(), true),
            ("SIP.ini", false),
            ("desk-4", false),
            ("*", true),
        ] {
            assert_eq!(FileGlob::new(glob).fits(&path), expected, "{glob}");
        }
    }

    #[test]
    fn suppressions_expire_after_their_date() {
        let text = "[[check.suppress]]\nrule = \"split-program-path\"\nreason = \"r\"\nuntil = 2027-01-31\n\
                    [[check.suppress]]\nrule = \"schema\"\nreason = \"r\"\n";
        let config = Config::read(Path::new("c.toml"), text).unwrap();
        let on = |day: &str| {
            let (acting, ended) = config.suppressions(day.parse().unwrap());
            (acting.of(Path::new("a.ini")).len(), ended)
        };
        assert_eq!(on("2027-01-31"), (2, Vec::new()));
        let ended =
            "c.toml:2: the suppression of `split-program-path` expired on 2027-01-31".to_owned();
        assert_eq!(on("2027-02-01"), (1, vec![ended]));
    }

    #[test]
    fn configuration_errors_report_their_location() {
        let one = "[[check.suppress]]\nrule = \"all\"\nreason = \"r\"\n";
        let many = one.repeat(1025);
        let long = format!("{one}key = \"{}\"\n", "*a".repeat(200));
        for (text, expected) in [
            ("[check]\nselct = []\n", "c.toml:2:1: unknown field `selct`"),
            (
                "[check]\nselect = [\"all\", \"split-progam-path\"]\n",
                "c.toml:2:10: `split-progam-path` names no rule",
            ),
            ("[check]\nfail_on = \"bad\"\n", "c.toml:2:11: unknown variant `bad`"),
            ("[check]\nmicrosip = \"new\"\n", "c.toml:2:12: `new` is no MicroSIP version"),
            ("[[check.suppress]]\nrule = \"all\"\n", "c.toml:1:1: missing field `reason`"),
            (
                "[[check.suppress]]\nrule = \"all\"\nreason = \" \"\n",
                "c.toml:3:10: the reason is empty",
            ),
            (
                "[[check.suppress]]\nrule = \"all\"\nreason = \"r\"\nuntil = 2027-01-31T10:00:00Z\n",
                "c.toml:4:9: expected a date",
            ),
            ("[check\n", "c.toml:1:7: "),
            (&many, "c.toml:1:1: found 1025 suppressions: expected at most 1024"),
            (&long, "c.toml:1:1: expected patterns of at most 256 bytes"),
        ] {
            let error = Config::read(Path::new("c.toml"), text).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
            assert!(error.hint_text().is_some());
        }
    }
}
