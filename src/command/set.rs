//! `set`: sets values that MicroSIP reads.

use std::path::Path;

use clap::Args;

use super::edit::edit_files;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::name::assignment;
use crate::output::Output;
use microsip_schema::{SecretKeys, SettingError, Version};
use msipctl_core::plan::Desired;
use msipctl_core::policy::secret_line;
use msipctl_core::store::{self, Input};
use msipctl_host::process;
use winini::profile::read_rule;

const EXAMPLES: &str = "\
Examples:
  # Turn on auto answer, and show the change
  msipctl set AA=1 DND=0 MicroSIP.ini --diff
  # Set the domain of the first account, and use that account
  msipctl set Account1.domain=sip.example.com accountId=1 MicroSIP.ini
  # Set a password from the environment
  msipctl set --secret Account1.password=env:SIP_PASSWORD MicroSIP.ini
  # Set a password from a file
  msipctl set --secret Account1.password=file:password.txt MicroSIP.ini
  # Set a password from a password manager
  pass show sip/204 | msipctl set --secret Account1.password=- MicroSIP.ini
  # Copy a command from another PC exactly, quotes included
  msipctl set --raw Settings.cmdCallEnd=\"$(msipctl get --raw Settings.cmdCallEnd -i other.ini)\" MicroSIP.ini";

/// Set one or more values
///
/// Writes all values at once. msipctl checks that the target MicroSIP version reads each key and value. Other programs can
/// read the command line, so pass passwords with --secret.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    override_usage = "msipctl set [OPTIONS] <[SECTION.]KEY=VALUE>... [FILE]...",
    mut_arg("paths", |arg| arg
        .value_name("[SECTION.]KEY=VALUE|FILE")
        .required_unless_present("secrets")
        .help("Values to set, and files to process")
        .long_help("\
Values to set, and files to process

A key without its section works if only one section has it. A name with a dot is in double quotes. An argument without `=` is \
a file if it exists or ends in .ini; you can also select files with `-i`."))
)]
pub(crate) struct Set {
    /// Write values exactly as given
    ///
    /// Keeps quotes and outer spaces. This is the counterpart of `get --raw`. Without it, msipctl adds quotes where Windows would otherwise strip a
    /// quote or a space of the value. The checks apply to what Windows reads of the written value.
    #[arg(long)]
    raw: bool,

    /// Set a secret from a variable, a file, or stdin (repeatable)
    ///
    /// SOURCE is `env:NAME` for an environment variable, `file:PATH` for a file with one line, or `-` for standard input.
    /// The line ending at the end is dropped, and an empty secret is an error. The value appears in no output, backup
    /// manifest, or journal, whichever key it is for.
    #[arg(long = "secret", value_name = "SECTION.KEY=SOURCE")]
    secrets: Vec<String>,

    /// Write values even if the checks fail
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

/// One key, and the value to set.
struct Assignment {
    section: String,
    key: String,
    value: String,
    is_secret: bool,
}

impl Set {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (assignments, files) = self.files.split(&mut |note| out.note(note), is_assignment)?;
        let assignments = self.assignments(&assignments)?;
        let mut desired = Desired::new();
        let mut command = "set".to_owned();
        let mut secrets = SecretKeys::default();
        for Assignment { section, key, value, is_secret } in &assignments {
            let (section, key) = microsip_schema::spelled(section, key);
            command.push_str(&format!(" {section}.{key}"));
            if *is_secret {
                secrets.add(&section, &key);
            }
            if *is_secret || microsip_schema::is_secret(&section, &key) {
                secrets.add_value(value);
            }
            // A secret from elsewhere is the value itself, never its written form.
            desired = match self.raw && !is_secret {
                true => desired.set_written(&section, &key, value.clone(), "asked for"),
                false => desired.set(&section, &key, value.clone(), "asked for"),
            };
        }
        if !self.force {
            let check = |it: &Assignment| it.check_early(self.raw, self.version.microsip);
            assignments.iter().try_for_each(check)?;
        }
        let desired = desired.hiding(&secrets);
        let targets = files.targets()?;
        edit_files(out, &files, &targets, &self.write, command, |target, document| {
            let path = target.path();
            if !self.force {
                let version = self.version.target_version(path, document).microsip;
                assignments.iter().try_for_each(|it| it.check(self.raw, version))?;
            }
            Ok(desired.clone())
        })
    }

