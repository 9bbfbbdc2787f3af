//! Which encoding a file is written in.

use winini::Encoding;

/// What an edit may do to a file's encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EncodingPolicy {
    /// Keeps what MicroSIP reads rightly, and converts the rest to UTF-16LE with the first edit.
    #[default]
    Auto,
    /// Never converts.
    Keep,
    /// Converts to UTF-16LE with byte order mark, even if nothing else changes.
    Utf16Le,
}

impl EncodingPolicy {
    /// Returns the encoding to convert to, if any.
    pub(super) fn target(self, encoding: Encoding, edited: bool) -> Option<Encoding> {
        let convert = match self {
            Self::Keep => false,
            Self::Auto => edited && read_problem(encoding).is_some(),
            Self::Utf16Le => encoding != Encoding::MICROSIP,
        };
        convert.then_some(Encoding::MICROSIP)
    }
}

/// Tells what MicroSIP makes of a file in this encoding, if not what its author meant: from 3.19.12
/// on it takes whatever does not begin with FF FE for the ANSI code page and rewrites it.
pub(super) fn read_problem(encoding: Encoding) -> Option<&'static str> {
    match encoding {
        Encoding::Ascii | Encoding::Utf16Le { bom: true } => None,
        Encoding::Ansi(page) if page.is_double_byte() => {
            Some("MicroSIP adds stray text to the end of a file in this code page")
        }
        Encoding::Ansi(_) => None,
        Encoding::Utf8 { bom: true } => {
            Some("MicroSIP treats the BOM as text and loses the first section")
        }
        Encoding::Utf8 { bom: false } => {
            Some("MicroSIP reads it in the ANSI code page, so non-ASCII characters are garbled")
        }
        Encoding::Utf16Le { bom: false } | Encoding::Utf16Be { .. } => {
            Some("MicroSIP destroys a file in this encoding when it starts")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use winini::CodePage;

    #[test]
    fn auto_encoding_converts_misread_files_only_when_edited() {
        let auto = EncodingPolicy::Auto;
        let misread = Encoding::Utf8 { bom: false };
        assert_eq!(auto.target(misread, true), Some(Encoding::MICROSIP));
        assert_eq!(auto.target(misread, false), None);
        assert_eq!(auto.target(Encoding::Ansi(CodePage::WESTERN), true), None);
        let japanese = CodePage::new(932).unwrap();
        assert_eq!(auto.target(Encoding::Ansi(japanese), true), Some(Encoding::MICROSIP));
        assert_eq!(EncodingPolicy::Keep.target(misread, true), None);
    }
}
