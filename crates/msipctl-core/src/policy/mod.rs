//! Policies: the desired configuration, in layers of TOML and golden MicroSIP.ini files.
//!
//! A [`Policy`] is loaded once and resolved for each file, with what is known about that file. The caller reads all
//! bytes; nothing here accesses a disk. The last definition wins: a file overrides the files it extends, and later
//! lines override earlier lines.

mod accounts;
mod capture;
mod checks;
mod compared;
mod condition;
mod drift;
mod error;
mod expected_hook;
mod golden;
mod hook_reader;
mod item;
mod json_schema;
mod layer;
mod load;
mod loader;
mod location;
mod merge;
mod password;
mod reader;
mod resolve_hooks;
mod resolved;
mod scope;
mod section_reader;
mod sections;
mod source;
mod statement;
mod text;
mod toml_file;
mod values;
mod versions;
mod written;

pub use capture::{
    CaptureOptions, Captured, CapturedColumn, CapturedSecret, DifferingKeys, capture,
};
pub use drift::{Drift, HookDrift, HookProblem, shown_actual};
pub use error::{Error, Errors};
pub use item::{Expect, Item};
pub use json_schema::json_schema;
pub use load::Policy;
pub use loader::Inputs;
pub use location::{Excerpt, Location};
pub use resolved::ResolvedPolicy;
pub use source::{Read, Row, Source};
pub use text::secret_line;
pub use toml_file::{TomlFile, TomlPair, TomlValue};

#[cfg(test)]
mod tests;