    /// Returns the values to set, in the order of the command line, and then the secrets.
    fn assignments(&self, texts: &[String]) -> Result<Vec<Assignment>, CliError> {
        let mut assignments = Vec::new();
        for text in texts {
            let (section, key, value) = assignment(text)?;
            assignments.push(Assignment { section, key, value, is_secret: false });
        }
        let mut reads_input = false;
        for text in &self.secrets {
            let (section, key, source) = assignment(text)?;
            let value = secret(&format!("{section}.{key}"), &source, &mut reads_input)?;
            assignments.push(Assignment { section, key, value, is_secret: true });
        }
        Ok(assignments)
    }
}

impl Assignment {
    /// Checks what doesn't depend on a file: the value for the version that the user names, or whether any version accepts
    /// it.
    fn check_early(&self, is_raw: bool, asked: Option<Version>) -> Result<(), CliError> {
        let Self { section, key, .. } = self;
        let rejecting = || microsip_schema::rejecting_version(section, key, self.effective(is_raw));
        asked.or_else(rejecting).map_or(Ok(()), |version| self.check(is_raw, version))
    }

    /// Returns the value that MicroSIP reads.
    fn effective(&self, is_raw: bool) -> &str {
        if is_raw && !self.is_secret { read_rule(&self.value) } else { &self.value }
    }

    fn check(&self, is_raw: bool, version: Version) -> Result<(), CliError> {
        let Self { section, key, value: _, is_secret } = self;
        let value = self.effective(is_raw);
        microsip_schema::validate_setting(section, key, value, version).map_err(|invalid| {
            match is_secret {
                true => refused(&invalid.without_value()),
                false => refused(&invalid),
            }
        })
    }
}

/// Returns whether an argument is for [`assignment`]. What only has a separator may be the rest of a password, which must
/// not be reported as the path of a missing file.
fn is_assignment(text: &str) -> bool {
    let path = Path::new(text);
    let is_ini = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("ini"));
    text.contains('=') || !is_ini && !store::exists(path)
}

/// Returns a secret from its source. The error doesn't repeat an invalid source, because that may be the secret itself.
fn secret(name: &str, source: &str, reads_input: &mut bool) -> Result<String, CliError> {
    let value = if let Some(variable) = source.strip_prefix("env:") {
        process::variable(variable).ok_or_else(|| {
            CliError::usage(format!("environment variable `{variable}` not found"))
                .hint("set it where msipctl runs")
        })?
    } else if let Some(path) = source.strip_prefix("file:") {
        let path = Path::new(path);
        line(store::read_as(path, Input::Secret)?.into_bytes()).map_err(|error| error.at(path))?
    } else if source == "-" {
        if std::mem::replace(reads_input, true) {
            let error = CliError::usage("standard input can hold only one secret");
            return Err(error.hint("use `env:NAME` or `file:PATH` for the others"));
        }
        let bytes = process::standard_input()
            .map_err(|error| CliError::runtime(format!("can't read standard input: {error}")))?;
        line(bytes)?
    } else {
        let message = format!("invalid source of the secret for `{name}`");
        let error = CliError::usage(format!("{message}: expected `env:NAME`, `file:PATH`, or `-`"));
        return Err(error.hint("the secret itself doesn't belong on the command line"));
    };
    if value.is_empty() {
        let error = CliError::usage(format!("the secret for `{name}` is empty"));
        return Err(error.hint(format!("to set an empty value, use `{name}=` without `--secret`")));
    }
    match value.contains(['\r', '\n', '\0']) {
        false => Ok(value),
        true => Err(CliError::usage(format!(
            "the secret for `{name}` has a line break or a NUL character: expected one line"
        ))),
    }
}

fn line(bytes: Vec<u8>) -> Result<String, CliError> {
    secret_line(bytes)
        .ok_or_else(|| CliError::usage("invalid secret: expected one line of UTF-8 text"))
}

fn refused(invalid: &SettingError) -> CliError {
    let hint = invalid.hint().unwrap_or_else(|| FORCE.to_owned());
    CliError::usage(invalid.to_string()).hint(hint)
}

const FORCE: &str = "to write it anyway, pass `--force`";
