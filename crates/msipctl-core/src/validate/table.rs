//! The lines of a document, read once: the section, the schema row of the key, and the features of each line.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::features::FeatureSet;
use crate::event::Event;
use microsip_schema::{
    self, Choice, Key, Kind, PasswordForm, ROW_COUNT, Section, Since, Version, account_number,
    password_form,
};
use winini::characters::{is_whitespace_byte, trim};
use winini::{Document, Encoding, Line, LineKind, Name, Span};

/// The facts about the lines of a document that all rules use.
#[derive(Debug)]
pub(super) struct LineTable {
    lines: Vec<LineFacts>,
    /// For each row of the schema, the line of the entry that counts, plus 1, or 0 if there is no entry.
    counted: [u32; ROW_COUNT],
    /// For each shadowed entry, in order, its line and the line of the entry that shadows it.
    shadowed: Vec<(u32, u32)>,
    /// The lines of commands and directives, in order.
    hooks: Vec<u32>,
    features: FeatureSet,
}

/// The facts about a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineFacts {
    pub(super) features: FeatureSet,
    /// The schema row of an entry, or one of the constants below.
    row: u16,
    /// Whether it is an entry that counts: the first with its key, in the first section with its name.
    is_counted: bool,
}

impl LineFacts {
    /// The row of entries without a schema row, in a section that MicroSIP reads.
    pub(super) const UNKNOWN: usize = ROW_COUNT;
    /// The row of entries in other sections.
    pub(super) const FOREIGN: usize = ROW_COUNT + 1;
    /// The row of lines that aren't entries.
    pub(super) const OTHER: usize = ROW_COUNT + 2;
    /// The number of rows.
    pub(super) const ROWS: usize = ROW_COUNT + 3;

    /// Returns the number of its row.
    pub(super) fn row(&self) -> usize {
        usize::from(self.row)
    }

    /// Returns whether it is the first entry with its key, in the first section with its name.
    pub(super) fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// Returns whether it is an entry in a section that MicroSIP reads.
    pub(super) fn is_in_known_section(&self) -> bool {
        self.row() <= Self::UNKNOWN
    }

    /// Returns the key that MicroSIP reads in this section.
    pub(super) fn key(&self) -> Option<&'static Key> {
        ROWS.get(self.row()).map(|row| row.key)
    }
}

impl LineTable {
    /// Reads a document, for a version of MicroSIP.
    pub(super) fn new(document: &Document, microsip: Version) -> Self {
        Reader::new(document, microsip).read()
    }

    /// Returns all lines.
    pub(super) fn lines(&self) -> &[LineFacts] {
        &self.lines
    }

    /// Returns the features that occur anywhere in the document.
    pub(super) fn features(&self) -> FeatureSet {
        self.features
    }

    /// Returns the lines that have one of these features.
    pub(super) fn having(&self, features: FeatureSet) -> impl Iterator<Item = usize> {
        let lines = self.lines.iter().enumerate();
        lines.filter(move |(_, line)| line.features.has(features)).map(|(index, _)| index)
    }

    /// Returns the lines of commands and directives, in order, whether they count or not.
    pub(super) fn hooks(&self) -> impl Iterator<Item = usize> {
        self.hooks.iter().map(|line| *line as usize)
    }

    /// Returns the line of the entry that counts for a key, if the key's section exists once.
    pub(super) fn line_of(&self, row: usize) -> Option<usize> {
        (*self.counted.get(row)? as usize).checked_sub(1)
    }

    /// Returns the line of the entry that shadows an entry of the same section.
    pub(super) fn shadowing(&self, line: usize) -> Option<usize> {
        let number = u32::try_from(line).ok()?;
        let found = self.shadowed.binary_search_by_key(&number, |(line, _)| *line).ok()?;
        Some(self.shadowed[found].1 as usize)
    }
}

/// No version truncates values up to this length.
const MIN_LIMIT: usize = 255;

/// Reads a document line by line.
struct Reader<'d> {
    document: &'d Document,
    microsip: Version,
    /// The text of the document, with one byte for each UTF-16 code unit. Units from 0xff on are 0xff.
    text: Cow<'d, [u8]>,
    /// The start of the text in the document, and the number of bits by which its offsets are shifted there.
    body: usize,
    shift: u32,
    rows: &'static [Row],
    table: LineTable,
    location: LineLocation,
    /// For each row, the line of its first entry in the last section with the row, plus 1.
    seen: [u32; ROW_COUNT],
    numbers: Numbers,
    names: HashMap<(u32, Name), u32>,
    sections: [bool; Section::ALL.len()],
    account_numbers: Numbers,
    section_names: HashSet<Name>,
    accounts: Vec<Account>,
    account_id: Option<u32>,
}

