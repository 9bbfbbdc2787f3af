//! Dangers of a command.

use std::fmt;

use super::placeholder::Meaning;
use super::shell::Shell;
use crate::event::{Event, Fault};
use crate::schema::Version;

/// Why a command does not do what it says, or does more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Danger {
    /// Its text is at fault.
    Fault(Fault),
    /// The version does not read the key.
    EventTooNew {
        /// The event.
        event: Event,
        /// The version.
        microsip: Version,
    },
    /// The version takes the whole value for a path, arguments and all.
    ArgumentsInPath,
    /// The first word is empty.
    NoProgram,
    /// MicroSIP starts its own program with the caller, which it dials.
    StartsItself,
    /// The program is looked for.
    RelativeProgram {
        /// The program.
        program: String,
    },
    /// There is no such file.
    TargetMissing {
        /// The path.
        program: String,
    },
    /// The path is that of a folder.
    TargetIsFolder {
        /// The path.
        program: String,
    },
    /// Other users may change the program.
    TargetWritable {
        /// The path.
        program: String,
    },
    /// A script is shown and not run.
    ScriptInEditor,
    /// An address is opened without the caller.
    CallerNotPassed,
    /// What is started depends on the machine.
    TypeUnknown {
        /// The file.
        program: String,
    },
    /// A shell acts on the caller's text.
    ShellReached {
        /// The shell.
        shell: Shell,
        /// The letters of this caller that it acts on.
        letters: String,
    },
    /// A batch file's own path holds a letter that cmd.exe acts on.
    ShellLetterInPath {
        /// The letter.
        letter: char,
    },
    /// The caller's text becomes several arguments.
    CallerSplits {
        /// How many.
        arguments: usize,
    },
    /// The caller's text looks like an option to the program.
    CallerAsOption,
    /// MicroSIP waits before it rings.
    BlocksRinging,
    /// Something looks like a placeholder and is passed as it is.
    PlaceholderUnknown {
        /// The text.
        placeholder: String,
        /// What was most likely meant by it.
        meaning: Meaning,
        /// Whether MicroSIP appends the caller ID to the command.
        is_caller_appended: bool,
    },
    /// A directive names the caller ID as other programs do.
    ForeignName {
        /// Its key.
        key: String,
        /// The text.
        placeholder: String,
    },
    /// The account's password becomes readable for every program of the user.
    PasswordOnCommandLine {
        /// The placeholder.
        placeholder: String,
    },
    /// The bridge runs the directives of another event.
    BridgeOfOtherEvent {
        /// That event.
        runs: Event,
    },
    /// The bridge runs the directives of another file.
    BridgeOfOtherFile {
        /// Its path.
        ini: String,
    },
    /// A directive sends a message on which windows act by themselves.
    SystemMessage {
        /// Its key.
        key: String,
        /// The message.
        message: String,
    },
    /// A directive opens an address of a scheme that the configuration does not name.
    SchemeNotPermitted {
        /// Its key.
        key: String,
        /// The scheme.
        scheme: String,
    },
    /// The bridge has nothing to run.
    BridgeWithoutDirective,
    /// Nothing starts msipctl, which would run the directives.
    DirectiveWithoutBridge,
    /// A directive cannot be read.
    DirectiveInvalid {
        /// Its key.
        key: String,
        /// Why.
        why: String,
    },
}

