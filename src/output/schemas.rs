//! JSON Schemas of what is printed: the form of whole documents, in types that serve only for this.

#![expect(dead_code, reason = "these types describe a form and hold nothing")]

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
    /// The version of this form.
    schema_version: One,
    /// The msipctl that made it.
    tool: String,
    /// The run.
    run: String,
    /// Whether nothing was written.
    dry_run: bool,
    /// The policy, as a whole path.
    policy: String,
    /// The folder that the paths of files are seen from.
    folder: String,
    /// All files that the policy consists of, and the inventories.
    sources: Vec<PlanSource>,
    /// What an edit may do to the encoding.
    encoding: String,
    /// What the key of all digests is recognized by; `apply` refuses the plan on another computer.
    key: OrNull<Hex>,
    /// One a file.
    files: Vec<PlannedFile>,
    /// How many files there are of each state.
    summary: PlanSummary,
}

/// A file that the policy or the inventory consists of.
#[derive(JsonSchema)]
struct PlanSource {
    path: String,
    /// What its bytes are recognized by: a digest with a key that stays on the computer.
    digest: Hex,
    is_inventory: bool,
}

/// What is to be done with one file.
#[derive(JsonSchema)]
struct PlannedFile {
    /// The path as given.
    path: String,
    state: EditState,
    /// The keys that read differently afterwards; secrets as `***`.
    changes: Vec<Change>,
    /// Removed lines that Windows never read; secrets as `***`.
    removed_duplicates: Vec<RemovedDuplicate>,
    /// The backup that was made.
    backup: OrNull<String>,
    /// What is wrong.
    error: OrNull<String>,
    /// How many passwords could not be verified, because MicroSIP encrypted them; not for a file that failed.
    unverified: Option<u64>,
    /// The accounts that are not written, because a constraint is not met; not for a file that failed.
    blocked: Option<Vec<BlockedAccount>>,
    /// What the file that the plan was made of is recognized by: a digest with a key that stays on the computer. `apply`
    /// refuses another file.
    digest: OrNull<Hex>,
    /// The same for the file as it is afterwards.
    digest_after: OrNull<Hex>,
    /// The line of the inventory that names the file.
    row: OrNull<String>,
    /// The edits, in order.
    edits: Vec<PlannedEdit>,
    /// The keys whose values are never shown, besides those that are secret by name.
    secret_keys: Vec<PlannedKey>,
}

/// An account that is not written.
#[derive(JsonSchema)]
struct BlockedAccount {
    section: String,
    /// Which constraint is not met.
    reason: String,
}

/// A key, without its value.
#[derive(JsonSchema)]
struct PlannedKey {
    section: String,
    key: String,
}

/// One edit: a key, or a section as a whole, that shall read so, or not be there.
#[derive(JsonSchema)]
struct PlannedEdit {
    section: String,
    /// The key; `null` for a section as a whole.
    key: OrNull<String>,
    /// The value; `null` for a secret, and for what shall not be there.
    after: OrNull<String>,
    /// How a secret is had again.
    secret: OrNull<PlannedSecret>,
    /// Why.
    reason: String,
}

/// A secret that is not in the plan.
#[derive(JsonSchema)]
struct PlannedSecret {
    /// Where the policy says how to get it.
    from: OrNull<String>,
    /// What it is known again by: a digest with a key that stays on the computer.
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

/// What becomes of a file.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum EditState {
    Unchanged,
    Changed,
    Refused,
    Failed,
}

/// How many files there are of each state.
#[derive(JsonSchema)]
struct PlanSummary {
    files: u64,
    changed: u64,
    unchanged: u64,
    failed: u64,
    /// How many passwords could not be verified; not if all files failed.
    unverified: Option<u64>,
    /// How many accounts are not written; not if all files failed.
    blocked: Option<u64>,
}

/// What `msipctl audit` prints as JSON.
#[derive(JsonSchema)]
#[schemars(title = "Report of an audit by msipctl")]
struct Audit {
    /// The version of this form.
    schema_version: One,
    /// The msipctl that made it.
    tool: String,
    /// All files that the policy consists of.
    policy: Vec<String>,
    /// When the files were read, as RFC 3339 in UTC.
    time: String,
    /// One a file.
    files: Vec<AuditedFile>,
    /// How many files there are of each state.
    summary: AuditSummary,
}

/// How far one file is from the policy.
#[derive(JsonSchema)]
struct AuditedFile {
    /// The path as given.
    path: String,
    state: AuditState,
    /// The keys that are not as the policy wants them.
    drift: Vec<Drift>,
    /// How many values can't be verified: MicroSIP encrypted the password, or the secret isn't available.
    unverified: u64,
    /// The keys whose secrets aren't available.
    missing_secrets: Vec<MissingSecret>,
    /// The keys that an earlier report has and that are as wanted now; `null` without one.
    resolved: OrNull<Vec<String>>,
    /// What is wrong.
    error: OrNull<String>,
}

/// One key that isn't verified, because its secret isn't available.
#[derive(JsonSchema)]
struct MissingSecret {
    section: String,
    key: String,
    /// Why the secret isn't available.
    reason: String,
    /// The location in the policy.
    policy: String,
}

/// How a file is.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum AuditState {
    InSync,
    Drifted,
    Failed,
}

/// A key that is not as the policy wants it.
#[derive(JsonSchema)]
struct Drift {
    section: String,
    key: String,
    /// What was expected, for people; a secret as `***`.
    expected: String,
    /// The value that stands there; `null` when not set, a secret as `***`.
    actual: OrNull<String>,
    /// Its line, from 1.
    line: OrNull<u64>,
    /// Where the policy says so.
    policy: String,
    /// Whether an earlier report has it, too; `null` without one.
    since: OrNull<Since>,
}

/// Whether drift is new against an earlier report.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Since {
    New,
    Known,
}

/// How many files there are of each state.
#[derive(JsonSchema)]
struct AuditSummary {
    files: u64,
    in_sync: u64,
    drifted: u64,
    failed: u64,
    /// How many passwords could not be verified, because MicroSIP encrypted them. They don't count in the score.
    unverified: u64,
    /// The share of the wanted values that are as wanted, of those that could be judged, in per cent.
    score: OrNull<f64>,
    /// The share of the files that could be judged, in per cent.
    coverage: OrNull<f64>,
    /// How many keys drifted that an earlier report does not have; `null` without one.
    new: OrNull<u64>,
    /// How many keys of an earlier report are as wanted now.
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
    /// Any further columns are known to policies as `row.NAME`.
    #[schemars(flatten)]
    others: BTreeMap<String, String>,
}

/// The number 1.
struct One;

/// A digest in hex digits.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Hex(#[schemars(regex(pattern = r"^[0-9a-f]{64}$"))] String);

/// What is always there and may be `null`.
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
