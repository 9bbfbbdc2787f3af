//! The floor of `check` and `audit`: a bare program that opens and reads every file, on several threads.
//!
//! For each: open, statx, read, read (which finds the end), close. The files are those of all folders in one folder,
//! which is listed first, as msipctl does. Doesn't examine the content. Compiled by `benches/floor.rs`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number of files that a thread takes at a time.
const TOGETHER: usize = 64;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let folder = Path::new(&args[0]);
    let threads: usize = args[1].to_str().unwrap().parse().unwrap();
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(folder.join(entry?.file_name()).join("MicroSIP.ini"));
    }
    paths.sort();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&paths, &next))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap())
    })
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
