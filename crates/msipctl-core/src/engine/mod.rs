//! The engine core: one state document in, one result out.
//!
//! Tools such as Ansible, DSC, and Salt run msipctl by their own contracts. Each contract is a thin wrapper around this
//! module, which knows settings, hooks, policies, and purging; check mode; the diff; and the restart request.
//!
//! The module prints nothing. Every text of a result is masked where it is created, so a wrapper never sees a secret.

mod changes;
mod check;
mod deciding;
mod desired;
mod error;
mod host;
mod purge;
mod read;
mod result;
mod run;
mod schema;
mod source;
mod state;
#[cfg(test)]
mod tests;

pub use changes::{
    BlockedRow, ChangeKind, ChangeRow, DiffText, DriftRow, DuplicateRow, HookChangeRow,
    HookDriftRow, MissingSecretRow,
};
pub use error::{Error, ErrorKind, ErrorRow, SourceError};
pub use host::{Host, Operation};
pub use read::{Exported, export};
pub use result::{
    EngineExit, EngineResult, HookRow, PendingRow, ProcessRow, Queueable, RestartRow, SettingRow,
    State, line,
};
pub use run::run;
pub use schema::{result_schema, state_schema};
pub use state::{
    EditOptions, EncodingOption, Existing, HookState, MAX_INPUT, PolicySource, Presence, Purge,
    SCHEMA_VERSION, Secret, SecretSource, Setting, StateDocument, WhileRunning,
};
