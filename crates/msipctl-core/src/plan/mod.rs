//! Computes ordered edits from a desired state and a document, each with its reason, and the resulting document.
//!
//! A [`Plan`] is the same value for preview and for writing, so the preview shows exactly what is written. A plan that
//! is created again after it was applied is empty.

mod desired;
mod encoding;
mod reading;

pub use desired::{Blocked, Desired, Request, RequestKind};
pub use encoding::EncodingPolicy;
pub use reading::{ReadProblem, as_read, is_same, keeps_values};

use std::collections::HashSet;
use std::fmt;

use microsip_schema::{SecretKeys, Version};
use winini::profile::{self, Entry, Profile, Refusal, SectionView};
use winini::{CodePage, Document, Edit, EditError, Encoding, Unencodable};

/// The edits that change a document to a desired state, and the resulting document.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use msipctl_core::plan::{Desired, EncodingPolicy, Plan};
///
/// let document = Document::parse(b"[Settings]\r\nDND=1\r\n".to_vec(), Encoding::Ascii);
/// let desired = Desired::new().set("Settings", "DND", "0", "asked for").set("Settings", "AA", "1", "asked for");
/// let plan = Plan::new(&document, &desired, EncodingPolicy::Auto)?;
///
/// assert_eq!(plan.edits().len(), 2);
/// assert_eq!(plan.after().bytes(), b"[Settings]\r\nDND=0\r\nAA=1\r\n");
/// assert!(Plan::new(plan.after(), &desired, EncodingPolicy::Auto)?.is_empty());
/// # Ok::<(), msipctl_core::plan::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Plan {
    edits: Vec<PlannedEdit>,
    before: Encoding,
    after: Document,
    is_truncated: bool,
    secrets: SecretKeys,
    unverified: Option<usize>,
    blocked: Vec<Blocked>,
    notes: Vec<String>,
    shadowed: Vec<ShadowedLine>,
    /// The current line of each line of the original document; empty before the first edit.
    origins: Vec<Option<usize>>,
}

/// A line that a plan removes although Windows never read it: a duplicate of a key, or a key of a duplicate section.
#[derive(Clone, PartialEq, Eq)]
pub struct ShadowedLine {
    /// Its line number in the original document, starting at 0.
    pub line: usize,
    /// The section.
    pub section: String,
    /// The key as spelled in the file.
    pub key: String,
    /// The value as Windows would read it.
    pub value: String,
}

/// One edit of a plan: the value of a key before and after, and the reason.
#[derive(Clone, PartialEq, Eq)]
pub struct PlannedEdit {
    /// The section.
    pub section: String,
    /// The key, or `None` if the edit is about the complete section.
    pub key: Option<String>,
    /// The value that Windows reads before; `None` if not set.
    pub before: Option<String>,
    /// The value that Windows reads after; `None` if not set.
    pub after: Option<String>,
    /// The reason for this edit.
    pub reason: String,
}

// Values may be secret, so none of these types shows them.
impl fmt::Debug for ShadowedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, section, key, .. } = self;
        write!(f, "ShadowedLine({line}, {section:?}, {key:?})")
    }
}

impl fmt::Debug for PlannedEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, key, reason, .. } = self;
        write!(f, "PlannedEdit({section:?}, {key:?}, {reason:?})")
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.edits).finish()
    }
}

