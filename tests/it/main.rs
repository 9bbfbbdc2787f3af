//! The one integration test program: each module is a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]
#![expect(clippy::disallowed_methods, reason = "tests make files and start the program")]

#[cfg(target_os = "linux")]
mod crash;
mod layering;
mod store;
mod windows_facts;
