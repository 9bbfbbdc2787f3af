//! The one integration test program: each module is a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]
#![expect(clippy::print_stdout, reason = "counts are shown with --nocapture")]

mod windows_facts;
