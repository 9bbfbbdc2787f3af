//! JSON Schemas of the output: types that only describe complete documents.

#![expect(dead_code, reason = "these types only describe documents")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// Returns the schema of a plan.
pub(crate) fn plan_schema() -> Value {
    schema_of::<Plan>()
}

/// Returns the schema of an audit.
pub(crate) fn report_schema() -> Value {
    schema_of::<Audit>()
}

/// Returns the schema of a row of an inventory.
pub(crate) fn inventory_schema() -> Value {
    schema_of::<InventoryRow>()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// What `msipctl plan` prints as JSON, and saves for `msipctl apply`.
#[derive(JsonSchema)]
#[schemars(title = "Plan of msipctl")]
struct Plan {
    /// The version of this schema.
    schema_version: One,
    /// The msipctl that created it.
    tool: String,
    /// The run.
    run: String,
    /// Whether nothing was written.
    dry_run: bool,
    /// The policy, as an absolute path.
    policy: String,
    /// The folder that the paths of files are relative to.
    folder: String,
    /// All files of the policy, and the inventories.
    sources: Vec<PlanSource>,
    /// What an edit may do to the encoding.
    encoding: String,
    /// Identifies the key of all digests. `apply` refuses the plan on another PC.
    key: OrNull<Hex>,
    /// One entry per file.
    files: Vec<PlannedFile>,
    /// The number of files in each state.
    summary: PlanSummary,
}

/// A file of the policy, or an inventory.
#[derive(JsonSchema)]
struct PlanSource {
    path: String,
    /// Identifies its bytes: a digest with a key that stays on the PC.
    digest: Hex,
    is_inventory: bool,
}

/// The planned edits of one file.
#[derive(JsonSchema)]
struct PlannedFile {
    /// The path as given.
    path: String,
    state: EditState,
    /// The keys that read differently afterwards, without those of hooks; secrets as `***`.
    changes: Vec<Change>,
    /// The hooks that change.
    hooks: Vec<HookChange>,
    /// Removed lines that Windows never read; secrets as `***`.
    removed_duplicates: Vec<RemovedDuplicate>,
    /// The backup that was created.
    backup: OrNull<String>,
    /// Why the file failed.
    error: OrNull<String>,
    /// The number of passwords that couldn't be verified, because MicroSIP encrypted them; missing for a file that failed.
    unverified: Option<u64>,
    /// The accounts that aren't written, because a constraint isn't met; missing for a file that failed.
    blocked: Option<Vec<BlockedAccount>>,
    /// Identifies the bytes of the file: a digest with a key that stays on the PC. `apply` refuses a file with other bytes.
    digest: OrNull<Hex>,
    /// Identifies the bytes of the file after the edits.
    digest_after: OrNull<Hex>,
    /// The line of the inventory that names the file.
    row: OrNull<String>,
    /// The edits, in order.
    edits: Vec<PlannedEdit>,
    /// The keys with secret values, other than keys that are secret by name.
    secret_keys: Vec<PlannedKey>,
}

/// An account that isn't written.
#[derive(JsonSchema)]
struct BlockedAccount {
    section: String,
    /// The constraint that isn't met.
    reason: String,
}

/// A key, without its value.
#[derive(JsonSchema)]
struct PlannedKey {
    section: String,
    key: String,
}

/// One edit: a key or a section, and the value that it must have, or that it must be absent.
#[derive(JsonSchema)]
struct PlannedEdit {
    section: String,
    /// The key; `null` for a complete section.
    key: OrNull<String>,
    /// The value; `null` for a secret, and for a key or section that must be absent.
    after: OrNull<String>,
    /// Where `apply` gets the secret.
    secret: OrNull<PlannedSecret>,
    /// The reason.
    reason: String,
}

/// A secret that isn't stored in the plan.
#[derive(JsonSchema)]
struct PlannedSecret {
    /// The place in the policy that says where to get it.
    from: OrNull<String>,
    /// Identifies the secret: a digest with a key that stays on the PC.
    digest: Hex,
}

/// A key that reads differently afterwards.
#[derive(JsonSchema)]
struct Change {
    section: String,
    key: String,
    before: OrNull<String>,
    after: OrNull<String>,
    kind: ChangeKind,
}

/// A hook that changes on one event.
#[derive(JsonSchema)]
struct HookChange {
    template: String,
    event: String,
    /// The key of the directive, or of a command that runs without msipctl.
    key: String,
    kind: ChangeKind,
    /// The directive or command; a secret as `***`.
    before: OrNull<String>,
    after: OrNull<String>,
}

/// A removed line that Windows never read: a duplicate of a key, or a key of a duplicate section.
#[derive(JsonSchema)]
struct RemovedDuplicate {
    /// The line number in the file before the edit, from 1.
    line: u64,
    section: String,
    key: String,
    value: String,
}

/// How a key changes.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// What happens to a file.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum EditState {
    Unchanged,
    Changed,
    Refused,
    Failed,
}

