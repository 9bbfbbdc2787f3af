//! Desired state as people write it: TOML in layers, or a golden MicroSIP.ini.
//!
//! A [`Policy`] is loaded once and asked for each file, with what is known about that file. Bytes are
//! handed in; nothing here touches a disk. What stands further down wins: a file over those it extends, a line
//! over those above it.

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
mod versions;
mod written;

pub use capture::{
    CaptureOptions, Captured, CapturedColumn, CapturedSecret, DifferingKeys, capture,
};
pub use error::Error;
pub use json_schema::json_schema;
pub use load::{Inputs, Policy};
pub use location::Location;
pub use resolved::{Drift, Expect, HookDrift, HookProblem, Item, ResolvedPolicy};
pub use source::{Read, Row, Source};
pub use text::secret_line;

#[cfg(test)]
mod tests;
