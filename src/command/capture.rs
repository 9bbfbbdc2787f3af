//! `capture`: exports the settings of a PC as a policy.

use std::path::{Path, PathBuf};

use clap::Args;

use super::load::warn_read_problem;
use super::template::TemplateFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, VersionFlags};
use crate::output::{CaptureReport, FilesReport, Output};
use microsip_schema::PasswordForm;
use msipctl_core::apply;
use msipctl_core::policy::{CaptureOptions, CapturedSecret, DifferingKeys, capture};

const EXAMPLES: &str = "\
Examples:
  # Print the settings of a file as a policy
  msipctl capture MicroSIP.ini
  # Save them as a policy
  msipctl capture MicroSIP.ini -o company.toml
  # Compare several PCs, and take what differs from an inventory
  msipctl capture -i 'profiles/*/MicroSIP.ini' -o company.toml
  # Include defaults, and keys that MicroSIP 3.21.3 doesn't read
  msipctl capture MicroSIP.ini --all --microsip 3.21.3";

/// Export the settings of a PC as a policy
///
/// Omits machine-specific and personal settings, and values that equal the defaults. Replaces secrets with references to their
/// sources.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Capture {
    /// Write the policy to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace an existing file, after a backup
    #[arg(long, requires = "output")]
    force: bool,

    /// Include defaults and keys that MicroSIP doesn't read
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,
}

impl Capture {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let files = self.files.files()?;
        let Some((target, others)) = files.split_first() else {
            return Err(CliError::usage("no file to capture"));
        };
        let document = apply::load(target, self.files.code_page())?;
        let mut differing = DifferingKeys::default();
        for other in others {
            differing.add(&document, &apply::load(other, self.files.code_page())?);
        }
        let path = target.path();
        warn_read_problem(out, path, &document);
        let templates = self.templates.catalogue()?;
        let microsip = self.version.target_version(path, &document).microsip;
        let differing = Some(&differing).filter(|_| !others.is_empty());
        let options = CaptureOptions { all: self.all, microsip, templates: &templates, differing };
        let captured = capture(&document, &options);
        let columns: Vec<_> = captured.columns.iter().map(|it| it.column.clone()).collect();
        let secrets: Vec<_> = captured.secrets.iter().map(|secret| secret.env.clone()).collect();
        let of_form = |form| {
            let of_form = captured.secrets.iter().filter(move |secret| secret.form == Some(form));
            let names = of_form.map(|CapturedSecret { section, key, env, .. }| {
                (format!("`{section}.{key}`"), env.clone())
            });
            names.unzip::<_, _, Vec<_>, Vec<_>>()
        };
        let (stored, stored_in) = of_form(PasswordForm::Stored);
        let (ambiguous, _) = of_form(PasswordForm::Ambiguous);
        match &self.output {
            None => out.report(&CaptureReport::new(path, captured)),
            Some(output) => {
                let name = output.file_name().and_then(|name| name.to_str());
                let name = name.ok_or_else(|| {
                    CliError::usage("`--output` isn't the path of a file").at(output)
                })?;
                let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
                let files = [(name.to_owned(), captured.policy.into_bytes())];
                let folder = folder.unwrap_or(Path::new("."));
                let written = apply::write_files(folder, &files, self.force, "capture")?;
                let written = written.into_iter().map(|(_, state)| (output.clone(), state));
                let next = "edit it, then run `msipctl plan` to preview its changes".to_owned();
                out.report(&FilesReport::new(written.collect(), next));
            }
        }
        if !columns.is_empty() {
            out.note(&format!(
                "to use this policy, create an inventory with the columns `ini,{}`",
                columns.join(",")
            ));
        }
        for name in ambiguous {
            out.warning(&format!(
                "{name} looks like an encrypted password, but is probably a plain one, which MicroSIP may decrypt to garbage"
            ));
        }
        if !stored.is_empty() {
            let (names, variables) = (stored.join(", "), stored_in.join(", "));
            out.note(&format!(
                "{names}: the file has an encrypted password; set {variables} to the plain one"
            ));
        }
        if !secrets.is_empty() {
            out.note(&format!(
                "secrets are replaced by environment variables: {}",
                secrets.join(", ")
            ));
        }
        Ok(Exit::Success)
    }
}
