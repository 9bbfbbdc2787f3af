//! One file of a policy: its statements, in the order of the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeString;

use sha2::{Digest as _, Sha256};

use super::condition::{Condition, RowCondition};
use super::error::{Error, Errors};
use super::location::{Excerpt, Location};
use super::reader::Reader;
use super::statement::{Conditions, HookStatement, SectionStatement, Statement};
use super::toml_file::{TomlFile, TomlValue};
use super::versions::Versions;
use super::written::Globs;
use crate::hook::{Catalogue, TextEngine};

/// The statements of a file.
#[derive(Default)]
pub(super) struct Layer {
    /// The files that it extends.
    pub(super) extends: Vec<(PathBuf, Location, Option<Excerpt>)>,
    pub(super) statements: Vec<Statement>,
    pub(super) hooks: Vec<HookStatement>,
    pub(super) sections: Vec<SectionStatement>,
    /// The hash of the file without its secrets.
    pub(super) masked: [u8; 32],
}

impl Layer {
    /// Returns the hash of the text of the layer, with `***` for each value of a secret key. A hash of a short PIN could be
    /// guessed.
    pub(super) fn without_secrets(&self, text: &[u8]) -> [u8; 32] {
        let keys = self.statements.iter();
        let keys = keys.filter(|it| microsip_schema::is_secret(&it.section, &it.key));
        let parameters = self.hooks.iter().flat_map(|hook| &hook.with);
        let parameters = parameters.filter(|it| microsip_schema::is_secret_name(&it.name));
        let spans = keys.map(|it| it.value_span.clone());
        let mut spans: Vec<_> = spans.chain(parameters.map(|it| it.span.clone())).collect();
        spans.sort_by_key(|span| span.start);
        let (mut hash, mut from) = (Sha256::new(), 0);
        for span in spans {
            hash.update(text.get(from..span.start).unwrap_or_default());
            hash.update(b"***");
            from = span.end.max(from);
        }
        hash.update(text.get(from..).unwrap_or_default());
        hash.finalize().into()
    }
}

/// The names at the top level that aren't sections.
pub(super) const TOP_LEVEL: [&str; 4] = ["extends", "match", "when", "hook"];

/// Returns the statements of a file and all of its errors.
pub(super) fn read_layer<'a>(
    path: &Path,
    text: &'a str,
    engine: &'a TextEngine,
    templates: &'a Catalogue,
) -> (Layer, Errors) {
    let (file, mut pairs) = TomlFile::parse(path, text);
    let reader = Reader { file, engine, templates };
    let mut layer = Layer::default();
    let mut conditions = Conditions::new();
    if let Some(index) = pairs.iter().position(|(name, _)| name.get_ref() == "match") {
        let (_, table) = pairs.remove(index);
        conditions.extend(reader.condition(table));
    }
    for (name, value) in pairs {
        match name.get_ref().as_ref() {
            "extends" => layer.extends = reader.extends(&value),
            "when" => reader.whens(value, &conditions, &mut layer),
            _ => reader.part(&name, value, &conditions, &mut layer),
        }
    }
    reader.check_duplicates(&layer.statements);
    layer.masked = layer.without_secrets(text.as_bytes());
    (layer, reader.file.into_errors())
}

impl<'a> Reader<'a> {
    fn extends(&self, value: &TomlValue<'a>) -> Vec<(PathBuf, Location, Option<Excerpt>)> {
        let names = self.file.strings(value, "extends").unwrap_or_default();
        let named = |name: &Spanned<String>| {
            let (location, excerpt) =
                (self.file.location(name.span().start), self.file.excerpt(name.span()));
            (self.folder().join(name.get_ref()), location, excerpt)
        };
        names.iter().map(named).collect()
    }

