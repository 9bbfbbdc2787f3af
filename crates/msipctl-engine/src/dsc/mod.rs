//! The contract of DSC v3: the desired state as JSON on standard input, the actual state as JSON lines on standard output,
//! and log lines as JSON on standard error.
//!
//! | Operation | Standard output |
//! |---|---|
//! | `get` | The state |
//! | `test`, `set` | The state, and the names of the properties that differ or changed |
//! | `set --what-if` | The same as it would be, with `_metadata.whatIf` |
//! | `delete` | Nothing; with `--what-if`, `_metadata.whatIf` |
//! | `export` | A line for each instance |
//!
//! Exit codes: 0 success, also if `test` finds a difference; 2 invalid state or runtime error; 3 blocked.

mod desired;
mod export;
mod hook;
mod instance;
mod log;
mod manifest;
mod operations;
mod policy;
mod properties;
mod resource;
mod schema;
mod setting;

pub use manifest::{DscVersion, ManifestFiles, manifest, manifest_files, manifests};
pub use resource::{Operation, Resource};
pub use schema::schema;

use std::path::Path;

use desired::Desired;
use log::{LEVEL, Level, Log};
use operations::Failed;
use properties::Properties;

use crate::input;
use crate::reply::Reply;
use msipctl_core::apply::{self, FilesError};
use msipctl_core::engine::Error;
use msipctl_host::process;

/// The arguments for the help of `msipctl-engine`.
pub(crate) const USAGE: &str = "\
       msipctl-engine dsc get|test|export RESOURCE              reads a state from standard input
       msipctl-engine dsc set|delete RESOURCE [--what-if]       reads a state from standard input
       msipctl-engine dsc schema RESOURCE
       msipctl-engine dsc manifest [-o DIR] [--for VERSION]
";

/// What the arguments after `dsc` ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// An operation of a resource, and whether it only reports what would change.
    Operation(Operation, Resource, bool),
    /// The schema of a resource.
    Schema(Resource),
    /// The manifests, and the folder to write them to.
    Manifest(Option<String>, DscVersion),
}

impl Request {
    /// Reads the arguments after `dsc`.
    pub(crate) fn of(arguments: &[&str]) -> Option<Self> {
        match arguments {
            ["schema", resource] => Some(Self::Schema(resource.parse().ok()?)),
            ["manifest", flags @ ..] => Self::of_manifest(flags),
            [name, resource, flags @ ..] => {
                let operation = Operation::ALL.into_iter().find(|it| it.name() == *name)?;
                let is_what_if = match flags {
                    [] => false,
                    ["--what-if"] if matches!(operation, Operation::Set | Operation::Delete) => {
                        true
                    }
                    _ => return None,
                };
                Some(Self::Operation(operation, resource.parse().ok()?, is_what_if))
            }
            _ => None,
        }
    }

    fn of_manifest(flags: &[&str]) -> Option<Self> {
        let (mut folder, mut version) = (None, None);
        for flag in flags.chunks(2) {
            match flag {
                ["-o" | "--output", name] if folder.is_none() && !name.is_empty() => {
                    folder = Some((*name).to_owned());
                }
                ["--for", text] if version.is_none() => version = Some(text.parse().ok()?),
                _ => return None,
            }
        }
        Some(Self::Manifest(folder, version.unwrap_or(DscVersion::V3_1)))
    }

    /// Does what the arguments ask for.
    pub(crate) fn run(&self) -> Reply {
        match self {
            Self::Operation(operation, resource, is_what_if) => {
                run(*operation, *resource, *is_what_if, &input::standard_input())
            }
            Self::Schema(resource) => Reply::of_text(&format!("{:#}\n", schema(*resource))),
            Self::Manifest(None, version) => {
                Reply::of_text(&format!("{:#}\n", manifests(*version)))
            }
            Self::Manifest(Some(folder), version) => write_manifests(Path::new(folder), *version),
        }
    }
}

