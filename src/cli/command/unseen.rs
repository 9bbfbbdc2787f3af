//! Files that nobody looked for before they are opened: whether each is there, and is not another one by way of a link,
//! turns out as the results are taken in order. So it is told of as if it had been known.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::cli::output::Output;
use crate::cli::targets::Target;
use crate::store::{self, Standing};

/// Looks at what stands at the path of a file that is unseen.
pub(super) fn standing(target: &Target) -> Standing {
    if target.is_unseen() { store::standing(target.path()) } else { Standing::Other }
}

/// The files of a run as they turn out to be, one after the other.
pub(super) struct Unseen<'r> {
    targets: &'r [Target],
    passed: usize,
    /// What tells the files apart, from the first link on. Without any, each is another one.
    apart: Option<HashMap<store::Identity, &'r Target>>,
    repeats: Repeats,
}

impl<'r> Unseen<'r> {
    pub(super) fn among(targets: &'r [Target]) -> Self {
        Self { targets, passed: 0, apart: None, repeats: Repeats::default() }
    }

    /// Says of the next file, at whose path that stood, whether it is one of the run. If another one before is the same,
    /// that is told.
    pub(super) fn is_one(&mut self, out: &mut Output, standing: Standing) -> bool {
        let (before, target) = (&self.targets[..self.passed], &self.targets[self.passed]);
        self.passed += 1;
        if standing == Standing::Nothing {
            return false;
        }
        // Of what was seen, links are told apart already.
        if standing == Standing::Link && target.is_unseen() && self.apart.is_none() {
            self.apart = Some(before.iter().filter_map(identified).collect());
        }
        let Some(apart) = &mut self.apart else { return true };
        let Some((identity, target)) = identified(target) else { return true };
        match apart.entry(identity) {
            Entry::Vacant(place) => {
                place.insert(target);
                true
            }
            Entry::Occupied(first) => {
                self.repeats.add(out, &first.get().repeated_by(target));
                false
            }
        }
    }

    /// Prints how many more were named again.
    pub(super) fn tell_rest(&self, out: &mut Output) {
        self.repeats.tell_rest(out);
    }
}

/// Returns what tells a file from others; `None` where none is to be had.
fn identified(target: &Target) -> Option<(store::Identity, &Target)> {
    target.error().is_none().then(|| (store::identity(target.path()), target))
}

/// So many files that were named again are told of one by one.
const TOLD: usize = 10;

/// How many files were named again.
#[derive(Debug, Default)]
pub(super) struct Repeats(usize);

impl Repeats {
    /// Adds one, and tells of it.
    pub(super) fn add(&mut self, out: &mut Output, text: &str) {
        self.0 += 1;
        if self.0 <= TOLD {
            out.note(text);
        }
    }

    /// Prints of how many was not told.
    pub(super) fn tell_rest(&self, out: &mut Output) {
        if let Some(more @ 1..) = self.0.checked_sub(TOLD) {
            out.note(&format!("{more} more are named already"));
        }
    }
}
