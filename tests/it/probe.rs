//! What the probe of `tests/windows/probe.c` wrote down.

/// A line of what the probe wrote.
#[derive(Debug)]
pub(crate) struct Record {
    /// What the line is about: `seen`, `starts`, `failed`.
    pub(crate) kind: String,
    /// The texts behind.
    pub(crate) texts: Vec<String>,
}

impl Record {
    pub(crate) fn parse(line: &str) -> Self {
        let (kind, rest) = line.split_once(' ').unwrap();
        let mut texts: Vec<_> = rest.split('-').map(from_digits).collect();
        texts.pop();
        Self { kind: kind.to_owned(), texts }
    }
}

fn from_digits(digits: &str) -> String {
    let units = digits.as_bytes().chunks(4);
    let units = units.map(|unit| u16::from_str_radix(str::from_utf8(unit).unwrap(), 16).unwrap());
    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
}
