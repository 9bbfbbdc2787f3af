//! The files of a fleet: each complete, of 8 KB, as MicroSIP writes it, and all different.
//!
//! The keys are those that the newest MicroSIP reads, in its order, with values as users have them: one to three
//! accounts with encrypted passwords, shortcuts, dialed numbers, windows at different positions, a call history. The
//! numbers come from a generator with a fixed seed, so each run of the benches sees the same bytes.

use microsip_schema::{Availability, Kind, Section, Version};

/// Length of each file in bytes.
pub(crate) const BYTES: usize = 8192;

/// Maximum length of an entry of the call history.
const CALL: usize = 72;

/// The property that the files of a fleet share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// They have no findings, and match [`POLICY`].
    Clean,
    /// Copies of one clean file.
    Uniform,
    /// Each has two findings, which differ from file to file.
    Findings,
    /// Each drifts from [`POLICY`] in one key, which differs from file to file.
    Drift,
}

impl Set {
    /// Returns the findings of `check` in each file.
    pub(crate) fn findings(self) -> usize {
        if self == Self::Findings { 2 } else { 0 }
    }

    /// Returns the words for a row of the table.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Uniform => "clean and alike",
            Self::Findings => "two findings in each",
            Self::Drift => "one drifted key in each",
        }
    }
}

/// Policy of a company with 20,000 PCs: values, constraints, and a secret from the environment.
pub(crate) const POLICY: &str = "\
[Settings]
singleMode = true
updatesInterval = \"never\"
AA = { one_of = [\"0\", \"1\"] }
enableLog = false
rtpPortMin = { min = 0, max = 65535 }
audioCodecs = { matches = \"PCM\" }
[Account1]
domain = { present = true }
username = { matches = \"^[0-9]+$\" }
password = { env = \"SIP_PASSWORD\" }
";

/// Keys that the policy sets, each with a value that drifts.
const DRIFTS: [(&str, &str); 3] =
    [("singleMode", "0"), ("updatesInterval", "daily"), ("enableLog", "1")];

/// Errors that cause one finding each: a key, and the line to write instead of it.
const FAULTS: [(&str, &str); 7] = [
    ("volumeRing", "volumeRing=150"),
    ("autoAnswer", "autoAnswer=Button"),
    ("singleMode", "singleMod=1"),
    ("localDTMF", "localDTMF=on"),
    ("cmdCallEnd", r"cmdCallEnd=C:\My Hooks\end.bat"),
    ("audioCodecs", "audioCodecs=PCMA,PCMU"),
    ("callWaiting", "callWaiting=1\r\ncallWaiting=0"),
];

/// Returns the bytes of a file.
pub(crate) fn file(number: usize, set: Set) -> Vec<u8> {
    let number = if set == Set::Uniform { 0 } else { number };
    let mut dice = Dice(number as u64 ^ 0x9e37_79b9_7f4a_7c15);
    let fault = number % FAULTS.len();
    let apart = 1 + number / FAULTS.len() % (FAULTS.len() - 1);
    let faults = [FAULTS[fault], FAULTS[(fault + apart) % FAULTS.len()]];
    let mut text = String::from("[Settings]\r\n");
    for key in keys(Section::Settings).filter(|key| !key.is_legacy_account()) {
        let fault = faults.iter().find(|(name, _)| set == Set::Findings && *name == key.name());
        if let Some((_, line)) = fault {
            text.push_str(line);
            text.push_str("\r\n");
            continue;
        }
        let drift = DRIFTS[number % DRIFTS.len()];
        let value = match key.name() {
            name if set == Set::Drift && name == drift.0 => drift.1.to_owned(),
            "singleMode" => "1".to_owned(),
            "updatesInterval" => "never".to_owned(),
            "enableLog" => "0".to_owned(),
            // Without rtpPortMin, MicroSIP ignores rtpPortMax.
            "accountId" => "1".to_owned(),
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
    // The call history of an older version fills the rest.
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

fn keys(section: Section) -> impl Iterator<Item = &'static microsip_schema::Key> {
    let is_read = |key: &&microsip_schema::Key| key.available(Version::NEWEST) == Availability::Yes;
    microsip_schema::keys().filter(move |key| key.section() == section).filter(is_read)
}

fn entry(text: &mut String, key: &str, value: &str) {
    text.push_str(key);
    text.push('=');
    text.push_str(value);
    text.push_str("\r\n");
}

/// Returns a value as a user who changed few settings has it.
fn value(name: &str, kind: Kind, default: Option<&str>, is_state: bool, dice: &mut Dice) -> String {
    let usual = default.unwrap_or_default();
    match kind {
        Kind::Number { min, max } if is_state => {
            (min.max(0) + i64::from(dice.below(1500))).min(max).to_string()
        }
        Kind::Number { max: 100, .. } => dice.below(101).to_string(),
        // Settings that require another key stay off.
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

/// Pseudorandom numbers, the same in each run.
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

    /// Returns a call: number, name, type, time, seconds, text.
    fn call(&mut self, end: &str) -> String {
        let (phone, kind) = (self.phone(), self.below(3));
        let (time, seconds) = (1_700_000_000 + self.below(60_000_000), self.below(900));
        format!("{phone};Ann Example {};{kind};{time};{seconds};{end}", self.below(500))
    }

    /// Returns a password of 12 characters in the form that MicroSIP encrypts it to.
    fn hex(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.next())).collect()
    }
}
