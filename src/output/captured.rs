//! A captured MicroSIP.ini.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json::values;
use super::report::Report;
use super::screen::Screen;
use microsip_schema::PasswordForm;
use msipctl_core::policy::{Captured, CapturedColumn};

/// A secret that isn't stored in the policy.
#[derive(Debug, Serialize)]
struct SecretRow {
    section: String,
    key: String,
    env: String,
    /// The form of the password in the file; `null` if it isn't the password of an account.
    form: Option<&'static str>,
}

/// A column of the inventory that the policy takes a value from.
#[derive(Debug, Serialize)]
struct ColumnRow {
    section: String,
    key: String,
    column: String,
}

/// The settings of a PC as a policy.
#[derive(Debug)]
pub(crate) struct CaptureReport {
    path: String,
    policy: String,
    secrets: Vec<SecretRow>,
    ignored: Vec<String>,
    columns: Vec<ColumnRow>,
}

impl CaptureReport {
    /// Describes what was captured from a file.
    pub(crate) fn new(path: &Path, captured: Captured) -> Self {
        let Captured { policy, secrets, ignored, columns } = captured;
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
            columns: columns
                .into_iter()
                .map(|CapturedColumn { section, key, column }| ColumnRow { section, key, column })
                .collect(),
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
            ("columns".to_owned(), json!(self.columns)),
        ])
    }
}
