//! Policies: their layers, and what they expect of a file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::condition::RowCondition;
use super::error::{Error, Errors};
use super::golden;
use super::layer::{Layer, Reader};
use super::location::{Excerpt, Location};
use super::resolved::{Expect, ExpectedHook, Item, ResolvedPolicy};
use super::source::{Read, Row, Source};
use super::statement::{
    Conditions, HookParameter, HookStatement, OnEvent, SectionStatement, Statement, Trust, Want,
};
use super::text::{self, SecretColumns, Text};
use crate::event::{Event, SETTINGS};
use crate::hook::{AddOptions, Catalogue, Occupied, TextEngine};
use microsip_schema::{SecretKeys, Version};
use winini::{CodePage, Encoding};

/// The maximum number of policies that extend each other.
const MAX_LAYERS: usize = 64;

/// The maximum number of files of a policy. Through links, one file can have many names.
const MAX_FILES: usize = 256;

/// The maximum length of all files of a policy, in bytes.
const MAX_LENGTH: usize = 16 * 1024 * 1024;

/// The desired state of many files.
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
///     requires_secrets: true,
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
/// # Ok::<(), msipctl_core::policy::Errors>(())
/// ```
pub struct Policy {
    engine: TextEngine,
    /// The statements about keys, the lowest layer first.
    statements: Vec<Located<Statement>>,
    hooks: Vec<Located<HookStatement>>,
    sections: Vec<SectionStatement>,
    /// The columns of inventories that contain secrets.
    secret_columns: SecretColumns,
    /// The number of keys.
    slots: usize,
    /// The layers, the lowest first.
    layers: Vec<PathBuf>,
    /// The part that is the same for every file, for the first version that was needed.
    version_policy: OnceLock<Box<VersionPolicy>>,
}

/// The part that is the same for every file that a version reads.
struct VersionPolicy {
    version: Version,
    /// The error of each value that is the same.
    errors: Vec<Option<Error>>,
    /// The resolved policy, if all of it is the same.
    resolved: Option<Result<ResolvedPolicy, Error>>,
    /// The same for the next version that was needed. Workers find known versions without a lock.
    next: OnceLock<Box<VersionPolicy>>,
}

/// A value that depends on the file.
struct Usage<'p> {
    /// The statement and its index; `None` for a parameter of a hook.
    statement: Option<(usize, &'p Located<Statement>)>,
    conditions: &'p Conditions,
    text: &'p Text,
    location: &'p Location,
    excerpt: Option<&'p Excerpt>,
    is_reported: bool,
}

impl Usage<'_> {
    /// Returns the error that each file with these columns has, if there is one.
    fn error(&self, source: &Source<'_>, engine: &TextEngine) -> Option<Error> {
        if let Err(error) = self.text.check_columns(source, self.location) {
            return Some(error);
        }
        if !self.text.is_same_secret() {
            return None;
        }
        match (self.text.get(source, self.location, engine), self.statement) {
            (Err(error), _) if error.is_missing_secret() && !source.requires_secrets => None,
            (Err(error), _) => Some(error),
            (Ok(value), Some((_, located))) => located.stated.check_early(&value, true).err(),
            (Ok(_), None) => None,
        }
    }
}

/// A statement and its layer.
struct Located<T> {
    stated: T,
    layer: usize,
    /// The number of the key. Keys that differ only in case have the same number.
    slot: usize,
}

/// The inputs of loading a policy.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Reads a file.
    pub read: Read<'a>,
    /// The code page of golden files without BOM.
    pub ansi: CodePage,
    /// The templates for hooks.
    pub templates: &'a Catalogue,
}

// Values can be secret, so they aren't shown.
impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Policy").field(&self.layers).finish()
    }
}

