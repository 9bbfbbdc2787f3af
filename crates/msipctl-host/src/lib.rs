//! What msipctl knows about its own process and computer: environment variables, folders, standard input, the program,
//! and the key that protects its digests.
//!
//! Libraries take these facts as arguments; only the programs ask here.

#![forbid(unsafe_code)]

mod digest_key;
mod error;
mod identity;
mod installed;
pub mod process;
mod templates;

pub use digest_key::DigestKey;
pub use error::HostError;
pub use identity::{machine_id, system_name};
pub use installed::{has_program, installed_program};
pub use templates::catalogue;
