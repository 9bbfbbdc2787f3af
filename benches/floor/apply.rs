//! The floor of setting one key in many files: a bare program that makes the system calls of a safe, backed-up write
//! for each file, on several threads. Its arguments contain every decision and the content to write.
//!
//! `full` follows the steps of `store` one by one, as `set.rs` does, but for a file that was never written before, so
//! its folder for backups is created. `batch` omits the flushes, and flushes many files in one call before and after
//! they are put in place. Compiled by `benches/floor.rs`.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

unsafe extern "C" {
    fn syncfs(fd: i32) -> i32;
}

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let root = PathBuf::from(args.next().expect("a folder"));
    let mut number = || args.next().and_then(|text| text.parse().ok()).expect("a number");
    let (files, threads, line, together): (usize, usize, usize, usize) =
        (number(), number(), number(), number());

    // The journal of the run: its files are flushed before anything is written.
    let mut journal = private().create_new(true).open(root.join("journal"))?;
    journal.write_all(&vec![b'x'; files * line / 4])?;
    journal.sync_all()?;
    File::open(&root)?.sync_all()?;
    let journal = Mutex::new(journal);

    let paths: Vec<_> =
        (0..files).map(|file| root.join(file.to_string()).join("MicroSIP.ini")).collect();
    let batches = Mutex::new(paths.chunks(together.clamp(1, files.div_ceil(threads))));
    std::thread::scope(|scope| {
        let worker = || -> io::Result<()> {
            loop {
                let Some(batch) = batches.lock().unwrap().next() else { return Ok(()) };
                match together {
                    0 => batch.iter().try_for_each(|path| full(path, line, &journal))?,
                    _ => together_on(batch, line, &journal)?,
                }
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap())
    })?;
    journal.lock().unwrap().write_all(b"end\n")?;
    io::stdout().write_all(b"written\n")
}

/// A prepared file: its lock, and the new file.
struct Ready {
    lock: File,
    file: Option<File>,
    folder: PathBuf,
}

fn full(path: &Path, line: usize, journal: &Mutex<File>) -> io::Result<()> {
    let ready = ready(path, line, true)?;
    journal.lock().unwrap().write_all(&vec![b'x'; line])?;
    put(&ready)?;
    File::open(&ready.folder)?.sync_all()?;
    release(ready)
}

fn together_on(batch: &[PathBuf], line: usize, journal: &Mutex<File>) -> io::Result<()> {
    let ready: Vec<_> =
        batch.iter().map(|path| ready(path, line, false)).collect::<io::Result<_>>()?;
    let journal = journal.lock().unwrap();
    (&*journal).write_all(&vec![b'x'; line * batch.len()])?;
    journal.sync_data()?;
    drop(journal);
    flush(&ready)?;
    ready.iter().try_for_each(put)?;
    flush(&ready)?;
    ready.into_iter().try_for_each(release)
}

fn flush(ready: &[Ready]) -> io::Result<()> {
    let Some(first) = ready.first() else { return Ok(()) };
    let folder = File::open(&first.folder)?;
    match unsafe { syncfs(folder.as_raw_fd()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn ready(path: &Path, line: usize, flushed: bool) -> io::Result<Ready> {
    let flush = |file: &File| if flushed { file.sync_all() } else { Ok(()) };

    // Read to plan, so that nothing is touched if nothing changes.
    read(path)?;

    // Lock, and read what is locked.
    let target = fs::canonicalize(path)?;
    let folder = target.parent().expect("a folder").to_owned();
    let lock_path = folder.join(".floor-lock");
    let lock = private().create_new(true).open(&lock_path)?;
    lock.try_lock()?;
    lock.metadata()?;
    fs::symlink_metadata(&lock_path)?;
    let (mut bytes, found) = read(&target)?;

    // Back up the content that was read.
    let backups = folder.join(".floor");
    let temporary = backups.join(".floor-backup");
    fs::DirBuilder::new().mode(0o700).create(&backups)?;
    let mut backup = private().create_new(true).open(&temporary)?;
    backup.write_all(&bytes)?;
    flush(&backup)?;
    fs::rename(&temporary, backups.join("0.bak"))?;
    drop(backup);

    // Add the backup to the list.
    let shared = private().create(true).open(backups.join("lock"))?;
    shared.try_lock()?;
    let mut list = private().create(true).open(backups.join("list"))?;
    list.metadata()?;
    list.write_all(&vec![b'x'; line])?;
    flush(&list)?;
    drop(list);
    drop(shared);
    if flushed {
        File::open(&backups)?.sync_all()?;
    }

    // Write a complete new file next to the old one.
    let mut file = private().create_new(true).open(folder.join(".floor-new"))?;
    let last = bytes.len() - 2;
    bytes[last] = b'1';
    file.write_all(&bytes)?;
    fchown(&file, Some(found.uid()), Some(found.gid()))?;
    file.set_permissions(Permissions::from_mode(found.mode() & 0o7777))?;
    flush(&file)?;
    Ok(Ready { lock, file: flushed.then_some(file), folder })
}

/// Replaces the old file with the new one.
fn put(ready: &Ready) -> io::Result<()> {
    let target = ready.folder.join("MicroSIP.ini");
    fs::symlink_metadata(&target)?;
    fs::rename(ready.folder.join(".floor-new"), &target)
}

fn release(ready: Ready) -> io::Result<()> {
    drop(ready.file);
    fs::remove_file(ready.folder.join(".floor-lock"))?;
    drop(ready.lock);
    Ok(())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

fn read(path: &Path) -> io::Result<(Vec<u8>, fs::Metadata)> {
    let mut file = File::open(path)?;
    let found = file.metadata()?;
    let length = found.len() as usize;
    let mut bytes = vec![0; length + 1];
    let filled = file.read(&mut bytes)?;
    file.read(&mut bytes[filled..])?;
    bytes.truncate(length);
    Ok((bytes, found))
}
