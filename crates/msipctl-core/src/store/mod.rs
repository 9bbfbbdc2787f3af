//! The only module that accesses the disk: it reads, locks, replaces, backs up, and restores files.
//!
//! It doesn't know INI, only bytes. All replacements use [`Locked::replace`]. Its steps are: lock, read, back up, write
//! a new file next to the old one, flush, check that the old one is unchanged, rename, flush the folder. For many
//! files, each flush can be a single call ([`put_together`]). A [`Journal`] records the changes of a run over many
//! files, so that [`Undo`] can revert them. [`append()`] adds lines to logs.
//!
//! # Invariants
//!
//! - A crash, a full disk, or a kill at any moment leaves either the complete old file or the complete new one.
//! - Everything that a write replaces can be restored byte for byte: [`Backups::restore`].
//! - Nothing is overwritten that wasn't read before: [`Kind::ChangedUnderneath`].
//! - No change, no write: if the bytes are equal, nothing is touched.
//! - Each folder is opened once, without following a link, and all work in it starts there, so renames during a run
//!   don't redirect it. Backups and journals are used only if the owner of their folder is allowed to control them.
//! - Only files that msipctl just created get another owner, through their handle.
//! - No temporary file and no lock file is left; the next run removes those of a killed run.
//!
//! # Absent on purpose
//!
//! A file is rejected if some of its other names (hard links) can't be found.

#![expect(clippy::disallowed_methods, reason = "only this module accesses the disk")]

mod backup;
mod error;
mod file;
mod input;
mod run;
mod run_id;
mod spill;
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
pub use file::each_file::each_file;
pub use file::folder::{
    Identity, absolute, exists, folders, identity, is_file, is_folder, is_read_only, is_writable,
    list, make_folder, readable_by_others,
};
pub use file::location::{AsLocation, Location};
pub use file::lock::{LockOptions, Locked, lock};
pub use file::private::{PrivateFolder, PrivateLock};
pub use file::read::{Contents, check_links, contents, read, read_as, read_text, read_text_as};
pub use file::snapshot::{FileStatus, LIMIT, Snapshot};
pub use file::trusted::create_folders_of;
pub use file::walk::{
    Matches, SearchEach, SkipReason, Skipped, glob, is_pattern, pattern_base, search_tree, walk,
};
pub use input::Input;
pub use run::journal::Journal;
pub use run::line::full_path;
pub use run::list::{RunSummary, runs};
pub use run::record::{Change, Progress, Run, Start, Step};
pub use run_id::{RunId, RunIdError};
pub use spill::{SpillFile, SpillReader};
pub use time::now;
pub use write::batch::{max_together, put_together};
pub use write::restore::RestoreOptions;
pub use write::stage::{Staged, Written};
pub use write::undo::Undo;
