//! A quick look at a whole file, once, before any rule runs: which signs stand in it.
//!
//! Of most files no rule has anything to say, and this tells so without parsing them. A sign may stand for nothing; where
//! a rule finds something, one of its signs is there. Tests hold that of any bytes.
//!
//! The files of a fleet are alike. So the lines of an earlier file are remembered, with what they say, and only those
//! that differ from them are looked at.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::LazyLock;

use super::signs::Signs;
use crate::ini::letters::{is_blank, line_end, next_line, trim};
use crate::ini::{Document, Encoding};
use crate::schema::{self, Key, Kind, ROW_COUNT, Section, Since, Version, account_number};

/// What stands in a file, for any version.
///
/// # Example
///
/// ```
/// use msipctl::ini::{Document, Encoding};
/// use msipctl::schema::Version;
/// use msipctl::validate::Sketch;
///
/// let text = "[Settings]\r\nAA=0\r\n[Global]\r\nversion=3.22.16\r\n";
/// let document = Document::parse(text.into(), Encoding::Ascii);
/// assert_eq!(Sketch::new(&document).written_by(), Some(Some(Version::NEWEST)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch {
    says: Says,
    written_by: Option<Option<Version>>,
}

impl Sketch {
    /// Looks at a document, and parses nothing.
    pub fn new(document: &Document) -> Self {
        let encoding = document.encoding();
        let Some(text) = document.letters() else { return Self::UNKNOWN };
        let mut signs = Signs::NONE;
        signs.add_if(encoding != Encoding::MICROSIP, Signs::ENCODING);
        let body = document.bytes().len() - document.body();
        signs.add_if(!body.is_multiple_of(encoding.unit()), Signs::LETTERS);
        MEMORY.with_borrow_mut(|memory| memory.sketch(signs, &text))
    }

    /// Anything may stand in the file.
    const UNKNOWN: Self =
        Self { says: Says { signs: Signs::ALL, ..Says::NOTHING }, written_by: None };

    /// Returns the signs where a version is aimed at.
    pub(super) fn signs(self, microsip: Version) -> Signs {
        let Says { signs, since, until } = self.says;
        let is_read = (since..=until).contains(&microsip.rank());
        let mut signs = signs.and(Signs::ANY);
        signs.add_if(!is_read, Signs::UNAVAILABLE.and(Signs::WORD));
        signs
    }

    /// Returns the MicroSIP that wrote the file, if it says so; `None` if only a closer look can tell.
    pub fn written_by(self) -> Option<Option<Version>> {
        self.written_by
    }
}

/// What a line says, or all lines together: signs, and the versions that read all of it, by their rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Says {
    signs: Signs,
    since: u64,
    until: u64,
}

impl Says {
    const NOTHING: Self = Self { signs: Signs::NONE, since: 0, until: u64::MAX };

    const fn signs(signs: Signs) -> Self {
        Self { signs, ..Self::NOTHING }
    }

    fn add(&mut self, other: Self) {
        self.signs.add(other.signs);
        self.only(other.since, other.until);
    }

    /// Leaves only the versions between two.
    fn only(&mut self, since: u64, until: u64) {
        self.since = self.since.max(since);
        self.until = self.until.min(until);
    }
}

/// Longer values than this may be cut by one version or another.
const SHORT: usize = 255;

/// The longest text that is kept, in letters.
const MOST: usize = 1 << 20;

/// Where a line stands: in a section that MicroSIP reads, by its number, or elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place(u8);

impl Place {
    /// Above the first header.
    const ABOVE: Self = Self(u8::MAX);
    /// In a section that MicroSIP does not read.
    const FOREIGN: Self = Self(u8::MAX - 1);

    fn section(self) -> Option<Section> {
        Section::ALL.get(usize::from(self.0)).copied()
    }
}

/// A line, read.
#[derive(Clone, Copy)]
struct Line {
    what: What,
    says: Says,
    /// Where the value stands.
    value: (u32, u32),
}

#[derive(Clone, Copy)]
enum What {
    /// Nothing that other lines could add to.
    Else,
    /// A header, and the number of the account.
    Header(Place, Option<u32>),
    /// An entry: the number of its row, what it adds to others, and its own number in a list.
    Entry(u16, Role, u32),
}

/// A line of the file that is remembered.
#[derive(Clone, Copy)]
struct Remembered {
    line: Line,
    place: Place,
    start: usize,
    /// Behind the `=` of an entry that is in the table, else behind the line.
    key_end: usize,
    /// Behind the line ending.
    end: usize,
    /// How many letters of line ends stand above it.
    endings: usize,
    /// Whether it says nothing but that its key is there.
    is_quiet: bool,
}

/// Where a line begins in a text, and which remembered one it should be.
#[derive(Clone, Copy)]
struct At {
    start: usize,
    next: usize,
}

