//! A client that does what DSC does: it finds the manifests, starts the program as they say, checks each output with the
//! schema of the resource, and reads the lines that it expects.

use std::fs::{self, File};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::runner::{Folder, started};

/// A client of one version of DSC, and the resources that it found.
pub(super) struct Client {
    folder: Folder,
    manifests: Vec<Value>,
    version: &'static str,
    /// Everything that the program printed.
    pub(super) seen: std::cell::RefCell<Vec<u8>>,
}

/// What DSC shows after an operation failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: i32,
    /// The description of the exit code in the manifest.
    pub(super) description: String,
    /// The log lines, each with its level.
    pub(super) log: Vec<String>,
}

type Done<T> = Result<T, Failure>;

impl Client {
    /// Writes the manifests for a version of DSC, and reads them.
    pub(super) fn new(version: &'static str) -> Self {
        let folder = Folder::new();
        folder.run(&["dsc", "manifest", "-o", "resources", "--for", version]).code(0);
        let mut found: Vec<PathBuf> =
            fs::read_dir(folder.file("resources")).unwrap().map(|it| it.unwrap().path()).collect();
        found.retain(|path| path.to_string_lossy().ends_with(".dsc.resource.json"));
        found.sort();
        let read = |path: &PathBuf| serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let manifests = found.iter().map(read).collect();
        Self { folder, manifests, version, seen: Default::default() }
    }

    /// Lists the types and their capabilities.
    pub(super) fn list(&self) -> Vec<(String, Vec<&'static str>)> {
        let capabilities = |manifest: &Value| {
            let names = ["get", "set", "test", "delete", "export"];
            let mut found: Vec<_> =
                names.into_iter().filter(|name| manifest.get(name).is_some()).collect();
            if manifest["set"]["handlesExist"] == true {
                found.push("setHandlesExist");
            }
            found
        };
        let row = |it: &Value| (it["type"].as_str().unwrap().to_owned(), capabilities(it));
        self.manifests.iter().map(row).collect()
    }

    pub(super) fn manifest(&self, name: &str) -> &Value {
        let name = format!("Msipctl.MicroSIP/{name}");
        self.manifests.iter().find(|it| it["type"] == name.as_str()).unwrap()
    }

    /// `dsc resource get`
    pub(super) fn get(&self, name: &str, filter: &Value) -> Done<Value> {
        let manifest = self.manifest(name);
        verify(manifest, filter);
        let out = self.invoke(manifest, &manifest["get"], &filter.to_string(), false)?;
        let [state] = lines(&out)[..] else { panic!("`get` prints one line, not {out}") };
        Ok(json!({ "actualState": state_of(manifest, state) }))
    }

    /// `dsc resource test`
    pub(super) fn test(&self, name: &str, desired: &Value) -> Done<Value> {
        let manifest = self.manifest(name);
        verify(manifest, desired);
        let test = &manifest["test"];
        assert_eq!(test["return"], "stateAndDiff");
        let out = self.invoke(manifest, test, &desired.to_string(), false)?;
        let (state, differing) = state_and_diff(manifest, &out);
        // DSC takes anything else for an error.
        let is_in_desired_state = state["_inDesiredState"].as_bool().unwrap();
        assert_eq!(is_in_desired_state, differing.is_empty(), "{out}");
        Ok(json!({
            "desiredState": redacted(desired),
            "actualState": state,
            "inDesiredState": is_in_desired_state,
            "differingProperties": differing,
        }))
    }

    /// `dsc resource set`, which calls `get` with the desired state first.
    pub(super) fn set(&self, name: &str, desired: &Value, is_what_if: bool) -> Done<Value> {
        let manifest = self.manifest(name);
        verify(manifest, desired);
        let has_argument = manifest["set"]["args"].as_array().unwrap().iter().any(Value::is_object);
        let method = match is_what_if && !has_argument {
            true => &manifest["whatIf"],
            false => &manifest["set"],
        };
        // Otherwise, DSC calls `test` first.
        assert_eq!(manifest["set"]["implementsPretest"], true);
        assert_eq!(method["return"], "stateAndDiff");
        let desired = desired.to_string();
        let before = self.invoke(manifest, &manifest["get"], &desired, false)?;
        let before = state_of(manifest, before.trim_end());
        let out = self.invoke(manifest, method, &desired, is_what_if)?;
        let (after, changed) = state_and_diff(manifest, &out);
        Ok(json!({ "beforeState": before, "afterState": after, "changedProperties": changed }))
    }

    /// `dsc resource delete`. Returns what would change.
    pub(super) fn delete(&self, name: &str, desired: &Value, is_what_if: bool) -> Done<Value> {
        let manifest = self.manifest(name);
        verify(manifest, desired);
        let method = &manifest["delete"];
        let has_argument = method["args"].as_array().unwrap().iter().any(Value::is_object);
        if is_what_if && !has_argument {
            return self.test(name, desired);
        }
        let out = self.invoke(manifest, method, &desired.to_string(), is_what_if)?;
        if !is_what_if {
            assert_eq!(out, "");
            return Ok(Value::Null);
        }
        let what_if: Map<String, Value> = serde_json::from_str(&out).unwrap();
        assert_eq!(what_if.keys().collect::<Vec<_>>(), ["_metadata"]);
        let metadata = what_if["_metadata"].as_object().unwrap();
        assert_eq!(metadata.keys().collect::<Vec<_>>(), ["whatIf"]);
        Ok(metadata["whatIf"].clone())
    }

