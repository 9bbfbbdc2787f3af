//! JSON Schemas of the documents that msipctl prints and reads, generated from types that have no other purpose.

#![expect(dead_code, reason = "these types only describe schemas")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// Returns the schema of a plan.
pub(crate) fn plan_schema() -> Value {
    schema_of::<Plan>()
}

/// Returns the schema of the pending plans.
pub(crate) fn pending_schema() -> Value {
    schema_of::<Pending>()
}

/// Returns the schema of an audit report.
pub(crate) fn report_schema() -> Value {
    schema_of::<Audit>()
}

/// Returns the schema of an inventory row.
pub(crate) fn inventory_schema() -> Value {
    schema_of::<InventoryRow>()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// A plan: the changes that a policy would make, as `msipctl plan` prints it as JSON and saves it for `msipctl apply`.
#[derive(JsonSchema)]
#[schemars(title = "Plan of msipctl")]
struct Plan {
    /// The version of this format.
    schema_version: One,
    /// The name and version of the msipctl that created the plan.
    tool: String,
    /// The ID of the run.
    run: String,
    /// Whether the run was a dry run, which writes nothing.
    dry_run: bool,
    /// The full path of the policy.
    policy: String,
    /// The folder that relative file paths start from.
    folder: String,
    /// All files of the policy, and the inventories.
    sources: Vec<PlanSource>,
    /// How edits may change the encoding of a file.
    encoding: String,
    /// The fingerprint of the key that was used for all digests. `apply` rejects the plan on another PC.
    key: OrNull<Hex>,
    /// The planned changes, one entry per file.
    files: Vec<PlannedFile>,
    /// The number of files in each state.
    summary: PlanSummary,
}

/// The plans that wait until MicroSIP exits, as `msipctl status` and `msipctl apply --pending` print them as JSON.
#[derive(JsonSchema)]
#[schemars(title = "Pending plans of msipctl")]
struct Pending {
    /// The version of this format.
    schema_version: One,
    /// The name and version of the msipctl that printed the plans.
    tool: String,
    /// The plans, oldest first. Each is about one file.
    plans: Vec<PendingPlan>,
    /// The number of plans.
    summary: PendingSummary,
}

/// A plan that waits until MicroSIP exits.
#[derive(JsonSchema)]
struct PendingPlan {
    /// The ID of the run that applies the plan.
    run: String,
    /// The full path of the file, or `null` if the plan is invalid.
    path: OrNull<String>,
    /// The state of the plan.
    state: PendingState,
    /// When the plan was queued, as RFC 3339 in UTC.
    created: OrNull<String>,
    /// When the plan expires, as RFC 3339 in UTC.
    expires: OrNull<String>,
    /// The command that queued the plan.
    command: OrNull<String>,
    /// The full path of the policy.
    policy: OrNull<String>,
    /// The names of the keys that the plan changes. A section as a whole is in brackets.
    keys: Vec<String>,
    /// The processes that use the file.
    waits_for: Vec<WaitingProcess>,
    /// How often msipctl tried to apply the plan.
    attempts: u64,
    /// Why the last try failed, or why the plan is invalid.
    last_error: OrNull<String>,
}

/// A process that uses a file.
#[derive(JsonSchema)]
struct WaitingProcess {
    /// The file name of the program.
    name: String,
    /// The process ID.
    id: u32,
}

/// The state of a pending plan.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum PendingState {
    /// `apply --pending` applied the plan.
    Applied,
    /// `apply --pending` removed the plan, because the file already matched.
    Unchanged,
    /// Another msipctl is applying the plan.
    InProgress,
    /// The plan waits until its file is free.
    Waiting,
    /// The plan failed. msipctl tries again.
    Failed,
    /// The file or the policy no longer fits the plan. msipctl doesn't try again.
    Conflict,
    /// A secret was changed after the plan was queued. msipctl doesn't try again.
    BlockedSecret,
    /// The plan expired.
    Expired,
    /// msipctl doesn't use the plan, because its file is damaged or foreign.
    Invalid,
}

/// The number of pending plans.
#[derive(JsonSchema)]
struct PendingSummary {
    /// The number of plans.
    plans: u64,
    /// The number of plans that failed, are in conflict, blocked, expired, or invalid.
    problems: u64,
}

