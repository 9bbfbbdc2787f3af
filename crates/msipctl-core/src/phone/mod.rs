//! Controls a running MicroSIP through its command line: a second start of the same program passes its arguments to
//! the first one and exits.
//!
//! # Invariants
//!
//! - No process is killed. MicroSIP is asked to exit, and saves its settings before it exits.
//! - MicroSIP compares its complete command line with each supported form, and dials text that matches none of them.
//!   So it gets exactly one argument, which comes from a [`PhoneCommand`] that its version supports.
//! - A started program keeps running after msipctl exits, and inherits no streams of msipctl.

mod command;
mod control;
mod number;
mod program;
mod target;

pub use command::{Argument, PhoneCommand, Refusal};
pub use control::Phone;
pub use number::{Digits, Number, NumberError};
pub use target::{InstanceSelector, Target, targets};

/// Returns the interface that starts programs on this machine.
pub fn phone() -> &'static dyn Phone {
    &program::Programs
}
