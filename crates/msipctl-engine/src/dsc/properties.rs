//! The desired state that DSC passes on standard input, as properties of JSON.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use msipctl_core::engine::{EditOptions, EncodingOption, Error, MAX_INPUT, Presence, WhileRunning};
use msipctl_core::hook::nearest;

/// The allowed values of a property, each with its meaning.
pub(super) type Choices<T> = [(&'static str, T)];

/// The values of `ifRunning`.
pub(super) const WHILE_RUNNING: [(&str, WhileRunning); 5] = [
    ("fail", WhileRunning::Fail),
    ("wait", WhileRunning::Wait),
    ("exit", WhileRunning::Exit),
    ("restart", WhileRunning::Restart),
    ("defer", WhileRunning::Defer),
];

/// The values of `encoding`.
pub(super) const ENCODINGS: [(&str, EncodingOption); 3] = [
    ("auto", EncodingOption::Auto),
    ("keep", EncodingOption::Keep),
    ("utf-16le", EncodingOption::Utf16Le),
];

/// Properties that DSC adds, or that a returned state has.
const OF_DSC: [&str; 5] =
    ["_inDesiredState", "_restartRequired", "_metadata", "_name", "_securityContext"];

/// The properties of a desired state. Each operation takes those that it knows.
pub(super) struct Properties {
    fields: Map<String, Value>,
    /// The names of the properties that were asked for.
    known: Vec<&'static str>,
}

/// A text that may be a secret: a string, or what DSC passes for a secureString.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) value: String,
    pub(super) is_secret: bool,
}

// The value may be a secret, so it isn't shown.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl Text {
    /// Reads a string, or `{"secureString": "…"}`.
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::String(value) => Some(Self { value, is_secret: false }),
            Value::Object(mut fields) if fields.len() == 1 => match fields.remove("secureString") {
                Some(Value::String(value)) => Some(Self { value, is_secret: true }),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Properties {
    /// Parses the input. Ignores a byte order mark at its start.
    ///
    /// # Errors
    ///
    /// A usage error, which never contains a value of the input.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Error> {
        if json.len() > MAX_INPUT {
            return Err(Error::usage("invalid state: it's larger than 1 MiB"));
        }
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        if json.iter().all(u8::is_ascii_whitespace) {
            let error = Error::usage("missing state: expected a JSON object on standard input");
            return Err(error.with_hint("run `msipctl dsc schema RESOURCE` to see the properties"));
        }
        match serde_json::from_slice(json) {
            Ok(Value::Object(fields)) => Ok(Self { fields, known: Vec::new() }),
            Ok(_) => Err(Error::usage("invalid state: expected a JSON object")),
            // An error of the syntax has only a location.
            Err(error) => Err(Error::usage(format!("invalid state: {error}"))),
        }
    }

    /// Parses a filter, which may be missing.
    ///
    /// # Errors
    ///
    /// Like [`Self::parse`].
    pub(super) fn parse_filter(json: &[u8]) -> Result<Self, Error> {
        if json.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { fields: Map::new(), known: Vec::new() });
        }
        Self::parse(json)
    }

    /// Takes a property. `null` stands for a missing one.
    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a property that `read` understands.
    fn take_as<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl Fn(Value) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let invalid = || Error::usage(format!("invalid `{name}`: expected {expected}"));
        self.take(name).map(|value| read(value).ok_or_else(invalid)).transpose()
    }

    /// Takes a string.
    pub(super) fn string(&mut self, name: &'static str) -> Result<Option<String>, Error> {
        self.take_as(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// Takes a string that isn't empty and must exist.
    pub(super) fn required(&mut self, name: &'static str) -> Result<String, Error> {
        let found = self.string(name)?.filter(|text| !text.is_empty());
        found.ok_or_else(|| Error::usage(format!("missing `{name}`: expected a string")))
    }

    /// Takes a string, or a secureString.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<Text>, Error> {
        self.take_as(name, "a string or a secureString", Text::of)
    }

    /// Takes an object of strings and secureStrings.
    pub(super) fn texts(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Vec<(String, Text)>>, Error> {
        self.take_as(name, "an object of strings and secureStrings", |value| match value {
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, value)| Some((name, Text::of(value)?)))
                .collect::<Option<Vec<_>>>(),
            _ => None,
        })
    }

    /// Takes a boolean.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Error> {
        self.take_as(name, "`true` or `false`", |value| value.as_bool())
    }

    /// Takes a number of seconds.
    fn seconds(&mut self, name: &'static str) -> Result<Option<u64>, Error> {
        self.take_as(name, "an integer of at least 0", |value| value.as_u64())
    }

    /// Takes one of a few values.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &Choices<T>,
    ) -> Result<Option<T>, Error> {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        let expected = match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{}, or {last}", others.join(", ")),
            None => String::new(),
        };
        self.take_as(name, &expected, |value| {
            let text = value.as_str()?;
            choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice)
        })
    }

    /// Takes the path of a file, which must be absolute: DSC starts msipctl in the folder of the manifests.
    pub(super) fn path(
        &mut self,
        name: &'static str,
        what: &str,
    ) -> Result<Option<PathBuf>, Error> {
        let path = self.string(name)?.map(PathBuf::from);
        path.map(|path| absolute(name, path, what)).transpose()
    }

    /// Takes the path of the MicroSIP.ini.
    pub(super) fn ini(&mut self) -> Result<PathBuf, Error> {
        let what = "MicroSIP.ini";
        self.path("path", what)?.ok_or_else(|| {
            Error::usage("missing `path`: expected the absolute path of a MicroSIP.ini")
        })
    }

    /// Takes whether the instance is expected to exist. By default, it is.
    pub(super) fn presence(&mut self) -> Result<Presence, Error> {
        Ok(match self.flag("_exist")? {
            Some(false) => Presence::Absent,
            _ => Presence::Present,
        })
    }

    /// Ignores properties.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        self.fields.retain(|name, _| !names.contains(&name.as_str()));
    }

    /// Takes how the file is written.
    pub(super) fn options(&mut self) -> Result<EditOptions, Error> {
        let usual = EditOptions::default();
        let microsip = self.string("microsip")?.map(|text| text.parse()).transpose();
        let microsip =
            microsip.map_err(|error| Error::usage(format!("invalid `microsip`: {error}")))?;
        Ok(EditOptions {
            create: self.flag("create")?.unwrap_or(usual.create),
            force: self.flag("force")?.unwrap_or(usual.force),
            if_running: self.choice("ifRunning", &WHILE_RUNNING)?.unwrap_or(usual.if_running),
            wait_seconds: self.seconds("waitSeconds")?.unwrap_or(usual.wait_seconds),
            lock_timeout: self.seconds("lockTimeout")?.unwrap_or(usual.lock_timeout),
            encoding: self.choice("encoding", &ENCODINGS)?.unwrap_or(usual.encoding),
            backup: self.flag("backup")?.unwrap_or(usual.backup),
            backup_dir: self.path("backupDir", "the folder")?,
            microsip,
            ..usual
        })
    }

    /// Checks that no unknown property is left. Ignores those that DSC adds.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.ignore(&OF_DSC);
        let Some(name) = self.fields.keys().next() else { return Ok(()) };
        let known = self.known.iter().copied();
        let error = Error::usage(format!("unknown property `{name}`"));
        Err(match nearest(name, known) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint("run `msipctl dsc schema RESOURCE` to see the properties"),
        })
    }
}

