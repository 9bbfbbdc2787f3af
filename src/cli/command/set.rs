//! `set`: values, checked against what MicroSIP reads.

use clap::Args;

use super::edit::edit_files;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::cli::name::assignment;
use crate::cli::output::Output;
use crate::plan::Desired;
use crate::profile::read_rule;
use crate::schema::{self, Misfit};

const EXAMPLES: &str = "\
Examples:
  msipctl set Settings.AA=1 Settings.DND=0 -i MicroSIP.ini --diff
  msipctl set Account1.domain=sip.example.com Settings.accountId=1 -i MicroSIP.ini
  # Copy a command from another PC exactly, quotes included
  msipctl set --raw Settings.cmdCallEnd=\"$(msipctl get --raw Settings.cmdCallEnd -i other.ini)\" -i MicroSIP.ini";

/// Set values; several keys are one write
///
/// Keys and values are checked against what the MicroSIP aimed at reads.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Set {
    /// What to set; a name with a dot stands in double quotes
    #[arg(value_name = "SECTION.KEY=VALUE", required = true)]
    assignments: Vec<String>,

    /// Write each value exactly as given, quotes and outer spaces included
    ///
    /// This is the counterpart of `get --raw`. Without it, msipctl adds quotes where Windows would otherwise strip a
    /// quote or a space of the value. The checks apply to what Windows reads of the written value.
    #[arg(long)]
    raw: bool,

    /// Also write what the checks refuse
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Set {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let assignments: Vec<_> =
            self.assignments.iter().map(|text| assignment(text)).collect::<Result<_, _>>()?;
        let mut desired = Desired::new();
        let mut command = "set".to_owned();
        for (section, key, value) in &assignments {
            let (section, key) = schema::spelled(section, key);
            command.push_str(&format!(" {section}.{key}"));
            desired = match self.raw {
                true => desired.set_written(&section, &key, value.clone(), "asked for"),
                false => desired.set(&section, &key, value.clone(), "asked for"),
            };
        }
        let targets = self.files.targets()?;
        edit_files(out, &self.files, &targets, &self.write, command, |target, document| {
            let path = target.path();
            if !self.force {
                let version = self.version.aim(path, document).microsip;
                assignments
                    .iter()
                    .try_for_each(|(section, key, value)| {
                        let value = if self.raw { read_rule(value) } else { value };
                        schema::fits(section, key, value, version)
                    })
                    .map_err(|misfit| refused(&misfit))?;
            }
            Ok(desired.clone())
        })
    }
}

fn refused(misfit: &Misfit) -> CliError {
    let hint = misfit.hint().unwrap_or_else(|| FORCE.to_owned());
    CliError::usage(misfit.to_string()).hint(hint)
}

const FORCE: &str = "`--force` writes it all the same";