/// The lines of an earlier file.
struct Memory {
    text: Vec<u8>,
    lines: Vec<Remembered>,
    /// How many letters of line ends there are.
    endings: usize,
    /// Which line comes behind the one of a row.
    behind_row: [u16; ROW_COUNT],
    /// Which line comes behind the header of a section.
    behind_header: [u16; Section::ALL.len()],
    /// How many files in a row were not like this one.
    unlike: usize,
}

thread_local! {
    static MEMORY: RefCell<Memory> = const { RefCell::new(Memory::EMPTY) };
}

impl Memory {
    const EMPTY: Self = Self {
        text: Vec::new(),
        lines: Vec::new(),
        endings: 0,
        behind_row: [0; _],
        behind_header: [0; _],
        unlike: 0,
    };

    fn sketch(&mut self, signs: Signs, text: &[u8]) -> Sketch {
        let mut pen = Pen::new(signs);
        pen.letters(text);
        let mut at = At { start: 0, next: 0 };
        let mut read = 0;
        while at.start < text.len() {
            at = self.alike(&mut pen, text, at).unwrap_or_else(|| {
                read += 1;
                self.read(&mut pen, text, at)
            });
        }
        if read * 4 <= self.lines.len() {
            self.unlike = 0;
        } else {
            self.unlike += 1;
            // Of files that are never alike none is worth the time.
            if self.unlike.is_power_of_two() && text.len() <= MOST {
                self.remember(text);
            }
        }
        pen.finished(text)
    }

    /// Takes the lines that are the remembered ones, and one whose value only is another; `None` if there is none.
    fn alike(&self, pen: &mut Pen, text: &[u8], at: At) -> Option<At> {
        let first = self.lines.get(at.next).filter(|known| known.place == pen.place)?;
        let same = first.start + agreement(&text[at.start..], &self.text[first.start..]);
        // Lines stand that much further on than they are remembered.
        let offset = at.start.wrapping_sub(first.start);
        let mut next = at.next;
        for known in &self.lines[at.next..] {
            if known.end > same || known.place != pen.place {
                break;
            }
            match known.line.what {
                What::Entry(row, ..) if known.is_quiet => pen.row(row),
                _ => pen.line(text, &known.line, offset),
            }
            next += 1;
        }
        let now = match next.checked_sub(1) {
            Some(last) if next > at.next => {
                let behind = self.lines.get(next).map_or(self.endings, |known| known.endings);
                pen.odd -= behind - first.endings;
                At { start: self.lines[last].end.wrapping_add(offset), next }
            }
            _ => at,
        };
        if let Some(known) = self.lines.get(next).filter(|known| known.place == pen.place)
            && let What::Entry(row, role, number) = known.line.what
            && known.key_end <= same
        {
            let behind_key = known.key_end.wrapping_add(offset);
            let row_known = &pen.rows[usize::from(row)];
            let (value, end) = row_known.value(text, behind_key, &mut pen.says);
            pen.entry(text, row, role, number, value);
            let start = next_line(text, end);
            pen.odd -= start - end;
            return Some(At { start, next: next + 1 });
        }
        (next > at.next).then_some(now)
    }

    /// Reads a line, and finds the one that is to be expected behind it.
    fn read(&self, pen: &mut Pen, text: &[u8], at: At) -> At {
        let end = line_end(text, at.start);
        let (line, _) = line(pen.place, text, at.start..end);
        pen.line(text, &line, 0);
        let next = match line.what {
            What::Entry(row, ..) => usize::from(self.behind_row[usize::from(row)]),
            What::Header(place, _) => {
                let behind = self.behind_header.get(usize::from(place.0));
                behind.map_or(at.next, |behind| usize::from(*behind))
            }
            What::Else => at.next,
        };
        let start = next_line(text, end);
        pen.odd -= start - end;
        At { start, next }
    }

    /// Remembers the lines of a file in place of those of another.
    fn remember(&mut self, text: &[u8]) {
        self.text.clear();
        self.text.extend_from_slice(text);
        self.lines.clear();
        self.endings = 0;
        (self.behind_row, self.behind_header) = ([0; _], [0; _]);
        let (mut start, mut place) = (0, Place::ABOVE);
        while start < text.len() && self.lines.len() < usize::from(u16::MAX) {
            let content_end = line_end(text, start);
            let (line, key_end) = line(place, text, start..content_end);
            let end = next_line(text, content_end);
            // What ends without line ending may go on in another file.
            if end == content_end {
                break;
            }
            let is_quiet =
                matches!(line.what, What::Entry(_, Role::None, _)) && line.says == Says::NOTHING;
            let endings = self.endings;
            self.lines.push(Remembered { line, place, start, key_end, end, endings, is_quiet });
            self.endings += end - content_end;
            match line.what {
                What::Header(new, _) => {
                    place = new;
                    if let Some(behind) = self.behind_header.get_mut(usize::from(place.0)) {
                        *behind = self.lines.len() as u16;
                    }
                }
                What::Entry(row, ..) => {
                    self.behind_row[usize::from(row)] = self.lines.len() as u16;
                }
                What::Else => {}
            }
            start = end;
        }
    }
}

