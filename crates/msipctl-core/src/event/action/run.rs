//! `Run`: starts a program without a shell.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
#[cfg(test)]
use super::samples::text;
#[cfg(test)]
use crate::event::grammar::field;
use crate::event::grammar::{DirectiveError, Field};
use crate::event::path::is_script;
use crate::event::payload::{clean, harmless, is_shell};
use crate::event::text::Text;

/// Starts a program without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The path of the program.
    pub program: String,
    /// The arguments. Each stays one argument, regardless of its content.
    pub arguments: Vec<Text>,
}

impl Definition for Run {
    const NAME: &str = "Run";
    const SYNTAX: &str = "program[, argument, ...]";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let field = fields.at(0)?;
        let program = field.text()?;
        let program = program.literal().filter(|program| !program.trim().is_empty());
        let program = program.ok_or_else(|| {
            field.error("invalid program: expected a path that isn't empty and has no placeholder")
        })?;
        field.full_path(program, "a.exe")?;
        if is_script(program) {
            let what = "write the program that runs it before it";
            return Err(field.error(format!("can't run the script `{program}` directly: {what}")));
        }
        let arguments = fields.from(1).iter().map(Field::text).collect::<Result<_, _>>()?;
        Ok(Self { program: program.to_owned(), arguments })
    }

    fn fields(&self) -> Vec<String> {
        let program = self.program.replace('%', "%%");
        [program].into_iter().chain(self.arguments.iter().map(ToString::to_string)).collect()
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        let passed = |value: &str| match is_shell(&self.program) {
            true => harmless(&clean(value)),
            false => clean(value),
        };
        let arguments = self.arguments.iter().map(|text| call.filled(text, &passed));
        let arguments: Vec<_> = arguments.map(|argument| format!("`{argument}`")).collect();
        Ok(match arguments.as_slice() {
            [] => format!("runs `{}`", self.program),
            some => format!("runs `{}` with {}", self.program, some.join(" ")),
        })
    }

    fn sent_as_is(&self) -> Vec<&Text> {
        self.arguments.iter().collect()
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        ("C:\\\\[a-z ,]{1,5}\\.exe", prop::collection::vec(text(), 0..3))
            .prop_map(|(program, arguments)| {
                [vec!["Run".to_owned(), field(&program)], arguments].concat().join(",")
            })
            .boxed()
    }
}