    fn condition(&self, value: TomlValue<'a>) -> Option<Arc<Condition>> {
        let mut condition = Condition::default();
        for (key, value) in self.file.table(value, "match", "match = { host = \"front-*\" }")? {
            match key.get_ref().as_ref() {
                "microsip" => condition.microsip = self.versions(&value),
                "user" => condition.user = self.globs(&value, "user"),
                "host" => condition.host = self.globs(&value, "host"),
                "row" => condition.row = self.row_conditions(value),
                _ => self.file.unknown_key(&key, "`match`", &["microsip", "user", "host", "row"]),
            }
        }
        Some(Arc::new(condition))
    }

    fn versions(&self, value: &TomlValue<'a>) -> Option<Versions> {
        let text = self.file.string(value, "microsip")?;
        let versions = text.parse::<Versions>();
        versions.map_err(|error| self.report(self.file.error(value.span(), error.to_string()))).ok()
    }

    fn globs(&self, value: &TomlValue<'a>, name: &str) -> Option<Globs> {
        let globs = self.file.strings(value, name)?;
        Some(Globs::new(globs.iter().map(|glob| glob.get_ref().as_str())))
    }

    /// Reads conditions on columns of the inventory.
    fn row_conditions(&self, value: TomlValue<'a>) -> Vec<RowCondition> {
        let example = "match = { row.site = \"Berlin*\" }";
        let columns = self.file.table(value, "row", example).unwrap_or_default();
        let condition = |(key, value): (Spanned<DeString<'a>>, TomlValue<'a>)| {
            let column = key.get_ref().clone().into_owned();
            let globs = self.globs(&value, &format!("row.{column}"))?;
            let location = self.file.location(key.span().start);
            let excerpt = self.file.excerpt(key.span());
            Some(RowCondition { column, globs, location, excerpt })
        };
        columns.into_iter().filter_map(condition).collect()
    }

    /// Reads `[[when]]`: blocks for some files.
    fn whens(&self, value: TomlValue<'a>, conditions: &Conditions, layer: &mut Layer) {
        for block in self.file.tables(value, "when").unwrap_or_default() {
            let span = block.span();
            let example = "[[when]]";
            let Some(mut pairs) = self.file.table(block, "when", example) else { continue };
            let index = pairs.iter().position(|(name, _)| name.get_ref() == "match");
            let mut conditions = conditions.clone();
            match index {
                Some(index) => {
                    let (_, table) = pairs.remove(index);
                    conditions.extend(self.condition(table));
                }
                None => {
                    let message =
                        "`[[when]]` is missing `match`, which selects the files it applies to";
                    let hint = "for example: `match = { host = \"front-*\" }`";
                    self.report(self.file.error(span, message).with_hint(hint));
                }
            }
            for (name, value) in pairs {
                self.part(&name, value, &conditions, layer);
            }
        }
    }

    /// Reads a section, or `[[hook]]`.
    fn part(
        &self,
        name: &Spanned<DeString<'a>>,
        value: TomlValue<'a>,
        conditions: &Conditions,
        layer: &mut Layer,
    ) {
        if name.get_ref() == "hook" {
            for hook in self.file.tables(value, "hook").unwrap_or_default() {
                layer.hooks.extend(self.hook(hook, conditions));
            }
            return;
        }
        self.section(name, value, conditions, layer);
    }

    /// Reports a key that a block has twice, in different case: it isn't clear which one applies.
    fn check_duplicates(&self, statements: &[Statement]) {
        let mut seen = HashMap::new();
        for statement in statements {
            let block = statement.conditions.last().map(Arc::as_ptr);
            if let Some(first) = seen.insert((block, statement.name()), &statement.location) {
                let message = format!(
                    "duplicate key `{}`: it's already in line {}",
                    statement.key,
                    first.line()
                );
                let excerpt = self.file.excerpt_of(&statement.location);
                let error = Error::new(&statement.location, message).with_excerpt(excerpt);
                self.report(error.with_hint("keep one of them; names ignore case"));
            }
        }
    }
}
