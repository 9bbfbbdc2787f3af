//! Reads, checks and edits MicroSIP.ini, the configuration file of the softphone MicroSIP, so that no
//! byte moves that need not, and MicroSIP reads what was meant.
//!
//! # Example
//!
//! ```
//! use msipctl::diff::{Secrets, changes};
//! use msipctl::ini::{CodePage, Document, Encoding};
//! use msipctl::plan::{Desired, EncodingPolicy, Plan};
//!
//! let bytes = b"; desk 4\r\n[Settings]\r\nAA = 0\r\n".to_vec();
//! let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
//! let document = Document::parse(bytes, encoding);
//!
//! let desired = Desired::new().set("Settings", "AA", "1", "answer by button");
//! let plan = Plan::new(&document, &desired, EncodingPolicy::Auto)?;
//! assert_eq!(plan.after().bytes(), b"; desk 4\r\n[Settings]\r\nAA = 1\r\n");
//! assert_eq!(changes(&document, plan.after(), Secrets::Masked).len(), 1);
//! # Ok::<(), msipctl::plan::Error>(())
//! ```
//!
//! # Rooms
//!
//! Bytes become a document, a document and a desired state a plan, a plan a diff, and in the end bytes
//! again. Each module may use only those above it, as docs/architecture.md says.
//!
//! # Limits
//!
//! Files of up to 256 MiB are read. What Windows was reported to do and what MicroSIP's source says is
//! followed; neither was tried on every version there is.

pub mod windows;

#[macro_use]
pub mod diagnostic;

pub mod ini;

pub mod schema;

pub mod store;

pub mod profile;

pub mod locate;

pub mod event;

pub mod plan;

pub mod diff;

pub mod validate;

pub mod hook;

pub mod policy;

pub mod dispatch;

pub mod phone;

pub mod fleet;

pub mod apply;

pub mod cli;
