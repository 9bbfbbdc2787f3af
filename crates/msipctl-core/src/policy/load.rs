//! Policies: their layers, and what they expect of a file.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use super::accounts::{AccountRule, RuleKind};
use super::error::{Error, Errors};
use super::item::{Expect, Item, unavailable_item};
use super::layer::Layer;
use super::loader::{Inputs, Loader};
use super::location::Location;
use super::merge::Merging;
use super::resolved::ResolvedPolicy;
use super::scope::{ResolvedMatch, RowAccount, Scope};
use super::sections::ExpectedSection;
use super::source::{Row, Source};
use super::statement::{Conditions, HookStatement, SectionStatement, Statement, Trust, Want};
use super::text::{SecretColumns, Text};
use crate::hook::TextEngine;
use microsip_schema::{SecretKeys, Version};

/// The maximum number of rows of an inventory that name one file.
const MAX_ROWS: usize = 256;

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
    pub(super) engine: TextEngine,
    /// The statements about keys, the lowest layer first.
    pub(super) statements: Vec<Located<Statement>>,
    pub(super) hooks: Vec<Located<HookStatement>>,
    pub(super) sections: Vec<SectionStatement>,
    /// The columns of inventories that contain secrets.
    pub(super) secret_columns: SecretColumns,
    /// The number of keys.
    slots: usize,
    /// The layers, the lowest first.
    layers: Vec<PathBuf>,
    /// The hash of all layers without their secrets.
    fingerprint: [u8; 32],
    /// The part that is the same for every file, for the first version that was needed.
    version_policy: OnceLock<Box<VersionPolicy>>,
}

/// The part that is the same for every file that a version reads.
struct VersionPolicy {
    version: Version,
    /// The error of each value that is the same.
    errors: Vec<Option<Error>>,
    /// The same for the next version that was needed. Workers find known versions without a lock.
    next: OnceLock<Box<VersionPolicy>>,
}

/// A statement and its layer.
pub(super) struct Located<T> {
    pub(super) stated: T,
    pub(super) layer: usize,
    /// The number of the key. Keys that differ only in case have the same number.
    pub(super) slot: usize,
}

// Values can be secret, so they aren't shown.
impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Policy").field(&self.layers).finish()
    }
}

