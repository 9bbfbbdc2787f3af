//! The encoding in which a file is written.

use winini::Encoding;

/// The policy for a file's encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EncodingPolicy {
    /// Keeps the encodings that MicroSIP reads correctly, and converts others to UTF-16LE with the first edit.
    #[default]
    Auto,
    /// Never converts.
    Keep,
    /// Converts to UTF-16LE with BOM, even if nothing else changes.
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

/// Returns how MicroSIP misreads a file in this encoding, if it does. From 3.19.12 on, it treats every file that
/// doesn't start with FF FE as the ANSI code page and rewrites it.
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