/// Returns how many letters two texts have in common from their beginning on.
fn agreement(one: &[u8], other: &[u8]) -> usize {
    let (wide, _) = one.as_chunks::<8>();
    let (wide_other, _) = other.as_chunks::<8>();
    let mut same = 0;
    for (one, other) in wide.iter().zip(wide_other) {
        let differs = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        if differs != 0 {
            return same + differs.trailing_zeros() as usize / 8;
        }
        same += 8;
    }
    same + one[same..].iter().zip(&other[same..]).take_while(|(one, other)| one == other).count()
}

/// Reads a line; also returns the end of the key that is known, or else of the line.
fn line(place: Place, text: &[u8], at: Range<usize>) -> (Line, usize) {
    let end = at.end;
    let signs = |signs| {
        let line = Line { what: What::Else, says: Says::signs(signs), value: (0, 0) };
        (line, end)
    };
    let trimmed = trim(&text[at.clone()]);
    let equals = match trimmed {
        [] => return signs(Signs::NONE),
        [b';', ..] => return signs(Signs::COMMENT),
        [b'[', inner @ ..] => return (header(inner), end),
        _ => memchr::memchr(b'=', trimmed),
    };
    let mut above = if place == Place::ABOVE { Signs::ABOVE } else { Signs::NONE };
    let Some(equals) = equals else { return signs(above.and(Signs::TEXT)) };
    let key = trim(&trimmed[..equals]);
    let Some(section) = place.section() else {
        above.add_if(is_odd(key), Signs::ODD_KEY);
        return signs(above);
    };
    let Some((row, known)) = schema::row_of(section, key) else {
        let mut unknown = Signs::UNKNOWN_KEY;
        unknown.add_if(is_odd(key), Signs::ODD_KEY);
        return signs(unknown);
    };
    let number = match known.kind() {
        Kind::Record => number(key).unwrap_or(u32::MAX),
        _ => 0,
    };
    let key_start = at.start + text[at.clone()].iter().take_while(|byte| is_blank(**byte)).count();
    let value_start = key_start + equals + 1;
    let row_known = &ROWS[row];
    let mut says = Says::NOTHING;
    let (value, _) = row_known.value(text, value_start, &mut says);
    let value = (value.start as u32, value.end as u32);
    // There are fewer rows than that.
    let what = What::Entry(row as u16, row_known.role, number);
    (Line { what, says, value }, value_start)
}

fn header(inner: &[u8]) -> Line {
    let mut signs = Signs::NONE;
    let name = match memchr::memchr(b']', inner) {
        Some(at) => {
            signs.add_if(at + 1 < inner.len(), Signs::BEHIND_HEADER);
            &inner[..at]
        }
        None => {
            signs.add(Signs::OPEN_HEADER);
            inner
        }
    };
    let name = str::from_utf8(trim(name)).unwrap_or_default();
    let place = Section::of(name).map_or(Place::FOREIGN, |section| Place(section as u8));
    signs.add_if(place == Place::FOREIGN, Signs::FOREIGN);
    let what = What::Header(place, account_number(name));
    Line { what, says: Says::signs(signs), value: (0, 0) }
}

/// Draws the sketch of a file from its lines.
struct Pen {
    rows: &'static [Row],
    says: Says,
    written_by: Option<Version>,
    place: Place,
    /// How many letters are control letters or beyond ASCII, but for line ends.
    odd: usize,
    /// How many closing brackets there are, but for those of headers.
    brackets: usize,
    /// The rows seen in the section.
    seen: [u64; ROW_COUNT.div_ceil(64)],
    /// The number that the next entry of a list has.
    next: u32,
    /// The sections seen, but for accounts.
    sections: u8,
    accounts: Vec<Account>,
    account_id: Option<u32>,
}

/// What is to be known of an account.
#[derive(Clone, Copy)]
struct Account {
    number: u32,
    has_domain: bool,
    /// Where the user's name stands.
    user: (u32, u32),
}

impl Pen {
    fn new(signs: Signs) -> Self {
        Self {
            rows: &ROWS,
            says: Says::signs(signs),
            written_by: None,
            place: Place::ABOVE,
            odd: 0,
            brackets: 0,
            seen: [0; _],
            next: 0,
            sections: 0,
            accounts: Vec::new(),
            account_id: Some(0),
        }
    }

    /// Looks at all letters, wherever they stand.
    fn letters(&mut self, text: &[u8]) {
        for part in text.chunks(128) {
            let (mut odd, mut brackets) = (0, 0);
            for byte in part {
                // From 0x80 on they are below 0 when a byte has a sign.
                odd += u8::from(byte.cast_signed() < 0x20);
                brackets += u8::from(*byte == b']');
            }
            self.odd += usize::from(odd);
            self.brackets += usize::from(brackets);
        }
        if memchr::memchr3(b'"', b'\'', b'?', text).is_some() {
            let signs = &mut self.says.signs;
            signs.add_if(memchr::memchr2(b'"', b'\'', text).is_some(), Signs::QUOTE);
            signs.add_if(memchr::memchr(b'?', text).is_some(), Signs::QUESTION);
        }
    }

