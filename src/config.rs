//! `msipctl.toml`: options for hooks and for `check`. The file is optional.
//!
//! Hooks use only the configuration of the user, because an event must not depend on the current folder.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;
use wildmatch::WildMatch;

use super::error::CliError;
use microsip_schema::Version;
use msipctl_core::hook::nearest;
use msipctl_core::policy::{Errors, TomlFile, TomlPair, TomlValue};
use msipctl_core::store::{self, Input};
use msipctl_core::validate::{Selection, Severity, Suppression};
use msipctl_host::process;

/// The contents of `msipctl.toml`.
#[derive(Debug, Default)]
pub(super) struct Config {
    hook: HookConfig,
    pub(super) check: CheckConfig,
    /// The path of the file.
    path: PathBuf,
}

/// How hooks are run.
#[derive(Debug, Default)]
struct HookConfig {
    /// URL schemes that `Open` opens in addition to http and https.
    open_schemes: Vec<String>,
}

/// How files are checked. The command line overrides it.
#[derive(Debug, Default)]
pub(super) struct CheckConfig {
    /// The rules to check.
    pub(super) select: Vec<RuleName>,
    /// The rules to skip.
    pub(super) ignore: Vec<RuleName>,
    /// The severity from which on a finding is a failure.
    pub(super) fail_on: Option<Level>,
    /// The target version.
    pub(super) microsip: Option<Version>,
    /// The findings that aren't reported.
    suppress: Vec<SuppressConfig>,
}

/// A severity, as typed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
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

/// Findings that aren't reported: which ones, why, and until when.
#[derive(Debug)]
struct SuppressConfig {
    rule: RuleName,
    /// The line of the name of the rule.
    line: usize,
    file: Option<String>,
    section: Option<String>,
    key: Option<String>,
    reason: String,
    until: Option<Date>,
}

/// The name of a rule or a group, or a pattern.
#[derive(Debug)]
pub(super) struct RuleName(String);

impl AsRef<str> for RuleName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The maximum number of suppressions. Each finding is compared with all suppressions of its rule.
const MAX_SUPPRESSIONS: usize = 1024;

/// The longest pattern of a suppression, in bytes. A comparison takes time in proportion to the product of both lengths.
const MAX_PATTERN: usize = 256;

/// Reads the file key by key, and reports all errors.
struct Reader<'t> {
    file: TomlFile<'t>,
}

impl<'t> Reader<'t> {
    fn read(path: &Path, text: &'t str) -> Result<Config, Errors> {
        let (file, pairs) = TomlFile::parse(path, text);
        let reader = Self { file };
        let mut config = Config { path: path.to_owned(), ..Config::default() };
        for (name, value) in pairs {
            match name.get_ref().as_ref() {
                "hook" => config.hook = reader.hook(value),
                "check" => config.check = reader.check(value),
                _ => reader.file.unknown_key(&name, "msipctl.toml", &["check", "hook"]),
            }
        }
        reader.file.finish(config)
    }

    fn hook(&self, value: TomlValue<'t>) -> HookConfig {
        let mut hook = HookConfig::default();
        for (name, value) in self.table(value, "hook") {
            match name.get_ref().as_ref() {
                "open_schemes" => {
                    let schemes = self.file.strings(&value, "open_schemes").unwrap_or_default();
                    hook.open_schemes = schemes.into_iter().map(Spanned::into_inner).collect();
                }
                _ => self.file.unknown_key(&name, "`[hook]`", &["open_schemes"]),
            }
        }
        hook
    }

    fn check(&self, value: TomlValue<'t>) -> CheckConfig {
        const KNOWN: [&str; 5] = ["select", "ignore", "fail_on", "microsip", "suppress"];
        let mut check = CheckConfig::default();
        for (name, value) in self.table(value, "check") {
            let key = name.get_ref().as_ref();
            match key {
                "select" => check.select = self.rules(&value, key),
                "ignore" => check.ignore = self.rules(&value, key),
                "fail_on" => check.fail_on = self.level(&value),
                "microsip" => check.microsip = self.version(&value),
                "suppress" => check.suppress = self.suppressions(value),
                _ => self.file.unknown_key(&name, "`[check]`", &KNOWN),
            }
        }
        check
    }

