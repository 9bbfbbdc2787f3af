//! Changes one value and keeps all other bytes: `set FILE SECTION KEY VALUE`.

#![expect(clippy::disallowed_methods, reason = "a program of a few lines")]

use std::env;
use std::error::Error;
use std::fs;

use winini::profile::set;
use winini::{CodePage, Document, Encoding};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [path, section, key, value] = args.as_slice() else {
        return Err("usage: set FILE SECTION KEY VALUE".into());
    };
    let bytes = fs::read(path)?;
    let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
    let document = Document::parse(bytes, encoding);
    let edited = document.edit(&set(&document, section, key, value)?)?;
    fs::write(path, edited.bytes())?;
    Ok(())
}