    /// Adds a line. Its value stands in the text, that much further on than it says.
    #[inline]
    fn line(&mut self, text: &[u8], line: &Line, offset: usize) {
        self.says.add(line.says);
        match line.what {
            What::Else => {}
            What::Header(place, number) => self.header(line.says.signs, place, number),
            What::Entry(row, role, number) => {
                let start = (line.value.0 as usize).wrapping_add(offset);
                let end = (line.value.1 as usize).wrapping_add(offset);
                self.entry(text, row, role, number, start..end);
            }
        }
    }

    /// Adds what an entry says together with others.
    #[inline]
    fn entry(&mut self, text: &[u8], row: u16, role: Role, number: u32, value: Range<usize>) {
        if matches!(role, Role::List | Role::Ring) {
            return self.number(role, number);
        }
        self.row(row);
        if role != Role::None {
            self.role(role, &text[value.clone()], (value.start as u32, value.end as u32));
        }
    }

    /// Notes that a key is there.
    #[inline]
    fn row(&mut self, row: u16) {
        let (word, bit) = (usize::from(row) / 64, 1 << (row % 64));
        self.says.signs.add_if(self.seen[word] & bit != 0, Signs::TWICE);
        self.seen[word] |= bit;
    }

    /// Takes the number of a list's entry.
    fn number(&mut self, role: Role, number: u32) {
        // The list of calls is a ring, which begins anywhere.
        self.says.signs.add_if(number < self.next, Signs::TWICE);
        self.says.signs.add_if(number != self.next && role == Role::List, Signs::GAP);
        self.next = number.saturating_add(1);
    }

    fn header(&mut self, signs: Signs, place: Place, number: Option<u32>) {
        self.brackets -= usize::from(!signs.has(Signs::OPEN_HEADER));
        (self.place, self.seen, self.next) = (place, [0; _], 0);
        let is_twice = match (place, number) {
            (_, Some(number)) => {
                let is_twice = self.accounts.iter().any(|account| account.number == number);
                self.accounts.push(Account { number, has_domain: false, user: (0, 0) });
                is_twice
            }
            (Place(section), None) if place != Place::FOREIGN => {
                let bit = 1 << section;
                let is_twice = self.sections & bit != 0;
                self.sections |= bit;
                is_twice
            }
            _ => false,
        };
        self.says.signs.add_if(is_twice, Signs::TWICE);
    }

    /// Notes what is to be compared in the end.
    fn role(&mut self, role: Role, value: &[u8], at: (u32, u32)) {
        match (role, self.accounts.last_mut()) {
            (Role::Id, _) => self.account_id = number(value),
            (Role::Version, _) => {
                let version = str::from_utf8(value).ok();
                let version = version.map(|value| value.trim().trim_matches('"').parse().ok());
                self.written_by = version.flatten();
            }
            (Role::Domain, Some(account)) => account.has_domain = is_text(value),
            (Role::User, Some(account)) if is_text(value) => account.user = at,
            _ => {}
        }
    }

    fn finished(mut self, text: &[u8]) -> Sketch {
        let signs = &mut self.says.signs;
        // Of two sections or keys of a name, what was noted may be of the wrong one.
        if signs.has(Signs::TWICE) {
            return Sketch::UNKNOWN;
        }
        signs.add_if(self.odd > 0, Signs::LETTERS);
        signs.add_if(self.brackets > 0, Signs::BRACKET);
        signs.add_if(!are_whole(text, &self.accounts, self.account_id), Signs::ACCOUNTS);
        let is_plain = !signs.has(Signs::LETTERS);
        Sketch { says: self.says, written_by: is_plain.then_some(self.written_by) }
    }
}

/// Says whether the accounts are numbered 1, 2, 3 and so on, have a domain and a user each, all of them different, and
/// one of them is in use. Without accounts none may be.
fn are_whole(text: &[u8], accounts: &[Account], id: Option<u32>) -> bool {
    let others = || accounts.iter().filter(|account| account.number > 0);
    let count = others().count() as u64;
    let is_one = |number: u32| (1..=count).contains(&u64::from(number));
    let user = |account: &Account| &text[account.user.0 as usize..account.user.1 as usize];
    let is_whole = |account: &Account| {
        let is_same = |other: &&Account| user(other) == user(account);
        account.has_domain && is_one(account.number) && others().filter(is_same).count() == 1
    };
    let is_used = id.is_some_and(|id| if count == 0 { id == 0 } else { is_one(id) });
    is_used && others().all(|account| !user(account).is_empty() && is_whole(account))
}

/// What other lines say together with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Nothing.
    None,
    /// It is one of a list that is numbered from 0 on.
    List,
    /// It is one of a list in which the oldest entries are overwritten.
    Ring,
    /// It names the account in use.
    Id,
    /// It names the version that wrote the file.
    Version,
    /// An account's domain.
    Domain,
    /// An account's user.
    User,
}

