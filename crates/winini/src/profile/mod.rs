//! A document as the Windows profile calls see it: what they would return, and how to write so that
//! they return what was meant.
//!
//! MicroSIP reads and writes its file with `GetPrivateProfileString` and its family only, so their
//! rules are the file's rules. They are stated where they are coded; the cases reported from
//! Windows 10 run as `tests/it/windows_facts.rs`.

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
