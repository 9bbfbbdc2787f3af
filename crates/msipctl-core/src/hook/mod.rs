//! Templates, and the changes that add them to a file or remove them; and integrations, which are separate files.
//!
//! A template is first parsed with rust-ini, line by line, and then each key and value is rendered separately. So a parameter can never
//! add a line, a key, or a section. The result is a desired state. This module doesn't read or write files.

mod add;
mod catalogue;
mod check;
mod engine;
mod integration;
mod pattern;
mod recover;
mod remove;
mod render;
mod scaffold;
mod source;
mod template;

pub use add::{AddError, AddOptions, NamedIni, Occupied, add};
pub use catalogue::{Catalogue, Source};
pub use check::{TemplateFinding, check};
pub(crate) use engine::TextEngine;
pub use integration::{Integration, IntegrationFile, RenderedFiles};
pub use pattern::{Pattern, PatternError};
pub use remove::{Removal, Removed, recorded, remove};
pub use render::{Injection, RenderError, Rendered};
pub use scaffold::{NameError, Scaffold, UnknownScaffold, check_name};
pub use source::TemplateLocation;
pub use template::{Parameter, Template, TemplateError, TemplateProblem, nearest};
