//! `dsc`: the contract of DSC v3, as `msipctl-engine` has it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{FilesReport, Output};
use msipctl_core::apply;
use msipctl_engine::dsc::{self, DscVersion, ManifestFiles, Operation, Resource};
use msipctl_engine::input;

const EXAMPLES: &str = "\
Examples:
  # Write the manifests next to msipctl.exe, so that DSC finds the resources
  msipctl dsc manifest -o \"C:\\Program Files\\msipctl\"
  # Compare a key with the desired state, as DSC does
  echo '{\"path\": \"/srv/MicroSIP.ini\", \"section\": \"Settings\", \"key\": \"AA\", \"value\": \"1\"}' | msipctl dsc test setting
  # Print the properties of a resource
  msipctl dsc schema hook";

/// Serve Microsoft DSC and WinGet configuration
///
/// DSC runs these commands. They read the state of an instance as JSON from standard input, print the actual state as JSON lines,
/// and log to standard error as JSON. Paths must be absolute, because DSC starts msipctl in another folder.
///
/// Exits with 0 on success, also if `test` finds a difference, with 2 for an invalid state or a runtime error, and with 3 if the
/// change is blocked.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Dsc {
    /// Print the state of a key, hook, or policy
    Get(Read),
    /// Compare a key, hook, or policy with its desired state
    Test(Read),
    /// Make a key, hook, or policy match its desired state
    Set(Write),
    /// Remove a key or a hook
    Delete(Write),
    /// Print all keys or hooks, one per line
    Export(Read),
    /// Print the JSON Schema of a resource
    Schema(Read),
    /// Print or write the manifests of the resources
    Manifest(Manifest),
}

/// What is read.
#[derive(Debug, Args)]
pub(crate) struct Read {
    /// Resource: setting, hook, or policy
    resource: Resource,
}

/// What is written.
#[derive(Debug, Args)]
pub(crate) struct Write {
    /// Resource: setting, hook, or policy
    resource: Resource,

    /// Report what would change, and write nothing
    #[arg(long)]
    what_if: bool,
}

/// Where manifests are written.
#[derive(Debug, Args)]
pub(crate) struct Manifest {
    /// Folder to write the manifests to [default: print them]
    ///
    /// DSC finds manifests in the folders of PATH, or in those of DSC_RESOURCE_PATH. Next to msipctl, the manifests name only the
    /// program. In any other folder, they contain its full path, and msipctl prints a warning.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,

    /// Oldest DSC version that must accept the manifests
    ///
    /// The manifests for 3.1 work with DSC 3.0 to 3.4. With 3.2, they contain `whatIfArg`. With 3.3 or 3.4, they also contain
    /// `supportsFiltering`. An older DSC doesn't find resources whose manifests contain these fields.
    #[arg(long = "for", value_name = "VERSION", default_value = "3.1")]
    version: DscVersion,
}

impl Dsc {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (operation, resource, is_what_if) = match self {
            Self::Get(read) => (Operation::Get, read.resource, false),
            Self::Test(read) => (Operation::Test, read.resource, false),
            Self::Export(read) => (Operation::Export, read.resource, false),
            Self::Set(write) => (Operation::Set, write.resource, write.what_if),
            Self::Delete(write) => (Operation::Delete, write.resource, write.what_if),
            Self::Schema(read) => {
                out.generated(format!("{:#}\n", dsc::schema(read.resource)).as_bytes());
                return Ok(Exit::Success);
            }
            Self::Manifest(manifest) => return manifest.run(out),
        };
        let reply = dsc::run(operation, resource, is_what_if, &input::standard_input());
        out.generated(&reply.stdout);
        out.log_lines(&reply.stderr);
        Ok(match reply.code {
            0 => Exit::Success,
            3 => Exit::Precondition,
            _ => Exit::Error,
        })
    }
}

impl Manifest {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let Some(folder) = &self.output else {
            out.generated(format!("{:#}\n", dsc::manifests(self.version)).as_bytes());
            return Ok(Exit::Success);
        };
        let ManifestFiles { files, warning } = dsc::manifest_files(folder, self.version)?;
        let written = apply::write_files(folder, &files, true, "dsc manifest")?;
        if let Some(warning) = warning {
            out.warning(&warning);
        }
        let next = "run `dsc resource list Msipctl.MicroSIP/*`";
        out.report(&FilesReport::new(written, next.to_owned()));
        out.note(&format!("next: {next}"));
        Ok(Exit::Success)
    }
}
