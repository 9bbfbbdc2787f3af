//! Carries out the operations of DSC, each as one or two operations of the engine core.

use super::desired::Desired;
use super::instance;
use super::log::Log;
use crate::carry_out::carry_out;
use msipctl_core::engine::{
    EngineExit, EngineResult, Error, ErrorKind, ErrorRow, Operation, Presence, State,
};

/// An operation that failed, with its exit code. The reason is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed(pub(super) u8);

impl Failed {
    /// Logs an error.
    pub(super) fn of(error: &Error, log: &mut Log) -> Self {
        log.error(error);
        Self(code_of(error.kind()))
    }

    fn of_row(error: &ErrorRow, log: &mut Log) -> Self {
        log.error_row(error);
        Self(code_of(error.kind))
    }
}

fn code_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Precondition => EngineExit::Blocked.code(),
        ErrorKind::Usage | ErrorKind::Runtime => EngineExit::Error.code(),
    }
}

/// Reads the actual state. Prints one line.
pub(super) fn get(desired: &Desired, log: &mut Log) -> Result<Vec<u8>, Failed> {
    let result = read(desired, log)?;
    Ok(desired.instance(&result).to_line())
}

/// Compares the actual state with the desired one. Prints two lines.
pub(super) fn test(desired: &Desired, log: &mut Log) -> Result<Vec<u8>, Failed> {
    let result = match desired {
        Desired::Setting(setting) if setting.is_any_value() => read(desired, log)?,
        _ => {
            let document = desired.document(desired.presence(), Operation::Test);
            let tested = carry_out(&document, Operation::Test);
            match (&tested.error, desired) {
                // A command of the event that isn't a hook of msipctl keeps `set` from writing. For `test`, that's drift.
                (Some(error), Desired::Hook(_)) if error.kind == ErrorKind::Precondition => {
                    let mut found = read(desired, log)?;
                    log.error_as_warning(error);
                    found.in_desired_state = Some(false);
                    found
                }
                _ => checked(tested, log)?,
            }
        }
    };
    log.unverified(&result);
    let differing = desired.differing(&result);
    let mut state = desired.instance(&result);
    state.in_desired_state = Some(result.in_desired_state.unwrap_or(differing.is_empty()));
    Ok(state.to_lines(&differing))
}

/// Makes the actual state the desired one. Prints two lines.
pub(super) fn set(desired: &Desired, is_what_if: bool, log: &mut Log) -> Result<Vec<u8>, Failed> {
    if let Desired::Setting(setting) = desired
        && setting.is_any_value()
    {
        let result = read(desired, log)?;
        if !desired.differing(&result).is_empty() {
            return Err(Failed::of(&setting.lacks_value(), log));
        }
        return Ok(answer_of_set(desired, &result, is_what_if));
    }
    let result = write(desired, desired.presence(), is_what_if, log)?;
    if let (Desired::Policy(_), State::Changed) = (desired, result.state) {
        // The result describes the drift before. What this logs was logged already.
        let document = desired.document(Presence::Present, Operation::Test);
        let after = failing(carry_out(&document, Operation::Test), log)?;
        let state = desired.instance(&after).with_restart(&result);
        return Ok(state.to_lines(&desired.changed(&result)));
    }
    Ok(answer_of_set(desired, &result, is_what_if))
}

fn answer_of_set(desired: &Desired, result: &EngineResult, is_what_if: bool) -> Vec<u8> {
    let state = match desired {
        Desired::Policy(policy) if result.state.is_change() => policy.predicted(),
        _ => desired.instance(result),
    };
    let state = state.with_restart(result);
    let state = if is_what_if { state.with_what_if(result, desired.is_secret()) } else { state };
    state.to_lines(&desired.changed(result))
}

/// Removes the instance. Prints nothing, or what would change.
pub(super) fn delete(
    desired: &Desired,
    is_what_if: bool,
    log: &mut Log,
) -> Result<Vec<u8>, Failed> {
    let result = write(desired, Presence::Absent, is_what_if, log)?;
    Ok(if is_what_if { instance::deleted(&result, desired.is_secret()) } else { Vec::new() })
}

/// Reads the actual state.
fn read(desired: &Desired, log: &mut Log) -> Result<EngineResult, Failed> {
    let operation = desired.reading();
    let document = desired.document(Presence::Present, operation);
    checked(carry_out(&document, operation), log)
}

/// Writes the file, or checks what would be written.
fn write(
    desired: &Desired,
    presence: Presence,
    is_check: bool,
    log: &mut Log,
) -> Result<EngineResult, Failed> {
    let mut document = desired.document(presence, Operation::Set);
    document.check = is_check;
    let result = checked(carry_out(&document, Operation::Set), log)?;
    if result.blocked.is_empty() {
        return Ok(result);
    }
    log.blocked(&result);
    Err(Failed(EngineExit::Blocked.code()))
}

/// Logs the notices of a result and its error.
fn checked(result: EngineResult, log: &mut Log) -> Result<EngineResult, Failed> {
    log.notices(&result);
    failing(result, log)
}

/// Logs the error of a result.
fn failing(result: EngineResult, log: &mut Log) -> Result<EngineResult, Failed> {
    match &result.error {
        Some(error) => Err(Failed::of_row(error, log)),
        None => Ok(result),
    }
}
