//! A policy: its layers put on top of each other, and what they want of a file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::error::Error;
use super::golden;
use super::layer::{Layer, Reader};
use super::location::{Location, LocationFinder};
use super::resolved::{Expect, ExpectedHook, Item, ResolvedPolicy};
use super::source::{Read, Row, Source};
use super::statement::{HookStatement, Statement, Trust, Want};
use super::text::{SecretColumns, Text};
use crate::hook::{AddOptions, Catalogue, Occupied, TextEngine};
use microsip_schema::{SecretKeys, Version};
use winini::{CodePage, Encoding};

/// How many policies may stand on top of each other.
const MAX_LAYERS: usize = 64;

/// The maximum number of files that a policy consists of. By links, one file can be extended under many names.
const MAX_FILES: usize = 256;

/// The maximum length of all of them together, in bytes.
const MAX_LENGTH: usize = 16 * 1024 * 1024;

/// A desired state for many files.
///
/// # Example
///
/// ```
/// use std::path::Path;
///
/// use msipctl_core::hook::Catalogue;
/// use winini::{CodePage, Document, Encoding};
/// use msipctl_core::policy::{Inputs, Policy, Row, Source};
/// use microsip_schema::Version;
///
/// let text = "[Settings]\nAA = true\n[Account1]\nusername = \"{{ row.extension }}\"\n";
/// let read = |_: &Path| Ok(text.as_bytes().to_vec());
/// let templates = Catalogue::shipped();
/// let inputs = Inputs { read: &read, ansi: CodePage::WESTERN, templates: &templates };
/// let policy = Policy::load(Path::new("desks.toml"), &inputs)?;
///
/// let row = Row::new("inventory.csv:2", [("extension".to_owned(), "204".to_owned())]);
/// let source = Source {
///     row: &row,
///     microsip: Version::NEWEST,
///     user: "ann",
///     host: "desk-4",
///     env: &|_| None,
///     read: &read,
///     program: r"C:\Program Files\msipctl\msipctl.exe",
///     launcher_ini: None,
/// };
/// let resolved = policy.resolved(&source)?;
///
/// let document = Document::parse(b"[Settings]\nAA=0\n[Account1]\nusername=204\n".to_vec(), Encoding::Ascii);
/// let drift = resolved.drift(&document);
/// assert_eq!(drift.len(), 1);
/// assert_eq!((drift[0].key.as_str(), drift[0].line), ("AA", Some(2)));
/// assert_eq!(drift[0].origin.to_string(), "desks.toml:2:1");
/// # Ok::<(), msipctl_core::policy::Error>(())
/// ```
pub struct Policy {
    engine: TextEngine,
    /// What is stated of keys, the lowest layer first.
    statements: Vec<Located<Statement>>,
    hooks: Vec<Located<HookStatement>>,
    /// The columns of inventories that hold secrets.
    secret_columns: SecretColumns,
    /// How many keys are named.
    slots: usize,
    /// The layers, the lowest first.
    layers: Vec<PathBuf>,
    /// What is the same of every file, for the version that was asked for first.
    version_policy: OnceLock<Box<VersionPolicy>>,
}

/// What is the same of every file that a version reads.
struct VersionPolicy {
    version: Version,
    /// What is wrong with each value that is.
    errors: Vec<Option<Error>>,
    /// What is wanted, where all of it is.
    resolved: Option<Result<ResolvedPolicy, Error>>,
    /// For the version that was asked for next. Workers find those that are known without a lock.
    next: OnceLock<Box<VersionPolicy>>,
}

/// What a layer states.
struct Located<T> {
    stated: T,
    layer: usize,
    /// The number of the key; keys that differ in case only have the same.
    slot: usize,
}

/// What a policy is loaded with.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Reads a file.
    pub read: Read<'a>,
    /// The code page of a golden MicroSIP.ini that does not say what it is in.
    pub ansi: CodePage,
    /// The templates for hooks.
    pub templates: &'a Catalogue,
}

// Values may be secret, so they are not shown.
impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Policy").field(&self.layers).finish()
    }
}

