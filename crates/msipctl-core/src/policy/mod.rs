//! Policies: the desired configuration, in layers of TOML and golden MicroSIP.ini files.
//!
//! A [`Policy`] is loaded once and resolved for each file, with what is known about that file. The caller reads all
//! bytes; nothing here accesses a disk. The last definition wins: a file overrides the files it extends, and later
//! lines override earlier lines.

mod capture;
mod condition;
mod error;
mod golden;
mod json_schema;
mod layer;
mod load;
mod location;
mod password;
mod resolved;
mod source;
mod statement;
mod text;
mod toml_file;
mod versions;
mod written;

pub use capture::{
    CaptureOptions, Captured, CapturedColumn, CapturedSecret, DifferingKeys, capture,
};
pub use error::{Error, Errors};
pub use json_schema::json_schema;
pub use load::{Inputs, Policy};
pub use location::{Excerpt, Location};
pub use resolved::{Drift, Expect, HookDrift, HookProblem, Item, ResolvedPolicy};
pub use source::{Read, Row, Source};
pub use text::secret_line;
pub use toml_file::{TomlFile, TomlPair, TomlValue};

#[cfg(test)]
mod tests;
