//! The floor of `set`: a bare program that makes the system calls of one safe, backed-up write.
//!
//! It follows the steps of `store` one by one, in their order, and decides nothing: its arguments contain what to write
//! and which old backup to remove. Compiled by `benches/floor.rs`, which lists the calls.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("a path");
    let run: u64 = args.next().and_then(|text| text.parse().ok()).expect("a number");
    let line: usize = args.next().and_then(|text| text.parse().ok()).expect("a length");
    let path = Path::new(&path);

    // Read to plan, so that nothing is touched if nothing changes.
    read(path)?;

    // Lock, and read what is locked.
    let target = fs::canonicalize(path)?;
    let folder = target.parent().expect("a folder");
    let lock_path = folder.join(".floor-lock");
    let lock = private().create_new(true).open(&lock_path)?;
    lock.try_lock()?;
    lock.metadata()?;
    fs::symlink_metadata(&lock_path)?;
    let (mut bytes, found) = read(&target)?;

    // Back up the content that was read.
    let backups = folder.join(".floor");
    let temporary = backups.join(".floor-backup");
    if run == 0 {
        fs::create_dir(&backups)?;
    }
    let mut backup = private().create_new(true).open(&temporary)?;
    backup.write_all(&bytes)?;
    backup.sync_all()?;
    // msipctl renames without replacing, which the standard library doesn't support. It costs the same.
    fs::rename(&temporary, backups.join(format!("{run}.bak")))?;
    drop(backup);

    // Add the backup to the list.
    let shared = private().create(true).open(backups.join("lock"))?;
    shared.try_lock()?;
    let mut list = private().create(true).open(backups.join("list"))?;
    let mut listed = vec![0; list.metadata()?.len() as usize];
    if !listed.is_empty() {
        list.read(&mut listed)?;
    }
    list.write_all(&vec![b'x'; line])?;
    list.sync_all()?;
    drop(list);
    drop(shared);
    File::open(&backups)?.sync_all()?;

    // Replace the old file with a complete new one.
    let temporary = folder.join(".floor-new");
    let mut file = private().create_new(true).open(&temporary)?;
    let last = bytes.len() - 2;
    bytes[last] = b'0' + (run % 2) as u8;
    file.write_all(&bytes)?;
    fchown(&file, Some(found.uid()), Some(found.gid()))?;
    file.set_permissions(Permissions::from_mode(found.mode() & 0o7777))?;
    file.sync_all()?;
    fs::symlink_metadata(&target)?;
    fs::rename(&temporary, &target)?;
    drop(file);
    File::open(folder)?.sync_all()?;

    // Remove the expired backup, and release the lock.
    if let Some(expired) = run.checked_sub(20) {
        fs::remove_file(backups.join(format!("{expired}.bak")))?;
    }
    fs::remove_file(&lock_path)?;
    drop(lock);
    io::stdout().write_all(b"written\n")
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