impl Policy {
    /// Loads a policy and all that it extends: a file that ends in `.ini` is a golden MicroSIP.ini, any other one
    /// TOML.
    ///
    /// # Errors
    ///
    /// [`Error`] says what is wrong at which place of which file.
    pub fn load(path: &Path, inputs: &Inputs<'_>) -> Result<Self, Error> {
        let mut loading = Loader {
            inputs,
            engine: TextEngine::new(),
            layers: Vec::new(),
            done: Vec::new(),
            open: Vec::new(),
            length: 0,
        };
        loading.load(path, &Location::at_start(path))?;
        let Loader { engine, layers, done, .. } = loading;
        let mut policy = Self {
            engine,
            statements: Vec::new(),
            hooks: Vec::new(),
            secret_columns: SecretColumns::default(),
            slots: 0,
            layers: done,
            version_policy: OnceLock::new(),
        };
        let mut slots = BTreeMap::new();
        for (number, layer) in layers.into_iter().enumerate() {
            for stated in layer.statements {
                let next = slots.len();
                let slot = *slots.entry(stated.name()).or_insert(next);
                policy.statements.push(Located { stated, layer: number, slot });
            }
            let hooks = layer.hooks.into_iter();
            policy.hooks.extend(hooks.map(|stated| Located { stated, layer: number, slot: 0 }));
        }
        policy.slots = slots.len();
        // Also of what does not count for a file: a column is a secret or it is none.
        let of_keys = policy.statements.iter().filter_map(|placed| match &placed.stated.want {
            Want::Value(text) => text.secret_column(),
            Want::Fixed(_) => None,
        });
        let of_hooks = policy.hooks.iter().flat_map(|placed| &placed.stated.with);
        let of_hooks = of_hooks.filter_map(|(_, _, text)| text.secret_column());
        let mut secret_columns = SecretColumns::default();
        of_keys.chain(of_hooks).for_each(|column| secret_columns.add(column));
        policy.secret_columns = secret_columns;
        Ok(policy)
    }

    /// Returns the files it was loaded from, the lowest layer first.
    pub fn layers(&self) -> &[PathBuf] {
        &self.layers
    }

    /// Says for people where a secret stands in the policy itself, and so in every copy of it.
    pub fn warnings(&self) -> Vec<String> {
        let literal = |placed: &Located<Statement>| match &placed.stated.want {
            Want::Fixed(item) if item.secret => {
                let is_there = matches!(&item.expect, Expect::Value(value) if !value.is_empty());
                let Statement { section, key, value_place, .. } = &placed.stated;
                is_there.then(|| {
                    format!(
                        "{value_place}: `{section}.{key}` stands in the policy itself; \
                         {{ env = ... }}, {{ file = ... }} or {{ row = ... }} keeps it out"
                    )
                })
            }
            _ => None,
        };
        self.statements.iter().filter_map(literal).collect()
    }

    /// Says whether a column of an inventory holds a secret: the policy uses it as one, or its name says so.
    pub fn is_secret_column(&self, column: &str) -> bool {
        self.secret_columns.contain(column)
    }

    /// Returns the secrets in a row of an inventory.
    pub fn secrets_of(&self, row: &Row) -> SecretKeys {
        let mut secrets = SecretKeys::default();
        for column in row.names().filter(|name| self.is_secret_column(name)) {
            secrets.add_value(row.get(column).unwrap_or_default());
        }
        secrets
    }

