//! The manifests by which DSC finds the resources.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::str::FromStr;

use serde_json::{Value, json};

use super::resource::{Operation, Resource};
use super::schema::schema;
use msipctl_core::locate::same_file;
use msipctl_host::process;

/// The schema of manifests. All versions of DSC know this URI.
const SCHEMA: &str = "https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json";

/// The meanings of the exit codes, which DSC shows.
const EXIT_CODES: [(&str, &str); 3] = [
    ("0", "success"),
    ("2", "invalid state, or a runtime error"),
    (
        "3",
        "blocked: MicroSIP is running, the file is locked, read-only, or was changed by another program, or the event already has a command",
    ),
];

/// The oldest version of DSC that must accept a manifest. DSC drops a manifest with a field that it doesn't know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DscVersion {
    /// DSC 3.0 and 3.1.
    V3_1,
    /// DSC 3.2.
    V3_2,
    /// DSC 3.3 and 3.4.
    V3_3,
}

impl FromStr for DscVersion {
    type Err = String;

    /// Parses a version such as `3.2`, `3.1.3`, or `3.4.0-preview.1`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(['.', '-']);
        match (parts.next(), parts.next()) {
            (Some("3"), Some("0" | "1")) => Ok(Self::V3_1),
            (Some("3"), Some("2")) => Ok(Self::V3_2),
            (Some("3"), Some("3" | "4")) => Ok(Self::V3_3),
            _ => Err("expected a DSC version from `3.0` to `3.4`".to_owned()),
        }
    }
}

/// The manifests as files.
#[derive(Debug)]
pub struct ManifestFiles {
    /// The name and the content of each file.
    pub files: Vec<(String, Vec<u8>)>,
    /// A warning, if the folder isn't the one of the program.
    pub warning: Option<String>,
}

/// Returns the manifest of a resource that starts this program.
pub fn manifest(resource: Resource, program: &str, version: DscVersion) -> Value {
    let name = resource.name();
    let call = |operation: Operation, others: &[Value]| {
        let words = ["dsc", operation.name(), name].map(Value::from);
        let args = [&words[..], others].concat();
        json!({ "executable": program, "args": args, "input": "stdin" })
    };
    let has_what_if_argument = version >= DscVersion::V3_2;
    let what_if_argument: &[Value] = match has_what_if_argument {
        true => &[json!({ "whatIfArg": "--what-if" })],
        false => &[],
    };
    let mut test = call(Operation::Test, &[]);
    test["return"] = "stateAndDiff".into();
    let mut set = call(Operation::Set, what_if_argument);
    set["implementsPretest"] = true.into();
    set["return"] = "stateAndDiff".into();
    if resource != Resource::Policy {
        set["handlesExist"] = true.into();
    }
    let mut manifest = json!({
        "$schema": SCHEMA,
        "type": resource.type_name(),
        "version": env!("CARGO_PKG_VERSION"),
        "description": match resource {
            Resource::Setting => "A key of MicroSIP.ini",
            Resource::Hook => "A hook of MicroSIP on a call event",
            Resource::Policy => "A policy for MicroSIP.ini",
        },
        "tags": ["microsip", "sip"],
        "get": call(Operation::Get, &[]),
        "test": test,
        "exitCodes": BTreeMap::from(EXIT_CODES),
        "schema": { "embedded": schema(resource) },
    });
    if has_what_if_argument {
        set["whatIfReturns"] = "stateAndDiff".into();
    } else {
        let mut what_if = call(Operation::Set, &["--what-if".into()]);
        what_if["return"] = "stateAndDiff".into();
        manifest["whatIf"] = what_if;
    }
    manifest["set"] = set;
    if resource.supports(Operation::Delete) {
        manifest["delete"] = call(Operation::Delete, what_if_argument);
    }
    if resource.supports(Operation::Export) {
        let mut export = call(Operation::Export, &[]);
        if version >= DscVersion::V3_3 {
            export["supportsFiltering"] = true.into();
        }
        manifest["export"] = export;
    }
    manifest
}

/// Returns all manifests as one array, for a program that DSC finds by its name.
pub fn manifests(version: DscVersion) -> Value {
    let program =
        process::own_program().map_or_else(|_| NAME.to_owned(), |program| name_of(&program));
    Resource::ALL.map(|resource| manifest(resource, &program, version)).into_iter().collect()
}

/// Returns the manifests as files for a folder. Next to the program, they name only the file of the program; elsewhere, its
/// path.
///
/// # Errors
///
/// If the path of the program isn't known, or isn't valid Unicode.
pub fn manifest_files(folder: &Path, version: DscVersion) -> io::Result<ManifestFiles> {
    let program = process::own_program()?;
    let is_next_to = program.parent().is_some_and(|own| same_file(own, folder));
    let named = match is_next_to {
        true => name_of(&program),
        false => program
            .to_str()
            .map(str::to_owned)
            .ok_or_else(|| io::Error::other("the path of this program isn't valid Unicode"))?,
    };
    let files = Resource::ALL.map(|resource| {
        let name = format!("msipctl-{}.dsc.resource.json", resource.name());
        let text = format!("{:#}\n", manifest(resource, &named, version));
        (name, text.into_bytes())
    });
    let warning = (!is_next_to).then(|| {
        let program = program.display();
        format!("the manifests work only as long as {program} exists; to move both, write them to its folder")
    });
    Ok(ManifestFiles { files: files.into(), warning })
}

/// The name of the program where it isn't known.
const NAME: &str = "msipctl";

/// Returns the name by which DSC finds a program in the folder of the manifest. On Windows, DSC adds `.exe`.
fn name_of(program: &Path) -> String {
    let name = if cfg!(windows) { program.file_stem() } else { program.file_name() };
    name.and_then(|name| name.to_str()).unwrap_or(NAME).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_of_dsc_selects_the_fields() {
        for (text, version) in [
            ("3.0", DscVersion::V3_1),
            ("3.1.3", DscVersion::V3_1),
            ("3.2", DscVersion::V3_2),
            ("3.3.0-rc.1", DscVersion::V3_3),
            ("3.4.0-preview.1", DscVersion::V3_3),
        ] {
            assert_eq!(text.parse(), Ok(version), "{text}");
        }
        for text in ["", "3", "2.1", "3.5", "4.0", "v3.1", "3.10"] {
            assert!(text.parse::<DscVersion>().is_err(), "{text}");
        }
    }
}
