//! Desired state and a document lead to ordered edits, each with its reason, and to the document
//! after them.
//!
//! A [`Plan`] is the same value for preview and for writing: what was shown is what is done. A plan
//! made again after it was applied is empty.

mod desired;
mod encoding;

pub use desired::{Blocked, Desired, Want, Wish};
pub use encoding::{EncodingPolicy, misreading};

use std::fmt;

use crate::ini::{Document, EditError, Encoding, Unencodable};
use crate::profile::{self, Profile, Refusal};
use crate::schema::SecretKeys;

/// The edits that bring a document to a desired state, and the document after them.
///
/// # Example
///
/// ```
/// use msipctl::ini::{Document, Encoding};
/// use msipctl::plan::{Desired, EncodingPolicy, Plan};
///
/// let document = Document::parse(b"[Settings]\r\nDND=1\r\n".to_vec(), Encoding::Ascii);
/// let desired = Desired::new().set("Settings", "DND", "0", "asked for").set("Settings", "AA", "1", "asked for");
/// let plan = Plan::new(&document, &desired, EncodingPolicy::Auto)?;
///
/// assert_eq!(plan.edits().len(), 2);
/// assert_eq!(plan.after().bytes(), b"[Settings]\r\nDND=0\r\nAA=1\r\n");
/// assert!(Plan::new(plan.after(), &desired, EncodingPolicy::Auto)?.is_empty());
/// # Ok::<(), msipctl::plan::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Plan {
    edits: Vec<PlannedEdit>,
    before: Encoding,
    after: Document,
    secrets: SecretKeys,
    unverified: Option<usize>,
    blocked: Vec<Blocked>,
}

/// One edit of a plan: what a key reads as before and after, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct PlannedEdit {
    /// The section.
    pub section: String,
    /// The key, or `None` where the edit is of the section as a whole.
    pub key: Option<String>,
    /// The value as Windows reads it before; `None` when not set.
    pub before: Option<String>,
    /// The value as Windows reads it after; `None` when not set.
    pub after: Option<String>,
    /// Why this edit is made.
    pub reason: String,
}