    /// Finds what the policy wants of one file.
    ///
    /// # Errors
    ///
    /// [`Error`] when a column or a secret is missing, or a value is none that the MicroSIP aimed at takes.
    pub fn resolved(&self, source: &Source<'_>) -> Result<Cow<'_, ResolvedPolicy>, Error> {
        let version_policy = self.version_policy(source.microsip);
        if let Some(resolved) = &version_policy.resolved {
            return resolved.as_ref().map(Cow::Borrowed).map_err(Error::clone);
        }
        let mut secrets = self.secrets_of(source.row);
        // What went wrong may have to do with one of them.
        let resolved = self.resolve_one(source, &version_policy.errors, &mut secrets);
        resolved.map(Cow::Owned).map_err(|error| error.hiding(&secrets))
    }

    /// Finds what the policy wants of one file, and adds the secrets that it gets on the way.
    fn resolve_one(
        &self,
        source: &Source<'_>,
        errors: &[Option<Error>],
        secrets: &mut SecretKeys,
    ) -> Result<ResolvedPolicy, Error> {
        let hooks = self.hooks(source, secrets)?;
        let holds = |stated: &Statement| stated.conditions.iter().all(|it| it.holds(source));
        let mut items = Vec::with_capacity(self.slots);
        for index in self.winners(holds) {
            let Located { stated, layer, .. } = &self.statements[index];
            if self.is_of_hook(stated, *layer, &hooks)? {
                continue;
            }
            let item = match &stated.want {
                Want::Fixed(item) => fixed(item, errors[index].as_ref())?,
                Want::Value(text) => self.item(stated, text, source, secrets)?,
            };
            items.push(item);
        }
        let hooks = hooks.into_iter().map(|(_, hook)| hook).collect();
        Ok(ResolvedPolicy::new(source.microsip, items, hooks, secrets))
    }

    /// Finds what the policy wants of every file that a version reads; `None` if that depends on more of a file.
    pub fn resolved_for_all(&self, microsip: Version) -> Option<Result<&ResolvedPolicy, &Error>> {
        self.version_policy(microsip).resolved.as_ref().map(Result::as_ref)
    }

    /// Finds the last statement of each key of those that count, in the order of the keys.
    fn winners(&self, counts: impl Fn(&Statement) -> bool) -> impl Iterator<Item = usize> {
        let mut winners = vec![None; self.slots];
        for (index, Located { stated, slot, .. }) in self.statements.iter().enumerate() {
            if counts(stated) {
                winners[*slot] = Some(index);
            }
        }
        winners.into_iter().flatten()
    }

    fn item(
        &self,
        stated: &Statement,
        text: &Text,
        source: &Source<'_>,
        secrets: &mut SecretKeys,
    ) -> Result<Arc<Item>, Error> {
        let value = self.got(text, &stated.value_place, source, secrets)?;
        let secret = text.is_secret(&self.secret_columns)
            || microsip_schema::is_secret(&stated.section, &stated.key);
        if stated.completes_account() && stated.trust != Trust::Everything {
            let name = format!("{}.{}", stated.section, stated.key);
            text.check_complete(&name, &value, source, &stated.value_place)?;
        }
        stated.check(&value, source.microsip, secret)?;
        Ok(Arc::new(Item {
            section: stated.section.clone(),
            key: stated.key.clone(),
            expect: Expect::Value(value),
            origin: stated.location.clone(),
            secret,
            always: stated.trust == Trust::Everything,
        }))
    }

    /// Gets the value of a text, and notes it if it comes from where secrets are kept.
    fn got(
        &self,
        text: &Text,
        location: &Location,
        source: &Source<'_>,
        secrets: &mut SecretKeys,
    ) -> Result<String, Error> {
        let value = text.get(source, location, &self.engine)?;
        if matches!(text, Text::Secret(_)) {
            secrets.add_value(&value);
        }
        Ok(value)
    }

    /// Says whether a key is written by a hook of a higher layer, which takes the place of what is stated of it.
    fn is_of_hook(
        &self,
        stated: &Statement,
        layer: usize,
        hooks: &[(usize, ExpectedHook)],
    ) -> Result<bool, Error> {
        if hooks.is_empty() {
            return Ok(false);
        }
        let Some(event) = stated.event().filter(|_| stated.is_written()) else { return Ok(false) };
        let Some((above, hook)) = hooks.iter().find(|(_, hook)| hook.event == event) else {
            return Ok(false);
        };
        if layer < *above {
            return Ok(true);
        }
        let message = format!("`{}` is written by the hook at {}, too", stated.key, hook.origin);
        Err(Error::new(&stated.location, message)
            .with_hint("an event has hooks, or its keys are stated; a hook of a higher layer takes their place"))
    }

    /// Finds the hooks that are wanted, each with its layer.
    fn hooks(
        &self,
        source: &Source<'_>,
        secrets: &mut SecretKeys,
    ) -> Result<Vec<(usize, ExpectedHook)>, Error> {
        let mut hooks: Vec<(usize, ExpectedHook)> = Vec::new();
        for Located { stated, layer, .. } in &self.hooks {
            if !stated.conditions.iter().all(|condition| condition.holds(source)) {
                continue;
            }
            let is_secret = |text: &Text| text.is_secret(&self.secret_columns);
            let secret = stated.with.iter().any(|(_, _, text)| is_secret(text));
            let mut values = None;
            for on in &stated.on {
                let rendered = match &on.rendered {
                    Some(rendered) => rendered.clone(),
                    None => {
                        let values = match &mut values {
                            Some(values) => values,
                            none => none.insert(self.values(stated, source, secrets)?),
                        };
                        let rendered = stated.template.render(&[on.event], values);
                        let placed = |error| stated.render_error(&error, &stated.location);
                        Arc::new(rendered.map_err(placed)?)
                    }
                };
                let template = stated.template.name().to_owned();
                let hook = ExpectedHook {
                    event: on.event,
                    rendered,
                    options: options(stated, source),
                    origin: stated.location.clone(),
                    secret,
                    template,
                };
                let is_same = |(_, other): &(usize, ExpectedHook)| {
                    other.event == hook.event && other.template == hook.template
                };
                match hooks.iter().position(is_same).filter(|_| !stated.append) {
                    Some(index) => hooks[index] = (*layer, hook),
                    None => hooks.push((*layer, hook)),
                }
            }
        }
        Ok(hooks)
    }

    fn values(
        &self,
        stated: &HookStatement,
        source: &Source<'_>,
        secrets: &mut SecretKeys,
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut values = BTreeMap::new();
        for (name, location, text) in &stated.with {
            values.insert(name.clone(), self.got(text, location, source, secrets)?);
        }
        Ok(values)
    }

    /// Finds what is the same of every file that a version reads: once a version.
    fn version_policy(&self, version: Version) -> &VersionPolicy {
        let mut location = &self.version_policy;
        loop {
            let version_policy =
                location.get_or_init(|| Box::new(self.find_version_policy(version)));
            if version_policy.version == version {
                return version_policy;
            }
            location = &version_policy.next;
        }
    }

    fn find_version_policy(&self, version: Version) -> VersionPolicy {
        let check = |Located { stated, .. }: &Located<Statement>| match &stated.want {
            Want::Fixed(item) => match &item.expect {
                Expect::Value(value) => stated.check(value, version, item.secret).err(),
                _ => None,
            },
            Want::Value(_) => None,
        };
        let errors: Vec<_> = self.statements.iter().map(check).collect();
        VersionPolicy {
            version,
            resolved: self.resolved_by_version(version, &errors),
            errors,
            next: OnceLock::new(),
        }
    }

    /// Finds what is wanted of every file, if that depends on nothing but the version.
    fn resolved_by_version(
        &self,
        microsip: Version,
        errors: &[Option<Error>],
    ) -> Option<Result<ResolvedPolicy, Error>> {
        let depends = |it: &Located<Statement>| !it.stated.conditions.is_empty();
        if !self.hooks.is_empty() || self.statements.iter().any(depends) {
            return None;
        }
        let mut items = Vec::with_capacity(self.slots);
        for index in self.winners(|_| true) {
            let Want::Fixed(item) = &self.statements[index].stated.want else { return None };
            items.push(fixed(item, errors[index].as_ref()));
        }
        let items = items.into_iter().collect::<Result<_, _>>();
        Some(
            items.map(|items| {
                ResolvedPolicy::new(microsip, items, Vec::new(), &SecretKeys::default())
            }),
        )
    }
}

/// Returns what is wanted of every file, unless something is wrong with it.
fn fixed(item: &Arc<Item>, error: Option<&Error>) -> Result<Arc<Item>, Error> {
    error.map_or_else(|| Ok(item.clone()), |error| Err(error.clone()))
}

/// How a hook is put into a file.
fn options(stated: &HookStatement, source: &Source<'_>) -> AddOptions {
    AddOptions {
        program: stated.msipctl.clone(),
        default_program: source.program.to_owned(),
        ini: source.launcher_ini.map(str::to_owned),
        occupied: match (stated.replace, stated.chain) {
            (true, _) => Occupied::Replace,
            (_, true) => Occupied::Chain,
            _ => Occupied::Refuse,
        },
        append: stated.append,
        allow_system_message: stated.allow_system_message,
        microsip: source.microsip,
    }
}

/// A policy on its way in, layer by layer.
struct Loader<'a> {
    inputs: &'a Inputs<'a>,
    engine: TextEngine,
    layers: Vec<Layer>,
    /// The files of the layers.
    done: Vec<PathBuf>,
    /// The files that are being read, each extended by the one before it.
    open: Vec<PathBuf>,
    /// The length of all files so far.
    length: usize,
}

