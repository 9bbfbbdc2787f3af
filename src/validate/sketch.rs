//! A quick look at a whole file, once, before any rule runs: which signs stand in it.
//!
//! Of most files no rule has anything to say, and this tells so without parsing them. A sign may stand for nothing; where
//! a rule finds something, one of its signs is there. Tests hold that of any bytes.

use super::signs::Signs;
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
    signs: Signs,
    /// The versions that read all of it.
    since: Version,
    until: Version,
    written_by: Option<Option<Version>>,
}

impl Sketch {
    /// Looks at a document, and parses nothing.
    pub fn new(document: &Document) -> Self {
        let (bytes, encoding) = (document.bytes(), document.encoding());
        let body = &bytes[document.body()..];
        match encoding {
            Encoding::Utf16Le { .. } => {
                let pen = Pen::new(encoding, !body.len().is_multiple_of(2));
                pen.draw(&narrowed(body))
            }
            Encoding::Ascii | Encoding::Utf8 { .. } => Pen::new(encoding, false).draw(body),
            // In some code pages a letter's second byte looks like another letter.
            Encoding::Utf16Be { .. } | Encoding::Ansi(_) => Self::UNKNOWN,
        }
    }

    /// Anything may stand in the file.
    const UNKNOWN: Self = Self { signs: Signs::ALL, since: MIN, until: MAX, written_by: None };

    /// Returns the signs where a version is aimed at.
    pub(super) fn signs(self, microsip: Version) -> Signs {
        let mut signs = self.signs.and(Signs::ANY);
        let is_read = (self.since..=self.until).contains(&microsip);
        signs.add_if(!is_read, Signs::UNAVAILABLE.and(Signs::INVALID));
        signs
    }

    /// Returns the MicroSIP that wrote the file, if it says so; `None` if only a closer look can tell.
    pub fn written_by(self) -> Option<Option<Version>> {
        self.written_by
    }
}

const MIN: Version = Version::new(0, 0, 0);
const MAX: Version = Version::new(u16::MAX, u16::MAX, u16::MAX);

/// Longer values than this may be cut by one version or another.
const SHORT: usize = 255;

/// Stands for every letter beyond ASCII.
const BEYOND: u8 = 0xff;

/// Makes one byte of each unit.
fn narrowed(body: &[u8]) -> Vec<u8> {
    let (pairs, _) = body.as_chunks::<2>();
    pairs.iter().map(|pair| u16::from_le_bytes(*pair).min(u16::from(BEYOND)) as u8).collect()
}

/// Draws the sketch of a file, line by line.
struct Pen {
    sketch: Sketch,
    /// How many closing brackets end headers.
    closed: usize,
    place: Place,
    /// The rows seen in the section.
    seen: [u64; ROW_COUNT.div_ceil(64)],
    /// The number that the next entry of a list has.
    next: u64,
    sections: u8,
    accounts: Vec<Account>,
    account_id: Option<u32>,
}

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Above,
    Foreign,
    In(Section),
}

/// What is to be known of an account.
struct Account {
    number: u32,
    has_domain: bool,
    /// Where the user's name stands.
    user: std::ops::Range<usize>,
}

impl Pen {
    fn new(encoding: Encoding, is_torn: bool) -> Self {
        let mut signs = Signs::NONE;
        signs.add_if(encoding != Encoding::MICROSIP, Signs::ENCODING);
        signs.add_if(is_torn, Signs::LETTERS);
        Self {
            sketch: Sketch { signs, since: MIN, until: MAX, written_by: Some(None) },
            closed: 0,
            place: Place::Above,
            seen: [0; _],
            next: 0,
            sections: 0,
            accounts: Vec::new(),
            account_id: Some(0),
        }
    }

