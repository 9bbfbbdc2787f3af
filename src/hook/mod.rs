//! Templates, and what putting one in or taking one out asks of a file.
//!
//! A template is parsed with rust-ini first, then each key and value is rendered by itself: a
//! parameter can never add a line, a key or a section. The result is a desired state; nothing here
//! reads or writes a file.

mod add;
mod catalogue;
mod remove;
mod render;
mod template;

pub use add::{AddError, AddOptions, Occupied, add};
pub use catalogue::{Catalogue, Source, nearest};
pub use remove::{Removal, Removed, recorded, remove};
pub use render::{Injection, RenderError, Rendered};
pub use template::{Parameter, Template, TemplateError};
