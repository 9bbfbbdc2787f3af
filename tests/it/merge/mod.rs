//! `report merge`: reports of many PCs become one.

mod broken;
mod desks;
mod hosts;
mod order;
mod output;
mod totals;
mod trend;

use std::fs::{self, File};

use serde_json::Value;

use crate::runner::{Folder, Run};
use desks::{AS_OF, Desks};

impl Folder {
    /// Writes a file, whose folder is created.
    fn add(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        self.write(name, bytes);
    }

    /// Runs the program with a text on standard input.
    fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        self.write("input", input);
        self.run_as(args, |command| {
            command.stdin(File::open(self.file("input")).unwrap());
        })
    }

    /// Writes reports into the folder `reports`.
    fn add_reports(&self, files: &[(String, Vec<u8>)]) {
        for (path, bytes) in files {
            self.add(&format!("reports/{path}"), bytes);
        }
    }
}

/// Returns a folder with the reports of a number of PCs.
fn fleet(number: usize) -> (Folder, Desks) {
    let folder = Folder::new();
    let desks = desks::desks(number);
    folder.add_reports(&desks.files);
    (folder, desks)
}

/// Merges the folder `reports`, and returns the JSON report.
#[track_caller]
fn merged(folder: &Folder, args: &[&str], code: i32) -> Value {
    let all = ["report", "merge", "reports", "--as-of", AS_OF, "--format", "json"];
    folder.run(&[&all[..], args].concat()).code(code).json()
}