/// How the value of a key is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Only by its kind.
    Kind,
    /// It counts together with another key unless it is off.
    Switch,
    /// It counts together with another key once it is set.
    Set,
    /// The same, and it may hold escapes.
    Directory,
    /// A variable in it is not expanded.
    Variable,
    /// It is looked at closely once it is set.
    Address,
    /// It is a host, and nothing else.
    Host,
    /// It is a user, and nothing else.
    User,
}

/// A row of the table, and what is to be known of it here.
struct Row {
    known: &'static Key,
    role: Role,
    look: Look,
    ease: Ease,
    /// When rules about versions may tell of it, and what it says then.
    told: Told,
    chosen: Says,
}

/// Values of a key that say nothing at all.
#[derive(Debug, Clone, Copy)]
enum Ease {
    /// Any.
    Any,
    /// Numbers up to this one.
    Number(u32),
    /// Each is to be looked at.
    None,
}

/// When rules about versions may tell of a key.
#[derive(Debug, Clone, Copy)]
enum Told {
    /// Of any value, as no MicroSIP reads it.
    Always,
    /// Unless it is empty.
    IfSet,
    /// Unless it is empty or the default.
    IfOther(&'static [u8]),
    /// Of no value: it is the state of a computer.
    Never,
}

/// All rows, in the order of the table.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| schema::keys().map(Row::new).collect());

impl Row {
    fn new(known: &'static Key) -> Self {
        let role = match (known.section(), known.name()) {
            (Section::Calls, _) => Role::Ring,
            (Section::Dialed | Section::Contacts | Section::Shortcuts, _) => Role::List,
            (Section::Settings, "accountId") => Role::Id,
            (Section::Global, "version") => Role::Version,
            (Section::Account, "domain") => Role::Domain,
            (Section::Account, "username") => Role::User,
            _ => Role::None,
        };
        let look = match (known.section(), known.name()) {
            (Section::Settings, "AA" | "DND" | "FWD" | "dnsSrv" | "enableSTUN" | "rtpPortMax") => {
                Look::Switch
            }
            (Section::Settings, "STUN" | "dnsSrvNs" | "forwarding") => Look::Set,
            (Section::Settings, "usersDirectory") => Look::Directory,
            (Section::Settings, "recordingPath") => Look::Variable,
            (Section::Account, "SRTP" | "publicAddr") => Look::Address,
            (_, "domain" | "server" | "proxy") => Look::Host,
            (_, "username" | "authID") => Look::User,
            _ => Look::Kind,
        };
        let is_carried_over = matches!(known.section(), Section::Calls | Section::Contacts);
        let chosen = match known.since() {
            Since::Fork(_) | Since::Unread => Says::signs(Signs::UNAVAILABLE),
            Since::Version(since) => {
                let until = known.until().filter(|_| !is_carried_over);
                let until = until.map_or(u64::MAX, Version::rank);
                Says { signs: Signs::NONE, since: since.rank(), until }
            }
        };
        let has_heir = schema::renamed(known.section().label(), known.name()).is_some();
        let told = match known.since() {
            Since::Fork(_) | Since::Unread => Told::Always,
            Since::Version(_) if has_heir => Told::IfSet,
            Since::Version(_) if known.is_machine_state() => Told::Never,
            Since::Version(_) => Told::IfOther(known.default().unwrap_or_default().as_bytes()),
        };
        let is_nobodys = look == Look::Kind && matches!(told, Told::Never);
        let ease = match known.kind() {
            Kind::Text | Kind::List | Kind::Record if is_nobodys => Ease::Any,
            Kind::Number { min: ..=0, max } if is_nobodys => {
                Ease::Number(u32::try_from(max.max(0)).unwrap_or(u32::MAX))
            }
            _ => Ease::None,
        };
        Self { known, role, look, ease, told, chosen }
    }

    /// Reads what stands behind the `=`, and returns where the value is and where the line ends.
    #[inline]
    fn value(&self, text: &[u8], start: usize, says: &mut Says) -> (Range<usize>, usize) {
        match self.ease {
            Ease::Number(most) => {
                let (mut number, mut end) = (0_u32, start);
                while let Some(digit @ 0..=9) = text.get(end).map(|byte| byte.wrapping_sub(b'0')) {
                    number = number.wrapping_mul(10).wrapping_add(u32::from(digit));
                    end += 1;
                }
                let is_short = end - start <= DIGITS && number <= most;
                if is_short && matches!(text.get(end), None | Some(b'\n' | b'\r')) {
                    return (start..end, end);
                }
            }
            Ease::Any => {
                let end = line_end(text, start);
                let is_blank = |at: usize| is_blank(text[at]);
                let is_short = end - start <= SHORT;
                if is_short && (start == end || !is_blank(start) && !is_blank(end - 1)) {
                    return (start..end, end);
                }
            }
            Ease::None => {}
        }
        let end = line_end(text, start);
        (self.read(text, start..end, says), end)
    }

