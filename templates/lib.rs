//! The built-in templates of msipctl, as text.
//!
//! `hook/` contains one template for each way to react to a call. `integration/` contains one folder of sample files for each
//! program that works with MicroSIP.
//!
//! # Example
//!
//! ```
//! let (name, text) = msipctl_templates::HOOKS[0];
//! assert_eq!(name, "autohotkey");
//! assert!(text.contains("[template]"));
//! ```

#![forbid(unsafe_code)]

/// The name and text of each hook template, sorted by name.
pub const HOOKS: &[(&str, &str)] = &[
    ("autohotkey", include_str!("hook/autohotkey.ini")),
    ("call-log", include_str!("hook/call-log.ini")),
    ("copy-data", include_str!("hook/copy-data.ini")),
    ("http-event", include_str!("hook/http-event.ini")),
    ("native-command", include_str!("hook/native-command.ini")),
    ("open-url", include_str!("hook/open-url.ini")),
    ("post-message", include_str!("hook/post-message.ini")),
    ("powershell-file", include_str!("hook/powershell-file.ini")),
    ("python-script", include_str!("hook/python-script.ini")),
    ("run-program", include_str!("hook/run-program.ini")),
    ("send-message", include_str!("hook/send-message.ini")),
    ("toast", include_str!("hook/toast.ini")),
    ("udp", include_str!("hook/udp.ini")),
];

/// Includes the files of one integration.
macro_rules! integration {
    ($name:literal: $($file:literal),+) => {
        Integration {
            name: $name,
            description: include_str!(concat!("integration/", $name, "/integration.ini")),
            files: &[$(($file, include_str!(concat!("integration/", $name, "/", $file)))),+],
        }
    };
}

/// The integrations, sorted by name.
pub const INTEGRATIONS: &[Integration] = &[
    integration!("autohotkey-receiver": "receiver.ahk"),
    integration!("batch-dialer": "dial.bat"),
    integration!("csharp-receiver": "Receiver.cs"),
    integration!("home-assistant": "configuration.yaml", "microsip_dial.bat"),
    integration!("python-receiver": "receiver.py"),
    integration!("toast-script": "toast.ps1"),
];

/// Sample files for one program that works with MicroSIP, from `integration/<name>/`.
#[derive(Debug, Clone, Copy)]
pub struct Integration {
    /// The name of its folder.
    pub name: &'static str,
    /// The text of `integration.ini`, which describes it and its parameters.
    pub description: &'static str,
    /// The name and text of each other file, sorted by name.
    pub files: &'static [(&'static str, &'static str)],
}
