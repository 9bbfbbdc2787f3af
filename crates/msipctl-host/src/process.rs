#![expect(
    clippy::disallowed_methods,
    reason = "only this module reads the environment of the process"
)]
//! The environment of the process: variables, program, and command line.

use std::io::{self, BufRead, IsTerminal, Read};
use std::path::PathBuf;

use msipctl_core::event::Invocation;
use msipctl_core::fleet::HostFacts;
use msipctl_core::store;
use msipctl_windows::{Folder, Hive, System};
use winini::CodePage;

/// The maximum number of bytes to read from standard input: more than any command that MicroSIP reads.
const MAX_INPUT: u64 = 1024 * 1024;

/// Returns the folders in `MSIPCTL_TEMPLATES`, and the one in the user's configuration.
pub fn template_folders() -> Vec<PathBuf> {
    let configured = std::env::var_os("MSIPCTL_TEMPLATES");
    let named = configured.iter().flat_map(std::env::split_paths);
    named.chain(config_folder().map(|folder| folder.join("templates"))).collect()
}

/// Returns the file of the user's configuration: the one in `MSIPCTL_CONFIG`, or by default `msipctl.toml` in the
/// system's folder for configuration.
pub fn config_file() -> Option<PathBuf> {
    named_config_file().or_else(|| Some(config_folder()?.join(CONFIG)))
}

/// Returns the configuration file in `MSIPCTL_CONFIG`.
pub fn named_config_file() -> Option<PathBuf> {
    std::env::var_os("MSIPCTL_CONFIG").filter(|named| !named.is_empty()).map(PathBuf::from)
}

/// The name of a configuration file.
pub const CONFIG: &str = "msipctl.toml";

fn config_folder() -> Option<PathBuf> {
    let home = if cfg!(windows) {
        std::env::var_os("APPDATA").map(PathBuf::from)
    } else {
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
        config.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
    };
    home.map(|home| home.join("msipctl"))
}

/// Returns the program that launchers start by default (`--msipctl` overrides it). On Windows, that's `msipctlw` next
/// to the running program, or the running program itself; elsewhere, the path where it's installed on Windows.
pub fn default_program() -> String {
    const INSTALLED: &str = r"C:\Program Files\msipctl\msipctl.exe";
    let running = if cfg!(windows) { std::env::current_exe().ok() } else { None };
    let program = running.map(|running| {
        let without_console = running.with_file_name("msipctlw.exe");
        if store::is_file(&without_console) { without_console } else { running }
    });
    let program = program.and_then(|path| path.into_os_string().into_string().ok());
    program.unwrap_or_else(|| INSTALLED.to_owned())
}

/// Returns the ANSI code page of the system, if it's a known one. Reads it from the registry, because Windows reports
/// only UTF-8 to a program whose manifest asks for that, as this one's does.
pub fn ansi_code_page(system: &dyn System) -> Option<CodePage> {
    const KEY: &str = r"SYSTEM\CurrentControlSet\Control\Nls\CodePage";
    let number = system.registry_text(Hive::LocalMachine, KEY, Some("ACP")).ok()??;
    CodePage::new(number.to_str()?.parse().ok()?)
}

/// Parses the command line of `hook run`, with the caller ID unchanged. On Windows, that's the text itself; elsewhere,
/// it's the arguments joined with spaces.
pub fn invocation() -> Option<Invocation> {
    #[cfg(windows)]
    return Invocation::parse(&msipctl_windows::command_line());
    #[cfg(not(windows))]
    {
        let words = std::env::args_os().skip(1);
        let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        Invocation::of_arguments(&words)
    }
}

/// Returns the process that started this one: MicroSIP, if this is a hook.
pub fn parent_process() -> Option<u32> {
    #[cfg(windows)]
    return msipctl_windows::parent_process();
    #[cfg(not(windows))]
    None
}

/// Reads standard input; from a terminal, one line.
pub fn standard_input() -> io::Result<Vec<u8>> {
    let mut input = io::stdin().lock();
    let mut bytes = Vec::new();
    if input.is_terminal() {
        input.read_until(b'\n', &mut bytes)?;
    } else {
        input.take(MAX_INPUT + 1).read_to_end(&mut bytes)?;
    }
    match bytes.len() as u64 {
        ..=MAX_INPUT => Ok(bytes),
        _ => Err(io::Error::other("the input is larger than 1 MiB")),
    }
}

