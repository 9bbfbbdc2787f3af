//! The one integration test program: each module is a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]
#![expect(clippy::disallowed_methods, reason = "tests make files and start the program")]

mod ansible;
#[cfg(unix)]
mod as_root;
mod bad_input;
mod capture;
mod check;
mod command_line;
#[cfg(target_os = "linux")]
mod crash;
mod cycles;
mod damage;
mod dead_hooks;
mod deferred;
mod dependencies;
mod dsc;
mod edit;
mod edit_cases;
mod engine;
mod engine_line;
#[cfg(windows)]
mod event;
#[cfg(windows)]
mod explain;
mod explain_page;
mod fleet;
mod fleet_library;
mod found_files;
mod generated;
mod hook;
mod hook_run;
mod hostile;
mod hostile_store;
#[cfg(windows)]
mod http;
mod invalid_output;
mod json;
#[cfg(unix)]
mod kills;
mod layering;
mod locate;
mod many;
mod merge;
#[cfg(windows)]
mod messages;
#[cfg(windows)]
mod oracle;
mod pages;
mod passwords;
mod phone;
mod policy;
#[cfg(windows)]
mod probe;
mod prose;
mod readme;
mod roundtrip;
mod runner;
#[cfg(windows)]
mod running;
mod runs;
mod safe_fixes;
mod second_opinion;
mod secret_columns;
mod secrets;
mod several_files;
mod shells;
mod show;
mod sink;
mod store;
mod suggestions;
mod templates;
#[cfg(unix)]
mod terminal;
mod unbounded;
mod unreadable;
#[cfg(target_os = "linux")]
mod untrusted_templates;
mod versions;
#[cfg(windows)]
mod windows_console;
mod windows_facts;
#[cfg(windows)]
mod windows_files;
mod workspace;