    /// Reads what stands between the `=` and the end of the line, and returns where the value is.
    fn read(&self, text: &[u8], behind: Range<usize>, says: &mut Says) -> Range<usize> {
        let Range { mut start, mut end } = behind;
        while start < end && is_blank(text[start]) {
            start += 1;
        }
        while start < end && is_blank(text[end - 1]) {
            end -= 1;
        }
        let value = &text[start..end];
        let length = value.len();
        says.signs.add_if(length > 0 && length < behind.len(), Signs::BLANK);
        says.signs.add_if(length > SHORT, Signs::LONG);
        // Longer ones wrap round.
        says.signs.add_if(length >= 1 << 16, Signs::ALL);
        self.judge(value, says);
        start..end
    }

    fn judge(&self, value: &[u8], says: &mut Says) {
        if self.is_chosen(value) {
            says.add(self.chosen);
        }
        if !value.is_empty() {
            self.look(value, &mut says.signs);
            self.kind(value, says);
            says.signs.add_if(may_be_unfilled(value), Signs::PLACEHOLDER);
        }
    }

    /// Says whether somebody chose a value. Of what nobody chose, no rule about versions tells, but where a key has an heir.
    fn is_chosen(&self, value: &[u8]) -> bool {
        match self.told {
            Told::Always => true,
            Told::IfSet => !value.is_empty(),
            Told::IfOther(default) => !value.is_empty() && value != default,
            Told::Never => false,
        }
    }

    fn kind(&self, value: &[u8], says: &mut Says) {
        let signs = &mut says.signs;
        match self.known.kind() {
            Kind::Switch(_) => signs.add_if(!matches!(value, b"0" | b"1"), Signs::SWITCH),
            Kind::Number { min, max } => {
                let number = number(value).map(i64::from);
                let is_in = number.map_or_else(|| self.fits(value), |it| (min..=max).contains(&it));
                signs.add_if(!is_in, Signs::NUMBER);
            }
            Kind::Ports => signs.add_if(!self.fits(value), Signs::PORTS),
            Kind::Choice(choices) => {
                match choices.iter().find(|word| word.text().as_bytes() == value) {
                    Some(word) => says.only(
                        word.since().map_or(0, Version::rank),
                        word.until().map_or(u64::MAX, Version::rank),
                    ),
                    None => signs.add(Signs::WORD),
                }
            }
            Kind::Codecs => signs.add_if(!are_usual(value), Signs::CODECS),
            Kind::Path => signs.add_if(has_escape(value), Signs::ESCAPE),
            Kind::Command => {
                signs.add(Signs::HOOK);
                signs.add_if(has_escape(value), Signs::ESCAPE);
            }
            Kind::Secret => {
                let is_accounts = self.known.section() == Section::Account;
                signs.add_if(is_accounts && !is_stored(value), Signs::PASSWORD);
            }
            Kind::List | Kind::Text | Kind::Record => {}
        }
    }

    fn look(&self, value: &[u8], signs: &mut Signs) {
        match self.look {
            Look::Kind => {}
            Look::Switch => signs.add_if(value != b"0", Signs::LINKED),
            Look::Set => signs.add(Signs::LINKED),
            Look::Directory => {
                signs.add(Signs::LINKED);
                signs.add_if(has_escape(value), Signs::ESCAPE);
            }
            Look::Variable => signs.add_if(value.contains(&b'%'), Signs::LINKED),
            Look::Address => signs.add(Signs::ADDRESS),
            Look::Host => signs.add_if(!is_plain(value, false), Signs::ADDRESS),
            Look::User => signs.add_if(!is_plain(value, true), Signs::ADDRESS),
        }
    }

