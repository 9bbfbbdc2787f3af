//! The actions. The file of an action has its name and defines its fields. The file with the same name in `dispatch`
//! implements its effect.

mod copy_data;
mod definition;
mod fields;
mod http;
mod log;
mod open;
mod post_message;
mod run;
#[cfg(test)]
mod samples;
mod send_message;
#[cfg(test)]
mod tests;
mod udp;

pub use self::copy_data::CopyData;
pub use self::http::Http;
pub use self::log::Log;
pub use self::open::Open;
pub use self::post_message::PostMessage;
pub use self::run::Run;
pub use self::send_message::SendMessage;
pub use self::udp::Udp;

use self::definition::Definition;
pub use self::definition::EffectError;
pub(super) use self::definition::Fill;
use self::fields::Fields;
use super::body::has_caller_in_xml;
use super::grammar::{DirectiveError, Field};
use super::message::Message;
use microsip_schema::{NEAR, nearest};
#[cfg(test)]
use proptest::{prelude::Strategy, strategy::Union};

/// Defines [`Action`] from the actions, which all implement [`Definition`].
macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident,)*) => {
        /// The action of a directive.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $action($action),)*
        }

        impl Action {
            /// The names of all actions.
            const NAMES: &[&str] = &[$($action::NAME,)*];

            /// Parses the fields of the action with a name. Returns `None` if no action has this name.
            fn read(name: &Field, rest: &[Field]) -> Option<Result<Self, DirectiveError>> {
                match name.text.as_str() {
                    $($action::NAME => {
                        let read = $action::parse(&Fields::new(name, rest, $action::SYNTAX));
                        Some(read.map(Self::$action))
                    })*
                    _ => None,
                }
            }

            /// Returns the name.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$action(_) => $action::NAME,)*
                }
            }

            /// Returns the name and the fields as text.
            pub(super) fn fields(&self) -> Vec<String> {
                let fields = match self {
                    $(Self::$action(action) => action.fields(),)*
                };
                [self.name().to_owned()].into_iter().chain(fields).collect()
            }

            /// Describes the effect on a call, or returns why there is none.
            pub(super) fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
                match self {
                    $(Self::$action(action) => action.describe(call),)*
                }
            }

            /// Returns whether the action inserts the caller ID into XML without escaping it.
            pub(super) fn has_unescaped_xml(&self) -> bool {
                let texts = match self {
                    $(Self::$action(action) => action.sent_as_is(),)*
                };
                texts.into_iter().any(has_caller_in_xml)
            }

            /// Returns the window message that the action sends.
            pub(super) fn message(&self) -> Option<&Message> {
                match self {
                    $(Self::$action(action) => action.message(),)*
                }
            }
        }

        /// Generates directives of every action, with unusual but valid fields.
        #[cfg(test)]
        pub(super) fn sample_directives() -> impl Strategy<Value = String> {
            Union::new([$($action::samples(),)*])
        }
    };
}

actions! {
    /// Sends a message to a window and waits for the response.
    SendMessage,
    /// Posts a message to a window.
    PostMessage,
    /// Sends WM_COPYDATA to a window.
    CopyData,
    /// Starts a program without a shell.
    Run,
    /// Opens a URL in the browser.
    Open,
    /// Sends an HTTP request.
    Http,
    /// Appends a line to a file.
    Log,
    /// Sends a datagram.
    Udp,
}

impl Action {
    /// Parses an action from the fields of a directive.
    pub(super) fn parse(fields: &[Field]) -> Result<Self, DirectiveError> {
        let Some((name, rest)) = fields.split_first() else {
            return Err(DirectiveError::new(1, "missing action"));
        };
        Self::read(name, rest).unwrap_or_else(|| {
            let other = name.text.as_str();
            let expected = match Self::near(other) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => format!(": expected one of {}", Self::NAMES.join(", ")),
            };
            Err(name.error(match other.is_empty() {
                true => format!("missing action{expected}"),
                false => format!("unknown action `{other}`{expected}"),
            }))
        })
    }

    /// Returns the name of the action that is most similar to an unknown name.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::event::Action;
    ///
    /// assert_eq!(Action::near("sendmesage"), Some("SendMessage"));
    /// assert_eq!(Action::near("beep"), None);
    /// ```
    pub fn near(name: &str) -> Option<&'static str> {
        nearest(name, Self::NAMES.iter().copied(), NEAR)
    }
}
