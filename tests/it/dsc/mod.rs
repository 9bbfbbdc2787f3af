//! The contract of DSC: exchanges, manifests, and what a client makes of them.

mod client;
mod configuration;
mod examples;
mod golden;
mod manifest;
#[cfg(windows)]
mod running;
mod secrets;

use std::fs::File;

use crate::runner::{Folder, Run};

/// Runs `dsc` with a text on standard input.
fn ask(folder: &Folder, args: &[&str], input: &str) -> Run {
    // Outside of the folder with the ini, which a test may compare.
    let other = Folder::new();
    other.write("stdin", input);
    folder.run_as(&[&["dsc"], args].concat(), |command| {
        command.stdin(File::open(other.file("stdin")).unwrap());
    })
}
