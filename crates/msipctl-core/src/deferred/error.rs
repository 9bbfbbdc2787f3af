//! Errors about pending plans.

use crate::store;

/// Why a change wasn't queued. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// A secret can't be read again later.
    #[error("can't defer `{section}.{key}`: {reason}")]
    Secret {
        /// The section.
        section: String,
        /// The key.
        key: String,
        /// Why its value isn't available later.
        reason: String,
    },
    /// A path can't be stored.
    #[error("can't defer the change: the path {0} isn't valid Unicode")]
    Path(String),
    /// There are too many plans.
    #[error("can't defer the change: {0} plans are pending already")]
    TooMany(usize),
    /// The plan can't be stored.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl QueueError {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Secret { .. } => Some(
                "put the secret into a file that only this user can read, and use `{ file = \"...\" }`",
            ),
            Self::Path(_) => Some("close MicroSIP, and apply the policy without `--when-closed`"),
            Self::TooMany(_) => {
                Some("run `msipctl status` to list them, and `--discard` those that failed")
            }
            Self::Store(error) => error.hint(),
        }
    }
}

/// Why the file of a pending plan doesn't count.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPlan {
    /// It can't be read, or belongs to another user.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// It has another version.
    #[error("unsupported version {0} of a pending plan: expected 1")]
    Version(u32),
    /// It was queued with another key.
    #[error("the plan was queued with a key that no longer exists")]
    Key,
    /// It was changed by something other than msipctl.
    #[error("the plan was changed after msipctl queued it")]
    Digest,
    /// It isn't a plan.
    #[error("not a pending plan of msipctl")]
    Format,
}

impl InvalidPlan {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Version(_) => Some("update msipctl"),
            Self::Key | Self::Digest | Self::Format => Some(
                "discard the plan with `msipctl status --discard RUN`, and apply the policy again",
            ),
        }
    }
}