impl Loader<'_> {
    /// Loads a file below which all that it extends comes first. `from` is where it is named.
    fn load(&mut self, path: &Path, from: &Location) -> Result<(), Error> {
        let is_same = |other: &PathBuf| same(other, path);
        if let Some(first) = self.open.iter().position(is_same) {
            let circle = self.open[first..].iter().map(PathBuf::as_path).chain([path]);
            let circle: Vec<_> = circle.map(|path| path.display().to_string()).collect();
            let message =
                format!("policies extend each other in a circle: {}", circle.join(" -> "));
            return Err(Error::new(from, message));
        }
        // Of a file that is extended twice, the lower place counts.
        if self.done.iter().any(is_same) {
            return Ok(());
        }
        if self.open.len() == MAX_LAYERS {
            let message = format!("more than {MAX_LAYERS} policies extend each other");
            return Err(Error::new(from, message));
        }
        if self.open.len() + self.done.len() == MAX_FILES {
            let message = format!("the policy consists of more than {MAX_FILES} files");
            return Err(Error::new(from, message));
        }
        let bytes = (self.inputs.read)(path).map_err(|error| match self.open.is_empty() {
            true => Error::new(from, format!("cannot be read: {error}")),
            false => Error::new(from, format!("{} cannot be read: {error}", path.display())),
        })?;
        self.length += bytes.len();
        if self.length > MAX_LENGTH {
            let message =
                format!("the files of the policy have more than {MAX_LENGTH} bytes together");
            return Err(Error::new(from, message));
        }
        self.open.push(path.to_owned());
        let layer = self.layer(path, bytes)?;
        for (below, location) in &layer.extends {
            self.load(below, location)?;
        }
        self.open.pop();
        self.layers.push(layer);
        self.done.push(path.to_owned());
        Ok(())
    }

    fn layer(&self, path: &Path, bytes: Vec<u8>) -> Result<Layer, Error> {
        let path: Arc<Path> = path.into();
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ini")) {
            return golden::layer(&path, bytes, self.inputs.ansi);
        }
        // Editors and PowerShell on Windows write UTF-16 with a BOM.
        let encoding = Encoding::detect(&bytes, self.inputs.ansi);
        let bytes = match bytes.as_slice() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => match encoding.decode_exact(&bytes) {
                Some(text) => text.into_owned().into_bytes(),
                None => bytes,
            },
            _ => bytes,
        };
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
            Err(error) => {
                let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let location = Location::of(path, &before, before.len());
                return Err(Error::new(&location, "no UTF-8 text, expected TOML")
                    .with_hint("a golden MicroSIP.ini is known by its ending `.ini`"));
            }
        };
        let (engine, templates) = (&self.engine, self.inputs.templates);
        Reader { path, text, places: LocationFinder::new(text), engine, templates }.layer()
    }
}

/// Says whether two paths lead to one file, as far as that can be told without looking.
fn same(one: &Path, other: &Path) -> bool {
    let (one, other) = (normal(one), normal(other));
    match cfg!(windows) {
        true => one.to_string_lossy().to_lowercase() == other.to_string_lossy().to_lowercase(),
        false => one == other,
    }
}

/// Returns a path without `.` and without steps that lead back.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
