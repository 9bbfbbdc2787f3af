//! The one integration test program: each module is a subject.

mod store;
