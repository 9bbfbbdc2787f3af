//! Prints the value that Windows reads: `get FILE SECTION KEY`.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of a few lines")]

use std::env;
use std::error::Error;
use std::fs;

use winini::CodePage;
use winini::Document;
use winini::profile::{Profile, encoding_read};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [path, section, key] = args.as_slice() else {
        return Err("usage: get FILE SECTION KEY".into());
    };
    let bytes = fs::read(path)?;
    let encoding = encoding_read(&bytes, CodePage::WESTERN);
    let document = Document::parse(bytes, encoding);
    match Profile::new(&document).get(section, key) {
        Some(value) => println!("{value}"),
        None => return Err(format!("{path}: `{section}.{key}` isn't set").into()),
    }
    Ok(())
}
