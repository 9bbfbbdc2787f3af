//! The floor of `report merge`: a bare program that lists folders, and opens and reads every file in them, on several
//! threads.
//!
//! For each: open, statx, read, read (which finds the end), close. Doesn't examine the content. Compiled by
//! `benches/floor.rs`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number of files that a thread takes at a time.
const TOGETHER: usize = 64;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let threads: usize = args[1].to_str().unwrap().parse().unwrap();
    let mut paths = Vec::new();
    list(Path::new(&args[0]), &mut paths)?;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&paths, &next))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap())
    })
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => list(&entry.path(), paths)?,
            false => paths.push(entry.path()),
        }
    }
    Ok(())
}

fn work(paths: &[PathBuf], next: &AtomicUsize) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let from = next.fetch_add(TOGETHER, Ordering::Relaxed);
        if from >= paths.len() {
            return Ok(());
        }
        for path in &paths[from..paths.len().min(from + TOGETHER)] {
            let mut file = File::open(path)?;
            let length = file.metadata()?.len() as usize;
            bytes.resize(length + 1, 0);
            let filled = file.read(&mut bytes)?;
            file.read(&mut bytes[filled..])?;
        }
    }
}