// Values may be secret, so neither type shows them.
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
    /// Finds the edits that the desired state asks for, in its order.
    ///
    /// # Errors
    ///
    /// [`Error`] names the key that cannot be written so that Windows reads it back, or that does
    /// not fit the file's encoding.
    pub fn new(
        document: &Document,
        desired: &Desired,
        policy: EncodingPolicy,
    ) -> Result<Self, Error> {
        let mut plan = Self {
            edits: Vec::new(),
            before: document.encoding(),
            after: document.clone(),
            secrets: desired.secrets().clone(),
            unverified: desired.unverified(),
            blocked: desired.blocked().to_vec(),
        };
        for wish in desired.wishes() {
            plan.fulfil(wish, policy).map_err(|kind| Error {
                section: wish.section.clone(),
                key: wish.key.clone(),
                kind,
            })?;
        }
        if let Some(encoding) = policy.target(plan.after.encoding(), !plan.edits.is_empty()) {
            plan.convert(encoding).map_err(|kind| Error {
                section: String::new(),
                key: None,
                kind,
            })?;
        }
        Ok(plan)
    }

    /// Makes the plan of a document that was mended: `edits` say what was done, and why.
    ///
    /// # Errors
    ///
    /// [`Error`] when it does not fit the encoding that the policy asks for.
    pub fn of_mended(
        before: &Document,
        after: Document,
        edits: Vec<PlannedEdit>,
        policy: EncodingPolicy,
    ) -> Result<Self, Error> {
        let mut plan = Self {
            edits,
            before: before.encoding(),
            after,
            secrets: SecretKeys::default(),
            unverified: None,
            blocked: Vec::new(),
        };
        let is_edited = plan.after != *before;
        if let Some(encoding) = policy.target(plan.after.encoding(), is_edited) {
            plan.convert(encoding).map_err(|kind| Error {
                section: String::new(),
                key: None,
                kind,
            })?;
        }
        Ok(plan)
    }

    /// Returns the edits in order.
    pub fn edits(&self) -> &[PlannedEdit] {
        &self.edits
    }

    /// Returns the keys whose values are never shown, besides those that are secret by name.
    pub fn secrets(&self) -> &SecretKeys {
        &self.secrets
    }

    /// Returns how many keys can't be verified, and stay as they are; `None` where nobody asked.
    pub fn unverified(&self) -> Option<usize> {
        self.unverified
    }

    /// Returns the sections that aren't written, because what must be so first isn't.
    pub fn blocked(&self) -> &[Blocked] {
        &self.blocked
    }

    /// Returns the document as it will be.
    pub fn after(&self) -> &Document {
        &self.after
    }

    /// Returns the encodings before and after where they differ.
    pub fn conversion(&self) -> Option<(Encoding, Encoding)> {
        let after = self.after.encoding();
        // ASCII is part of any other encoding of single bytes: that is no conversion.
        let same = self.before == after;
        (!same).then_some((self.before, after))
    }

    /// Says whether the file stays as it is.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.conversion().is_none()
    }

    fn fulfil(&mut self, wish: &Wish, policy: EncodingPolicy) -> Result<(), ErrorKind> {
        let edits = wish.edits(&self.after)?;
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
        let read = |document: &Document| {
            let value = Profile::new(document).get(&wish.section, wish.key.as_deref()?);
            value.map(std::borrow::Cow::into_owned)
        };
        self.edits.push(PlannedEdit {
            section: wish.section.clone(),
            key: wish.key.clone(),
            before: read(&self.after),
            after: read(&after),
            reason: wish.reason.clone(),
        });
        self.after = after;
        Ok(())
    }

    fn convert(&mut self, encoding: Encoding) -> Result<(), ErrorKind> {
        self.after = self.after.convert(encoding).map_err(ErrorKind::Conversion)?;
        Ok(())
    }
}

impl Wish {
    fn edits(&self, document: &Document) -> Result<Vec<crate::ini::Edit>, Refusal> {
        let section = self.section.as_str();
        let Some(key) = self.key.as_deref() else {
            return Ok(self.section_edits(document));
        };
        match &self.want {
            Want::Value(value) => profile::set(document, section, key, value),
            Want::Written(text) => profile::set_written(document, section, key, text),
            Want::Absent | Want::AbsentIfBare => Ok(profile::unset(document, section, key)),
        }
    }

    fn section_edits(&self, document: &Document) -> Vec<crate::ini::Edit> {
        let section = Profile::new(document).section(&self.section);
        let keep = match self.want {
            Want::AbsentIfBare => section.is_none_or(|section| !section.place().body().is_empty()),
            Want::Absent => false,
            Want::Value(_) | Want::Written(_) => true,
        };
        if keep { Vec::new() } else { profile::unset_section(document, &self.section) }
    }
}

/// Why a plan cannot be made. The file is untouched.
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
    #[error("cannot be converted: {0}")]
    Conversion(Unencodable),
}

