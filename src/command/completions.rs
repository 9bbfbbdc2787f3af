//! `completions`: prints a completion script for a shell.

use clap::Args;
use clap_complete::Shell;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  # PowerShell: add this line to your profile (run `notepad $PROFILE` to edit it)
  msipctl completions powershell | Out-String | Invoke-Expression
  # bash: add this line to ~/.bashrc
  source <(msipctl completions bash)
  # zsh: add this line to ~/.zshrc, after `autoload -U compinit && compinit`
  source <(msipctl completions zsh)
  # fish: save the script
  msipctl completions fish > ~/.config/fish/completions/msipctl.fish
  # elvish: add this line to ~/.config/elvish/rc.elv
  eval (msipctl completions elvish | slurp)";

/// Generate a shell completion script
///
/// The examples show the line for each shell. Open a new shell afterward. You can also append the script itself to a profile that
/// isn't empty.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// Shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the script for a command line.
    pub(super) fn run(
        &self,
        out: &mut Output,
        mut described: clap::Command,
    ) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut described, "msipctl", &mut script);
        match self.shell {
            Shell::PowerShell => out.generated(&without_using(&script)),
            _ => out.generated(&script),
        }
        Ok(Exit::Success)
    }
}

/// The types of the PowerShell script, with the namespaces that its `using` lines import.
const TYPES: &[(&str, &str)] = &[
    ("CompletionResult", "System.Management.Automation"),
    ("CompletionResultType", "System.Management.Automation"),
    ("StringConstantExpressionAst", "System.Management.Automation.Language"),
    ("StringConstantType", "System.Management.Automation.Language"),
];

/// Returns the PowerShell script with the full names of types, and without `using` lines. PowerShell accepts those only as the
/// first lines of a profile.
fn without_using(script: &[u8]) -> Vec<u8> {
    let script = String::from_utf8_lossy(script);
    let lines = script.lines().filter(|line| !line.trim_start().starts_with("using namespace "));
    let mut text: String = lines.flat_map(|line| [line, "\n"]).collect();
    for (name, namespace) in TYPES {
        text = text.replace(&format!("[{name}]"), &format!("[{namespace}.{name}]"));
    }
    text.trim_start().as_bytes().to_vec()
}