    /// `dsc resource export`. Returns resources of a configuration.
    pub(super) fn export(&self, name: &str, filter: Option<&Value>) -> Done<Vec<Value>> {
        let manifest = self.manifest(name);
        filter.iter().for_each(|filter| verify(manifest, filter));
        let input = filter.map(Value::to_string).unwrap_or_default();
        let out = self.invoke(manifest, &manifest["export"], &input, false)?;
        let resource = |line: &&str| {
            let mut properties = state_of(manifest, line);
            let properties = properties.as_object_mut().unwrap();
            let name = properties.remove("_name").unwrap();
            json!({ "type": manifest["type"], "name": name, "properties": properties })
        };
        Ok(lines(&out).iter().map(resource).collect())
    }

    /// `dsc config set`: each resource in turn, with what the states say besides the state.
    pub(super) fn config_set(&self, resources: &[(&str, Value)], is_what_if: bool) -> Done<Value> {
        let mut results = Vec::new();
        for (name, desired) in resources {
            let mut result = self.set(name, desired, is_what_if)?;
            // DSC 3.1 leaves it in the state.
            let after = result["afterState"].as_object_mut().unwrap();
            let metadata = match self.version {
                "3.1" => after.get("_metadata").cloned(),
                _ => after.remove("_metadata"),
            };
            results.push(json!({ "metadata": metadata.unwrap_or(json!({})), "result": result }));
        }
        Ok(results.into())
    }

    /// `dsc config test`, and whether an assertion group would succeed.
    pub(super) fn config_test(&self, resources: &[(&str, Value)]) -> Done<(Vec<Value>, bool)> {
        let results = resources.iter().map(|(name, desired)| self.test(name, desired));
        let results = results.collect::<Done<Vec<_>>>()?;
        let is_fulfilled = results.iter().all(|result| result["inDesiredState"] == true);
        Ok((results, is_fulfilled))
    }

    /// Starts the program of a method, in the folder of the manifest. Returns its output.
    fn invoke(
        &self,
        manifest: &Value,
        method: &Value,
        input: &str,
        is_what_if: bool,
    ) -> Done<String> {
        self.folder.write("stdin", input);
        assert_eq!(method["input"], "stdin");
        let program = method["executable"].as_str().unwrap();
        let mut args = Vec::new();
        for arg in method["args"].as_array().unwrap() {
            match (arg.as_str(), arg["whatIfArg"].as_str()) {
                (Some(text), _) => args.push(text),
                (None, Some(text)) if is_what_if => args.push(text),
                (None, Some(_)) => {}
                (None, None) => panic!("unknown argument {arg}"),
            }
        }
        let output = started(|| {
            let mut command = self.folder.program_command(program, &args);
            command.current_dir(self.folder.file("resources")).env("DSC_TRACE_LEVEL", "trace");
            // DSC 3.1 passes no input if there is none.
            if !input.is_empty() {
                command.stdin(File::open(self.folder.file("stdin")).unwrap());
            } else {
                command.stdin(std::process::Stdio::null());
            }
            command.output()
        });
        self.seen.borrow_mut().extend([&output.stdout[..], &output.stderr].concat());
        let log = String::from_utf8(output.stderr).unwrap();
        let log: Vec<_> = log.lines().map(logged).collect();
        let out = String::from_utf8(output.stdout).unwrap();
        let code = output.status.code().unwrap();
        if code == 0 {
            assert!(!log.iter().any(|line| line.starts_with("ERROR")), "{log:?}");
            return Ok(out);
        }
        assert_eq!(out, "", "a failed operation prints no state");
        let errors = log.iter().filter(|line| line.starts_with("ERROR")).count();
        assert_eq!(errors, 1, "an error is logged once: {log:?}");
        let description = manifest["exitCodes"][code.to_string()].as_str();
        let description = description.unwrap_or_else(|| panic!("unknown exit code {code}"));
        Err(Failure { code, description: description.to_owned(), log })
    }
}

/// Reads a log line as DSC does.
fn logged(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    assert!(line["timestamp"].is_string(), "{line}");
    let (level, message) = (line["level"].as_str(), line["fields"]["message"].as_str());
    let level = level.filter(|level| ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(level));
    format!("{} {}", level.unwrap(), message.unwrap())
}

fn lines(out: &str) -> Vec<&str> {
    assert!(out.is_empty() || out.ends_with('\n'), "{out:?}");
    out.lines().collect()
}

/// Reads a state, which the schema must allow.
fn state_of(manifest: &Value, line: &str) -> Value {
    let state = serde_json::from_str(line).unwrap();
    verify(manifest, &state);
    state
}

/// Reads a line with the state, and one with the names of properties.
fn state_and_diff(manifest: &Value, out: &str) -> (Value, Vec<String>) {
    let [state, differing] = lines(out)[..] else { panic!("two lines expected, not {out:?}") };
    (state_of(manifest, state), serde_json::from_str(differing).unwrap())
}

/// Compares a state with the schema of the resource.
#[track_caller]
fn verify(manifest: &Value, state: &Value) {
    let validator = jsonschema::validator_for(&manifest["schema"]["embedded"]).unwrap();
    if let Err(error) = validator.validate(state) {
        panic!("{state} doesn't fit the schema: {error}");
    }
}

/// Returns whether the schema of the resource allows a state.
pub(super) fn is_allowed(manifest: &Value, state: &Value) -> bool {
    jsonschema::validator_for(&manifest["schema"]["embedded"]).unwrap().is_valid(state)
}

/// Masks the secrets of a desired state.
fn redacted(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("secureString") => "<secureValue>".into(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), redacted(value))).collect()
        }
        other => other.clone(),
    }
}