/// The location of a line.
#[derive(Clone, Copy)]
struct LineLocation {
    /// The section, if MicroSIP reads it.
    section: Option<Section>,
    /// The line of the header, plus 1, or 0 before the first header.
    header: u32,
    /// Whether it is the first section with its name.
    is_counted: bool,
    /// The next number of a numbered list.
    next: u32,
}

/// The properties that make an account complete.
struct Account {
    number: u32,
    has_domain: bool,
    /// The range of the user name in the text.
    user: Range<usize>,
}

/// The first line of each number.
#[derive(Default)]
struct Numbers {
    small: Vec<u32>,
    large: HashMap<u32, u32>,
}

impl Numbers {
    /// Records the line of a number, unless a line after `from` already has it, and returns the first such line. Lines are
    /// counted from 1.
    fn first(&mut self, number: u32, line: u32, from: u32) -> u32 {
        const SMALL: usize = 1 << 12;
        let index = number as usize;
        let first = if index < SMALL {
            if self.small.len() <= index {
                self.small.resize(index + 1, 0);
            }
            &mut self.small[index]
        } else {
            self.large.entry(number).or_default()
        };
        if *first <= from {
            *first = line;
        }
        *first
    }
}

impl<'d> Reader<'d> {
    fn new(document: &'d Document, microsip: Version) -> Self {
        let table = LineTable {
            lines: Vec::with_capacity(document.lines().len()),
            counted: [0; ROW_COUNT],
            shadowed: Vec::new(),
            hooks: Vec::new(),
            features: FeatureSet::NONE,
        };
        Self {
            document,
            microsip,
            text: document.narrowed(),
            body: document.body(),
            shift: document.encoding().unit().trailing_zeros(),
            rows: &ROWS,
            table,
            location: LineLocation { section: None, header: 0, is_counted: false, next: 0 },
            seen: [0; ROW_COUNT],
            numbers: Numbers::default(),
            names: HashMap::new(),
            sections: [false; Section::ALL.len()],
            account_numbers: Numbers::default(),
            section_names: HashSet::new(),
            accounts: Vec::new(),
            account_id: Some(0),
        }
    }

    fn read(mut self) -> LineTable {
        let mut features = self.file();
        // Line numbers have 32 bits, as their offsets do.
        for (number, line) in (1..).zip(self.document.lines()) {
            let facts = self.line(number, line);
            features.add(facts.features);
            if facts.features.has(FeatureSet::HOOK) {
                self.table.hooks.push(number - 1);
            }
            self.table.lines.push(facts);
        }
        features.add_if(!self.has_plain_accounts(), FeatureSet::ACCOUNTS);
        self.table.features = features;
        self.table
    }

    /// Returns the features of the file as a whole.
    fn file(&self) -> FeatureSet {
        let document = self.document;
        let (encoding, body) = (document.encoding(), &document.bytes()[document.body()..]);
        let is_wide = !body.len().is_multiple_of(encoding.unit())
            || memchr::memchr(0, &self.text).is_some()
            || self.text.len() < body.len() && has_high_byte(body);
        let mut features = FeatureSet::NONE;
        features.add_if(encoding != Encoding::MICROSIP, FeatureSet::ENCODING);
        features.add_if(is_wide, FeatureSet::WIDE);
        features
    }

    #[inline]
    fn line(&mut self, number: u32, line: &Line) -> LineFacts {
        let mut facts = LineFacts {
            features: FeatureSet::NONE,
            row: LineFacts::OTHER as u16,
            is_counted: false,
        };
        let features = &mut facts.features;
        let is_above = self.location.header == 0;
        match line.kind() {
            LineKind::Entry => {
                features.add_if(is_above, FeatureSet::ABOVE);
                self.entry(number, line, &mut facts);
            }
            LineKind::Blank => {}
            LineKind::Comment => features.add(FeatureSet::COMMENT),
            LineKind::Header => self.header(number, line, features),
            LineKind::Text => {
                features.add(FeatureSet::TEXT);
                features.add_if(is_above, FeatureSet::ABOVE);
            }
        }
        let is_lone_cr = self.characters(line.line_ending()) == b"\r";
        facts.features.add_if(is_lone_cr, FeatureSet::LONE_CR);
        facts
    }

