//! The page of a rule, which is Markdown, as parts for the template, which escapes them.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::Serialize;

/// A paragraph, a heading, or an example.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Block {
    /// `heading`, `code`, or `text`.
    kind: &'static str,
    spans: Vec<Span>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Span {
    is_code: bool,
    text: String,
}

/// Returns the blocks of a text. Of a link, only the text remains.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut spans = Vec::new();
    let mut end = |spans: &mut Vec<Span>, kind| {
        if !spans.is_empty() {
            blocks.push(Block { kind, spans: std::mem::take(spans) });
        }
    };
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) => add(&mut spans, false, &text),
            Event::Code(text) => add(&mut spans, true, &text),
            Event::SoftBreak | Event::HardBreak => add(&mut spans, false, " "),
            Event::End(TagEnd::Heading(_)) => end(&mut spans, "heading"),
            Event::End(TagEnd::CodeBlock) => end(&mut spans, "code"),
            // An item's text ends where a list or an example inside of it starts.
            Event::Start(Tag::List(_) | Tag::CodeBlock(_))
            | Event::End(TagEnd::Paragraph | TagEnd::Item) => end(&mut spans, "text"),
            _ => {}
        }
    }
    end(&mut spans, "text");
    blocks
}

fn add(spans: &mut Vec<Span>, is_code: bool, text: &str) {
    match spans.last_mut() {
        Some(last) if last.is_code == is_code => last.text.push_str(text),
        _ => spans.push(Span { is_code, text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_blocks_without_markup() {
        let markdown = "## Example\n\nA `b<c>`\nand [d](e.md).\n\n- one\n- `two`\n\n```ini\nAA=1\nDND=0\n```\n";
        let text = |block: &Block| {
            let spans = block.spans.iter().map(|span| match span.is_code {
                true => format!("`{}`", span.text),
                false => span.text.clone(),
            });
            format!("{}: {}", block.kind, spans.collect::<String>())
        };
        let blocks: Vec<_> = blocks(markdown).iter().map(text).collect();
        let expected = [
            "heading: Example",
            "text: A `b<c>` and d.",
            "text: one",
            "text: `two`",
            "code: AA=1\nDND=0\n",
        ];
        assert_eq!(blocks, expected);
    }
}
