//! The `msipctl` program: hands its arguments to the library and returns its exit code.

fn main() {}
