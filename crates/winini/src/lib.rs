#![doc = include_str!("../README.md")]
//!
//! # Layers
//!
//! 1. [`Encoding`] defines the size of a code unit in bytes, and converts between bytes and characters.
//! 2. [`Line`] and [`Span`] store the positions of lines, names, and values in the bytes.
//! 3. [`Document`] groups the lines into sections and applies [`Edit`]s.
//! 4. [`profile`] reads and writes a document with the rules of Windows.
//!
//! Values are decoded only when you request them.

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