/// The number of files in each state.
#[derive(JsonSchema)]
struct PlanSummary {
    files: u64,
    changed: u64,
    unchanged: u64,
    failed: u64,
    /// The number of passwords that couldn't be verified; missing if all files failed.
    unverified: Option<u64>,
    /// The number of accounts that aren't written; missing if all files failed.
    blocked: Option<u64>,
}

/// What `msipctl audit` prints as JSON.
#[derive(JsonSchema)]
#[schemars(title = "Report of an audit by msipctl")]
struct Audit {
    /// The version of this schema.
    schema_version: One,
    /// The msipctl that created it.
    tool: String,
    /// All files of the policy.
    policy: Vec<String>,
    /// When the files were read, as RFC 3339 in UTC.
    time: String,
    /// One entry per file.
    files: Vec<AuditedFile>,
    /// The number of files in each state.
    summary: AuditSummary,
}

/// One file, compared with the policy.
#[derive(JsonSchema)]
struct AuditedFile {
    /// The path as given.
    path: String,
    state: AuditState,
    /// The keys and hooks that differ from the policy.
    drift: Vec<Drift>,
    /// The number of passwords that couldn't be verified, because MicroSIP encrypted them.
    unverified: u64,
    /// The keys and hooks of an earlier report that match now; `null` without one.
    resolved: OrNull<Vec<String>>,
    /// Why the file failed.
    error: OrNull<String>,
}

/// The state of a file.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum AuditState {
    InSync,
    Drifted,
    Failed,
}

/// A hook that differs from the policy.
#[derive(JsonSchema)]
struct HookDrift {
    template: String,
    event: String,
    problem: HookProblem,
}

/// What is wrong with a hook.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum HookProblem {
    /// The event has no such hook.
    Missing,
    /// The event has the hook, with another directive or command.
    Different,
    /// MicroSIP doesn't start the hook: its launcher is missing or different.
    NoLauncher,
    /// The hook can't be added. `expected` says why.
    Blocked,
}

/// A key or hook that differs from the policy.
#[derive(JsonSchema)]
struct Drift {
    section: String,
    /// The key; for a hook, the key of its directive or command.
    key: String,
    /// The hook; `null` for a key that isn't part of a hook.
    hook: OrNull<HookDrift>,
    /// The expected value or constraint, for people; a secret as `***`.
    expected: String,
    /// The actual value; `null` if not set, a secret as `***`.
    actual: OrNull<String>,
    /// Its line, from 1.
    line: OrNull<u64>,
    /// The place in the policy.
    policy: String,
    /// Whether an earlier report has it, too; `null` without one.
    since: OrNull<Since>,
}

/// Whether an earlier report has the drift.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Since {
    New,
    Known,
}

/// The number of files in each state.
#[derive(JsonSchema)]
struct AuditSummary {
    files: u64,
    in_sync: u64,
    drifted: u64,
    failed: u64,
    /// The number of passwords that couldn't be verified, because MicroSIP encrypted them. They don't count in the score.
    unverified: u64,
    /// The percentage of verified values that match the policy.
    score: OrNull<f64>,
    /// The percentage of files that were compared with the policy.
    coverage: OrNull<f64>,
    /// The number of drifted keys and hooks that an earlier report doesn't have; `null` without one.
    new: OrNull<u64>,
    /// The number of keys and hooks of an earlier report that match now; `null` without one.
    resolved: OrNull<u64>,
}

/// One row of an inventory, a CSV file: its first line names the columns.
#[derive(JsonSchema)]
#[schemars(title = "Row of an inventory for msipctl")]
struct InventoryRow {
    /// The MicroSIP.ini: a path, or a pattern with `*` and `?`.
    #[schemars(length(min = 1))]
    ini: String,
    /// The user that `[match]` compares with.
    #[schemars(default)]
    user: String,
    /// The computer that `[match]` compares with.
    #[schemars(default)]
    host: String,
    /// Policies read any other column as `row.NAME`.
    #[schemars(flatten)]
    others: BTreeMap<String, String>,
}

/// The number 1.
struct One;

/// A digest in hex digits.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Hex(#[schemars(regex(pattern = r"^[0-9a-f]{64}$"))] String);

/// A field that is always present and can be `null`.
struct OrNull<T>(T);

impl JsonSchema for One {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "One".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}

impl<T: JsonSchema> JsonSchema for OrNull<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}
