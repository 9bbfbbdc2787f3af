//! Reads, checks, and edits MicroSIP.ini, the configuration file of the softphone MicroSIP. It preserves every byte that an
//! edit doesn't change, and ensures that MicroSIP reads the intended value.
//!
//! # Example
//!
//! ```
//! use msipctl_core::diff::{Secrets, changes};
//! use winini::{CodePage, Document, Encoding};
//! use msipctl_core::plan::{Desired, EncodingPolicy, Plan};
//!
//! let bytes = b"; desk 4\r\n[Settings]\r\nAA = 0\r\n".to_vec();
//! let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
//! let document = Document::parse(bytes, encoding);
//!
//! let desired = Desired::new().set("Settings", "AA", "1", "answer by button");
//! let plan = Plan::new(&document, &desired, EncodingPolicy::Auto)?;
//! assert_eq!(plan.after().bytes(), b"; desk 4\r\n[Settings]\r\nAA = 1\r\n");
//! assert_eq!(changes(&document, plan.after(), Secrets::Masked).len(), 1);
//! # Ok::<(), msipctl_core::plan::Error>(())
//! ```
//!
//! # Many files
//!
//! This sets a key in each MicroSIP.ini below a folder, keeps a journal of that, and undoes it:
//!
//! ```
//! use std::convert::Infallible;
//!
//! use msipctl_core::fleet::{Options, Runner, Sources, Stop, Undo, UndoOptions};
//! use msipctl_core::apply;
//! use msipctl_core::plan::Desired;
//! use msipctl_core::store::Run;
//!
//! # let folder = tempfile::tempdir()?;
//! # for pc in ["pc1", "pc2"].map(|name| folder.path().join(name)) {
//! #     std::fs::create_dir(&pc)?;
//! #     std::fs::write(pc.join("MicroSIP.ini"), "[Settings]\r\nAA=0\r\n")?;
//! # }
//! let sources = Sources { paths: vec![folder.path().into()], ..Sources::default() };
//! let targets = sources.find(msipctl_windows::system())?;
//! let (stop, runs) = (Stop::new(), folder.path().join("runs"));
//! let options = Options { runs: Some(&runs), ..Options::new(&stop) };
//! let edit = apply::Options::new("set Settings.AA");
//! let run = edit.run;
//! let desired = Desired::new().set("Settings", "AA", "1", "answer by button");
//! let summary = Runner::new(&targets, options.clone()).apply(
//!     edit,
//!     |_, _| Ok::<_, Infallible>(desired.clone()),
//!     |_, outcome| outcome.state,
//!     |event| println!("{event:?}"),
//! );
//! assert_eq!((summary.changed, summary.failed), (2, 0));
//!
//! let undo = Undo::new(&Run::read(&runs, &run)?)?;
//! let summary = undo.apply(&runs, &UndoOptions::new("undo"), options, |event| println!("{event:?}"))?;
//! assert_eq!((summary.changed, summary.failed), (2, 0));
//! # assert_eq!(std::fs::read(targets.list()[1].path())?, b"[Settings]\r\nAA=0\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! Bytes become a document; a document and a desired state become a plan; a plan becomes a diff, and finally bytes
//! again. Each module may use only those above it, as docs/architecture.md says.
//!
//! # Limits
//!
//! Reads files of up to 256 MiB. Follows the reported behavior of Windows and MicroSIP's source, but not every version
//! of either was tested.

#![forbid(unsafe_code)]

#[macro_use]
pub mod diagnostic;

pub mod store;

pub mod locate;

pub mod event;

pub mod plan;

pub mod diff;

pub mod validate;

pub mod hook;

pub mod policy;

pub mod phone;

pub mod apply;

pub mod audit_report;

pub mod fleet;

pub mod engine;

pub mod deferred;
