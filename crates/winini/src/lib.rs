#![doc = include_str!("../README.md")]
//!
//! # Layers
//!
//! 1. [`Encoding`] knows how many bytes a code unit has, and which character it means.
//! 2. [`Line`] and [`Span`] are positions: where a line, a name, or a value is in the bytes.
//! 3. [`Document`] groups the lines into sections and applies [`Edit`]s.
//! 4. [`profile`] is the view that Windows programs have.
//!
//! A value is decoded only when you ask for it.

#![forbid(unsafe_code)]

pub mod characters;
mod document;
mod edit;
mod encoding;
mod find;
mod lexer;
mod names;
pub mod profile;
mod whitespace;

pub use document::{Document, Position, Section};
pub use edit::{Edit, EditError};
pub use encoding::{CodePage, Encoding, Unencodable};
pub use lexer::{Line, LineKind, Span};
pub use names::Name;
pub use whitespace::WHITESPACE;