/// A file of the policy, or an inventory.
#[derive(JsonSchema)]
struct PlanSource {
    /// The path of the file.
    path: String,
    /// A digest of the content, computed with a key that never leaves the PC.
    digest: Hex,
    /// Whether the file is an inventory.
    is_inventory: bool,
}

/// The planned changes for one file.
#[derive(JsonSchema)]
struct PlannedFile {
    /// The path as it was given.
    path: String,
    /// The result for the file.
    state: EditState,
    /// The keys whose values change, without those of hooks. Secrets are shown as `***`.
    changes: Vec<Change>,
    /// The hooks that change.
    hooks: Vec<HookChange>,
    /// Removed lines that Windows never read. Secrets are shown as `***`.
    removed_duplicates: Vec<RemovedDuplicate>,
    /// The ID of the backup that was created.
    backup: OrNull<String>,
    /// The error message, if the file failed.
    error: OrNull<String>,
    /// The number of passwords that couldn't be verified, because MicroSIP encrypted them. Missing if the file failed.
    unverified: Option<u64>,
    /// The accounts that aren't written, because they violate a constraint. Missing if the file failed.
    blocked: Option<Vec<BlockedAccount>>,
    /// A digest of the file when the plan was created, computed with a key that never leaves the PC. `apply` rejects a file
    /// that has changed.
    digest: OrNull<Hex>,
    /// A digest of the file after the edits, computed in the same way.
    digest_after: OrNull<Hex>,
    /// The inventory lines that list the file: several if each of them is an account of it.
    rows: Vec<String>,
    /// The edits, in order.
    edits: Vec<PlannedEdit>,
    /// Additional keys whose values are never shown. Keys that are secret because of their name aren't listed.
    secret_keys: Vec<PlannedKey>,
}

/// An account that isn't written.
#[derive(JsonSchema)]
struct BlockedAccount {
    /// The section of the account.
    section: String,
    /// The constraint that the account violates.
    reason: String,
}

/// A key, without its value.
#[derive(JsonSchema)]
struct PlannedKey {
    /// The section of the key.
    section: String,
    /// The name of the key.
    key: String,
}

/// An edit: sets or removes a key, or removes a section.
#[derive(JsonSchema)]
struct PlannedEdit {
    /// The section to edit.
    section: String,
    /// The key, or `null` for the complete section.
    key: OrNull<String>,
    /// The new value, or `null` for a secret and for a removal.
    after: OrNull<String>,
    /// The source of the value, if it is a secret.
    secret: OrNull<PlannedSecret>,
    /// The reason for the edit.
    reason: String,
}

/// A reference to a secret, whose value isn't in the plan.
#[derive(JsonSchema)]
struct PlannedSecret {
    /// The location in the policy that defines where to get the secret.
    from: OrNull<String>,
    /// A digest of the secret, computed with a key that never leaves the PC.
    digest: Hex,
}

/// A key whose value changes.
#[derive(JsonSchema)]
struct Change {
    /// The section of the key.
    section: String,
    /// The name of the key.
    key: String,
    /// The value before the edit, or `null` if the key wasn't set.
    before: OrNull<String>,
    /// The value after the edit, or `null` if the key isn't set.
    after: OrNull<String>,
    /// The kind of change.
    kind: ChangeKind,
}

/// A hook that changes on one event.
#[derive(JsonSchema)]
struct HookChange {
    /// The template.
    template: String,
    /// The event.
    event: String,
    /// The key of the directive, or of a command that runs without msipctl.
    key: String,
    /// What happens to the hook.
    kind: ChangeKind,
    /// The directive or command before the edit, or `null` if there was none. A secret is shown as `***`.
    before: OrNull<String>,
    /// The directive or command after the edit, or `null` if it is removed. A secret is shown as `***`.
    after: OrNull<String>,
}

/// A removed line that Windows never read: a duplicate of a key, or a key in a duplicate section.
#[derive(JsonSchema)]
struct RemovedDuplicate {
    /// The line number in the file before the edit, starting at 1.
    line: u64,
    /// The section of the line.
    section: String,
    /// The key of the line.
    key: String,
    /// The value of the line.
    value: String,
}

/// The kind of change of a key.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// The result for a file.
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
    /// The number of files.
    files: u64,
    /// The number of files with changes.
    changed: u64,
    /// The number of files that already match the policy.
    unchanged: u64,
    /// The number of files that failed.
    failed: u64,
    /// The number of passwords that couldn't be verified. Missing if all files failed.
    unverified: Option<u64>,
    /// The number of accounts that aren't written. Missing if all files failed.
    blocked: Option<u64>,
}