    /// Says whether the table takes a value.
    fn fits(&self, value: &[u8]) -> bool {
        str::from_utf8(value).is_ok_and(|value| self.known.check(value, Version::NEWEST).is_ok())
    }
}

/// Says whether a key is no name.
fn is_odd(key: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    key.is_empty() || !key.iter().all(is_name)
}

/// A number of so many digits is none too large.
const DIGITS: usize = 9;

/// Reads a number that is written in digits only, and not too many; none is 0.
fn number(value: &[u8]) -> Option<u32> {
    if value.len() > DIGITS {
        return None;
    }
    let mut number = 0;
    for byte in value {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u32::from(digit);
    }
    Some(number)
}

/// Says whether a password looks as MicroSIP encrypts one.
fn is_stored(value: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() | matches!(byte, b'a'..=b'f');
    let is_hex = value.iter().fold(true, |all, byte| all & is_digit(byte));
    is_hex && value.len() > 16 && value.len().is_multiple_of(16)
}

/// Says whether a value is a host, or a user, and nothing else.
fn is_plain(value: &[u8], is_user: bool) -> bool {
    const HOST: u8 = 1;
    const USER: u8 = 2;
    const PARTS: [u8; 256] = {
        let mut parts = [0; 256];
        let mut byte = 0;
        while byte < parts.len() {
            parts[byte] = match byte as u8 {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => HOST | USER,
                b'+' | b'*' | b'@' | b' ' => USER,
                _ => 0,
            };
            byte += 1;
        }
        parts
    };
    let part = if is_user { USER } else { HOST };
    value.iter().all(|byte| PARTS[usize::from(*byte)] & part != 0)
}

/// Says whether a value may hold a placeholder which nothing filled in. A hash sign alone is part of every feature code.
fn may_be_unfilled(value: &[u8]) -> bool {
    const STARTS: [&[u8]; 3] = [b"change", b"replace", b"your"];
    let has_mark = |byte: &u8| matches!(byte, b'{' | b'$' | b'<' | b'%' | b'@' | b'[');
    let two = |two: &[u8]| matches!(two, b"__") || two[0] == b'#' && !matches!(two[1], b'#' | b'*');
    let text = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let is_start = |start: &&[u8]| {
        text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
    };
    value.iter().any(has_mark) || value.windows(2).any(two) || STARTS.iter().any(is_start)
}

/// Says whether Windows reads a text here: quotes and zeros could stand for nothing.
fn is_text(value: &[u8]) -> bool {
    !value.is_empty() && !value.iter().any(|byte| matches!(byte, b'"' | b'\'' | 0))
}

fn has_escape(value: &[u8]) -> bool {
    value.contains(&b'&') || value.windows(2).any(|two| matches!(two, b"\\\\" | b"\\:"))
}

/// Says whether a list holds codecs of MicroSIP's, each once, with one space between.
fn are_usual(value: &[u8]) -> bool {
    let mut seen = 0_u32;
    value.split(|byte| *byte == b' ').all(|id| {
        let place = CODECS.iter().position(|codec| codec.as_bytes() == id);
        let bit = place.map_or(0, |place| 1 << place);
        let is_new = bit != 0 && seen & bit == 0;
        seen |= bit;
        is_new
    })
}

/// The codecs of MicroSIP.
const CODECS: [&str; 9] = super::rules::USUAL_CODECS;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::CodePage;
    use crate::validate::rules::testing::Machine;
    use crate::validate::{Check, Selection, judge, judge_by_signs};
    use proptest::prelude::*;

    /// A file in which nothing is wrong.
    const WHOLE: &str = "\
[Settings]
accountId=2
enableLocalAccount=0
singleMode=1
volumeRing=100
audioRingDevice=Headset (USB)
audioCodecs=opus/48000/2 PCMA/8000/1
sourcePort=0
rtpPortMin=0
rtpPortMax=0
dnsSrv=0
dnsSrvNs=
enableSTUN=0
STUN=
portKnockerPorts=
recordingPath=C:\\Recordings
autoAnswer=button
denyIncoming=button
forwarding=
forwardingNumber=
usersDirectory=
cmdCallStart=
mainX=-5
AA=0
DND=0
FWD=0
lastCallNumber=5
[Account1]
label=Line 1
server=pbx.example.com
proxy=
domain=pbx.example.com
username=100
password=0123456789abcdef0123456789abcdef
authID=100
SRTP=
transport=udp
publicAddr=
[Account2]
domain=pbx.example.com
username=101
[Dialed]
0=1
1=2
[Shortcuts]
0=Desk;1;call
[Calls]
7=1;Ann;0;1700000000;5;Ended
9=1;Ann;0;1700000000;5;Ended
[Global]
version=3.22.16
";

