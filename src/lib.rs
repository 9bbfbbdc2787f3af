//! Reads, checks and edits MicroSIP.ini, the configuration file of the softphone MicroSIP.

pub mod schema;
pub mod store;