    /// Returns the characters of a span, one byte each.
    #[inline]
    fn characters(&self, span: Span) -> &[u8] {
        &self.text[self.range(span)]
    }

    #[inline]
    fn range(&self, span: Span) -> Range<usize> {
        let Range { start, end } = span.range();
        // Lines without a name or value have empty spans.
        if start == end {
            return 0..0;
        }
        (start - self.body) >> self.shift..(end - self.body) >> self.shift
    }

    fn header(&mut self, number: u32, line: &Line, features: &mut FeatureSet) {
        let name = self.characters(line.name());
        let after = trim(self.characters(line.content()));
        let close = memchr::memchr(b']', after);
        let mut found = FeatureSet::of_name(name);
        found.add_if(close.is_some_and(|at| at + 1 < after.len()), FeatureSet::TEXT_AFTER_HEADER);
        // In some code pages, a byte of another character looks like the bracket.
        let is_unsure =
            matches!(self.document.encoding(), Encoding::Ansi(page) if page.is_double_byte());
        found.add_if(close.is_none() || is_unsure, FeatureSet::OPEN_HEADER);
        let name = str::from_utf8(name).unwrap_or_default();
        let section = Section::of(name);
        found.add_if(section.is_none(), FeatureSet::FOREIGN);
        let account = account_number(name);
        let is_counted = match (section, account) {
            (_, Some(account)) => self.account_numbers.first(account, number, 0) == number,
            (Some(section), None) => !std::mem::replace(&mut self.sections[section as usize], true),
            (None, None) => self.section_names.insert(self.document.name(line.name())),
        };
        found.add_if(!is_counted, FeatureSet::SHADOWED);
        features.add(found);
        self.location = LineLocation { section, header: number, is_counted, next: 0 };
        if let Some(number) = account.filter(|_| is_counted) {
            self.accounts.push(Account { number, has_domain: false, user: 0..0 });
        }
    }

    #[inline]
    fn entry(&mut self, number: u32, line: &Line, facts: &mut LineFacts) {
        let value = self.range(line.value());
        let key = self.characters(line.name());
        let known = self.location.section.and_then(|section| microsip_schema::row_of(section, key));
        let features = &mut facts.features;
        match known {
            Some((row, key)) => {
                // There are fewer rows than that.
                facts.row = row as u16;
                let first = match key.kind() {
                    Kind::Record => self.numbered(number, line, features),
                    _ if self.seen[row] > self.location.header => self.seen[row],
                    _ => {
                        self.seen[row] = number;
                        number
                    }
                };
                facts.is_counted = self.counts(number, first, features);
                if facts.is_counted {
                    self.table.counted[row] = number;
                    self.linked(row, value.clone());
                }
                let row = &self.rows[row];
                features.add(row.always);
                row.value(&self.text[value.clone()], self.microsip, features);
            }
            None => {
                let is_known = self.location.section.is_some();
                facts.row = if is_known { LineFacts::UNKNOWN } else { LineFacts::FOREIGN } as u16;
                self.unknown(number, line, facts);
                let value = &self.text[value.clone()];
                facts.features.add(FeatureSet::of_value(value));
                facts.features.add_if(!value.is_empty(), FeatureSet::FILLED);
            }
        }
        // Lengths of values count modulo 65,536.
        facts.features.add_if(value.len() >= 1 << 16, FeatureSet::ALL);
        let has_space = value.start > 0 && is_whitespace_byte(self.text[value.start - 1])
            || line.value().range().end < line.content().range().end;
        facts.features.add_if(has_space && !value.is_empty(), FeatureSet::SPACE);
    }

    /// Records whether an entry is shadowed, and returns whether it counts.
    #[inline]
    fn counts(&mut self, number: u32, first: u32, features: &mut FeatureSet) -> bool {
        if first != number {
            features.add(FeatureSet::SHADOWED);
            self.table.shadowed.push((number - 1, first - 1));
        }
        first == number && self.location.is_counted
    }

    /// Records the number of a numbered entry, and returns the first line with it.
    fn numbered(&mut self, number: u32, line: &Line, features: &mut FeatureSet) -> u32 {
        let digits = str::from_utf8(self.characters(line.name())).unwrap_or_default();
        let index = digits.parse().unwrap_or(u32::MAX);
        // The list of calls is a ring buffer, which can start at any number.
        let is_ring = self.location.section == Some(Section::Calls);
        features.add_if(index != self.location.next && !is_ring, FeatureSet::GAP);
        self.location.next = index.saturating_add(1);
        self.numbers.first(index, number, self.location.header)
    }

