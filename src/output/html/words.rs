//! The words in which the page of an audit and the page of a check differ.

use serde::Serialize;

/// The words of a kind of page, for its template.
#[derive(Debug, Serialize)]
pub(super) struct Words {
    pub(super) script: ScriptWords,
    every_item: &'static str,
    search: &'static str,
    chart: &'static str,
    chart_note: &'static str,
    heat: &'static str,
    /// The states that squares of the map show, apart from the best and the worst state.
    squares: [&'static str; 3],
    listed: &'static str,
    listed_what: &'static str,
    all_fine: &'static str,
    fine: &'static str,
}

/// The words that the script of the page uses, too.
#[derive(Debug, Serialize)]
pub(super) struct ScriptWords {
    /// What a row of a file is about: its name in the address, and its plural.
    pub(super) item: &'static str,
    items: &'static str,
    /// The states of a file, from the best to the worst.
    pub(super) states: &'static [StateWords],
    /// What the rows of a file are.
    rows: &'static str,
    row: &'static str,
    has_row: &'static str,
    no_rows: &'static str,
}

/// A state of a file.
#[derive(Debug, Serialize)]
pub(super) struct StateWords {
    /// Its name in the address.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// The class of its mark.
    pub(super) class: &'static str,
}

const fn state(code: &'static str, name: &'static str, class: &'static str) -> StateWords {
    StateWords { code, name, class }
}

/// The words of the page of an audit.
pub(super) static AUDIT: Words = Words {
    script: ScriptWords {
        item: "key",
        items: "keys",
        states: &[
            state("in_sync", "In sync", "in_sync"),
            state("drifted", "Drifted", "drifted"),
            state("failed", "Failed", "failed"),
        ],
        rows: "Keys that drift",
        row: "key",
        has_row: "drifts",
        no_rows: "This file matches the policy.",
    },
    every_item: "Every key",
    search: "Search paths, sites, keys, values",
    chart: "Drift",
    chart_note: "files that drift",
    heat: "Where it drifts",
    squares: ["1 key drifts", "2 keys", "3 or more"],
    listed: "Files not in sync",
    listed_what: "Keys, or why it failed",
    all_fine: "Every file matches the policy.",
    fine: "No key drifts.",
};

/// The words of the page of a check.
pub(super) static CHECK: Words = Words {
    script: ScriptWords {
        item: "rule",
        items: "rules",
        states: &[
            state("clean", "No findings", "in_sync"),
            state("info", "Info", "info"),
            state("warning", "Warning", "warning"),
            state("error", "Error", "error"),
            state("failed", "Failed", "failed"),
        ],
        rows: "Findings",
        row: "finding",
        has_row: "has findings",
        no_rows: "This file has no findings.",
    },
    every_item: "Every rule",
    search: "Search paths, sites, rules, messages",
    chart: "Findings",
    chart_note: "files with findings",
    heat: "Rules by site",
    squares: ["info", "warning", "error"],
    listed: "Files with findings",
    listed_what: "Rules, or why it failed",
    all_fine: "No file has findings.",
    fine: "No file has findings.",
};
