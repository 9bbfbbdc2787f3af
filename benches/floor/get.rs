//! The floor of `get`: a bare program that makes the system calls to read one value.
//!
//! open, statx, read, read (which finds the end), close, write of the result. It searches for nothing and checks
//! nothing. Compiled by `benches/floor.rs`.

use std::fs::File;
use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).expect("a path");
    let mut file = File::open(path)?;
    let length = file.metadata()?.len() as usize;
    let mut bytes = vec![0; length + 1];
    let filled = file.read(&mut bytes)?;
    file.read(&mut bytes[filled..])?;
    drop(file);
    let answer = if bytes.len() > length { b"1\n" } else { b"0\n" };
    std::io::stdout().write_all(answer)
}