    fn draw(mut self, text: &[u8]) -> Sketch {
        let brackets = self.letters(text);
        let mut start = 0;
        while start < text.len() {
            let rest = &text[start..];
            let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            self.line(text, start, start + length);
            start += length + if rest[length..].starts_with(b"\r\n") { 2 } else { 1 };
        }
        let signs = &mut self.sketch.signs;
        signs.add_if(brackets != self.closed, Signs::BRACKET);
        signs.add_if(!are_whole(text, &self.accounts, self.account_id), Signs::ACCOUNTS);
        // Of two sections or keys of a name, what was noted may be of the wrong one.
        if signs.has(Signs::TWICE) {
            return Sketch::UNKNOWN;
        }
        if signs.has(Signs::LETTERS) {
            self.sketch.written_by = None;
        }
        self.sketch
    }

    /// Looks at all letters, and counts closing brackets.
    fn letters(&mut self, text: &[u8]) -> usize {
        let (mut odd, mut quote, mut question, mut brackets) = (0, 0, 0, 0);
        for part in text.chunks(128) {
            let mut here = 0;
            for byte in part {
                let is_control =
                    (*byte < 0x20) & (*byte != b'\t') & (*byte != b'\n') & (*byte != b'\r');
                odd |= u8::from((*byte >= 0x7f) | is_control);
                quote |= u8::from((*byte == b'"') | (*byte == b'\''));
                question |= u8::from(*byte == b'?');
                here += u8::from(*byte == b']');
            }
            brackets += usize::from(here);
        }
        let signs = &mut self.sketch.signs;
        signs.add_if(odd != 0, Signs::LETTERS);
        signs.add_if(quote != 0, Signs::QUOTE);
        signs.add_if(question != 0, Signs::QUESTION);
        brackets
    }

    fn line(&mut self, text: &[u8], start: usize, end: usize) {
        let content = &text[start..end];
        let trimmed = trimmed(content);
        match trimmed {
            [] => {}
            [b';', ..] => self.sketch.signs.add(Signs::COMMENT),
            [b'[', inner @ ..] => self.header(inner),
            _ => match memchr::memchr(b'=', trimmed) {
                Some(at) => {
                    let (key, behind) = (trimmed_end(&trimmed[..at]), &trimmed[at + 1..]);
                    let value = trimmed_start(behind);
                    let is_blank =
                        value.len() < behind.len() || content.last().is_some_and(is_blank);
                    self.sketch.signs.add_if(is_blank && !value.is_empty(), Signs::BLANK);
                    let offset = value.as_ptr() as usize - text.as_ptr() as usize;
                    self.entry(key, value, offset);
                }
                None => {
                    self.sketch.signs.add(Signs::TEXT);
                    self.sketch.signs.add_if(self.place == Place::Above, Signs::ABOVE);
                }
            },
        }
    }

    fn header(&mut self, inner: &[u8]) {
        let signs = &mut self.sketch.signs;
        let name = match memchr::memchr(b']', inner) {
            Some(at) => {
                self.closed += 1;
                signs.add_if(at + 1 < inner.len(), Signs::BEHIND_HEADER);
                &inner[..at]
            }
            None => {
                signs.add(Signs::OPEN_HEADER);
                inner
            }
        };
        let name = str::from_utf8(trimmed(name)).unwrap_or_default();
        (self.seen, self.next) = ([0; _], 0);
        let Some(section) = Section::of(name) else {
            signs.add(Signs::FOREIGN);
            self.place = Place::Foreign;
            return;
        };
        self.place = Place::In(section);
        match account_number(name) {
            Some(number) => {
                let is_twice = self.accounts.iter().any(|account| account.number == number);
                signs.add_if(is_twice, Signs::TWICE);
                self.accounts.push(Account { number, has_domain: false, user: 0..0 });
            }
            None => {
                let bit = 1 << section as u8;
                signs.add_if(self.sections & bit != 0, Signs::TWICE);
                self.sections |= bit;
            }
        }
    }

