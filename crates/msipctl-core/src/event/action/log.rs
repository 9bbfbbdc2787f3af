//! `Log`: appends one line to a CSV or NDJSON file.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
use crate::event::grammar::DirectiveError;
#[cfg(test)]
use crate::event::grammar::field;
use crate::event::text::Text;

/// Appends a line to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The path of the file. Its extension selects the format.
    pub file: Text,
}

impl Definition for Log {
    const NAME: &str = "Log";
    const SYNTAX: &str = "file";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let field = fields.at(0)?;
        fields.no_more_than(1)?;
        let file = field.local("a file name")?;
        field.full_path(file.start(), "a.csv")?;
        let name = field.text.to_ascii_lowercase();
        if ![".csv", ".ndjson", ".jsonl"].iter().any(|extension| name.ends_with(extension)) {
            let what = format!(
                "unknown file type `{}`: expected the extension .csv, .ndjson, or .jsonl",
                field.text
            );
            return Err(field.error(what));
        }
        Ok(Self { file })
    }

    fn fields(&self) -> Vec<String> {
        vec![self.file.to_string()]
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        Ok(format!("adds a line to `{}`", call.plain(&self.file)))
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        "D:\\\\[a-z,]{1,4}(%event%)?\\.csv".prop_map(|file| format!("Log,{}", field(&file))).boxed()
    }
}