impl Policy {
    /// Loads a policy and all policies that it extends. A file whose name ends in `.ini` is a golden MicroSIP.ini, and any
    /// other file is TOML.
    ///
    /// # Errors
    ///
    /// Returns all errors of all files, each with its location.
    pub fn load(path: &Path, inputs: &Inputs<'_>) -> Result<Self, Errors> {
        let mut loading = Loader {
            inputs,
            engine: TextEngine::new(),
            layers: Vec::new(),
            done: Vec::new(),
            open: Vec::new(),
            length: 0,
            errors: Errors::default(),
        };
        let start = Location::at_start(path);
        if let Err(error) = loading.load(path, &start) {
            loading.errors.push(error);
        }
        let Loader { engine, layers, done, errors, .. } = loading;
        errors.or_ok(())?;
        let mut policy = Self {
            engine,
            statements: Vec::new(),
            hooks: Vec::new(),
            sections: Vec::new(),
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
            policy.sections.extend(layer.sections);
            let hooks = layer.hooks.into_iter();
            policy.hooks.extend(hooks.map(|stated| Located { stated, layer: number, slot: 0 }));
        }
        policy.slots = slots.len();
        // Includes statements that don't apply to a file: a column is secret everywhere or nowhere.
        let of_keys = policy.statements.iter().filter_map(|placed| match &placed.stated.want {
            Want::Value(text) => text.secret_column(),
            Want::Fixed(_) => None,
        });
        let of_hooks = policy.hooks.iter().flat_map(|placed| &placed.stated.with);
        let of_hooks = of_hooks.filter_map(|given| given.text.secret_column());
        let mut secret_columns = SecretColumns::default();
        of_keys.chain(of_hooks).for_each(|column| secret_columns.add(column));
        policy.secret_columns = secret_columns;
        policy.check_names()?;
        Ok(policy)
    }

    /// Returns the files of the policy, the lowest layer first.
    pub fn layers(&self) -> &[PathBuf] {
        &self.layers
    }

    /// Returns a warning for each secret that is written in the policy itself, and therefore in every copy of it.
    pub fn warnings(&self) -> Vec<String> {
        let literal = |placed: &Located<Statement>| match &placed.stated.want {
            Want::Fixed(item) if item.secret => {
                let is_there = matches!(&item.expect, Expect::Value(value) | Expect::Default(value) if !value.is_empty());
                let Statement { section, key, value_place, .. } = &placed.stated;
                is_there.then(|| {
                    format!(
                        "{value_place}: `{section}.{key}` is written in the policy itself; to keep it out, \
                         use `{{ env = ... }}`, `{{ file = ... }}`, or `{{ row = ... }}`"
                    )
                })
            }
            _ => None,
        };
        self.statements.iter().filter_map(literal).collect()
    }

    /// Returns whether a column of an inventory is secret: the policy uses it as a secret, or its name suggests it.
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