    fn entry(&mut self, key: &[u8], value: &[u8], offset: usize) {
        let Place::In(section) = self.place else {
            let signs = &mut self.sketch.signs;
            signs.add_if(self.place == Place::Above, Signs::ABOVE);
            signs.add_if(is_odd(key), Signs::ODD_KEY);
            return;
        };
        let found = str::from_utf8(key).ok().and_then(|key| schema::row_of(section, key));
        let Some((row, known)) = found else {
            self.sketch.signs.add(Signs::UNKNOWN_KEY);
            self.sketch.signs.add_if(is_odd(key), Signs::ODD_KEY);
            return;
        };
        if known.kind() == Kind::Record {
            self.number(section, key);
        } else {
            let (word, bit) = (row / 64, 1 << (row % 64));
            self.sketch.signs.add_if(self.seen[word] & bit != 0, Signs::TWICE);
            self.seen[word] |= bit;
        }
        self.availability(known, value);
        self.role(section, known, value, offset);
        if !value.is_empty() {
            self.value(section, known, value);
        }
    }

    /// Looks at the number of a list's entry.
    fn number(&mut self, section: Section, key: &[u8]) {
        let number = key.iter().fold(0, |number, digit| number * 10 + u64::from(digit & 0xf));
        let signs = &mut self.sketch.signs;
        // The list of calls is a ring, which begins anywhere.
        signs.add_if(number < self.next, Signs::TWICE);
        signs.add_if(number != self.next && section != Section::Calls, Signs::GAP);
        self.next = number + 1;
    }

    fn availability(&mut self, known: &Key, value: &[u8]) {
        let sketch = &mut self.sketch;
        match known.since() {
            Since::Fork(_) | Since::Unread => sketch.signs.add(Signs::UNAVAILABLE),
            // Nobody is told of what nobody chose, and other rules do not ask for it then.
            Since::Version(_) if is_nobodys(known, value) => {}
            Since::Version(since) => {
                sketch.since = sketch.since.max(since);
                sketch.until = sketch.until.min(known.until().unwrap_or(MAX));
            }
        }
    }

    fn value(&mut self, section: Section, known: &Key, value: &[u8]) {
        let sketch = &mut self.sketch;
        sketch.signs.add_if(value.len() > SHORT, Signs::LONG);
        // Longer ones wrap round.
        sketch.signs.add_if(value.len() >= 1 << 16, Signs::ALL);
        match known.kind() {
            Kind::Switch(_) => sketch.signs.add_if(!matches!(value, b"0" | b"1"), Signs::INVALID),
            Kind::Number { .. } | Kind::Ports => {
                let is_valid = str::from_utf8(value)
                    .is_ok_and(|value| known.check(value, Version::NEWEST).is_ok());
                sketch.signs.add_if(!is_valid, Signs::INVALID);
            }
            Kind::Choice(choices) => {
                match choices.iter().find(|word| word.text().as_bytes() == value) {
                    Some(word) => {
                        sketch.since = sketch.since.max(word.since().unwrap_or(MIN));
                        sketch.until = sketch.until.min(word.until().unwrap_or(MAX));
                    }
                    None => sketch.signs.add(Signs::INVALID),
                }
            }
            Kind::Codecs => sketch.signs.add_if(!are_usual(value), Signs::CODECS),
            Kind::Path | Kind::Command => {
                sketch.signs.add_if(known.kind() == Kind::Command, Signs::HOOK);
                sketch.signs.add_if(has_escape(value), Signs::ESCAPE);
            }
            Kind::Secret => {
                sketch
                    .signs
                    .add_if(section == Section::Account && !is_stored(value), Signs::PASSWORD);
            }
            Kind::List | Kind::Text | Kind::Record => {}
        }
    }

