//! Reads, checks and edits MicroSIP.ini, the configuration file of the softphone MicroSIP.

pub mod ini;
pub mod plan;
pub mod profile;
pub mod schema;
pub mod store;