impl Plan {
    /// Returns the edits for the desired state, in its order.
    ///
    /// If MicroSIP reads a file differently from msipctl, the first edit also fixes that. It removes NUL characters at
    /// the end of the file, and converts the file if that changes no value that MicroSIP reads.
    ///
    /// # Errors
    ///
    /// [`Error`] with the key that Windows wouldn't read back, or that the file's encoding doesn't support. Otherwise,
    /// the reason why MicroSIP still couldn't read the file.
    pub fn new(
        document: &Document,
        desired: &Desired,
        policy: EncodingPolicy,
    ) -> Result<Self, Error> {
        let truncated = match policy {
            EncodingPolicy::Keep => None,
            EncodingPolicy::Auto | EncodingPolicy::Utf16Le => reading::truncated(document),
        };
        let is_truncated = truncated.is_some();
        let start = truncated.unwrap_or_else(|| document.clone());
        let mut plan = Self {
            edits: Vec::new(),
            before: document.encoding(),
            after: start.clone(),
            is_truncated,
            secrets: desired.secrets().clone(),
            shadowed: Vec::new(),
            origins: Vec::new(),
            unverified: desired.unverified(),
            blocked: desired.blocked().to_vec(),
            notes: desired.notes().to_vec(),
        };
        plan.fulfil_all(desired.requests(), policy)?;
        let encoding = policy.target(start.encoding(), !plan.edits.is_empty());
        if plan.edits.is_empty() && encoding.is_none() {
            // Nothing is written, so nothing is repaired.
            return Ok(Self { after: document.clone(), is_truncated: false, ..plan });
        }
        plan.make_readable(&start, encoding).map_err(Error::of_file)?;
        Ok(plan)
    }

    /// Converts the file if requested, and fails if MicroSIP then reads other values than msipctl, or than it read at
    /// the `start`.
    fn make_readable(
        &mut self,
        start: &Document,
        encoding: Option<Encoding>,
    ) -> Result<(), ErrorKind> {
        // Nothing remains that an edit could keep, or new lines would hide that some may be missing.
        if let Some(read_problem @ (ReadProblem::OnlyNul | ReadProblem::NulAtEnd)) =
            ReadProblem::of(start, Version::NEWEST)
        {
            return Err(ErrorKind::Unreadable(read_problem));
        }
        if let Some(encoding) = encoding {
            let converted = start.convert(encoding).map_err(ErrorKind::Conversion)?;
            if !keeps_values(start, &converted, CodePage::WESTERN, Version::NEWEST) {
                return Err(ErrorKind::Ambiguous);
            }
            if self.after.encoding() != encoding {
                self.convert(encoding)?;
            }
        }
        match unreadable(&self.after) {
            Some(read_problem) => Err(ErrorKind::Unreadable(read_problem)),
            None => Ok(()),
        }
    }

    /// Creates the plan for a fixed document: `edits` contain the changes and their reasons. If `keeps_values`, a
    /// conversion must not change a value that MicroSIP reads. The plan is empty if MicroSIP still couldn't read the
    /// file.
    ///
    /// # Errors
    ///
    /// [`Error`] when the encoding of the policy doesn't support it.
    pub fn of_fixed(
        before: &Document,
        after: Document,
        edits: Vec<PlannedEdit>,
        policy: EncodingPolicy,
        is_safe: bool,
    ) -> Result<Self, Error> {
        let mut plan = Self {
            edits,
            before: before.encoding(),
            after,
            is_truncated: false,
            secrets: SecretKeys::default(),
            shadowed: Vec::new(),
            origins: Vec::new(),
            unverified: None,
            blocked: Vec::new(),
            notes: Vec::new(),
        };
        let is_edited = plan.after != *before;
        if let Some(encoding) = policy.target(plan.after.encoding(), is_edited) {
            let fixed = plan.after.clone();
            plan.convert(encoding).map_err(Error::of_file)?;
            let page = CodePage::WESTERN;
            if is_safe && !keeps_values(&fixed, &plan.after, page, Version::NEWEST) {
                plan.after = fixed;
            }
        }
        if unreadable(&plan.after).is_some() {
            plan.after = before.clone();
            plan.edits.clear();
        }
        Ok(plan)
    }

    /// Returns the edits in order.
    pub fn edits(&self) -> &[PlannedEdit] {
        &self.edits
    }

    /// Returns the keys whose values are hidden, in addition to those that are secret by name.
    pub fn secrets(&self) -> &SecretKeys {
        &self.secrets
    }

