//! The resources, and the operations that DSC has for them.

use std::str::FromStr;

use msipctl_core::engine::Error;

/// A resource of DSC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A key of MicroSIP.ini.
    Setting,
    /// A hook on one event.
    Hook,
    /// A policy that a MicroSIP.ini matches.
    Policy,
}

impl Resource {
    /// All resources.
    pub const ALL: [Self; 3] = [Self::Setting, Self::Hook, Self::Policy];

    /// Returns the name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Setting => "setting",
            Self::Hook => "hook",
            Self::Policy => "policy",
        }
    }

    /// Returns the type by which DSC finds the resource. It can't contain hyphens.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Setting => "Msipctl.MicroSIP/Setting",
            Self::Hook => "Msipctl.MicroSIP/Hook",
            Self::Policy => "Msipctl.MicroSIP/Policy",
        }
    }

    /// Returns whether the resource has the operation. A policy isn't an instance that could be listed or removed.
    pub fn supports(self, operation: Operation) -> bool {
        self != Self::Policy || !matches!(operation, Operation::Delete | Operation::Export)
    }

    /// Checks that the resource has the operation.
    pub(super) fn check(self, operation: Operation) -> Result<(), Error> {
        if self.supports(operation) {
            return Ok(());
        }
        let (resource, operation) = (self.type_name(), operation.name());
        let message = format!("`{resource}` doesn't support `{operation}`");
        Err(Error::usage(message).with_hint("use `get`, `test`, or `set`"))
    }
}

impl FromStr for Resource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_named = |resource: &Self| {
            [resource.name(), resource.type_name()].iter().any(|it| it.eq_ignore_ascii_case(text))
        };
        let found = Self::ALL.into_iter().find(is_named);
        found.ok_or_else(|| "expected `setting`, `hook`, or `policy`".to_owned())
    }
}

/// What DSC asks of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Report the actual state.
    Get,
    /// Compare the actual state with the desired one.
    Test,
    /// Make the actual state the desired one.
    Set,
    /// Remove the instance.
    Delete,
    /// List all instances.
    Export,
}

impl Operation {
    /// All operations.
    pub const ALL: [Self; 5] = [Self::Get, Self::Test, Self::Set, Self::Delete, Self::Export];

    /// Returns the name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Test => "test",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Export => "export",
        }
    }
}