impl Error {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self.kind {
            ErrorKind::Refused(_) => None,
            ErrorKind::Edit(_) => Some("`--encoding auto` converts the file to UTF-16LE"),
            ErrorKind::Conversion(_) => Some("`--encoding keep` leaves the encoding as it is"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, &self.key) {
            (ErrorKind::Conversion(_), _) => write!(f, "the file {}", self.kind),
            (kind, Some(key)) => write!(f, "`{key}` in `[{}]`: {kind}", self.section),
            (kind, None) => write!(f, "`[{}]`: {kind}", self.section),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::CodePage;
    use proptest::prelude::*;

    fn plan(bytes: &[u8], desired: &Desired, policy: EncodingPolicy) -> Plan {
        let encoding = Encoding::detect(bytes, CodePage::WESTERN);
        Plan::new(&Document::parse(bytes.to_vec(), encoding), desired, policy).unwrap()
    }

    #[test]
    fn what_is_so_already_is_no_edit() {
        let desired = Desired::new()
            .set("s", "K", "v", "")
            .unset("s", "gone", "")
            .unset_section("t", "")
            .unset_section_if_bare("s", "");
        assert!(plan(b"[S]\nk=\"v\"\n", &desired, EncodingPolicy::Auto).is_empty());
    }

    #[test]
    fn a_file_that_microsip_misreads_is_converted_with_the_first_edit_only() {
        let bytes = b"\xef\xbb\xbf[S]\nk=1\n";
        let same = Desired::new().set("S", "k", "1", "");
        assert!(plan(bytes, &same, EncodingPolicy::Auto).is_empty());
        let other = Desired::new().set("S", "k", "2", "");
        let after = plan(bytes, &other, EncodingPolicy::Auto);
        assert_eq!(after.after().bytes(), b"\xff\xfe[\0S\0]\0\n\0k\0=\x002\0\n\0");
        let kept = plan(bytes, &other, EncodingPolicy::Keep);
        assert_eq!(kept.after().bytes(), b"\xef\xbb\xbf[S]\nk=2\n");
    }

    #[test]
    fn a_letter_that_does_not_fit_converts_or_is_refused() {
        let desired = Desired::new().set("S", "k", "ж", "");
        let converted = plan(b"[S]\n", &desired, EncodingPolicy::Auto);
        assert_eq!(converted.after().encoding(), Encoding::MICROSIP);
        let document = Document::parse(b"[S]\n".to_vec(), Encoding::Ascii);
        let error = Plan::new(&document, &desired, EncodingPolicy::Keep).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`k` in `[S]`: the letter `ж` (U+0436) cannot be written in ascii"
        );
    }

    #[test]
    fn debug_output_holds_no_value() {
        let desired = Desired::new().set("Account1", "password", "hunter2", "");
        let plan = plan(b"", &desired, EncodingPolicy::Auto);
        assert!(!format!("{desired:?} {plan:?}").contains("hunter2"));
    }

    fn wishes() -> impl Strategy<Value = Desired> {
        let name = prop::sample::select(vec!["S", "s", "T", "U"]);
        let key = prop::sample::select(vec!["a", "A", "b", "c"]);
        let wish = (name, key, "[a-z \"\u{416}]{0,4}", 0..5u8);
        prop::collection::vec(wish, 0..6).prop_map(|wishes| {
            wishes.into_iter().fold(Desired::new(), |desired, (section, key, value, want)| {
                match want {
                    0 => desired.unset(section, key, ""),
                    1 => desired.set_written(section, key, value.trim(), ""),
                    _ => desired.set(section, key, value, ""),
                }
            })
        })
    }

    /// A state that asks for two things of one key is never reached.
    fn is_consistent(desired: &Desired) -> bool {
        let mut seen = Vec::new();
        desired.wishes().iter().all(|wish| {
            let name =
                (wish.section.to_lowercase(), wish.key.clone().map(|key| key.to_lowercase()));
            let new = !seen.contains(&name);
            seen.push(name);
            new
        })
    }

    proptest! {
        #[test]
        fn a_plan_made_again_after_it_was_applied_is_empty(
            text in "(\\[[STU]\\]\r?\n|[abc] ?=[a-z \"é]{0,3}\r?\n|;c\n){0,8}",
            desired in wishes().prop_filter("one wish a key", is_consistent),
            policy in prop::sample::select(vec![
                EncodingPolicy::Auto,
                EncodingPolicy::Utf16Le,
            ]),
        ) {
            let first = plan(text.as_bytes(), &desired, policy);
            let second = Plan::new(first.after(), &desired, policy).unwrap();
            prop_assert!(second.is_empty(), "{second:?}");
        }
    }
}
