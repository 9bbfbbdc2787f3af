//! The desired state of an instance of any resource.

use super::hook::DesiredHook;
use super::instance::Instance;
use super::policy::DesiredPolicy;
use super::properties::Properties;
use super::resource::Resource;
use super::setting::DesiredSetting;
use msipctl_core::engine::{EngineResult, Error, Operation, Presence, StateDocument};

/// The desired state of an instance.
#[derive(Debug)]
pub(super) enum Desired {
    Setting(DesiredSetting),
    Hook(DesiredHook),
    Policy(DesiredPolicy),
}

impl Desired {
    /// Reads the desired state of a resource.
    pub(super) fn of(resource: Resource, properties: Properties) -> Result<Self, Error> {
        Ok(match resource {
            Resource::Setting => Self::Setting(DesiredSetting::of(properties)?),
            Resource::Hook => Self::Hook(DesiredHook::of(properties)?),
            Resource::Policy => Self::Policy(DesiredPolicy::of(properties)?),
        })
    }

    /// Returns whether the instance is expected to exist.
    pub(super) fn presence(&self) -> Presence {
        match self {
            Self::Setting(setting) => setting.presence,
            Self::Hook(hook) => hook.presence,
            Self::Policy(_) => Presence::Present,
        }
    }

    /// Returns whether all values are secret: a policy that DSC passes as secureString may contain secrets anywhere.
    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Self::Policy(policy) if policy.is_secret())
    }

    /// Returns the state document for an operation of the engine core.
    pub(super) fn document(&self, presence: Presence, operation: Operation) -> StateDocument {
        match self {
            Self::Setting(setting) => setting.document(presence, operation == Operation::Get),
            Self::Hook(hook) => hook.document(presence),
            Self::Policy(policy) => policy.document(),
        }
    }

    /// Returns the operation that reads the state. A policy has no state without a comparison.
    pub(super) fn reading(&self) -> Operation {
        match self {
            Self::Policy(_) => Operation::Test,
            _ => Operation::Get,
        }
    }

    /// Returns the state of the instance.
    pub(super) fn instance(&self, result: &EngineResult) -> Instance {
        match self {
            Self::Setting(setting) => setting.instance(result),
            Self::Hook(hook) => hook.instance(result),
            Self::Policy(policy) => policy.instance(result),
        }
    }

    /// Returns the properties that differ from the desired state.
    pub(super) fn differing(&self, result: &EngineResult) -> Vec<&'static str> {
        match self {
            Self::Setting(setting) => setting.differing(result),
            Self::Hook(hook) => hook.differing(result),
            Self::Policy(policy) => policy.differing(result),
        }
    }

    /// Returns the properties that `set` changed, or would change.
    pub(super) fn changed(&self, result: &EngineResult) -> Vec<&'static str> {
        match self {
            Self::Setting(setting) => setting.changed(result),
            Self::Hook(hook) => hook.changed(result),
            Self::Policy(policy) => policy.changed(result),
        }
    }
}
