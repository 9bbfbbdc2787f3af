//! The lossless document: the original bytes, and spans that say what stands where.
//!
//! This room knows INI as Windows reads it, and nothing of MicroSIP. Any bytes at all parse; what no
//! edit names is copied, never decoded and encoded again. Three layers, each in its own file:
//!
//! 1. [`Encoding`] says how wide a unit is and what its numbers mean,
//! 2. the lexer finds line ends, names and values as spans,
//! 3. [`Document`] groups the lines into sections and turns [`Edit`]s into new bytes.
//!
//! A value is decoded last, when someone asks for it.

mod document;
mod edit;
mod encoding;
mod find;
pub(crate) mod letters;
mod lexer;
mod names;
mod whitespace;

pub use document::{Document, Position, Section};
pub use edit::{Edit, EditError};
pub use encoding::{CodePage, Encoding, Unencodable};
pub use lexer::{Line, LineKind, Span};
pub(crate) use names::Name;
pub use whitespace::WHITESPACE;