    fn documents() -> impl Strategy<Value = Document> {
        let line = prop::sample::select(vec![
            "",
            " ",
            ";",
            "; msipctl: ignore",
            "#",
            "text",
            "[",
            "[Settings]",
            "[settings",
            "[Account1]",
            "[Account3]",
            "[Account0]",
            "[Account 1]",
            "[Other]",
            "[msipctl]",
            "[Global] x",
            "[Calls]]",
            "{Settings}",
            "Settings]",
            ">",
            "=",
            "=======",
            "<<<<<<< a=b",
            "OnCallEnd=Log,C:\\x.csv",
            "OnCallEnd.2=x",
            "cmdCallEnd=C:\\a.exe",
            "cmdCallIncoming=x",
            "\"AA\"=1",
            "telnumjoy1=5",
            "allowedPC=1",
            "disableVP8=1",
            "silent=1",
            "crashReport=0",
            "STUN=h",
            "password=\u{a0}x",
            "nokey=1",
            "note",
            "2=x",
            "10=x",
            "007=x",
            "accountId=0",
            "// x=1",
            "domain",
            "AVPF=1",
            "+AD0-",
            "Version=3.19.8",
        ]);
        let value = prop_oneof![
            prop::sample::select(vec![
                "",
                "0",
                "1",
                "2",
                "9",
                "-1",
                "true",
                "Button",
                "all",
                "header",
                "rdomain",
                "3.19.8",
                "\"1\"",
                "' '",
                "a:5060",
                "sip:a",
                "tls",
                "mandatory",
                "a b",
                " a",
                "a ",
                "a;b",
                "0 ; off",
                "a?b",
                "B\u{fc}ro",
                "B\u{c3}\u{bc}ro",
                "\u{201c}a\u{201d}",
                "x]",
                "[Account1]",
                "%TEMP%",
                "C:\\\\a",
                "a&amp;b",
                "{password}",
                "{{ row.x }}",
                "@PBX_HOST@",
                "#NUMBER#",
                "__EXT__",
                "$ramal",
                "${ext}",
                "<ext>",
                "[[ext]]",
                "%s",
                "CHANGEME",
                "\"your_domain\"",
                "PCMA/8000/1 PCMA/8000/1",
                "PCMA,PCMU",
                "5060",
                "4000",
                "0x",
                "hunter2",
                "0123456789abcdef",
                "\0",
                "1\0",
            ])
            .prop_map(str::to_owned),
            Just("x".repeat(300)),
            "[ -~\u{a0}-\u{ff}]{0,6}",
        ];
        let change = (0..60_usize, 0..6_u8, line, value, any::<prop::sample::Index>());
        let encoding = prop::sample::select(vec![
            Encoding::MICROSIP,
            Encoding::MICROSIP,
            Encoding::Utf8 { bom: false },
            Encoding::Utf8 { bom: true },
            Encoding::Utf16Le { bom: false },
            Encoding::Utf16Be { bom: true },
            Encoding::Ansi(CodePage::WESTERN),
        ]);
        let tear = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
        let ending = prop::sample::select(vec!["\r\n", "\n", "\r"]);
        (prop::collection::vec(change, 0..4), encoding, tear, ending).prop_map(
            |(changes, encoding, tear, ending)| {
                let mut lines: Vec<String> = WHOLE.lines().map(str::to_owned).collect();
                for (at, kind, line, value, other) in changes {
                    let at = at % lines.len();
                    match kind {
                        0 => lines.insert(at, line.to_owned()),
                        1 => drop(lines.remove(at)),
                        2 => lines[at] = line.to_owned(),
                        3 => {
                            let copy = lines[other.index(lines.len())].clone();
                            lines.insert(at, copy);
                        }
                        _ => {
                            let key = lines[at].split('=').next().unwrap_or_default().to_owned();
                            lines[at] = format!("{key}={value}");
                        }
                    }
                }
                let text = lines.join(ending) + ending;
                let mut bytes = encoding.byte_order_mark().to_vec();
                bytes.extend_from_slice(&encoding.encode(&text).unwrap());
                match tear {
                    Some((at, byte)) if byte % 2 == 0 => drop(bytes.remove(at.index(bytes.len()))),
                    Some((at, byte)) => bytes.insert(at.index(bytes.len()), byte),
                    None => {}
                }
                let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
                Document::parse(bytes, encoding)
            },
        )
    }

    #[test]
    fn of_a_whole_file_no_rule_is_asked() {
        let text = WHOLE.replace('\n', "\r\n");
        let bytes = [b"\xff\xfe", &*Encoding::MICROSIP.encode(&text).unwrap()].concat();
        let sketch = Sketch::new(&Document::parse(bytes, Encoding::MICROSIP));
        assert_eq!(sketch.signs(Version::NEWEST), Signs::ANY);
        assert_eq!(sketch.written_by(), Some(Some(Version::NEWEST)));
        // Before 3.18.5 there was no word `button`.
        assert!(sketch.signs(Version::new(3, 15, 6)).has(Signs::WORD));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 4))]

        #[test]
        fn rules_that_are_not_asked_have_nothing_to_say(
            document in documents(),
            microsip in prop::sample::select(vec![
                Version::NEWEST,
                Version::new(3, 22, 3),
                Version::new(3, 20, 5),
                Version::new(3, 15, 6),
                Version::new(3, 1, 18),
            ]),
        ) {
            let selection = Selection::new(&["all"], &[]).unwrap();
            let by = Check {
                selection: &selection,
                facts: &Machine,
                readable_by_others: &|| Some(true),
                ..Check::new(microsip)
            };
            let quick = judge(&document, by);
            let whole = judge_by_signs(&document, Signs::ALL, by);
            let text = document.encoding().decode(document.bytes());
            prop_assert_eq!(quick, whole, "{} {:?}", document.encoding(), text);
        }

        #[test]
        fn what_an_earlier_file_was_changes_nothing(earlier in documents(), now in documents()) {
            let (mut memory, mut empty) = (Memory::EMPTY, Memory::EMPTY);
            memory.remember(earlier.bytes());
            let [remembering, alone] =
                [&mut memory, &mut empty].map(|it| it.sketch(Signs::NONE, now.bytes()));
            prop_assert_eq!(remembering, alone);
        }

        #[test]
        fn what_wrote_the_file_is_told_as_by_a_closer_look(document in documents()) {
            if let Some(version) = Sketch::new(&document).written_by() {
                let value = crate::profile::Profile::new(&document).get("Global", "version");
                let read = value.and_then(|value| value.trim().trim_matches('"').parse().ok());
                prop_assert_eq!(version, read);
            }
        }
    }
}