    /// Looks at what some keys say together with others.
    fn role(&mut self, section: Section, known: &Key, value: &[u8], offset: usize) {
        let signs = &mut self.sketch.signs;
        let is_set = !value.is_empty();
        match (section, known.name()) {
            (Section::Settings, "accountId") => self.account_id = number(value),
            (Section::Settings, "AA" | "DND" | "FWD" | "dnsSrv" | "enableSTUN" | "rtpPortMax") => {
                signs.add_if(is_set && value != b"0", Signs::LINKED)
            }
            (Section::Settings, "STUN" | "dnsSrvNs" | "forwarding") => {
                signs.add_if(is_set, Signs::LINKED);
            }
            (Section::Settings, "recordingPath") => {
                signs.add_if(value.contains(&b'%'), Signs::LINKED);
            }
            (Section::Settings, "usersDirectory") => {
                signs.add_if(is_set, Signs::LINKED);
                signs.add_if(has_escape(value), Signs::ESCAPE);
            }
            (Section::Account, "SRTP" | "publicAddr") => signs.add_if(is_set, Signs::ADDRESS),
            (Section::Global, "version") => {
                let version = str::from_utf8(value).ok();
                let version = version.map(|value| value.trim().trim_matches('"').parse().ok());
                self.sketch.written_by = Some(version.flatten());
            }
            (_, "domain" | "server" | "proxy" | "username" | "authID") => {
                let is_user = matches!(known.name(), "username" | "authID");
                signs.add_if(!is_plain(value, is_user), Signs::ADDRESS);
                let Some(account) =
                    self.accounts.last_mut().filter(|_| section == Section::Account)
                else {
                    return;
                };
                match known.name() {
                    "domain" => account.has_domain = is_text(value),
                    "username" if is_text(value) => account.user = offset..offset + value.len(),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Says whether the accounts are numbered 1, 2, 3 and so on, have a domain and a user each, all of them different, and
/// one of them is in use. Without accounts none may be.
fn are_whole(text: &[u8], accounts: &[Account], id: Option<u32>) -> bool {
    let accounts: Vec<_> = accounts.iter().filter(|account| account.number > 0).collect();
    let count = accounts.len();
    let user = |account: &Account| &text[account.user.clone()];
    let is_whole = |(index, account): (usize, &&Account)| {
        account.has_domain
            && (1..=count).contains(&(account.number as usize))
            && !account.user.is_empty()
            && accounts[..index].iter().all(|above| user(above) != user(account))
    };
    let is_used = id.is_some_and(|id| match count {
        0 => id == 0,
        _ => (1..=count).contains(&(id as usize)),
    });
    is_used && accounts.iter().enumerate().all(is_whole)
}

/// Says whether no rule about versions tells of a value: one that nobody chose.
fn is_nobodys(known: &Key, value: &[u8]) -> bool {
    let is_usual = value.is_empty()
        || known.is_machine_state()
        || known.default().is_some_and(|default| default.as_bytes() == value);
    let is_left =
        matches!(known.section(), Section::Calls | Section::Contacts) && known.until().is_some();
    (is_usual || is_left)
        && (value.is_empty() || schema::renamed(known.section().label(), known.name()).is_none())
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b)
}

fn trimmed(text: &[u8]) -> &[u8] {
    trimmed_end(trimmed_start(text))
}

fn trimmed_start(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_blank(first)
    {
        text = rest;
    }
    text
}

fn trimmed_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., last] = text
        && is_blank(last)
    {
        text = rest;
    }
    text
}

/// Says whether a key is no name.
fn is_odd(key: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    key.is_empty() || !key.iter().all(is_name)
}

/// Reads a number that is written plainly; none is 0.
fn number(value: &[u8]) -> Option<u32> {
    let is_plain = value.len() < 9 && value.iter().all(u8::is_ascii_digit);
    is_plain.then(|| value.iter().fold(0, |number, digit| number * 10 + u32::from(digit & 0xf)))
}

/// Says whether a password looks as MicroSIP encrypts one.
fn is_stored(value: &[u8]) -> bool {
    let is_hex = value.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex && value.len() > 16 && value.len().is_multiple_of(16)
}

/// Says whether a value is a host, or a user, and nothing else.
fn is_plain(value: &[u8], is_user: bool) -> bool {
    value.iter().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'-' | b'_')
            || (is_user && matches!(byte, b'+' | b'*' | b'@' | b' '))
    })
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
        assert!(sketch.signs(Version::new(3, 15, 6)).has(Signs::INVALID));
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
        fn what_wrote_the_file_is_told_as_by_a_closer_look(document in documents()) {
            if let Some(version) = Sketch::new(&document).written_by() {
                let value = crate::profile::Profile::new(&document).get("Global", "version");
                let read = value.and_then(|value| value.trim().trim_matches('"').parse().ok());
                prop_assert_eq!(version, read);
            }
        }
    }
}
