//! A captured ini.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json::values;
use super::report::Report;
use super::screen::Screen;
use microsip_schema::PasswordForm;
use msipctl_core::policy::Captured;

/// A secret that is not in the policy.
#[derive(Debug, Serialize)]
struct SecretRow {
    section: String,
    key: String,
    env: String,
    /// The form of the password that the file has; `null` where it is no password of an account.
    form: Option<&'static str>,
}

/// An ini as a policy.
#[derive(Debug)]
pub(crate) struct CaptureReport {
    path: String,
    policy: String,
    secrets: Vec<SecretRow>,
    ignored: Vec<String>,
}

impl CaptureReport {
    /// Tells of what was captured of a file.
    pub(crate) fn new(path: &Path, captured: Captured) -> Self {
        let Captured { policy, secrets, ignored } = captured;
        let secrets = secrets.into_iter();
        let row = |it: msipctl_core::policy::CapturedSecret| SecretRow {
            section: it.section,
            key: it.key,
            env: it.env,
            form: it.form.map(|form| match form {
                PasswordForm::Plain => "plain",
                PasswordForm::Stored => "stored",
                PasswordForm::Ambiguous => "ambiguous",
            }),
        };
        Self {
            path: path.display().to_string(),
            policy,
            secrets: secrets.map(row).collect(),
            ignored,
        }
    }
}

impl Report for CaptureReport {
    const LIST: &'static str = "secrets";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        out.put_lines(&self.policy)
    }

    fn exact_report(&self) -> Option<Vec<u8>> {
        Some(self.policy.clone().into_bytes())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.secrets)
    }

    fn others(&self) -> Map<String, Value> {
        Map::from_iter([
            ("path".to_owned(), json!(self.path)),
            ("policy".to_owned(), json!(self.policy)),
            ("ignored".to_owned(), json!(self.ignored)),
        ])
    }
}