    /// Returns the removed lines that Windows never read, in the order in which they are removed.
    ///
    /// # Example
    ///
    /// ```
    /// use winini::{Document, Encoding};
    /// use msipctl_core::plan::{Desired, EncodingPolicy, Plan};
    ///
    /// let document = Document::parse(b"[Settings]\nAA=0\nDND=0\naa=1\n".to_vec(), Encoding::Ascii);
    /// let plan = Plan::new(&document, &Desired::new().unset("Settings", "AA", "asked for"), EncodingPolicy::Auto)?;
    /// let shadowed = &plan.shadowed()[0];
    /// assert_eq!((shadowed.line, &*shadowed.key, &*shadowed.value), (3, "aa", "1"));
    /// # Ok::<(), msipctl_core::plan::Error>(())
    /// ```
    pub fn shadowed(&self) -> &[ShadowedLine] {
        &self.shadowed
    }

    /// Returns how many keys can't be verified and aren't changed; `None` if that wasn't recorded.
    pub fn unverified(&self) -> Option<usize> {
        self.unverified
    }

    /// Returns the sections that aren't written, because a condition for them isn't met.
    pub fn blocked(&self) -> &[Blocked] {
        &self.blocked
    }

    /// Returns notes about the file, for people.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the resulting document.
    pub fn after(&self) -> &Document {
        &self.after
    }

    /// Returns whether NUL characters at the end of the file were removed.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// Returns the encodings before and after if they differ.
    pub fn conversion(&self) -> Option<(Encoding, Encoding)> {
        let after = self.after.encoding();
        // ASCII is part of every other single-byte encoding, so that isn't a conversion.
        let same = self.before == after;
        (!same).then_some((self.before, after))
    }

