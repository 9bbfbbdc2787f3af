//! The errors and notices of directives.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use msipctl_core::event::DirectiveError;
use msipctl_core::store;

use super::address::AddressError;
use super::client::ClientError;

/// An error in the configuration of the calling program.
pub type ConfigError = Box<dyn std::error::Error + Send + Sync>;

/// The reason why a directive failed. The journal of the hooks contains these texts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The directive can't be parsed.
    #[error(transparent)]
    Directive(#[from] DirectiveError),
    /// The URL of a request is invalid.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Programs read `.` and `..` as another path.
    #[error("invalid URL: a part of its path is `.` or `..`, which would change the path")]
    DotsInPath,
    /// The URL is longer than programs accept.
    #[error("URL too long: it has {bytes} bytes, and the maximum is {maximum}")]
    AddressTooLong { bytes: usize, maximum: usize },
    /// The scheme isn't permitted.
    #[error(
        "can't open this URL: its scheme must be http or https, or listed in `open_schemes` in msipctl.toml"
    )]
    SchemeNotPermitted,
    /// The configuration can't be read.
    #[error("{0}")]
    Config(#[source] ConfigError),
    /// A value is at a position where XML has no escapes.
    #[error("{0}")]
    Xml(&'static str),
    /// A value would change the structure of a JSON body.
    #[error("a value would change the structure of the JSON body: put placeholders in quotes")]
    JsonForm,
    /// A path isn't absolute.
    #[error("`{}` isn't a full path", .0.display())]
    RelativePath(PathBuf),
    /// The program can't be started.
    #[error("`{program}`: {source}")]
    Start { program: String, source: io::Error },
    /// The file can't be written.
    #[error("{}", .0.with_cause())]
    Append(#[source] store::Error),
    /// The datagram couldn't be sent.
    #[error("{address}: {source}")]
    Datagram { address: String, source: io::Error },
    /// The address of a host wasn't found in time.
    #[error("{address}: name resolution timed out after {} s", .limit.as_secs())]
    NameTimedOut { address: String, limit: Duration },
    /// A call of the desktop failed.
    #[error(transparent)]
    Desktop(io::Error),
    /// No window has this name.
    #[error("window `{0}` not found")]
    NoWindow(String),
    /// A window didn't respond in time.
    #[error("window `{0}` didn't respond in time")]
    WindowTimedOut(String),
    /// A message couldn't be sent to a window.
    #[error("window `{window}`: {source}")]
    Window { window: String, source: io::Error },
}

/// A fact that the journal records although the directive succeeded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Notice {
    /// The event has no directive.
    #[error("the event has no directive")]
    NoDirective,
    /// Several windows have the name, and only the topmost one received the message.
    #[error("{count} windows have the name `{window}`; the topmost one received the message")]
    SeveralWindows { window: String, count: usize },
    /// The caller ID contained characters that a shell would interpret.
    #[error("removed characters from the caller ID that a shell would interpret")]
    ShellCharactersDropped,
}

/// The result of a directive, with an optional notice.
pub(crate) type Outcome = Result<Option<Notice>, Error>;

/// Returns the text of a notice or error.
#[cfg(test)]
pub(crate) fn texts(outcome: Outcome) -> Result<Option<String>, String> {
    outcome.map(|notice| notice.map(|notice| notice.to_string())).map_err(|error| error.to_string())
}
