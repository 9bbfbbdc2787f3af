//! Files as a fleet has them: each whole, valid, of 8 KB, as MicroSIP writes it, and no two alike.
//!
//! The keys are those of the table that the newest MicroSIP reads, in its order, with values as people have them:
//! one to three accounts, shortcuts, numbers dialled last, windows at other places. One file in five hundred has a fault.

use msipctl::schema::{self, Availability, Kind, Section, Version};

/// How long each file is, in bytes.
pub(crate) const BYTES: usize = 8192;

/// As long as a line of the history is, at most.
const CALL: usize = 72;

/// One file in so many has a fault.
pub(crate) const FAULTY: usize = 500;

/// Makes the bytes of a file.
pub(crate) fn file(number: usize) -> Vec<u8> {
    let mut dice = Dice(number as u64 ^ 0x9e37_79b9_7f4a_7c15);
    let mut text = String::from("[Settings]\r\n");
    let faulty = number % FAULTY == FAULTY - 1;
    for key in keys(Section::Settings).filter(|key| !key.is_legacy_account()) {
        let value = match key.name() {
            // Until it is above 0 nobody looks at the last port.
            "accountId" => "1".to_owned(),
            "volumeRing" if faulty => "150".to_owned(),
            "lastCallNumber" => dice.phone(),
            "userAgent" => format!("Phone {}", dice.below(9)),
            "recordingPath" => format!(r"C:\Users\user{number}\Recordings"),
            "ringingSound" => "ringtone.wav".to_owned(),
            name if name.ends_with("Device") => {
                format!("Headset {} (USB Audio {})", dice.below(4), dice.below(30))
            }
            name => value(
                name,
                key.kind(),
                key.default(Version::NEWEST),
                key.is_machine_state(),
                &mut dice,
            ),
        };
        entry(&mut text, key.name(), &value);
    }
    for account in 1..=1 + dice.below(3) {
        text.push_str(&format!("[Account{account}]\r\n"));
        let user = format!("{}", 100_000 + number * 3 + account as usize);
        for key in keys(Section::Account) {
            let value = match key.name() {
                "label" => format!("Line {account}"),
                "server" | "domain" => format!("pbx{}.example.com", dice.below(5)),
                "username" | "authID" => user.clone(),
                "displayName" => format!("Ann Example {}", dice.below(500)),
                "password" => dice.hex(),
                "voicemailNumber" => "*97".to_owned(),
                "transport" => ["", "udp", "tcp"][dice.below(3) as usize].to_owned(),
                "registerRefresh" | "keepAlive" => {
                    key.default(Version::NEWEST).unwrap_or_default().to_owned()
                }
                name => value(name, key.kind(), key.default(Version::NEWEST), false, &mut dice),
            };
            entry(&mut text, key.name(), &value);
        }
    }
    text.push_str("[Dialed]\r\n");
    for place in 0..10 {
        entry(&mut text, &place.to_string(), &dice.phone());
    }
    text.push_str("[Shortcuts]\r\n");
    for place in 0..8 {
        let record = format!("Desk {};{};call;;0;", dice.below(99), dice.phone());
        entry(&mut text, &place.to_string(), &record);
    }
    text.push_str("[Global]\r\n");
    entry(&mut text, "version", "3.22.16");
    entry(&mut text, "checkUpdatesTime", &format!("{}", 1_760_000_000 + dice.below(9_000_000)));
    // The history of an older version, which is left in the file, fills the rest.
    text.push_str("[Calls]\r\n");
    let mut place = 0;
    while text.len() + 2 * CALL < BYTES / 2 {
        entry(&mut text, &place.to_string(), &dice.call("Call ended"));
        place += 1;
    }
    let mut last = dice.call("Call ended");
    let left = (BYTES / 2 - 1).saturating_sub(text.len() + place.to_string().len() + last.len());
    last.push_str(&"!".repeat(left.saturating_sub("=\r\n".len())));
    entry(&mut text, &place.to_string(), &last);
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn keys(section: Section) -> impl Iterator<Item = &'static schema::Key> {
    let is_read = |key: &&schema::Key| key.available(Version::NEWEST) == Availability::Yes;
    schema::keys().filter(move |key| key.section() == section).filter(is_read)
}

fn entry(text: &mut String, key: &str, value: &str) {
    text.push_str(key);
    text.push('=');
    text.push_str(value);
    text.push_str("\r\n");
}

/// What stands in a file of somebody who changed little.
fn value(name: &str, kind: Kind, default: Option<&str>, is_state: bool, dice: &mut Dice) -> String {
    let usual = default.unwrap_or_default();
    match kind {
        Kind::Number { min, max } if is_state => {
            (min.max(0) + i64::from(dice.below(1500))).min(max).to_string()
        }
        Kind::Number { max: 100, .. } => dice.below(101).to_string(),
        // Those that ask for another key to be set stay off.
        Kind::Switch(_) if !matches!(name, "dnsSrv" | "enableSTUN" | "AA" | "FWD" | "DND") => {
            let usual = if usual.is_empty() { "0" } else { usual };
            let changed = if usual == "0" { "1" } else { "0" };
            if dice.below(8) == 0 { changed.to_owned() } else { usual.to_owned() }
        }
        Kind::Codecs => {
            let lists = ["opus/48000/2 PCMA/8000/1 PCMU/8000/1", "PCMA/8000/1 PCMU/8000/1"];
            lists[dice.below(2) as usize].to_owned()
        }
        Kind::Number { .. } | Kind::Switch(_) if usual.is_empty() => "0".to_owned(),
        _ => usual.to_owned(),
    }
}

/// Numbers that look like chance and are the same in each run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u32) -> u32 {
        (self.next() % u64::from(end)) as u32
    }

    fn phone(&mut self) -> String {
        format!("+4930{:07}", self.below(10_000_000))
    }

    /// A call: number, name, type, time, seconds, text.
    fn call(&mut self, end: &str) -> String {
        let (phone, kind) = (self.phone(), self.below(3));
        let (time, seconds) = (1_700_000_000 + self.below(60_000_000), self.below(900));
        format!("{phone};Ann Example {};{kind};{time};{seconds};{end}", self.below(500))
    }

    /// A password as MicroSIP encrypts one.
    fn hex(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }
}