/// Returns standard input, to be read as it comes.
pub fn input_stream() -> impl Read {
    io::stdin().lock()
}

/// Returns the arguments of this program without its name. An argument that isn't valid text is converted as closely as
/// possible.
pub fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// Returns the current folder.
pub fn folder() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// Changes to a folder.
pub fn go_to(folder: &str) -> io::Result<()> {
    std::env::set_current_dir(folder)
}

/// Returns the running program.
pub fn own_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// Returns the file to which failures of hooks are logged: the one in `MSIPCTL_HOOK_LOG`, or by default
/// `msipctl/hooks.ndjson` in the system's folder for local data.
pub fn journal(system: &dyn System) -> PathBuf {
    let named = std::env::var_os("MSIPCTL_HOOK_LOG").filter(|named| !named.is_empty());
    if let Some(named) = named {
        return PathBuf::from(named);
    }
    state_folder(system).unwrap_or_default().join("msipctl").join("hooks.ndjson")
}

/// Returns the folder for journals of runs over several files: the one in `MSIPCTL_RUNS`, or by default `msipctl/runs`
/// in the system's folder for local data. `None` if that's unknown.
pub fn runs_folder(system: &dyn System) -> Option<PathBuf> {
    let named = std::env::var_os("MSIPCTL_RUNS").filter(|named| !named.is_empty());
    named.map(PathBuf::from).or_else(|| Some(own_folder(system)?.join("runs")))
}

/// Returns the folder for plans that wait until MicroSIP exits: the one in `MSIPCTL_PENDING`, or by default
/// `msipctl/pending` in the system's folder for local data. `None` if that's unknown.
pub fn pending_folder(system: &dyn System) -> Option<PathBuf> {
    let named = std::env::var_os("MSIPCTL_PENDING").filter(|named| !named.is_empty());
    named.map(PathBuf::from).or_else(|| Some(own_folder(system)?.join("pending")))
}

/// Returns whether an environment variable has its value in each process that this user starts later, and not only in
/// this one: the registry has it.
pub fn is_lasting_variable(system: &dyn System, name: &str) -> bool {
    const MACHINE: &str = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
    let Some(value) = std::env::var_os(name) else { return false };
    let registered = |hive, key| system.registry_text(hive, key, Some(name)).ok().flatten();
    let lasting = registered(Hive::CurrentUser, "Environment");
    lasting.or_else(|| registered(Hive::LocalMachine, MACHINE)) == Some(value)
}

/// Returns the folder for msipctl's local data, which may not exist.
pub fn own_folder(system: &dyn System) -> Option<PathBuf> {
    state_folder(system).map(|folder| folder.join("msipctl"))
}

fn state_folder(system: &dyn System) -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        set("LOCALAPPDATA").or_else(|| system.folder(Folder::LocalAppData).ok())
    } else {
        set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local").join("state")))
    }
}

/// Returns an environment variable; `None` also if it isn't valid text.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns the names of the user and of the computer; empty if unknown.
pub fn user_and_host() -> (String, String) {
    let set = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    if cfg!(windows) {
        return (set("USERNAME").unwrap_or_default(), set("COMPUTERNAME").unwrap_or_default());
    }
    let user = set("USER").or_else(|| set("LOGNAME")).unwrap_or_default();
    #[cfg(unix)]
    return (user, rustix::system::uname().nodename().to_string_lossy().into_owned());
    #[cfg(not(unix))]
    (user, String::new())
}

/// Returns what a policy can depend on, with the program that launchers start.
pub fn facts(program: String) -> HostFacts {
    let (user, host) = user_and_host();
    HostFacts { user, host, program, env: variable }
}

#[cfg(test)]
mod tests {
    use super::*;
    use msipctl_windows::system;

    #[test]
    fn ansi_code_page_is_available_only_on_windows() {
        assert_eq!(ansi_code_page(system()).is_some(), cfg!(windows));
    }
}