/// Writes the manifests to a folder, and answers with their paths.
fn write_manifests(folder: &Path, version: DscVersion) -> Reply {
    let mut log = log();
    let written = manifest_files(folder, version)
        .map_err(|error| Error::runtime(format!("can't detect the path of this program: {error}")))
        .and_then(|ManifestFiles { files, warning }| {
            warning.iter().for_each(|warning| log.warning(warning));
            apply::write_files(folder, &files, true, "dsc manifest").map_err(|error| match error {
                FilesError::Store(error) => Error::from(error),
                FilesError::Occupied(ref path) => Error::runtime(error.to_string()).at(path),
            })
        });
    let paths = written.map_err(|error| Failed::of(&error, &mut log)).map(|files| {
        let paths = files.iter().map(|(path, _)| format!("{}\n", path.display()));
        paths.collect::<String>().into_bytes()
    });
    reply(paths, log)
}

/// Carries out an operation for the state in `input`.
pub fn run(
    operation: Operation,
    resource: Resource,
    is_what_if: bool,
    input: &Result<Vec<u8>, Error>,
) -> Reply {
    let mut log = log();
    let done = carry_out(operation, resource, is_what_if, input, &mut log);
    reply(done, log)
}

fn carry_out(
    operation: Operation,
    resource: Resource,
    is_what_if: bool,
    input: &Result<Vec<u8>, Error>,
    log: &mut Log,
) -> Result<Vec<u8>, Failed> {
    let properties = resource.check(operation).and_then(|()| {
        let input = input.as_ref().map_err(Error::clone)?;
        match operation {
            Operation::Export => Properties::parse_filter(input),
            _ => Properties::parse(input),
        }
    });
    let properties = properties.map_err(|error| Failed::of(&error, log))?;
    if operation == Operation::Export {
        return export::export(resource, properties, log);
    }
    let desired = Desired::of(resource, properties).map_err(|error| Failed::of(&error, log))?;
    match operation {
        Operation::Get | Operation::Export => operations::get(&desired, log),
        Operation::Test => operations::test(&desired, log),
        Operation::Set => operations::set(&desired, is_what_if, log),
        Operation::Delete => operations::delete(&desired, is_what_if, log),
    }
}

fn log() -> Log {
    Log::new(Level::of(process::variable(LEVEL).as_deref()))
}

fn reply(done: Result<Vec<u8>, Failed>, log: Log) -> Reply {
    let (stdout, code) = match done {
        Ok(stdout) => (stdout, 0),
        Err(Failed(code)) => (Vec::new(), code),
    };
    Reply { stdout, stderr: log.into_lines(), code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_select_an_operation_of_a_resource() {
        let of = |text: &str| Request::of(&text.split(' ').collect::<Vec<_>>());
        let set = Request::Operation(Operation::Set, Resource::Setting, true);
        assert_eq!(of("set setting --what-if"), Some(set));
        let test = Request::Operation(Operation::Test, Resource::Policy, false);
        assert_eq!(of("test Msipctl.MicroSIP/Policy"), Some(test));
        assert_eq!(of("schema HOOK"), Some(Request::Schema(Resource::Hook)));
        let manifest = |folder: Option<&str>, version| {
            Some(Request::Manifest(folder.map(str::to_owned), version))
        };
        assert_eq!(of("manifest"), manifest(None, DscVersion::V3_1));
        assert_eq!(of("manifest --for 3.2 -o d"), manifest(Some("d"), DscVersion::V3_2));
        for wrong in [
            "",
            "get",
            "get nothing",
            "get setting --what-if",
            "set setting --what-if --what-if",
            "schema",
            "manifest -o",
            "manifest --for 9",
            "manifest -o a -o b",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn policy_has_no_delete_and_no_export() {
        for operation in [Operation::Delete, Operation::Export] {
            let reply = run(operation, Resource::Policy, false, &Ok(b"{}".to_vec()));
            let message = String::from_utf8(reply.stderr).unwrap();
            assert!(message.contains("doesn't support"), "{message}");
            assert_eq!((reply.stdout.len(), reply.code), (0, 2));
        }
    }
}
