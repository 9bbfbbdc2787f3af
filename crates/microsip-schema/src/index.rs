//! Where in the table a key of a section stands, found without a look at every row. Made while msipctl is built.

use super::key::Key;
use super::section::Section;
use super::table::TABLE;

/// How many rows there are.
pub(super) const COUNT: usize = {
    let (mut count, mut part) = (0, 0);
    while part < TABLE.len() {
        count += TABLE[part].len();
        part += 1;
    }
    count
};

/// All rows, section by section; those of forks last.
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

/// A power of two, well above the number of rows.
const SLOTS: usize = 1024;

/// The number of a row and 1 in the slot of its name, or in the next one that was free; else 0.
static INDEX: [u16; SLOTS] = {
    assert!(COUNT * 2 < SLOTS, "a slot is found at once while most are free");
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

/// Finds the row of a section's key, in any case. Of like ones it is the first.
pub(super) fn find(section: Section, key: &[u8]) -> Option<usize> {
    let mut slot = slot(section, key);
    loop {
        let row = usize::from(INDEX[slot]).checked_sub(1)?;
        let known = ROWS[row];
        // MicroSIP writes names as they are here, and comparing those is faster.
        let name = known.name().as_bytes();
        if known.section() == section && (name == key || name.eq_ignore_ascii_case(key)) {
            return Some(row);
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// Of each section, the row of its numbered entries and the highest number.
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

/// Reads the highest number of a range such as `0..9`; one without end goes on for ever.
const fn most(range: &[u8]) -> Option<u32> {
    let [b'0', b'.', b'.', digits @ ..] = range else { return None };
    let (mut most, mut at) = (0, 0);
    while at < digits.len() {
        most = most * 10 + (digits[at] - b'0') as u32;
        at += 1;
    }
    Some(if digits.is_empty() { u32::MAX } else { most })
}

/// Mixes the letters at a few places of a name, without their case.
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