    fn rules(&self, value: &TomlValue<'t>, key: &str) -> Vec<RuleName> {
        let names = self.file.strings(value, key).unwrap_or_default();
        names.iter().filter_map(|name| self.rule(name)).collect()
    }

    fn rule(&self, name: &Spanned<String>) -> Option<RuleName> {
        let text = name.get_ref();
        match Selection::new(&[text], &[]) {
            Ok(_) => Some(RuleName(text.clone())),
            Err(error) => {
                self.file.report(self.file.error(name.span(), error.to_string()));
                None
            }
        }
    }

    fn level(&self, value: &TomlValue<'t>) -> Option<Level> {
        let text = self.file.string(value, "fail_on")?;
        let levels = [("info", Level::Info), ("warning", Level::Warning), ("error", Level::Error)];
        let level = levels.into_iter().find(|(name, _)| *name == text);
        if level.is_none() {
            let error = self.file.invalid(value, "fail_on", "`info`, `warning`, or `error`");
            let near = nearest(&text.to_lowercase(), levels.into_iter().map(|(name, _)| name));
            self.file.report(match near {
                Some(near) => self.file.corrected(error, value.span(), &format!("\"{near}\"")),
                None => error,
            });
        }
        level.map(|(_, level)| level)
    }

    fn version(&self, value: &TomlValue<'t>) -> Option<Version> {
        let text = self.file.string(value, "microsip")?;
        let version = text.parse::<Version>();
        version
            .map_err(|error| self.file.report(self.file.error(value.span(), error.to_string())))
            .ok()
    }

    fn suppressions(&self, value: TomlValue<'t>) -> Vec<SuppressConfig> {
        let span = value.span();
        let tables = self.file.tables(value, "check.suppress").unwrap_or_default();
        if tables.len() > MAX_SUPPRESSIONS {
            let message =
                format!("{} suppressions: expected at most {MAX_SUPPRESSIONS}", tables.len());
            self.file.report(self.file.error(span, message));
            return Vec::new();
        }
        tables.into_iter().filter_map(|table| self.suppression(table)).collect()
    }

    fn suppression(&self, value: TomlValue<'t>) -> Option<SuppressConfig> {
        const KNOWN: [&str; 6] = ["rule", "file", "section", "key", "reason", "until"];
        let span = value.span();
        let pairs = self.table(value, "check.suppress");
        let has = |name: &str| pairs.iter().any(|(key, _)| key.get_ref() == name);
        for (name, example) in
            [("rule", "rule = \"duplicate-key\""), ("reason", "reason = \"the provider needs it\"")]
        {
            if !has(name) {
                let message = format!("`[[check.suppress]]` is missing `{name}`");
                let error = self.file.error(span.clone(), message);
                self.file.report(error.with_hint(format!("for example: `{example}`")));
            }
        }
        let (mut rule, mut reason, mut until) = (None, None, None);
        let (mut file, mut section, mut key) = (None, None, None);
        for (name, value) in pairs {
            match name.get_ref().as_ref() {
                "rule" => {
                    let line = self.file.location(value.span().start).line();
                    let name = self.file.string(&value, "rule");
                    let name = name.and_then(|name| self.rule(&Spanned::new(value.span(), name)));
                    rule = name.map(|name| (name, line));
                }
                "file" => file = self.pattern(&value, "file"),
                "section" => section = self.pattern(&value, "section"),
                "key" => key = self.pattern(&value, "key"),
                "reason" => reason = self.reason(&value),
                "until" => until = self.date(&value),
                _ => self.file.unknown_key(&name, "`[[check.suppress]]`", &KNOWN),
            }
        }
        let (rule, line) = rule?;
        Some(SuppressConfig { rule, line, file, section, key, reason: reason?, until })
    }

    fn pattern(&self, value: &TomlValue<'t>, name: &str) -> Option<String> {
        let pattern = self.file.string(value, name)?;
        if pattern.len() > MAX_PATTERN {
            let message = format!(
                "the pattern for `{name}` has {} bytes: expected at most {MAX_PATTERN}",
                pattern.len()
            );
            self.file.report(self.file.error(value.span(), message));
            return None;
        }
        Some(pattern)
    }

