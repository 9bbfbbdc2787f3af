//! Why a directive failed, and what is worth a notice although it didn't.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use msipctl_core::event::DirectiveError;
use msipctl_core::store;

use super::address::AddressError;
use super::client::ClientError;

/// An error in the configuration of the caller.
pub type ConfigError = Box<dyn std::error::Error + Send + Sync>;

/// Why a directive failed. The texts go to the journal of the hooks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The directive can't be read.
    #[error(transparent)]
    Directive(#[from] DirectiveError),
    /// The address of a request is invalid.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Programs read `.` and `..` as another path.
    #[error("the address would lead elsewhere: a part of its path is only dots")]
    DotsInPath,
    /// The address is longer than programs take.
    #[error("the address has {bytes} bytes, expected at most {maximum}")]
    AddressTooLong { bytes: usize, maximum: usize },
    /// The scheme isn't permitted.
    #[error(
        "only http and https addresses are opened, unless `open_schemes` in msipctl.toml names their scheme"
    )]
    SchemeNotPermitted,
    /// The configuration can't be read.
    #[error("{0}")]
    Config(#[source] ConfigError),
    /// A value is where XML has no escape for it.
    #[error("{0}")]
    Xml(&'static str),
    /// A value would change the form of a JSON body.
    #[error("the body would be no JSON of its own form, expected placeholders in quotes")]
    JsonForm,
    /// A path depends on the current folder.
    #[error("`{}` is no full path", .0.display())]
    RelativePath(PathBuf),
    /// The program doesn't start.
    #[error("`{program}`: {source}")]
    Start { program: String, source: io::Error },
    /// The file can't be written.
    #[error("{}", .0.with_cause())]
    Append(#[source] store::Error),
    /// No datagram was sent.
    #[error("{address}: {source}")]
    Datagram { address: String, source: io::Error },
    /// The name of a host wasn't found in time.
    #[error("{address}: no answer about this name in {} s", .limit.as_secs())]
    NameTimedOut { address: String, limit: Duration },
    /// The desktop can't be asked.
    #[error(transparent)]
    Desktop(io::Error),
    /// No window has this name.
    #[error("there is no window `{0}`")]
    NoWindow(String),
    /// A window didn't respond in time.
    #[error("window `{0}` did not answer in time")]
    WindowTimedOut(String),
    /// A window can't be sent to.
    #[error("window `{window}`: {source}")]
    Window { window: String, source: io::Error },
}

/// What is worth a line in the journal although the directive ran.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Notice {
    /// The event has no directive.
    #[error("there is nothing to do: the event has no directive")]
    NoDirective,
    /// Only the topmost window of several got the message.
    #[error("{count} windows are named `{window}`, the topmost got it")]
    SeveralWindows { window: String, count: usize },
    /// A shell would act on some characters.
    #[error("characters of the caller's text that a shell acts on were dropped")]
    ShellCharactersDropped,
}

/// What a directive leads to.
pub(crate) type Outcome = Result<Option<Notice>, Error>;

/// Returns the texts of an outcome.
#[cfg(test)]
pub(crate) fn texts(outcome: Outcome) -> Result<Option<String>, String> {
    outcome.map(|notice| notice.map(|notice| notice.to_string())).map_err(|error| error.to_string())
}
