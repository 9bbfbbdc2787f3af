//! A document as the Windows profile functions read and write it.
//!
//! Programs that store their settings with `GetPrivateProfileString`, `WritePrivateProfileString`, and related functions all
//! follow the same rules:
//!
//! - Names match in any case of ASCII letters. If several sections or keys have the same name, Windows reads the first.
//! - Windows strips whitespace from both ends of a value, and then one pair of quotes (see [`read_rule`]).
//! - A line that starts with `;` is a comment. A `;` after a value is part of the value.
//! - Windows ignores lines before the first section, and lines without `=`.
//!
//! To read, use [`Profile`]. To write, use [`set`], [`set_written`], [`unset`], and [`unset_section`], which return the edits
//! for [`Document::edit`](crate::Document::edit). The rules come from cases that were reported from Windows 10, and from a
//! comparison with Wine.

mod call;
mod compare;
mod value;
mod view;
mod write;

pub use call::{Answer, get_names, get_string};
pub use compare::{Difference, differences};
pub use value::{read_rule, truncate};
pub use view::{Entry, Profile, Reading, SectionView, encoding_read};
pub use write::{Refusal, set, set_written, unset, unset_section, written};
