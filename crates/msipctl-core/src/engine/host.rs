//! What an operation can depend on besides the state document and the file.

use super::state::StateDocument;
use crate::fleet::HostFacts;
use crate::hook::Catalogue;
use crate::locate;
use crate::phone::Phone;
use microsip_schema::Version;
use msipctl_windows::System;
use winini::{CodePage, Document};

/// What to do with a state document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Report the state of the stated keys and hooks.
    Get,
    /// Compare the file with the desired state.
    Test,
    /// Make the file match the desired state.
    Set,
}

/// What an operation can depend on besides the state document and the file.
pub struct Host<'h> {
    /// The user, the computer, and the program that launchers start.
    pub facts: HostFacts,
    /// The templates for hooks.
    pub templates: &'h Catalogue,
    /// The code page of files in a legacy encoding.
    pub code_page: CodePage,
    /// The system, for running processes.
    pub system: &'static dyn System,
    /// The interface that makes MicroSIP exit and starts it again.
    pub phone: &'static dyn Phone,
    /// Returns whether a program that a launcher starts exists. Where that's unknown, it returns `true`.
    pub has_program: fn(&str) -> bool,
}

impl StateDocument {
    /// Returns the code page of the file.
    pub(super) fn code_page(&self, host: &Host<'_>) -> CodePage {
        self.options.ansi_code_page.and_then(CodePage::new).unwrap_or(host.code_page)
    }

    /// Returns the target version for the file.
    pub(super) fn target_version(&self, file: &Document, host: &Host<'_>) -> Version {
        // Only Windows can report the version of a program next to the file.
        let of_program = || match cfg!(windows) {
            true => locate::version_of(host.system, &self.path),
            false => None,
        };
        let asked = self.options.microsip.or_else(of_program);
        asked.or_else(|| locate::written_by(file)).unwrap_or(Version::NEWEST)
    }
}
