//! The user's own configuration of msipctl: `msipctl.toml`, a file that nobody needs.

use serde::Deserialize;

use super::error::CliError;
use super::process;
use crate::store;

/// What `msipctl.toml` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    hook: HookConfig,
}

/// How hooks are run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HookConfig {
    /// Schemes of addresses that `Open` opens besides http and https.
    open_schemes: Vec<String>,
}

impl Config {
    /// Reads the file; where there is none, everything is as it is without.
    pub(super) fn load() -> Result<Self, CliError> {
        let Some(path) = process::config_file() else { return Ok(Self::default()) };
        let text = match store::read_text(&path) {
            Err(error) if error.kind() == store::Kind::NotFound => return Ok(Self::default()),
            text => text?,
        };
        toml::from_str(&text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start).min(text.len());
            let end = (0..=offset).rfind(|&end| text.is_char_boundary(end)).unwrap_or(0);
            let before = &text[..end];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
            CliError::usage(format!("{}:{line}:{column}: {}", path.display(), error.message()))
        })
    }

    /// Says whether `Open` may open addresses of this scheme, which is in lower case.
    pub(super) fn may_open(&self, scheme: &str) -> bool {
        let schemes = self.hook.open_schemes.iter();
        let mut named = schemes.map(|named| named.trim_end_matches(':'));
        named.any(|named| named.eq_ignore_ascii_case(scheme))
    }
}
