//! The keys, versions, and limits of MicroSIP.ini as data, including which values are secret.
//!
//! For each key, the table stores its section, its meaning, the versions that read it and how, and its allowed values.
//! All code that validates, shows, or writes a value uses this crate.

#![forbid(unsafe_code)]

mod index;
mod key;
mod kind;
mod lookup;
mod mask;
mod names;
mod nearest;
mod password;
mod placeholder;
mod section;
mod setting_error;
mod suggest;
mod table;
mod version;

pub use key::{Availability, Key, Since};
pub use kind::{Choice, Kind, Switch, ValueError, codec_name, leading_number};
pub use lookup::{ROW_COUNT, row_of};
pub use lookup::{find, keys, renamed, sections_of};
pub use mask::{SecretKeys, is_secret, is_secret_name, mask};
pub use nearest::{NEAR, nearest};
pub use password::{PasswordForm, is_stored_password, password_form};
pub use placeholder::{PlaceholderForm, PlaceholderText, placeholders};
pub use section::{Section, account_number};
pub use setting_error::{SettingError, known, reads, rejecting_version, spelled, validate_setting};
pub use suggest::{Suggestion, suggest};
pub use version::{Version, VersionError};