    /// Checks what doesn't depend on the contents of files, before any of them is read: the columns of inventories, and
    /// each secret that is the same for all files. The versions of `sources` are ignored.
    ///
    /// # Errors
    ///
    /// Returns each error once, however many files it affects.
    pub fn check_sources<'s>(
        &self,
        sources: impl Iterator<Item = Source<'s>>,
    ) -> Result<(), Errors> {
        let mut usages: Vec<_> = self.usages().collect();
        let mut errors = Errors::default();
        let mut columns: Option<Vec<String>> = None;
        let mut missing = Vec::new();
        let mut conditions = self.row_conditions();
        for source in sources {
            if columns.as_ref().is_none_or(|columns| !source.row.names().eq(columns)) {
                columns = Some(source.row.names().map(str::to_owned).collect());
                let error = |(index, usage): (usize, &Usage<'_>)| {
                    Some((index, usage.error(&source, &self.engine)?))
                };
                missing = usages.iter().enumerate().filter_map(error).collect();
                conditions.retain(|condition| {
                    let RowCondition { column, location, excerpt, .. } = condition;
                    match text::column(column, &source, location) {
                        Ok(_) => true,
                        Err(error) => {
                            errors.push(error.with_excerpt(excerpt.clone()));
                            false
                        }
                    }
                });
            }
            missing.retain(|(index, error)| {
                let usage = &mut usages[*index];
                if usage.is_reported || !self.applies(usage, &source) {
                    return !usage.is_reported;
                }
                usage.is_reported = true;
                errors.push(error.clone().with_excerpt(usage.excerpt.cloned()));
                false
            });
        }
        errors.or_ok(())
    }

    /// Returns each condition on a column.
    fn row_conditions(&self) -> Vec<&RowCondition> {
        let keys = self.statements.iter().flat_map(|located| &located.stated.conditions);
        let hooks = self.hooks.iter().flat_map(|located| &located.stated.conditions);
        let sections = self.sections.iter().flat_map(|stated| &stated.conditions);
        let mut seen = BTreeSet::new();
        let conditions =
            keys.chain(hooks).chain(sections).filter(|it| seen.insert(Arc::as_ptr(*it)));
        conditions.flat_map(|condition| &condition.row).collect()
    }

    /// Rejects secret columns in the names of variables and files, which messages show.
    fn check_names(&self) -> Result<(), Errors> {
        let mut errors = Errors::default();
        for usage in self.usages() {
            if let Some(column) = usage.text.secret_in_name(&self.secret_columns) {
                let message = format!(
                    "the name of a secret uses the secret column `{column}`, but messages show names"
                );
                let error = Error::new(usage.location, message);
                let hint = "use a column that isn't secret, such as the extension";
                errors.push(error.with_hint(hint).with_excerpt(usage.excerpt.cloned()));
            }
        }
        errors.or_ok(())
    }

    /// Returns each value that depends on the file.
    fn usages(&self) -> impl Iterator<Item = Usage<'_>> {
        let keys = self.statements.iter().enumerate().filter_map(|(index, located)| {
            let Statement { want: Want::Value(text), value_place, conditions, excerpt, .. } =
                &located.stated
            else {
                return None;
            };
            let (location, excerpt) = (value_place, excerpt.as_ref());
            let statement = Some((index, located));
            Some(Usage { statement, conditions, text, location, excerpt, is_reported: false })
        });
        let parameters = self.hooks.iter().flat_map(|located| {
            let HookStatement { with, conditions, .. } = &located.stated;
            with.iter().map(move |HookParameter { location, text, excerpt, .. }| {
                let excerpt = excerpt.as_ref();
                Usage { statement: None, conditions, text, location, excerpt, is_reported: false }
            })
        });
        keys.chain(parameters)
    }

    /// Returns whether a value applies to a file of any version. If the version decides, it may not.
    fn applies(&self, usage: &Usage<'_>, source: &Source<'_>) -> bool {
        let is_certain = |conditions: &Conditions| {
            conditions.iter().all(|it| !it.depends_on_version() && it.holds_for_row(source))
        };
        if !is_certain(usage.conditions) {
            return false;
        }
        let Some((index, Located { stated, slot, .. })) = usage.statement else { return true };
        if stated.event().is_some() && !self.hooks.is_empty() {
            return false;
        }
        let overrides = |later: &Located<Statement>| {
            later.slot == *slot && later.stated.conditions.iter().all(|it| it.holds_for_row(source))
        };
        !self.statements[index + 1..].iter().any(overrides)
    }

    /// Returns what the policy expects of one file.
    ///
    /// # Errors
    ///
    /// Returns an error if a column or a secret is missing, or if the target version doesn't accept a value.
    pub fn resolved(&self, source: &Source<'_>) -> Result<Cow<'_, ResolvedPolicy>, Error> {
        let version_policy = self.version_policy(source.microsip);
        if let Some(resolved) = &version_policy.resolved {
            return resolved.as_ref().map(Cow::Borrowed).map_err(Error::clone);
        }
        let mut secrets = self.secrets_of(source.row);
        // The errors may be about one of them.
        let resolved = self.resolve_one(source, &version_policy.errors, &mut secrets);
        resolved.map(Cow::Owned).map_err(|error| error.hiding(&secrets))
    }

    /// Returns what the policy expects of one file, and adds the secrets that it reads.
    fn resolve_one(
        &self,
        source: &Source<'_>,
        errors: &[Option<Error>],
        secrets: &mut SecretKeys,
    ) -> Result<ResolvedPolicy, Error> {
        let mut unavailable = Vec::new();
        let hooks = self.hooks(source, secrets, &mut unavailable)?;
        let holds = |stated: &Statement| stated.conditions.iter().all(|it| it.holds(source));
        let mut items = Vec::with_capacity(self.slots);
        for index in self.winners(holds) {
            let Located { stated, layer, .. } = &self.statements[index];
            if self.is_of_hook(stated, *layer, &hooks)? {
                continue;
            }
            let is_unavailable = |event| unavailable.iter().any(|(other, _)| *other == event);
            if stated.event().is_some_and(is_unavailable) && stated.is_written() {
                continue;
            }
            let item = match &stated.want {
                Want::Fixed(item) => fixed(item, errors[index].as_ref())?,
                Want::Value(text) => self.item(stated, text, source, secrets)?,
            };
            items.push(item);
        }
        items.extend(unavailable.into_iter().map(|(_, item)| item));
        let hooks = hooks.into_iter().map(|(_, hook)| hook).collect();
        let holds =
            |stated: &&SectionStatement| stated.conditions.iter().all(|it| it.holds(source));
        let sections = self.sections.iter().filter(holds).map(|stated| &stated.expected);
        Ok(ResolvedPolicy::new(source.microsip, items, hooks, secrets).with_sections(sections))
    }

    /// Returns what the policy expects of every file that a version reads; `None` if it depends on more than the version.
    pub fn resolved_for_all(&self, microsip: Version) -> Option<Result<&ResolvedPolicy, &Error>> {
        self.version_policy(microsip).resolved.as_ref().map(Result::as_ref)
    }

    /// Returns the last applicable statement about each key, in the order of the keys.
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
        let value = match self.got(text, &stated.value_place, source, secrets) {
            Err(error) if error.is_missing_secret() && !source.requires_secrets => {
                let Statement { section, key, location, .. } = stated;
                return Ok(unavailable_item(section, key, location, &error));
            }
            value => value?,
        };
        let secret = text.is_secret(&self.secret_columns)
            || microsip_schema::is_secret(stated.schema_section(), &stated.key);
        if stated.completes_account() && stated.trust != Trust::Everything {
            let name = format!("{}.{}", stated.section, stated.key);
            text.check_complete(&name, &value, source, &stated.value_place, &self.engine)?;
        }
        stated.check(&value, source.microsip, secret)?;
        Ok(Arc::new(Item {
            section: stated.section.clone(),
            key: stated.key.clone(),
            expect: if stated.is_default { Expect::Default(value) } else { Expect::Value(value) },
            origin: stated.location.clone(),
            secret,
            always: stated.trust == Trust::Everything,
        }))
    }

    /// Returns the value of a text, and adds it to the secrets if it is one.
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

    /// Returns whether a hook of a higher layer writes a key, and so overrides the statement about it.
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
        let message = format!("the hook at {} also writes `{}`", hook.origin, stated.key);
        Err(Error::new(&stated.location, message)
            .with_hint("for an event, use either hooks or its keys; a hook in a policy that extends this one overrides the keys"))
    }

    /// Returns the expected hooks, each with its layer.
    fn hooks(
        &self,
        source: &Source<'_>,
        secrets: &mut SecretKeys,
        unavailable: &mut Vec<(Event, Arc<Item>)>,
    ) -> Result<Vec<(usize, ExpectedHook)>, Error> {
        let mut hooks: Vec<(usize, ExpectedHook)> = Vec::new();
        for Located { stated, layer, .. } in &self.hooks {
            if !stated.conditions.iter().all(|condition| condition.holds(source)) {
                continue;
            }
            let is_secret = |text: &Text| text.is_secret(&self.secret_columns);
            let secret = stated.with.iter().any(|given| is_secret(&given.text));
            let mut values = None;
            if !source.requires_secrets
                && let Err(error) = self.values(stated, source, secrets)
                && error.is_missing_secret()
            {
                // Without the secret, only whether the event has a command can be verified.
                unavailable.extend(stated.on.iter().map(|OnEvent { event, .. }| {
                    (*event, unavailable_item(SETTINGS, event.key(), &stated.location, &error))
                }));
                continue;
            }
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
        for HookParameter { name, location, text, .. } in &stated.with {
            values.insert(name.clone(), self.got(text, location, source, secrets)?);
        }
        Ok(values)
    }

    /// Returns what is the same for every file that a version reads. It is computed once per version.
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
                Expect::Value(value) | Expect::Default(value) => {
                    stated.check(value, version, item.secret).err()
                }
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

    /// Returns what is expected of every file, if it depends only on the version.
    fn resolved_by_version(
        &self,
        microsip: Version,
        errors: &[Option<Error>],
    ) -> Option<Result<ResolvedPolicy, Error>> {
        let depends = |it: &Located<Statement>| !it.stated.conditions.is_empty();
        let is_conditional = |it: &SectionStatement| !it.conditions.is_empty();
        if !self.hooks.is_empty()
            || self.statements.iter().any(depends)
            || self.sections.iter().any(is_conditional)
        {
            return None;
        }
        let mut items = Vec::with_capacity(self.slots);
        for index in self.winners(|_| true) {
            let Want::Fixed(item) = &self.statements[index].stated.want else { return None };
            items.push(fixed(item, errors[index].as_ref()));
        }
        let items = items.into_iter().collect::<Result<_, _>>();
        Some(items.map(|items| {
            ResolvedPolicy::new(microsip, items, Vec::new(), &SecretKeys::default())
                .with_sections(self.sections.iter().map(|stated| &stated.expected))
        }))
    }
}

