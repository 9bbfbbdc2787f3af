//! The only module that touches a disk: reads, locks, replaces, backs up and restores files.
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

#![expect(clippy::disallowed_methods, reason = "this is the module that touches the disk")]

mod backup;
mod error;
mod file;
mod input;
mod run;
mod run_id;
mod system;
mod time;
mod write;

pub use backup::backups::Backups;
pub use backup::entry::{BackupId, Entry, Phase};
pub use backup::policy::{BackupPolicy, Record};
pub use backup::prune::Pruned;
pub use backup::verify::{State, Verdict};
pub use error::{Error, Kind};
pub use file::append::{Appending, append, wait_for_change};
pub use file::digest::{Digest, DigestError};
pub use file::durability::Durability;
pub use file::folder::{
    Identity, absolute, exists, folders, identity, is_file, is_folder, is_read_only, is_writable,
    list, make_folder, readable_by_others,
};
pub use file::location::{AsLocation, Location};
pub use file::lock::{LockOptions, Locked, lock};
pub use file::read::{check_links, read, read_as, read_text, read_text_as};
pub use file::snapshot::{FileStatus, LIMIT, Snapshot};
pub use file::trusted::create_folders_of;
pub use file::walk::{SkipReason, Skipped, glob, is_pattern, pattern_base, search_tree, walk};
pub use input::Input;
pub use run::journal::Journal;
pub use run::line::full_path;
pub use run::list::{RunSummary, runs};
pub use run::record::{Change, Progress, Run, Start, Step};
pub use run_id::{RunId, RunIdError};
pub use time::now;
pub use write::batch::{max_together, put_together};
pub use write::restore::RestoreOptions;
pub use write::stage::{Staged, Written};
pub use write::undo::Undo;