fn absolute(name: &str, path: PathBuf, what: &str) -> Result<PathBuf, Error> {
    if path.is_absolute() {
        return Ok(path);
    }
    let shown = Path::display(&path);
    let error = Error::usage(format!("invalid `{name}` `{shown}`: expected an absolute path"));
    Err(error.with_hint(format!("set `{name}` to the full path of {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str, take: impl Fn(&mut Properties) -> Result<(), Error>) -> String {
        let mut properties = Properties::parse(json.as_bytes()).unwrap();
        let error = take(&mut properties).and_then(|()| properties.finish()).unwrap_err();
        format!("{}; {}", error.message(), error.hint().unwrap_or_default())
    }

    #[test]
    fn secure_string_is_a_secret_and_never_shown() {
        let json = br#"{"value": {"secureString": "S3CRET"}, "_exist": true}"#;
        let text = Properties::parse(json).unwrap().text("value").unwrap().unwrap();
        assert_eq!((text.value.as_str(), text.is_secret), ("S3CRET", true));
        assert_eq!(format!("{text:?}"), "Text(..)");
    }

    #[test]
    fn invalid_properties_are_named_without_their_values() {
        let secret = r#"{"value": {"secureString": ["S3CRET"]}}"#;
        let error = message(secret, |it| it.text("value").map(drop));
        assert_eq!(error, "invalid `value`: expected a string or a secureString; ");
        let error = message(r#"{"ifRunning": "S3CRET"}"#, |it| it.options().map(drop));
        assert_eq!(
            error,
            "invalid `ifRunning`: expected `fail`, `wait`, `exit`, `restart`, or `defer`; "
        );
        let error = message(r#"{"path": "MicroSIP.ini"}"#, |it| it.ini().map(drop));
        assert_eq!(
            error,
            "invalid `path` `MicroSIP.ini`: expected an absolute path; set `path` to the full path of MicroSIP.ini"
        );
    }

    #[test]
    fn unknown_property_gets_a_suggestion_and_those_of_dsc_are_ignored() {
        let take = |it: &mut Properties| it.options().map(drop);
        let error = message(r#"{"ifRuning": "exit"}"#, take);
        assert_eq!(error, "unknown property `ifRuning`; did you mean `ifRunning`?");
        let mut ignored =
            Properties::parse(br#"{"_metadata": {}, "_inDesiredState": null}"#).unwrap();
        take(&mut ignored).unwrap();
        ignored.finish().unwrap();
    }

    #[test]
    fn input_must_be_one_object_of_at_most_one_mebibyte() {
        let parse =
            |json: &[u8]| Properties::parse(json).map(drop).map_err(|it| it.message().to_owned());
        assert_eq!(parse(b"\xef\xbb\xbf{}"), Ok(()));
        let missing = "missing state: expected a JSON object on standard input";
        assert_eq!(parse(b" \n"), Err(missing.to_owned()));
        assert_eq!(parse(b"[1]"), Err("invalid state: expected a JSON object".to_owned()));
        assert!(parse(b"{}{}").unwrap_err().starts_with("invalid state: trailing characters"));
        let large = [b"{\"a\":\"".to_vec(), vec![b'x'; MAX_INPUT], b"\"}".to_vec()].concat();
        assert_eq!(parse(&large), Err("invalid state: it's larger than 1 MiB".to_owned()));
    }
}
