//! The options of a module, as data: the program validates arguments with them, and the documentation is generated
//! from them.

use std::borrow::Cow;

/// An option of a module, or of a dictionary in an option.
#[derive(Debug, Clone)]
pub struct ModuleOption {
    /// The name.
    pub name: Cow<'static, str>,
    /// The type.
    pub kind: Kind,
    /// Whether the option must be set.
    pub is_required: bool,
    /// Whether its value is a secret.
    pub is_secret: bool,
    /// The value that the engine uses if the option isn't set, for the documentation.
    pub default: Option<&'static str>,
    /// The description: full sentences, with code in backticks.
    pub about: Cow<'static, str>,
}

/// The type of an option.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Text. An integer becomes its digits.
    Text,
    /// The text of a key of MicroSIP.ini. An integer becomes its digits, and a boolean `1` or `0`.
    Setting,
    /// A path on the target.
    Path,
    /// A boolean, in any form that Ansible accepts.
    Bool,
    /// An integer from the first to the second one.
    Integer(i64, i64),
    /// A version of MicroSIP.
    Version,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of paths on the target.
    Paths,
    /// A list of some words.
    Choices(&'static [&'static str]),
    /// A dictionary with these options.
    Dictionary(Vec<ModuleOption>),
    /// A list of dictionaries with these options.
    Dictionaries(Vec<ModuleOption>),
    /// A dictionary with exactly one of these options.
    OneOf(Vec<ModuleOption>),
    /// A dictionary with any names. The values are as those of [`Kind::Setting`].
    Values,
}

/// Returns an optional option that isn't a secret.
pub(super) const fn option(name: &'static str, kind: Kind, about: &'static str) -> ModuleOption {
    ModuleOption {
        name: Cow::Borrowed(name),
        kind,
        is_required: false,
        is_secret: false,
        default: None,
        about: Cow::Borrowed(about),
    }
}

impl ModuleOption {
    /// Makes the option required.
    pub(super) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Makes the value a secret.
    pub(super) fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// Sets the default, as YAML.
    pub(super) fn default_is(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }
}

/// A module: its name, its options, and its documentation.
#[derive(Debug)]
pub struct Module {
    /// The name, without the collection.
    pub name: &'static str,
    /// The summary, for a list of modules.
    pub summary: &'static str,
    /// What the module does: full sentences.
    pub about: &'static [&'static str],
    /// The options.
    pub options: Vec<ModuleOption>,
    /// Options of which only one can be set.
    pub exclusive: &'static [[&'static str; 2]],
    /// Options of which one must be set.
    pub one_of: &'static [&'static [&'static str]],
    /// Whether the module can change files. Then it supports diff mode, too.
    pub can_change: bool,
}
