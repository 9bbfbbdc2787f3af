//! Sends what a run did to monitoring systems, and reports to a server.
//!
//! All sinks get the same [`Event`]s. An event contains names of keys and never a value, so no sink can reveal a secret.
//! Requests go through a [`Spool`] on disk, so an unreachable server loses nothing.

mod address;
mod deliver;
mod event;
mod event_log;
mod http;
mod json;
mod ndjson;
mod otlp;
#[cfg(not(windows))]
mod plain_http;
mod prometheus;
mod senders;
mod spool;
mod syslog;
#[cfg(not(windows))]
mod tcp;

pub(crate) use address::{Sink, Url};
pub(crate) use deliver::{Delivered, Retries, State, deliver};
pub(crate) use event::{FileResult, Run};
pub(crate) use http::{Limits, Token, send};
pub(crate) use senders::Sinks;
pub(crate) use spool::{Entry, Spool, spool_folder};