impl Danger {
    /// Returns the name of its rule.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.rule(),
            Self::EventTooNew { .. } => "event-too-new",
            Self::ArgumentsInPath => "arguments-in-path",
            Self::NoProgram => "no-program",
            Self::StartsItself => "starts-itself",
            Self::RelativeProgram { .. } => "relative-program",
            Self::TargetMissing { .. } => "target-missing",
            Self::TargetIsFolder { .. } => "target-is-folder",
            Self::TargetWritable { .. } => "target-writable",
            Self::ScriptInEditor => "script-in-editor",
            Self::CallerNotPassed => "caller-not-passed",
            Self::TypeUnknown { .. } => "type-unknown",
            Self::ShellReached { .. } => "shell-reached",
            Self::ShellLetterInPath { .. } => "shell-letter-in-path",
            Self::CallerSplits { .. } => "caller-splits",
            Self::CallerAsOption => "caller-as-option",
            Self::BlocksRinging => "blocks-ringing",
            Self::PlaceholderUnknown { .. } | Self::ForeignName { .. } => "placeholder-unknown",
            Self::PasswordOnCommandLine { .. } => "password-on-command-line",
            Self::BridgeOfOtherEvent { .. } => "bridge-of-other-event",
            Self::BridgeOfOtherFile { .. } => "bridge-of-other-file",
            Self::SystemMessage { .. } => "system-message",
            Self::SchemeNotPermitted { .. } => "scheme-not-permitted",
            Self::BridgeWithoutDirective => "bridge-without-directive",
            Self::DirectiveWithoutBridge => "directive-without-bridge",
            Self::DirectiveInvalid { .. } => "directive-invalid",
        }
    }
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::EventTooNew { event, microsip } => {
                let (key, since) = (event.key(), event.since());
                write!(f, "MicroSIP {microsip} does not read `{key}`, {since} is the first that does")
            }
            Self::ArgumentsInPath => f.write_str(
                "MicroSIP before 3.19.10 takes all of it for a path, so that it can have no arguments",
            ),
            Self::NoProgram => f.write_str("its first word is empty, expected a program"),
            Self::StartsItself => f.write_str(
                "it is made of blanks only: MicroSIP starts itself with the caller's text, and so dials it",
            ),
            Self::RelativeProgram { program } => write!(
                f,
                "`{program}` is no full path: what stands first in MicroSIP's current folder or in PATH is \
                 started"
            ),
            Self::TargetMissing { program } => {
                write!(f, "there is no file `{program}`, and MicroSIP says nothing of it")
            }
            Self::TargetIsFolder { program } => {
                write!(f, "`{program}` is a folder, which is shown in a window")
            }
            Self::TargetWritable { program } => {
                write!(f, "other users may change `{program}`, and so run what they like as this one")
            }
            Self::ScriptInEditor => f.write_str(
                "Windows opens a .ps1 in an editor, expected `powershell.exe -File` in front of it",
            ),
            Self::CallerNotPassed => f.write_str(
                "the caller's text is not added to an address, a directive `Open` can do that",
            ),
            Self::TypeUnknown { program } => {
                write!(f, "what opens `{program}`, and with which arguments, is set on each machine")
            }
            Self::ShellReached { shell, letters } => {
                let (name, all) = (shell.name(), spaced(shell.letters()));
                write!(f, "{name} acts on {all} in the caller's text, which comes from the network")?;
                match letters.as_str() {
                    "" => Ok(()),
                    these => write!(f, "; this one has {}", spaced(these)),
                }
            }
            Self::ShellLetterInPath { letter } => write!(
                f,
                "the batch file's path has a `{letter}`, on which cmd.exe acts wherever the file names itself \
                 without quotes"
            ),
            Self::CallerSplits { arguments } => {
                write!(f, "this caller's text becomes {arguments} arguments")
            }
            Self::CallerAsOption => {
                f.write_str("this caller's text looks like an option to the program")
            }
            Self::BlocksRinging => f.write_str(
                "the phone does not ring before the program has ended, or for 10 s; the bridge returns at once",
            ),
            Self::PlaceholderUnknown { placeholder, meaning, is_caller_appended } => {
                match meaning {
                    Meaning::Caller | Meaning::Other => {
                        write!(f, "MicroSIP doesn't replace `{placeholder}`")?;
                    }
                    Meaning::Variable => write!(f, "MicroSIP doesn't expand `{placeholder}`")?,
                }
                match (meaning, is_caller_appended) {
                    (Meaning::Caller, true) => f.write_str(
                        " and passes it as it is; it appends the caller ID to the end of the command, after a space",
                    ),
                    (Meaning::Caller, false) => {
                        f.write_str(" and passes it as it is; it appends no caller ID to what it only opens")
                    }
                    (Meaning::Variable, _) => f.write_str(" and passes it as it is"),
                    (Meaning::Other, _) => {
                        f.write_str(" and passes it as it is: nothing filled in this placeholder")
                    }
                }
            }
            Self::ForeignName { key, placeholder } => write!(
                f,
                "`{key}`: msipctl doesn't replace `{placeholder}` and passes it as it is, expected `%number%`"
            ),
            Self::PasswordOnCommandLine { placeholder } => {
                write!(f, "`{placeholder}` shows the account's password to every program of the user")
            }
            Self::BridgeOfOtherEvent { runs } => {
                write!(f, "the bridge runs the directives of {runs}")
            }
            Self::BridgeOfOtherFile { ini } => {
                write!(f, "the bridge runs the directives of another file, `{ini}`")
            }
            Self::SystemMessage { key, message } => write!(
                f,
                "`{key}`: `{message}` is a message of Windows itself, on which any window may act"
            ),
            Self::SchemeNotPermitted { key, scheme } => write!(
                f,
                "`{key}`: an address of the scheme `{scheme}` is not opened, unless `open_schemes` in msipctl.toml \
                 names it"
            ),
            Self::BridgeWithoutDirective => {
                f.write_str("the bridge has nothing to run: the event has no directive")
            }
            Self::DirectiveWithoutBridge => f.write_str(
                "nothing runs the directives: the event's command is not the bridge; `msipctl hook add` writes \
                 both",
            ),
            Self::DirectiveInvalid { key, why } => write!(f, "`{key}`: {why}"),
        }
    }
}

/// Writes letters with blanks between them.
fn spaced(letters: &str) -> String {
    let mut spaced = String::new();
    for letter in letters.chars() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push(letter);
    }
    spaced
}
