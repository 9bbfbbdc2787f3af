//! Carries out an operation on this computer.

use crate::defer::defer;
use msipctl_core::engine::{
    self, EngineResult, Error, Host, Operation, StateDocument, WhileRunning,
};
use msipctl_core::hook::Catalogue;
use msipctl_core::phone;
use msipctl_host::{HostError, catalogue, has_program, installed_program, process};
use winini::CodePage;

/// Carries out an operation for a state document, as [`carry_out`] does. Tests replace it.
pub(crate) type CarryOut<'c> = dyn Fn(&StateDocument, Operation) -> EngineResult + 'c;

/// Carries out an operation for a state document, with what this process knows about itself and its computer. It never
/// fails: an error is a result with `error`.
pub fn carry_out(document: &StateDocument, operation: Operation) -> EngineResult {
    let templates = match templates(document) {
        Ok(templates) => templates,
        Err(error) => {
            let path = document.path.display().to_string();
            return EngineResult::failed(path, &error);
        }
    };
    let system = msipctl_windows::system();
    let host = Host {
        facts: process::facts(installed_program(system)),
        templates: &templates,
        code_page: code_page(),
        system,
        phone: phone::phone(),
        has_program,
    };
    let result = engine::run(document, operation, &host);
    match result.queueable() {
        Some(_) if document.options.if_running == WhileRunning::Defer => {
            defer(document, result, &host)
        }
        _ => result,
    }
}

/// Returns the code page of files in a legacy encoding: the one of the system.
pub fn code_page() -> CodePage {
    process::ansi_code_page(msipctl_windows::system()).unwrap_or(CodePage::WESTERN)
}

/// Returns the templates. Reads folders only if the state document needs templates.
fn templates(document: &StateDocument) -> Result<Catalogue, Error> {
    if document.hooks.is_empty() && document.policy.is_none() {
        return Ok(Catalogue::shipped());
    }
    // The document, which is checked later, must not name a relative folder.
    let folders = document.options.template_dirs.iter().filter(|folder| folder.is_absolute());
    let folders: Vec<_> = folders.cloned().collect();
    catalogue(&folders).map_err(|error| match error {
        HostError::Store(error) => error.into(),
        error => Error::runtime(error.to_string()),
    })
}