/// A report of the drift from a policy, as `msipctl audit` prints it as JSON.
#[derive(JsonSchema)]
#[schemars(title = "Report of an audit by msipctl")]
struct Audit {
    /// The version of this format.
    schema_version: One,
    /// The name and version of the msipctl that created the report.
    tool: String,
    /// The origin of the report.
    audit: Identity,
    /// The paths of all files of the policy. Empty in a merged report.
    policy: Vec<String>,
    /// The time when the files were read, in RFC 3339 and UTC. In a merged report, the time of the newest report.
    time: String,
    /// The results, one entry per file.
    files: Vec<AuditedFile>,
    /// The number of files in each state.
    summary: AuditSummary,
    /// The score since the oldest earlier report, or `null` without earlier reports.
    trend: OrNull<Trend>,
    /// In a merged report: the first 1,000 documents that aren't reports.
    broken: Option<Vec<BrokenDocument>>,
    /// In a merged report: the PCs that haven't reported for a while, or never.
    hosts: Option<Vec<AbsentHost>>,
    /// In a merged report: the number of files for each policy.
    policies: Option<Vec<PolicyFiles>>,
}

/// The origin of a report.
#[derive(JsonSchema)]
struct Identity {
    /// The name of the computer, or `null` if unknown or in a merged report.
    host: OrNull<String>,
    /// The name of the user, or `null` if unknown or in a merged report.
    user: OrNull<String>,
    /// The operating system: `windows`, `linux`, `macos`, or `other`. In a merged report, `merged`.
    system: String,
    /// A hash of the ID of the computer, in 32 hex digits, or `null` if unknown or in a merged report.
    machine_id: OrNull<String>,
    /// The hash of the policy without its secrets, or `null` in a merged report.
    policy: OrNull<Hex>,
    /// The ID of the run.
    run: String,
    /// The time when the files were read, in RFC 3339 and UTC.
    time: String,
}

/// A document that isn't a report.
#[derive(JsonSchema)]
struct BrokenDocument {
    /// Its path. For standard input, `-#` and the start of its hash.
    source: String,
    /// Why it isn't a report.
    reason: String,
}

/// A PC that hasn't reported for a while, or never.
#[derive(JsonSchema)]
struct AbsentHost {
    /// The name of the PC.
    host: String,
    /// The site, if known.
    site: OrNull<String>,
    /// Whether the PC has reported at all.
    state: Absence,
    /// The time of its newest report, or `null` if it has none.
    last_report: OrNull<String>,
}

/// Whether a PC has reported at all.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Absence {
    /// It hasn't reported for a while.
    Silent,
    /// It is in the inventory and has no report.
    NoReport,
}

/// The files of one policy.
#[derive(JsonSchema)]
struct PolicyFiles {
    /// The hash of the policy, or `null` if unknown.
    policy: OrNull<Hex>,
    /// The number of files.
    files: u64,
}

/// How the score changed, and which keys drifted again.
#[derive(JsonSchema)]
struct Trend {
    /// The reports, the oldest first. The last one is this report.
    reports: Vec<TrendPoint>,
    /// The keys that drifted in one report, matched in a later one, and drift now.
    drifted_again: Vec<DriftedAgain>,
}

/// One report of a trend.
#[derive(JsonSchema)]
struct TrendPoint {
    /// The time of the report, if known.
    time: OrNull<String>,
    /// The percentage of verified values that match the policy.
    score: OrNull<f64>,
    /// The number of files.
    files: u64,
    /// The number of files that differ from the policy.
    drifted: u64,
}

/// A key that drifted again.
#[derive(JsonSchema)]
struct DriftedAgain {
    /// The section of the key.
    section: String,
    /// The name of the key.
    key: String,
    /// The number of files in which it drifted again.
    files: u64,
}

