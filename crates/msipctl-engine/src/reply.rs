//! What a contract answers: the exact bytes of both streams, and the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use msipctl_core::engine::EngineResult;

/// The answer of a contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The bytes for standard output.
    pub stdout: Vec<u8>,
    /// The bytes for standard error. Most engines expect none.
    pub stderr: Vec<u8>,
    /// The exit code.
    pub code: u8,
}

impl Reply {
    /// Answers with the result of an operation. `is_test` makes a difference count as exit code 1.
    pub fn of_result(result: &EngineResult, is_test: bool) -> Self {
        let code = result.exit(is_test).code();
        Self { stdout: result.to_line(), stderr: Vec::new(), code }
    }

    /// Answers with a text, and success.
    pub fn of_text(text: &str) -> Self {
        Self { stdout: text.into(), ..Self::default() }
    }

    /// Answers with a text about invalid arguments on standard error.
    pub fn of_usage(text: &str) -> Self {
        Self { stderr: text.into(), code: 2, ..Self::default() }
    }

    /// Writes both streams, and returns the exit code: 2 if standard output can't be written.
    pub fn write(&self) -> ExitCode {
        let put = |out: &mut dyn Write, bytes: &[u8]| match bytes {
            [] => Ok(()),
            bytes => out.write_all(bytes).and_then(|()| out.flush()),
        };
        let written = put(&mut io::stdout().lock(), &self.stdout);
        // An engine that closed standard error doesn't read it.
        let _ = put(&mut io::stderr().lock(), &self.stderr);
        ExitCode::from(if written.is_ok() { self.code } else { 2 })
    }
}
