//! `capture`: a configured PC as a policy.

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
use msipctl_core::policy::{CaptureOptions, CapturedSecret, capture};

const EXAMPLES: &str = "\
Examples:
  msipctl capture -i MicroSIP.ini
  msipctl capture -i MicroSIP.ini -o company.toml
  msipctl capture -i MicroSIP.ini --all --microsip 3.21.3";

/// Write the settings of a configured PC as a policy
///
/// Left out is what belongs to one computer or person, and all that is as MicroSIP has it anyway. Secrets are left
/// out, too: in their place stands where msipctl shall get them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Capture {
    /// Write the policy to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace a file that holds something else; it is backed up
    #[arg(long, requires = "output")]
    force: bool,

    /// Also take what is the default, and what the MicroSIP aimed at does not read
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
        let [target] = &files[..] else {
            let message = format!("{} files are named, expected the one to capture", files.len());
            return Err(CliError::usage(message));
        };
        let document = apply::load(target, self.files.code_page())?;
        let path = target.path();
        warn_read_problem(out, path, &document);
        let templates = self.templates.catalogue()?;
        let microsip = self.version.target_version(path, &document).microsip;
        let options = CaptureOptions { all: self.all, microsip, templates: &templates };
        let captured = capture(&document, &options);
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
                let name =
                    name.ok_or_else(|| CliError::usage("`--output` names no file").at(output))?;
                let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
                let files = [(name.to_owned(), captured.policy.into_bytes())];
                let folder = folder.unwrap_or(Path::new("."));
                let written = apply::write_files(folder, &files, self.force, "capture")?;
                let written = written.into_iter().map(|(_, state)| (output.clone(), state));
                let next = "edit it as docs/write-a-policy.md describes".to_owned();
                out.report(&FilesReport::new(written.collect(), next));
            }
        }
        for name in ambiguous {
            out.warning(&format!(
                "{name} looks like an encrypted password, but likely is a plain one, which MicroSIP may decrypt to garbage"
            ));
        }
        if !stored.is_empty() {
            let (names, variables) = (stored.join(", "), stored_in.join(", "));
            out.note(&format!(
                "{names}: the file has an encrypted password; {variables} takes the plain one"
            ));
        }
        if !secrets.is_empty() {
            out.note(&format!("secrets are left out, and asked for as {}", secrets.join(", ")));
        }
        Ok(Exit::Success)
    }
}