/// Returns what is expected of every file, or its error.
fn fixed(item: &Arc<Item>, error: Option<&Error>) -> Result<Arc<Item>, Error> {
    error.map_or_else(|| Ok(item.clone()), |error| Err(error.clone()))
}

/// Returns the expectation for a key whose value is a secret that isn't available here.
fn unavailable_item(section: &str, key: &str, origin: &Location, error: &Error) -> Arc<Item> {
    Arc::new(Item {
        section: section.to_owned(),
        key: key.to_owned(),
        expect: Expect::Unavailable(error.message().to_owned()),
        origin: origin.clone(),
        secret: true,
        always: false,
    })
}

/// How a hook is added to a file.
fn options(stated: &HookStatement, source: &Source<'_>) -> AddOptions {
    AddOptions {
        program: stated.msipctl.clone(),
        default_program: source.program.to_owned(),
        ini: source.launcher_ini.cloned(),
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

/// A policy that is being loaded, layer by layer.
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
    /// All errors so far.
    errors: Errors,
}

impl Loader<'_> {
    /// Loads a file after all files that it extends. `from` is where it is named. Errors in the file are collected.
    ///
    /// # Errors
    ///
    /// Returns why the file can't be read.
    fn load(&mut self, path: &Path, from: &Location) -> Result<(), Error> {
        let is_same = |other: &PathBuf| same(other, path);
        if let Some(first) = self.open.iter().position(is_same) {
            let cycle = self.open[first..].iter().map(PathBuf::as_path).chain([path]);
            let cycle: Vec<_> = cycle.map(|path| path.display().to_string()).collect();
            let message = format!("policies extend each other in a cycle: {}", cycle.join(" -> "));
            return Err(Error::new(from, message).with_hint("remove one of these `extends`"));
        }
        // A file that is extended more than once counts at its lowest position.
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
            true => Error::new(from, format!("can't read the policy: {error}")),
            false => Error::new(from, format!("can't read {}: {error}", path.display())),
        })?;
        self.length += bytes.len();
        if self.length > MAX_LENGTH {
            let message =
                format!("the files of the policy have more than {MAX_LENGTH} bytes in total");
            return Err(Error::new(from, message));
        }
        self.open.push(path.to_owned());
        let layer = self.layer(path, bytes);
        for (below, location, excerpt) in &layer.extends {
            // A hostile policy can name very many files that fail.
            if self.errors.is_full() {
                break;
            }
            if let Err(error) = self.load(below, location) {
                self.errors.push(error.with_excerpt(excerpt.clone()));
            }
        }
        self.open.pop();
        self.layers.push(layer);
        self.done.push(path.to_owned());
        Ok(())
    }

    /// Reads a file, and collects its errors.
    fn layer(&mut self, path: &Path, bytes: Vec<u8>) -> Layer {
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ini")) {
            let layer = golden::layer(&path.into(), bytes, self.inputs.ansi, &self.engine);
            return layer.unwrap_or_else(|errors| {
                self.errors.extend(errors);
                Layer::default()
            });
        }
        let text = match decoded(bytes) {
            Ok(text) => text,
            Err((before, offset)) => {
                let location = Location::of(path.into(), &before, offset);
                let error = Error::new(&location, "invalid UTF-8: expected a policy in TOML");
                let hint = "the name of a golden MicroSIP.ini must end in `.ini`";
                self.errors.push(error.with_hint(hint));
                return Layer::default();
            }
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let (layer, errors) = Reader::layer(path, text, &self.engine, self.inputs.templates);
        self.errors.extend(errors);
        layer
    }
}

/// Returns the text of a policy, in UTF-8 or in UTF-16 with a BOM. Otherwise, returns the text up to the first invalid
/// byte, and its length.
fn decoded(bytes: Vec<u8>) -> Result<String, (String, usize)> {
    if let encoding @ (Encoding::Utf16Le { bom: true } | Encoding::Utf16Be { bom: true }) =
        Encoding::detect(&bytes, CodePage::WESTERN)
    {
        return Ok(encoding.decode(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        bytes.truncate(valid);
        (String::from_utf8_lossy(&bytes).into_owned(), valid)
    })
}

/// Returns whether two paths have the spelling of the same file.
fn same(one: &Path, other: &Path) -> bool {
    let (one, other) = (normal(one), normal(other));
    match cfg!(windows) {
        true => one.to_string_lossy().to_lowercase() == other.to_string_lossy().to_lowercase(),
        false => one == other,
    }
}

/// Returns a path without `.` and without `..` that can be removed.
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