/// The drift of one file.
#[derive(JsonSchema)]
struct AuditedFile {
    /// The path as it was given.
    path: String,
    /// The computer of the file, if it isn't the one of the report.
    host: Option<String>,
    /// The user of the file, if it isn't the one of the report.
    user: Option<String>,
    /// The site of the file, if known.
    site: Option<String>,
    /// The result for the file.
    state: AuditState,
    /// The number of keys and hooks that the policy has for the file, or `null` if the file failed.
    keys: OrNull<u64>,
    /// The keys and hooks that differ from the policy.
    drift: Vec<Drift>,
    /// The number of values that couldn't be verified: MicroSIP encrypted the password, or the secret isn't available.
    unverified: u64,
    /// The keys whose secrets aren't available.
    missing_secrets: Vec<MissingSecret>,
    /// The keys and hooks that drifted in the earlier report and match the policy now, or `null` without an earlier report.
    resolved: OrNull<Vec<String>>,
    /// The error message, if the file failed.
    error: OrNull<String>,
    /// In a merged report: the origin of the row.
    audit: Option<Identity>,
    /// In a merged report: whether the PC hasn't reported for a while.
    is_silent: Option<bool>,
    /// In a merged report: whether newer reports of the same PC don't contain the file.
    is_outdated: Option<bool>,
}

/// One key that isn't verified, because its secret isn't available.
#[derive(JsonSchema)]
struct MissingSecret {
    /// The section of the key.
    section: String,
    /// The name of the key.
    key: String,
    /// Why the secret isn't available.
    reason: String,
    /// The location in the policy.
    policy: String,
}

/// The result for a file.
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
    /// The template.
    template: String,
    /// The event.
    event: String,
    /// What is wrong.
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
    /// The section of the key.
    section: String,
    /// The name of the key. For a hook, this is the key of its directive or command.
    key: String,
    /// The hook, or `null` for a key that isn't part of a hook.
    hook: OrNull<HookDrift>,
    /// The expected value or constraint, as text for readers. A secret is shown as `***`.
    expected: String,
    /// The value in the file, or `null` if the key isn't set. A secret is shown as `***`.
    actual: OrNull<String>,
    /// The default that MicroSIP uses because the key isn't set, if it has one.
    default: Option<String>,
    /// The line number of the value, starting at 1.
    line: OrNull<u64>,
    /// The location in the policy that defines the expectation.
    policy: String,
    /// Whether the earlier report lists this drift, too, or `null` without an earlier report.
    since: OrNull<Since>,
}

/// Whether drift is new compared to the earlier report.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Since {
    New,
    Known,
}

/// The number of files in each state, and statistics.
#[derive(JsonSchema)]
struct AuditSummary {
    /// The number of files.
    files: u64,
    /// The number of files that match the policy.
    in_sync: u64,
    /// The number of files that differ from the policy.
    drifted: u64,
    /// The number of files that failed.
    failed: u64,
    /// The number of passwords that couldn't be verified, because MicroSIP encrypted them. They don't count in the score.
    unverified: u64,
    /// The percentage of verified values that match the policy.
    score: OrNull<f64>,
    /// The percentage of files that could be verified.
    coverage: OrNull<f64>,
    /// The number of drifted keys and hooks that the earlier report doesn't list, or `null` without an earlier report.
    new: OrNull<u64>,
    /// The number of keys and hooks that drifted in the earlier report and match the policy now, or `null` without an earlier report.
    resolved: OrNull<u64>,
    /// In a merged report: the number of different reports.
    reports: Option<u64>,
    /// In a merged report: the number of rows that a newer one replaces.
    superseded: Option<u64>,
    /// In a merged report: the number of documents that aren't reports.
    broken: Option<u64>,
    /// In a merged report: the number of PCs that reported.
    hosts: Option<u64>,
    /// In a merged report: the number of PCs that haven't reported for a while.
    silent: Option<u64>,
    /// In a merged report: the number of PCs of the inventory without a report.
    no_report: Option<u64>,
    /// In a merged report: the number of PCs that aren't in the inventory.
    not_in_inventory: Option<u64>,
    /// In a merged report: the number of files that newer reports of their PCs don't contain.
    outdated: Option<u64>,
}

/// A row of an inventory, which is a CSV file whose first line contains the column names.
#[derive(JsonSchema)]
#[schemars(title = "Row of an inventory for msipctl")]
struct InventoryRow {
    /// The MicroSIP.ini file: a path, or a pattern with `*` and `?`.
    #[schemars(length(min = 1))]
    ini: String,
    /// The user name that `[match]` compares.
    #[schemars(default)]
    user: String,
    /// The computer name that `[match]` compares.
    #[schemars(default)]
    host: String,
    /// Additional columns, which policies can use as `row.NAME`.
    #[schemars(flatten)]
    others: BTreeMap<String, String>,
}

/// The number 1.
struct One;

/// A digest in lowercase hex digits.
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
