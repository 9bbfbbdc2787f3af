//! The completion scripts, each in its shell if that is installed, and the syntax of PowerShell's script.

#[cfg(unix)]
use std::io::Write as _;
#[cfg(unix)]
use std::process::{Command, Stdio};

use crate::runner::Folder;
#[cfg(unix)]
use crate::runner::say;

/// Runs lines in a shell where `msipctl` is on the path, and returns what it prints; `None` if the shell isn't installed.
#[cfg(unix)]
fn in_shell(folder: &Folder, shell: &[&str], lines: &str) -> Option<String> {
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_msipctl")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).current_dir(folder.path()).env_clear();
    command.env("HOME", folder.path()).env("PATH", path).env("TERM", "dumb");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        say(&format!("not run: completions in {} (not installed)", shell[0]));
        return None;
    };
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {out}{err}", shell[0]);
    assert_eq!(err, "", "{}", shell[0]);
    Some(out.into_owned())
}

/// Returns the line of a shell in the help of `completions`.
fn line(folder: &Folder, shell: &str) -> String {
    let help = folder.run(&["completions", "--help"]).code(0).out();
    let command = format!("msipctl completions {shell}");
    let line =
        help.lines().find(|line| line.contains(&command)).unwrap_or_else(|| panic!("{help}"));
    line.trim().to_owned()
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_with_the_line_of_the_help() {
    let folder = Folder::new();
    let complete = "COMP_WORDS=(msipctl che); COMP_CWORD=1; _msipctl msipctl che msipctl; echo \"${COMPREPLY[*]}\"\n";
    let lines = format!("set -eu\n{}\n{complete}", line(&folder, "bash"));
    if let Some(out) = in_shell(&folder, &["bash", "--norc"], &lines) {
        assert_eq!(out, "check\n");
    }
}

#[cfg(unix)]
#[test]
fn zsh_loads_the_completions_with_the_line_of_the_help() {
    let folder = Folder::new();
    let lines = format!(
        "autoload -U compinit && compinit -u\n{}\necho $_comps[msipctl]\n",
        line(&folder, "zsh")
    );
    if let Some(out) = in_shell(&folder, &["zsh", "-f"], &lines) {
        assert_eq!(out, "_msipctl\n");
    }
}

#[cfg(unix)]
#[test]
fn fish_completes_commands_with_the_line_of_the_help() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.file(".config/fish/completions")).unwrap();
    let lines = format!("{}\ncomplete -C 'msipctl che'\n", line(&folder, "fish"));
    if let Some(out) = in_shell(&folder, &["fish", "--private"], &lines) {
        assert!(out.lines().any(|line| line.starts_with("check\t")), "{out}");
    }
}

#[test]
fn powershell_script_is_valid_after_other_lines_of_a_profile() {
    let folder = Folder::new();
    assert!(line(&folder, "powershell").ends_with(" | Out-String | Invoke-Expression"));
    let script = folder.run(&["completions", "powershell"]).code(0).out();
    // `using` is valid only before all other statements.
    let mut statements = script.lines().map(str::trim_start);
    assert!(statements.all(|line| !line.starts_with("using ")), "{script}");
    // Without `using`, types need their full names.
    let code = without_strings(&script);
    let types = code.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    let types = types.map(|(name, _)| name);
    let types: Vec<_> = types.filter(|name| !name.starts_with('$')).collect();
    assert!(types.len() > 100, "{types:?}");
    for name in types {
        assert!(name.starts_with("System.Management.Automation."), "[{name}]");
    }
    // Every bracket is closed, outside of strings.
    let mut open = Vec::new();
    for character in code.chars() {
        match character {
            '(' | '[' | '{' => open.push(character),
            ')' => assert_eq!(open.pop(), Some('(')),
            ']' => assert_eq!(open.pop(), Some('[')),
            '}' => assert_eq!(open.pop(), Some('{')),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
    // A line without an ending would join the next line of the profile.
    assert!(script.ends_with("}\n"), "{script}");
}

/// Removes the single-quoted strings of a PowerShell script, in which `''` is a quote.
fn without_strings(script: &str) -> String {
    let parts: Vec<_> = script.split('\'').collect();
    assert!(parts.len() % 2 == 1, "a string isn't closed");
    parts.into_iter().step_by(2).collect()
}

#[cfg(unix)]
#[test]
fn powershell_loads_the_script_in_a_profile_that_is_not_empty() {
    let folder = Folder::new();
    let script = folder.run(&["completions", "powershell"]).code(0).out();
    folder.write("profile.ps1", format!("$before = 1\n{script}$after = 2\n"));
    let lines =
        "& ./profile.ps1\n(TabExpansion2 'msipctl che' 11).CompletionMatches.CompletionText\n";
    if let Some(out) = in_shell(&folder, &["pwsh", "-NoProfile", "-Command", "-"], lines) {
        assert_eq!(out.trim(), "check");
    }
}