    /// Returns whether the file doesn't change.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.conversion().is_none()
    }

    /// Makes the edits for the requests in their order, as many together as possible: the document is parsed again
    /// after each edit.
    fn fulfil_all(&mut self, requests: &[Request], policy: EncodingPolicy) -> Result<(), Error> {
        let mut rest = requests;
        while !rest.is_empty() {
            let batch = Batch::new(rest, &self.after);
            let (together, after) = rest.split_at(batch.requests.max(1));
            rest = after;
            if batch.requests > 0 && self.fulfil_together(together, &batch) {
                continue;
            }
            for request in together {
                self.fulfil(request, policy).map_err(|kind| Error {
                    section: request.section.clone(),
                    key: request.key.clone(),
                    kind,
                })?;
            }
        }
        Ok(())
    }

    /// Makes the edits for requests that don't depend on each other. Returns whether the encoding supports them; if
    /// not, nothing was changed.
    fn fulfil_together(&mut self, requests: &[Request], batch: &Batch) -> bool {
        if batch.edits.is_empty() {
            return true;
        }
        let Ok(after) = self.after.edit(&batch.edits) else { return false };
        for request in batch.edited.iter().map(|index| &requests[*index]) {
            self.edits.push(request.planned(request.read(&self.after), request.read(&after)));
        }
        self.note_shadowed(&batch.edits, after.lines().len());
        self.after = after;
        true
    }

    fn fulfil(&mut self, request: &Request, policy: EncodingPolicy) -> Result<(), ErrorKind> {
        let edits = request.edits(&self.after)?;
        if edits.is_empty() {
            return Ok(());
        }
        let after = match self.after.edit(&edits) {
            Err(EditError::Unencodable(_)) if policy != EncodingPolicy::Keep => {
                self.convert(Encoding::MICROSIP)?;
                self.after.edit(&edits)?
            }
            other => other?,
        };
        self.edits.push(request.planned(request.read(&self.after), request.read(&after)));
        self.note_shadowed(&edits, after.lines().len());
        self.after = after;
        Ok(())
    }

    /// Records which of the removed lines Windows never read, and the original number of each remaining line; `left` is
    /// the number of lines after the edits.
    fn note_shadowed(&mut self, edits: &[Edit], left: usize) {
        // Then each line keeps its number.
        let is_in_place =
            |edit: &Edit| matches!(edit, Edit::ReplaceValue { .. } | Edit::ReplaceLine { .. });
        let lines = self.after.lines().len();
        if lines == left && edits.iter().all(is_in_place) {
            return;
        }
        if self.origins.is_empty() {
            self.origins = (0..lines).map(Some).collect();
        }
        let removed: HashSet<_> = edits
            .iter()
            .filter_map(|edit| match edit {
                Edit::RemoveLine { line } => Some(*line),
                _ => None,
            })
            .collect();
        if removed.len() > 1 {
            let profile = Profile::new(&self.after);
            let read = profile.counting_sections().flat_map(SectionView::counting_entries);
            let read: HashSet<_> = read.map(Entry::line).collect();
            for section in profile.sections() {
                let entries = section.entries().filter(|entry| removed.contains(&entry.line()));
                for entry in entries.filter(|entry| !read.contains(&entry.line())) {
                    // A line that another edit of the plan added has no number.
                    let Some(line) = self.origins.get(entry.line()).copied().flatten() else {
                        continue;
                    };
                    self.shadowed.push(ShadowedLine {
                        line,
                        section: section.name().into_owned(),
                        key: entry.key().into_owned(),
                        value: entry.value().into_owned(),
                    });
                }
            }
        }
        let mut added = vec![0; lines + 1];
        for edit in edits {
            if let Edit::InsertLine { after, .. } = edit {
                added[after.map_or(0, |line| line + 1)] += 1;
            }
        }
        let mut origins = Vec::with_capacity(self.origins.len());
        for (line, added) in added.iter().enumerate() {
            origins.extend(std::iter::repeat_n(None, *added));
            if line < lines && !removed.contains(&line) {
                origins.push(self.origins.get(line).copied().flatten());
            }
        }
        if origins.len() != left {
            // Invalid line endings were joined with those of a new line, so the numbers are no longer known.
            origins = vec![None; left];
        }
        self.origins = origins;
    }

    fn convert(&mut self, encoding: Encoding) -> Result<(), ErrorKind> {
        self.after = self.after.convert(encoding).map_err(ErrorKind::Conversion)?;
        Ok(())
    }
}

/// The edits for as many requests as don't depend on each other.
///
/// These are the ones that would create the same document one at a time: values of different keys, and either new keys
/// in existing sections, or keys that are removed.
#[derive(Default)]
struct Batch {
    /// The number of requests, starting with the first; some may need no edit.
    requests: usize,
    /// Those that need an edit.
    edited: Vec<usize>,
    edits: Vec<Edit>,
}

impl Batch {
    fn new(requests: &[Request], document: &Document) -> Self {
        let mut batch = Self::default();
        // A line that ends with CR alone is a separate line or not, depending on what follows it.
        let has_bare_cr = document.lines().iter().any(|line| {
            let ending = document.raw(line.line_ending());
            ending.len() == document.encoding().unit() && ending.contains(&b'\r')
        });
        if has_bare_cr {
            return batch;
        }
        let mut seen = HashSet::new();
        let (mut inserts, mut removes) = (false, false);
        for request in requests {
            let Some(key) = &request.key else { break };
            let name = |text: &str| text.trim_matches(' ').to_ascii_lowercase();
            if !request.is_plain() || !seen.insert((name(&request.section), name(key))) {
                break;
            }
            let Ok(edits) = request.edits(document) else { break };
            match edits.as_slice() {
                [] | [Edit::ReplaceValue { .. }] => {}
                [Edit::InsertLine { .. }] if !removes => inserts = true,
                [Edit::RemoveLine { .. }] if !inserts => removes = true,
                _ => break,
            }
            if !edits.is_empty() {
                batch.edited.push(batch.requests);
            }
            batch.requests += 1;
            batch.edits.extend(edits);
        }
        // A value at the end of a file without a line ending must come before the lines that are added after it.
        batch.edits.sort_by_key(|edit| matches!(edit, Edit::InsertLine { .. }));
        batch
    }
}