    fn reason(&self, value: &TomlValue<'t>) -> Option<String> {
        let reason = self.file.string(value, "reason")?;
        if reason.trim().is_empty() {
            let error = self.file.error(value.span(), "`reason` is empty");
            self.file.report(error.with_hint("explain why the finding is acceptable"));
            return None;
        }
        Some(reason.trim().to_owned())
    }

    fn date(&self, value: &TomlValue<'t>) -> Option<Date> {
        let date = match value.get_ref() {
            DeValue::Datetime(written) if written.time.is_none() => {
                written.to_string().parse().ok()
            }
            _ => None,
        };
        if date.is_none() {
            let error = self.file.invalid(value, "until", "a date without time or quotes");
            self.file.report(error.with_hint("for example: `until = 2027-01-31`"));
        }
        date
    }

    fn table(&self, value: TomlValue<'t>, name: &str) -> Vec<TomlPair<'t>> {
        self.file.table(value, name, &format!("[{name}]")).unwrap_or_default()
    }
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

    /// Returns the suppressions that apply on a day, and a warning for each that has expired.
    pub(super) fn suppressions(&self, today: Date) -> (Suppressions, Vec<String>) {
        let (mut acting, mut ended) = (Vec::new(), Vec::new());
        for it in &self.check.suppress {
            let rule = &it.rule.0;
            if let Some(until) = it.until.filter(|until| *until < today) {
                let location = format!("{}:{}", self.path.display(), it.line);
                ended.push(format!("{location}: the suppression of `{rule}` expired on {until}"));
                continue;
            }
            let (section, key) = (it.section.as_deref(), it.key.as_deref());
            // The name of the rule was checked when the file was read.
            if let Ok(suppression) = Suppression::new(rule, section, key, &it.reason) {
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
        Ok(Reader::read(path, text)?)
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
        let full = path.to_string_lossy().into_owned();
        for (glob, expected) in [
            ("MicroSIP.ini", true),
            ("./desk-4/MicroSIP.ini", true),
            ("desk-?/*.ini", true),
            ("x/*", true),
            (full.as_str(), true),
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
            ("[check]\nselct = []\n", "c.toml:2:1: unknown key `selct` in `[check]`"),
            (
                "[check]\nselect = [\"all\", \"split-progam-path\"]\n",
                "c.toml:2:18: unknown rule or group `split-progam-path`",
            ),
            (
                "[check]\nfail_on = \"bad\"\n",
                "c.toml:2:11: invalid value `bad` for `fail_on`: expected `info`, `warning`, or `error`",
            ),
            ("[check]\nmicrosip = \"new\"\n", "c.toml:2:12: invalid MicroSIP version `new`"),
            (
                "[check]\nselect = 3\n",
                "c.toml:2:10: invalid value `3` for `select`: expected a string",
            ),
            (
                "[[check.suppress]]\nrule = \"all\"\n",
                "c.toml:1:1: `[[check.suppress]]` is missing `reason`",
            ),
            (
                "[[check.suppress]]\nrule = \"all\"\nreason = \" \"\n",
                "c.toml:3:10: `reason` is empty",
            ),
            (
                "[[check.suppress]]\nrule = \"all\"\nreason = \"r\"\nuntil = 2027-01-31T10:00:00Z\n",
                "c.toml:4:9: invalid value `2027-01-31T10:00:00Z` for `until`: expected a date",
            ),
            ("[check\n", "c.toml:1:7: "),
            (&many, "c.toml:1:1: 1025 suppressions: expected at most 1024"),
            (&long, "c.toml:4:7: the pattern for `key` has 400 bytes: expected at most 256"),
        ] {
            let error = Config::read(Path::new("c.toml"), text).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }

    #[test]
    fn all_configuration_errors_are_reported() {
        let text = "[check]\nselct = []\nfail_on = \"Error\"\n[hooks]\n";
        let errors = Reader::read(Path::new("c.toml"), text).unwrap_err();
        let shown: Vec<_> =
            errors.iter().map(|it| (it.location().line(), it.correction())).collect();
        let expected =
            [(2, Some("select = []")), (3, Some("fail_on = \"error\"")), (4, Some("[hook]"))];
        assert_eq!(shown, expected);
    }
}
