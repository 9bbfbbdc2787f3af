//! The only room that touches a disk: reads, locks, replaces, backs up and restores files.
//!
//! It knows nothing of INI: bytes in, bytes out. Everything that is replaced goes one way, in [`Locked::replace`]:
//! lock, read, back up, write a new file beside the old one, flush, check that the old one is still what
//! was read, rename, flush the folder. Of many files each flush may be one call ([`put_together`]), and a [`Journal`] tells
//! what a run over many did, by which it is undone ([`Undo`]). Lines are put at the end of logs by [`append()`].
//!
//! # Invariants
//!
//! - A crash, a full disk or a kill at any instant leaves the old file or the new one, whole.
//! - What a write replaces can be had back, byte for byte: [`Backups::restore`].
//! - Nothing that was not read is overwritten: [`Kind::ChangedUnderneath`].
//! - No change, no write: equal bytes touch nothing.
//! - Each folder is opened once, without following a link, and all work in it starts there: whoever renames things
//!   meanwhile leads no run astray. Backups and journals are taken only of folders whose owner may decide about them.
//! - Only files that msipctl created just now are given to another owner, by their handle.
//! - No temporary file and no lock file is left behind; what a killed run leaves, the next one sweeps.
//!
//! # Absent on purpose
//!
//! A file whose other names (hard links) can't all be found is not written.

#![expect(clippy::disallowed_methods, reason = "this is the room that touches the disk")]

mod append;
mod backup;
mod digest;
mod durability;
mod entry;
mod error;
mod folder;
mod input;
mod journal;
mod location;
mod lock;
mod manifest;
mod names;
mod read;
mod replace;
mod restore;
mod run;
mod snapshot;
mod system;
mod temporary;
mod time;
mod trusted;
mod undo;
mod walk;

pub use append::{Appending, append, wait_for_change};
pub use backup::{BackupPolicy, Record};
pub use digest::{Digest, DigestError};
pub use durability::Durability;
pub use entry::{BackupId, Entry, Phase};
pub use error::{Error, Kind};
pub use folder::{
    Identity, absolute, folders, identity, is_file, is_folder, is_read_only, is_writable, list,
    make_folder, readable_by_others,
};
pub use input::Input;
pub use journal::{Change, Journal, Progress, Run, RunSummary, Start, Step, full_path, runs};
pub use location::{AsLocation, Location};
pub use lock::{LockOptions, Locked, lock};
pub use read::{check_links, read, read_as, read_text, read_text_as};
pub use replace::{Staged, Written, most_together, put_together};
pub use restore::{Backups, Pruned, RestoreOptions, State, Verdict};
pub use run::{RunId, RunIdError};
pub use snapshot::{LIMIT, Seen, Snapshot};
pub use time::now;
pub use undo::Undo;
pub use walk::{SkipReason, Skipped, glob, is_pattern, pattern_base, search_tree, walk};
