//! A hash index that maps a section and key to its row in the table. Built at compile time.

use super::key::Key;
use super::section::Section;
use super::table::TABLE;

/// The number of rows.
pub(super) const COUNT: usize = {
    let (mut count, mut part) = (0, 0);
    while part < TABLE.len() {
        count += TABLE[part].len();
        part += 1;
    }
    count
};

/// All rows, grouped by section, with those of forks last.
pub(super) static ROWS: [&Key; COUNT] = BUILT;

const BUILT: [&Key; COUNT] = {
    let mut rows = [&TABLE[0][0]; COUNT];
    let (mut count, mut part) = (0, 0);
    while part < TABLE.len() {
        let mut row = 0;
        while row < TABLE[part].len() {
            rows[count] = &TABLE[part][row];
            count += 1;
            row += 1;
        }
        part += 1;
    }
    rows
};

/// The number of slots: a power of two that is much larger than the number of rows.
const SLOTS: usize = 1024;

/// For each slot, the row number plus 1, or 0 if the slot is free. A row is in the slot of its name, or in the next free one.
static INDEX: [u16; SLOTS] = {
    assert!(COUNT * 2 < SLOTS, "lookups are fast only while most slots are free");
    let mut index = [0; SLOTS];
    let mut row = 0;
    while row < COUNT {
        let mut slot = slot(BUILT[row].section(), BUILT[row].name().as_bytes());
        while index[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        index[slot] = row as u16 + 1;
        row += 1;
    }
    index
};

/// Returns the row of a key of a section, in any case. If several match, returns the first.
pub(super) fn find(section: Section, key: &[u8]) -> Option<usize> {
    let mut slot = slot(section, key);
    loop {
        let row = usize::from(INDEX[slot]).checked_sub(1)?;
        let known = ROWS[row];
        // MicroSIP writes names in this capitalization, and an exact comparison is faster.
        let name = known.name().as_bytes();
        if known.section() == section && (name == key || name.eq_ignore_ascii_case(key)) {
            return Some(row);
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// For each section, the row of its numbered entries and the highest number.
static NUMBERED: [Option<(usize, u32)>; Section::ALL.len()] = {
    let mut numbered = [None; Section::ALL.len()];
    let mut row = 0;
    while row < COUNT {
        if let Some(most) = most(BUILT[row].name().as_bytes()) {
            numbered[BUILT[row].section() as usize] = Some((row, most));
        }
        row += 1;
    }
    numbered
};

/// Returns the row of a section's numbered entries, and the highest number.
pub(super) fn numbered(section: Section) -> Option<(usize, u32)> {
    NUMBERED[section as usize]
}

/// Returns the highest number in a range such as `0..9`, or `u32::MAX` if the range has no upper limit.
const fn most(range: &[u8]) -> Option<u32> {
    let [b'0', b'.', b'.', digits @ ..] = range else { return None };
    let (mut most, mut at) = (0, 0);
    while at < digits.len() {
        most = most * 10 + (digits[at] - b'0') as u32;
        at += 1;
    }
    Some(if digits.is_empty() { u32::MAX } else { most })
}

/// Returns the slot of a name: a hash of its section, its length, and a few of its characters, ignoring case.
const fn slot(section: Section, key: &[u8]) -> usize {
    let length = key.len();
    if length == 0 {
        return 0;
    }
    let places = [0, length / 4, length / 2, length * 3 / 4, length - 1];
    let mut mixed = (section as u32) << 8 | (length as u32 & 0xff);
    let mut place = 0;
    while place < places.len() {
        mixed = mixed.wrapping_mul(0x0100_0193) ^ (key[places[place]] | 0x20) as u32;
        place += 1;
    }
    (mixed.wrapping_mul(0x9e37_79b9) >> 22) as usize
}