impl Request {
    /// Returns whether the line that it writes has the whitespace of its neighbors.
    fn is_plain(&self) -> bool {
        match &self.want {
            RequestKind::Written(text) => text.trim() == text,
            RequestKind::Value(_) | RequestKind::Absent | RequestKind::AbsentIfBare => true,
        }
    }

    /// Returns the value that Windows reads for its key.
    fn read(&self, document: &Document) -> Option<String> {
        let value = Profile::new(document).get(&self.section, self.key.as_deref()?);
        value.map(std::borrow::Cow::into_owned)
    }

    fn planned(&self, before: Option<String>, after: Option<String>) -> PlannedEdit {
        let Self { section, key, reason, .. } = self;
        let (section, key, reason) = (section.clone(), key.clone(), reason.clone());
        PlannedEdit { section, key, before, after, reason }
    }

    fn edits(&self, document: &Document) -> Result<Vec<Edit>, Refusal> {
        let section = self.section.as_str();
        let Some(key) = self.key.as_deref() else {
            return Ok(self.section_edits(document));
        };
        match &self.want {
            RequestKind::Value(value) => profile::set(document, section, key, value),
            RequestKind::Written(text) => profile::set_written(document, section, key, text),
            RequestKind::Absent | RequestKind::AbsentIfBare => {
                Ok(profile::unset(document, section, key))
            }
        }
    }

    fn section_edits(&self, document: &Document) -> Vec<Edit> {
        let section = Profile::new(document).section(&self.section);
        let keep = match self.want {
            RequestKind::AbsentIfBare => {
                section.is_none_or(|section| !section.place().body().is_empty())
            }
            RequestKind::Absent => false,
            RequestKind::Value(_) | RequestKind::Written(_) => true,
        };
        if keep { Vec::new() } else { profile::unset_section(document, &self.section) }
    }
}

/// Why a plan can't be created. The file is unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    section: String,
    key: Option<String>,
    kind: ErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum ErrorKind {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error("can't convert the file: {0}")]
    Conversion(Unencodable),
    #[error("{0}; nothing was written")]
    Unreadable(ReadProblem),
    #[error(
        "MicroSIP reads other values than the file's author intended, and a conversion would change them; nothing was written"
    )]
    Ambiguous,
}

/// Returns why MicroSIP reads other values of a file than msipctl, if it does.
fn unreadable(document: &Document) -> Option<ReadProblem> {
    let read_problem = ReadProblem::of(document, Version::NEWEST)?;
    let read = || as_read(document, CodePage::WESTERN, Version::NEWEST);
    let differs = read_problem.changes_values()
        && (read_problem.is_nul() || reading::differs(document, &read()));
    differs.then_some(read_problem)
}

