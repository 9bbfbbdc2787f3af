//! The purpose of reading a file: the maximum length for each kind, and what to do about a longer one.

/// The purpose of reading a file, except a MicroSIP.ini that is edited or checked ([`LIMIT`](super::LIMIT)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A policy in TOML.
    Policy,
    /// A MicroSIP.ini that is used as a policy.
    GoldenFile,
    /// The file of a secret.
    Secret,
    /// An inventory.
    Inventory,
    /// A template.
    Template,
    /// A report that an earlier run printed as JSON: a baseline, or the report that an audit is compared with.
    Report,
    /// A saved plan.
    Plan,
    /// The configuration file `msipctl.toml`.
    Config,
    /// The arguments that an engine passes in a file.
    Arguments,
}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

impl Input {
    /// Returns the maximum length in bytes.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::store::Input;
    ///
    /// assert_eq!(Input::Policy.limit(), 4 * 1024 * 1024);
    /// ```
    pub const fn limit(self) -> u64 {
        match self {
            Self::Policy | Self::Arguments => 4 * MIB,
            Self::GoldenFile => 8 * MIB,
            Self::Secret => 64 * KIB,
            Self::Inventory => 16 * MIB,
            Self::Template => 32 * KIB,
            Self::Report | Self::Plan => 128 * MIB,
            Self::Config => MIB,
        }
    }

    /// Returns what to do about a longer one.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Policy => "split the policy into files, and list them in `extends`",
            Self::GoldenFile => "check that this is the MicroSIP.ini of a configured phone",
            Self::Secret => "check the path; the file of a secret contains one line",
            Self::Inventory => "split the inventory, and run msipctl once for each part",
            Self::Template => {
                "check that this is a template; it contains one line and its parameters"
            }
            Self::Report => {
                "create one report for each part of the files, and use it for that part"
            }
            Self::Plan => "create one plan for each part of the files",
            Self::Config => "check that this is a msipctl.toml",
            Self::Arguments => "copy large texts, such as a policy, to a file on the target",
        }
    }
}