    /// Reads the key of an entry that isn't in the schema.
    fn unknown(&mut self, number: u32, line: &Line, facts: &mut LineFacts) {
        let key = self.characters(line.name());
        let features = &mut facts.features;
        features.add(FeatureSet::of_key(key));
        if self.location.section.is_some() {
            features.add(FeatureSet::UNKNOWN_KEY);
            features.add_if(key.first().is_some_and(u8::is_ascii_digit), FeatureSet::GAP);
        }
        let is_directive = str::from_utf8(key).is_ok_and(|key| Event::of_directive(key).is_some());
        features.add_if(is_directive, FeatureSet::HOOK);
        if self.location.header > 0 {
            let name = self.document.name(line.name());
            let first = *self.names.entry((self.location.header, name)).or_insert(number);
            facts.is_counted = self.counts(number, first, &mut facts.features);
        }
    }

    /// Records the values that are compared with other entries at the end.
    #[inline]
    fn linked(&mut self, row: usize, value: Range<usize>) {
        let role = self.rows[row].role;
        if role == Role::None {
            return;
        }
        let text = &self.text[value.clone()];
        match (role, self.accounts.last_mut()) {
            (Role::AccountId, _) => self.account_id = plain_number(text),
            (Role::Domain, Some(account)) => account.has_domain = is_text(text),
            (Role::User, Some(account)) if is_text(text) => account.user = value,
            _ => {}
        }
    }

    /// Returns whether the accounts are numbered 1, 2, 3, and so on, each have a domain and a different user, and one of them
    /// is in use. Without accounts, none may be in use.
    fn has_plain_accounts(&self) -> bool {
        let others = || self.accounts.iter().filter(|account| account.number > 0);
        let count = others().count() as u64;
        let is_one = |number: u32| (1..=count).contains(&u64::from(number));
        let is_complete = |account: &Account| {
            account.has_domain && !account.user.is_empty() && is_one(account.number)
        };
        let is_used =
            self.account_id.is_some_and(|id| if count == 0 { id == 0 } else { is_one(id) });
        let mut users = HashSet::new();
        let mut is_new =
            |account: &Account| count < 2 || users.insert(&self.text[account.user.clone()]);
        is_used && others().all(|account| is_complete(account) && is_new(account))
    }
}

/// Returns whether a UTF-16LE code unit is greater than 0xff.
fn has_high_byte(body: &[u8]) -> bool {
    let (pairs, _) = body.as_chunks::<2>();
    pairs.iter().fold(0, |bits, pair| bits | u16::from_le_bytes(*pair)) > 0xff
}

/// The role of an entry that is compared with other entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    None,
    AccountId,
    Domain,
    User,
}

/// A row of the schema, with the features that it adds to an entry.
struct Row {
    key: &'static Key,
    kind: Kind,
    role: Role,
    /// The versions that read it, by rank; those in a gap count as older ones.
    since: u64,
    until: u64,
    /// The features of a nonempty entry that is too new or too old for the target version.
    too_new: FeatureSet,
    too_old: FeatureSet,
    /// The features of every entry.
    always: FeatureSet,
    /// The features of every nonempty entry.
    filled: FeatureSet,
}

/// All rows, in the order of the schema.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| microsip_schema::keys().map(Row::new).collect());

