//! The floor of `check` over a fleet: a bare program that lists the folders of a folder, and opens and reads all files in
//! them, with two threads.
//!
//! Of each file open, statx, read, read (which finds the end), close. It looks at no byte. Compiled by
//! `benches/floor.rs`.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

const THREADS: usize = 2;

fn main() -> io::Result<()> {
    let root = std::env::args_os().nth(1).expect("a path");
    let mut files = Vec::new();
    for folder in listed(Path::new(&root))? {
        files.extend(listed(&folder)?);
    }
    let next = AtomicUsize::new(0);
    let bytes = std::thread::scope(|scope| {
        let threads = [(); THREADS].map(|()| scope.spawn(|| read(&files, &next)));
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<io::Result<usize>>()
    })?;
    writeln!(io::stdout(), "{} files, {bytes} bytes", files.len())
}

fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Reads the files that no other thread has taken, and counts their bytes.
fn read(files: &[PathBuf], next: &AtomicUsize) -> io::Result<usize> {
    let mut all = 0;
    while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len() as usize;
        let mut bytes = vec![0; length + 1];
        let filled = file.read(&mut bytes)?;
        all += filled + file.read(&mut bytes[filled..])?;
    }
    Ok(all)
}