impl Error {
    fn of_file(kind: ErrorKind) -> Self {
        Self { section: String::new(), key: None, kind }
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self.kind {
            ErrorKind::Refused(_) => None,
            ErrorKind::Unreadable(ReadProblem::Encoding(_)) => {
                Some("to convert the file to UTF-16LE, remove `--encoding keep`")
            }
            ErrorKind::Unreadable(read_problem) => Some(read_problem.hint()),
            ErrorKind::Ambiguous => Some(
                "run `msipctl show` to compare the values, and `msipctl check --unsafe-fixes` to apply the author's",
            ),
            ErrorKind::Edit(_) => Some("to convert the file to UTF-16LE, pass `--encoding auto`"),
            ErrorKind::Conversion(_) => Some("to keep the encoding, pass `--encoding keep`"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, &self.key) {
            (ErrorKind::Conversion(_) | ErrorKind::Unreadable(_) | ErrorKind::Ambiguous, _) => {
                self.kind.fmt(f)
            }
            (kind, Some(key)) => write!(f, "`{key}` in `[{}]`: {kind}", self.section),
            (kind, None) => write!(f, "`[{}]`: {kind}", self.section),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use winini::CodePage;

    fn plan(bytes: &[u8], desired: &Desired, policy: EncodingPolicy) -> Plan {
        let encoding = Encoding::detect(bytes, CodePage::WESTERN);
        Plan::new(&Document::parse(bytes.to_vec(), encoding), desired, policy).unwrap()
    }

    #[test]
    fn plan_is_empty_when_the_file_already_matches() {
        let desired = Desired::new()
            .set("s", "K", "v", "")
            .unset("s", "missing", "")
            .unset_section("t", "")
            .unset_section_if_bare("s", "");
        assert!(plan(b"[S]\nk=\"v\"\n", &desired, EncodingPolicy::Auto).is_empty());
    }

    #[test]
    fn misread_file_is_converted_only_when_edited() {
        let bytes = b"\xef\xbb\xbf[S]\nk=1\n";
        let same = Desired::new().set("S", "k", "1", "");
        assert!(plan(bytes, &same, EncodingPolicy::Auto).is_empty());
        let other = Desired::new().set("S", "k", "2", "");
        let after = plan(bytes, &other, EncodingPolicy::Auto);
        assert_eq!(after.after().bytes(), b"\xff\xfe[\0S\0]\0\n\0k\0=\x002\0\n\0");
        // A file that MicroSIP still can't read is never written.
        let document = Document::parse(bytes.to_vec(), Encoding::Utf8 { bom: true });
        let error = Plan::new(&document, &other, EncodingPolicy::Keep).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file is utf-8-bom: MicroSIP treats the BOM as text and loses the first section; nothing was written"
        );
    }

    #[test]
    fn unencodable_character_converts_the_file_or_fails() {
        let desired = Desired::new().set("S", "k", "ж", "");
        let converted = plan(b"[S]\n", &desired, EncodingPolicy::Auto);
        assert_eq!(converted.after().encoding(), Encoding::MICROSIP);
        let document = Document::parse(b"[S]\n".to_vec(), Encoding::Ascii);
        let error = Plan::new(&document, &desired, EncodingPolicy::Keep).unwrap_err();
        assert_eq!(error.to_string(), "`k` in `[S]`: can't encode `ж` (U+0436) in ascii");
    }

    #[test]
    fn debug_output_of_a_plan_hides_values() {
        let desired = Desired::new().set("Account1", "password", "hunter2", "");
        let plan = plan(b"", &desired, EncodingPolicy::Auto);
        assert!(!format!("{desired:?} {plan:?}").contains("hunter2"));
    }

    #[track_caller]
    fn check_shadowed(text: &str, desired: &Desired, expected: &[(usize, &str, &str, &str)]) {
        let plan = plan(text.as_bytes(), desired, EncodingPolicy::Auto);
        let shadowed = plan.shadowed().iter();
        let found: Vec<_> = shadowed
            .map(|it| (it.line, it.section.as_str(), it.key.as_str(), it.value.as_str()))
            .collect();
        assert_eq!(found, expected);
        assert!(!format!("{:?}", plan.shadowed()).contains("hunter2"));
    }

    #[test]
    fn removed_shadowed_lines_are_listed() {
        let text = "[S]\na=1\nb=2\nA=hunter2\na=4\n[s]\na=5\n";
        let unset = Desired::new().unset("S", "a", "");
        check_shadowed(text, &unset, &[(3, "S", "A", "hunter2"), (4, "S", "a", "4")]);
        let section = Desired::new().unset_section("S", "");
        let rest = [(3, "S", "A", "hunter2"), (4, "S", "a", "4"), (6, "s", "a", "5")];
        check_shadowed(text, &section, &rest);
        check_shadowed(text, &Desired::new().unset("S", "b", ""), &[]);
        check_shadowed(text, &Desired::new().set("S", "a", "9", ""), &[]);
    }

    #[test]
    fn shadowed_lines_have_line_numbers_of_the_original_file() {
        let text = "[S]\na=1\nc=3\nb=2\nB=3\nA=4\n";
        let desired = Desired::new()
            .set("S", "new", "1", "")
            .unset("S", "a", "")
            .set("S", "newer", "1", "")
            .unset("S", "c", "")
            .unset("S", "b", "");
        check_shadowed(text, &desired, &[(5, "S", "A", "4"), (4, "S", "B", "3")]);
    }

    fn requests() -> impl Strategy<Value = Desired> {
        let name = prop::sample::select(vec!["S", "s", "T", "U"]);
        let key = prop::sample::select(vec!["a", "A", "b", "c"]);
        let request = (name, key, "[a-z \"\u{416}]{0,4}", 0..5u8);
        prop::collection::vec(request, 0..6).prop_map(|requests| {
            requests.into_iter().fold(Desired::new(), |desired, (section, key, value, want)| {
                match want {
                    0 => desired.unset(section, key, ""),
                    1 => desired.set_written(section, key, value.trim(), ""),
                    _ => desired.set(section, key, value, ""),
                }
            })
        })
    }

    /// A state with two requests for the same key is never reached.
    fn is_consistent(desired: &Desired) -> bool {
        let mut seen = Vec::new();
        desired.requests().iter().all(|request| {
            let name =
                (request.section.to_lowercase(), request.key.clone().map(|key| key.to_lowercase()));
            let new = !seen.contains(&name);
            seen.push(name);
            new
        })
    }

    proptest! {
        #[test]
        fn plan_is_empty_after_it_was_applied(
            text in "(\\[[STU]\\]\r?\n|[abc] ?=[a-z \"é]{0,3}\r?\n|;c\n){0,8}",
            desired in requests().prop_filter("one request per key", is_consistent),
            policy in prop::sample::select(vec![
                EncodingPolicy::Auto,
                EncodingPolicy::Utf16Le,
            ]),
        ) {
            let first = plan(text.as_bytes(), &desired, policy);
            let second = Plan::new(first.after(), &desired, policy).unwrap();
            prop_assert!(second.is_empty(), "{second:?}");
        }

        #[test]
        fn combined_plan_equals_one_plan_per_request(
            text in "(\\[[STU]\\](\r?\n|\r)|[abc] ?= ?[a-z \"]{0,3}(\r?\n|\r)|[ab]\r?\n|;c\n|\r\n){0,10}([ab]=?)?",
            desired in requests(),
            is_ascii: bool,
        ) {
            let (encoding, policy) = match is_ascii {
                true => (Encoding::Ascii, EncodingPolicy::Auto),
                false => (Encoding::MICROSIP, EncodingPolicy::Keep),
            };
            let bytes = [encoding.byte_order_mark(), &encoding.encode(&text).unwrap()].concat();
            let document = Document::parse(bytes, encoding);
            let together = Plan::new(&document, &desired, policy);
            let mut after = document.clone();
            let mut edits = Vec::new();
            for request in desired.requests() {
                let (section, key) = (&request.section, request.key.as_deref().unwrap());
                let one = match &request.want {
                    RequestKind::Value(value) => Desired::new().set(section, key, value, ""),
                    RequestKind::Written(text) => Desired::new().set_written(section, key, text, ""),
                    RequestKind::Absent | RequestKind::AbsentIfBare => Desired::new().unset(section, key, ""),
                };
                let plan = match Plan::new(&after, &one, policy) {
                    Ok(plan) => plan,
                    Err(error) => {
                        prop_assert_eq!(together, Err(error));
                        return Ok(());
                    }
                };
                edits.extend_from_slice(plan.edits());
                after = plan.after().clone();
            }
            let together = together.unwrap();
            prop_assert_eq!(together.after().bytes(), after.bytes());
            prop_assert_eq!(together.edits(), edits);
        }
    }
}