fn fingerprint(files: &[PathBuf], layers: &[Layer]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (file, layer) in files.iter().zip(layers) {
        let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(layer.masked);
    }
    hash.finalize().into()
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
            fingerprint: fingerprint(&done, &layers),
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

    /// Returns a hash of the names and the text of all layers, without the secrets that are written in them. It's the same
    /// on every computer.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
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

    /// Returns what the policy expects of one file. If it [depends only on the version](Self::depends_only_on_version), one
    /// result is enough for all files that the version reads.
    ///
    /// # Errors
    ///
    /// Returns an error if a column or a secret is missing, or if the target version doesn't accept a value.
    pub fn resolved(&self, source: &Source<'_>) -> Result<ResolvedPolicy, Error> {
        let errors = &self.version_policy(source.microsip).errors;
        let mut secrets = self.secrets_of(source.row);
        // The errors may be about one of them.
        let resolved = self.resolve_one(source, errors, &mut secrets);
        resolved.map_err(|error| error.hiding(&secrets))
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
        let names = self.row_accounts(source)?;
        let mut winners: Vec<usize> = self.winners(holds).collect();
        if !names.is_empty() {
            // A row can name an account that the policy also names.
            let mut last: HashMap<(String, String), usize> = HashMap::new();
            let name = |index: usize| {
                let Located { stated, .. } = &self.statements[index];
                let section = match &stated.scope {
                    Scope::Accounts(_) => stated.name().0,
                    scope => names.of(scope, &stated.section).to_ascii_lowercase(),
                };
                (section, stated.key.to_ascii_lowercase())
            };
            for index in &winners {
                let last = last.entry(name(*index)).or_insert(*index);
                *last = (*last).max(*index);
            }
            winners.retain(|index| last.get(&name(*index)) == Some(index));
        }
        let (mut items, mut rules) = (Vec::with_capacity(self.slots), Vec::new());
        for index in winners {
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
            match &stated.scope {
                Scope::Section => items.push(item),
                Scope::OfRow(_) => {
                    let section = names.of(&stated.scope, &stated.section).to_owned();
                    items.push(Arc::new(Item { section, ..Item::clone(&item) }));
                }
                Scope::Accounts(accounts) => {
                    let accounts = accounts.as_ref();
                    let accounts = accounts.map(|it| it.resolved(source, &self.engine));
                    rules.push(rule(RuleKind::Key(item), accounts.transpose()?, index));
                }
            }
        }
        items.extend(unavailable.into_iter().map(|(_, item)| item));
        let hooks = hooks.into_iter().map(|(_, hook)| hook).collect();
        let mut sections = Vec::new();
        for (index, stated) in self.sections.iter().enumerate() {
            if !stated.conditions.iter().all(|it| it.holds(source)) {
                continue;
            }
            let SectionStatement { section, kind, origin, scope, .. } = stated;
            match scope {
                Scope::Section | Scope::OfRow(_) => sections.push(ExpectedSection {
                    section: names.of(scope, section).to_owned(),
                    kind: *kind,
                    origin: origin.clone(),
                }),
                Scope::Accounts(accounts) => {
                    let accounts = accounts.as_ref();
                    let accounts = accounts.map(|it| it.resolved(source, &self.engine));
                    let kind = RuleKind::Section(*kind, origin.clone());
                    rules.push(rule(kind, accounts.transpose()?, index));
                }
            }
        }
        Ok(ResolvedPolicy::new(source.microsip, items, hooks, rules, sections, secrets))
    }

    /// Returns the accounts that a row names.
    fn row_accounts(&self, source: &Source<'_>) -> Result<RowAccounts, Error> {
        let mut names = RowAccounts::default();
        for (scope, conditions) in self.scopes() {
            if let Scope::OfRow(account) = scope
                && !names.0.contains_key(&Arc::as_ptr(account))
                && conditions.iter().all(|it| it.holds(source))
            {
                names.0.insert(Arc::as_ptr(account), account.section(source, &self.engine)?);
            }
        }
        Ok(names)
    }

    /// Returns the sections that statements are about, each with its conditions.
    pub(super) fn scopes(&self) -> impl Iterator<Item = (&Scope, &Conditions)> {
        let keys = self.statements.iter().map(|it| (&it.stated.scope, &it.stated.conditions));
        keys.chain(self.sections.iter().map(|it| (&it.scope, &it.conditions)))
    }

    /// Returns what the policy expects of a file that several rows of an inventory name, each with its source.
    ///
    /// # Errors
    ///
    /// As [`Self::resolved`], and if two rows state different values of one key.
    pub fn resolved_for_rows(&self, sources: &[Source<'_>]) -> Result<ResolvedPolicy, Error> {
        if let [only] = sources {
            return self.resolved(only);
        }
        if let Some(next) = sources.get(MAX_ROWS) {
            let message = format!(
                "more than {MAX_ROWS} rows name the same file, the next one at {}",
                next.row.origin()
            );
            return Err(Error::new(&Location::at_start(self.path()), message));
        }
        let mut merging = Merging::default();
        for source in sources {
            merging.add(source.row.origin(), &self.resolved(source)?)?;
        }
        merging.finish()
    }

    /// Returns how rows about one file contradict each other. Ignores rows that are invalid by themselves.
    pub(super) fn contradiction(&self, sources: &[Source<'_>]) -> Option<Error> {
        if sources.len() > MAX_ROWS {
            return self.resolved_for_rows(sources).err();
        }
        let mut merging = Merging::default();
        for source in sources {
            let Ok(policy) = self.resolved(source) else { continue };
            if let Err(error) = merging.add(source.row.origin(), &policy) {
                return Some(error);
            }
        }
        merging.finish().err()
    }

    fn path(&self) -> &Path {
        self.layers.last().map_or(Path::new(""), PathBuf::as_path)
    }

    /// Returns whether the policy expects the same of every file that a version reads. Its secrets can come from outside of
    /// the policy, if all files share them.
    pub fn depends_only_on_version(&self) -> bool {
        let is_same = |Located { stated, .. }: &Located<Statement>| match &stated.want {
            Want::Fixed(_) => true,
            Want::Value(text) => text.is_same_secret(),
        };
        self.hooks.is_empty()
            && self.statements.iter().all(is_same)
            && self.scopes().all(|(scope, conditions)| {
                scope.is_fixed() && conditions.iter().all(|it| it.depends_only_on_version())
            })
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
        let complete = |value: String| {
            if stated.completes_account() && stated.trust != Trust::Everything {
                let name = format!("{}.{}", stated.section, stated.key);
                text.check_complete(&name, &value, source, &stated.value_place, &self.engine)?;
            }
            Ok(value)
        };
        let value = self.got(text, &stated.value_place, source, secrets).and_then(complete);
        let value = match value {
            Err(error) if error.is_missing_secret() && !source.requires_secrets => {
                let Statement { section, key, location, .. } = stated;
                return Ok(unavailable_item(section, key, location, &error));
            }
            value => value?,
        };
        let secret = self.is_secret(stated, text);
        stated.check(&value, source.microsip, secret)?;
        Ok(Arc::new(Item {
            section: stated.section.clone(),
            key: stated.key.clone(),
            expect: if stated.is_default { Expect::Default(value) } else { Expect::Value(value) },
            origin: stated.location.clone(),
            secret,
            always: stated.trust == Trust::Everything,
            variable: text.variable(source, &stated.value_place, &self.engine)?,
        }))
    }

    /// Returns whether the value of a statement is secret.
    pub(super) fn is_secret(&self, stated: &Statement, text: &Text) -> bool {
        text.is_secret(&self.secret_columns)
            || microsip_schema::is_secret(stated.schema_section(), &stated.key)
    }

    /// Returns the value of a text, and adds it to the secrets if it is one.
    pub(super) fn got(
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
        VersionPolicy { version, errors, next: OnceLock::new() }
    }
}

/// The accounts that a row names, by their templates.
#[derive(Default)]
struct RowAccounts(HashMap<*const RowAccount, String>);

impl RowAccounts {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the section of a statement.
    fn of<'s>(&'s self, scope: &Scope, section: &'s str) -> &'s str {
        match scope {
            Scope::OfRow(account) => self.0.get(&Arc::as_ptr(account)).map_or(section, |it| it),
            Scope::Section | Scope::Accounts(_) => section,
        }
    }
}

/// Creates a rule of a policy for one row.
fn rule(kind: RuleKind, accounts: Option<Arc<ResolvedMatch>>, rank: usize) -> AccountRule {
    AccountRule { kind, accounts, rank, rows: Vec::new() }
}

/// Returns what is expected of every file, or its error.
fn fixed(item: &Arc<Item>, error: Option<&Error>) -> Result<Arc<Item>, Error> {
    error.map_or_else(|| Ok(item.clone()), |error| Err(error.clone()))
}
