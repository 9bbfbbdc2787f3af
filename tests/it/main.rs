//! The one integration test program: each module is a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod store;
mod windows_facts;