impl Row {
    fn new(key: &'static Key) -> Self {
        let role = match (key.section(), key.name()) {
            (Section::Settings, "accountId") => Role::AccountId,
            (Section::Account, "domain") => Role::Domain,
            (Section::Account, "username") => Role::User,
            _ => Role::None,
        };
        let unavailable =
            |is_it: bool| if is_it { FeatureSet::UNAVAILABLE } else { FeatureSet::NONE };
        let (since, until) = match key.since() {
            Since::Version(since) => (
                key.gap().map_or(since.rank(), |(_, last)| last.rank() + 1),
                key.until().map_or(u64::MAX, Version::rank),
            ),
            Since::Fork(_) | Since::Unread => (0, u64::MAX),
        };
        // Newer versions migrate these entries, and machine state isn't the user's choice.
        let is_carried_over = matches!(key.section(), Section::Calls | Section::Contacts);
        let is_renamed = microsip_schema::renamed(key.section().label(), key.name()).is_some();
        let is_silent = is_carried_over || key.is_machine_state();
        let always = match key.since() {
            Since::Fork(_) => FeatureSet::UNAVAILABLE,
            Since::Unread => FeatureSet::UNAVAILABLE.and(FeatureSet::UNKNOWN_KEY),
            Since::Version(_) => FeatureSet::NONE,
        };
        let mut filled = FeatureSet::FILLED;
        filled.add_if(key.kind() == Kind::Command, FeatureSet::HOOK);
        filled.add_if(key.is_legacy_account(), FeatureSet::ACCOUNTS.and(FeatureSet::UNAVAILABLE));
        Self {
            key,
            kind: key.kind(),
            role,
            since,
            until,
            too_new: unavailable(!key.is_machine_state()),
            too_old: unavailable(is_renamed || !is_silent),
            always,
            filled,
        }
    }

    /// Adds the features of a value.
    #[inline]
    fn value(&self, value: &[u8], microsip: Version, features: &mut FeatureSet) {
        if value.is_empty() {
            features.add(FeatureSet::NOT_ZERO);
            return;
        }
        features.add(self.filled);
        features.add(FeatureSet::of_value(value));
        features.add_if(value != b"0", FeatureSet::NOT_ZERO);
        features.add_if(value.len() > MIN_LIMIT, FeatureSet::LONG);
        let rank = microsip.rank();
        features.add_if(rank < self.since, self.too_new);
        features.add_if(rank > self.until, self.too_old);
        features.add_if(!self.is_plain_value(value, microsip), FeatureSet::INVALID);
    }

    /// Returns whether a version reads a value as intended. May return `false` if that isn't obvious.
    fn is_plain_value(&self, value: &[u8], microsip: Version) -> bool {
        match self.kind {
            Kind::Switch(_) => matches!(value, b"0" | b"1"),
            Kind::Number { min, max } => match plain_number(value) {
                Some(number) => (min..=max).contains(&i64::from(number)),
                None => self.accepts(value, microsip),
            },
            Kind::Ports => self.accepts(value, microsip),
            Kind::Choice(choices) => {
                let choice = choices.iter().find(|choice| choice.text().as_bytes() == value);
                choice.is_some_and(|choice: &Choice| choice.is_known(microsip))
            }
            Kind::Codecs => are_built_in_codecs(value),
            Kind::Secret => str::from_utf8(value)
                .is_ok_and(|value| password_form(value) == PasswordForm::Stored),
            Kind::List | Kind::Text | Kind::Path | Kind::Command | Kind::Record => true,
        }
    }

    fn accepts(&self, value: &[u8], microsip: Version) -> bool {
        str::from_utf8(value).is_ok_and(|value| self.key.check(value, microsip).is_ok())
    }
}

/// Parses a number of a few digits. An empty one is 0.
fn plain_number(value: &[u8]) -> Option<u32> {
    // A number with at most this many digits fits into 32 bits.
    const MAX_DIGITS: usize = 9;
    let is_plain = value.len() <= MAX_DIGITS && value.iter().all(u8::is_ascii_digit);
    is_plain.then(|| value.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
}

/// Returns whether Windows certainly reads a nonempty value: quotes and NUL characters could result in an empty one.
fn is_text(value: &[u8]) -> bool {
    !value.is_empty() && !value.iter().any(|byte| matches!(byte, b'"' | b'\'' | 0))
}

/// Returns whether a list contains only MicroSIP's codecs, each once, separated by one space.
fn are_built_in_codecs(value: &[u8]) -> bool {
    let mut seen = 0_u32;
    value.split(|byte| *byte == b' ').all(|id| {
        let index = BUILT_IN_CODECS.iter().position(|codec| codec.as_bytes() == id);
        let bit = index.map_or(0, |index| 1 << index);
        let is_new = bit != 0 && seen & bit == 0;
        seen |= bit;
        is_new
    })
}

/// MicroSIP's codecs, as it writes them.
pub(super) const BUILT_IN_CODECS: [&str; 9] = [
    "opus/48000/2",
    "G722/16000/1",
    "PCMA/8000/1",
    "PCMU/8000/1",
    "G729/8000/1",
    "speex/16000/1",
    "iLBC/8000/1",
    "GSM/8000/1",
    "AMR/8000/1",
];
