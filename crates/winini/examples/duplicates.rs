//! Lists the lines that Windows never reads, because an earlier one has the same name: `duplicates FILE`.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of a few lines")]

use std::env;
use std::error::Error;
use std::fs;

use winini::profile::{Profile, encoding_read};
use winini::{CodePage, Document};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(path) = env::args().nth(1) else { return Err("usage: duplicates FILE".into()) };
    let bytes = fs::read(&path)?;
    let encoding = encoding_read(&bytes, CodePage::WESTERN);
    let document = Document::parse(bytes, encoding);
    let profile = Profile::new(&document);
    for section in profile.sections() {
        for entry in section.entries() {
            let read = profile.entry(&section.name(), &entry.key());
            if read.is_some_and(|read| read.line() != entry.line()) {
                println!("{path}:{}: [{}] {}", entry.line() + 1, section.name(), entry.key());
            }
        }
    }
    Ok(())
}
