//! Markdown as text in a terminal: the guides, and the pages of rules.

use std::io;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::screen::{HEADING, NAME, Screen};
use super::wrap::wrapped;
use crate::guides::Guide;

/// The maximum width of the first of two columns, in characters. A wider cell gets a separate line.
const MAX_FIRST_COLUMN: usize = 30;

/// Writes a text, followed by a blank line after each of its blocks except the last. A link to another guide names the
/// command that shows it.
pub(super) fn write(markdown: &str, out: &mut Screen<'_>) -> io::Result<()> {
    let mut writer = Writer {
        out,
        text: String::new(),
        link: None,
        lists: Vec::new(),
        margin: 0,
        table: Vec::new(),
        is_first: true,
        is_spaced: true,
    };
    Parser::new_ext(markdown, Options::ENABLE_TABLES).try_for_each(|event| writer.event(event))
}

/// Writes the blocks of a text, one after another.
struct Writer<'w, 's> {
    out: &'w mut Screen<'s>,
    /// The text of the block so far.
    text: String,
    /// Where the link leads that the text is in.
    link: Option<String>,
    /// The lists that the text is in: the next number of each, if its items have one.
    lists: Vec<Option<u64>>,
    /// The indentation of the text, in spaces.
    margin: usize,
    /// The rows of the table so far, the header first.
    table: Vec<Vec<String>>,
    /// Whether no blank line comes before the next block: it is the first one, or follows a heading.
    is_first: bool,
    /// Whether a blank line comes before the next item: it is the first one, or the one before has paragraphs.
    is_spaced: bool,
}

impl Writer<'_, '_> {
    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        match event {
            Event::Start(tag) => return self.start(tag),
            Event::End(tag) => return self.end(tag),
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(code) => {
                self.text.push('`');
                self.text.push_str(&code);
                self.text.push('`');
            }
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            // The pages hold no others.
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag<'_>) -> io::Result<()> {
        match tag {
            Tag::List(first) => {
                // An item's text ends where a list inside of it starts.
                self.paragraph()?;
                self.lists.push(first);
                self.is_spaced = self.lists.len() == 1;
            }
            Tag::Item => self.item()?,
            Tag::CodeBlock(_) => self.paragraph()?,
            Tag::Paragraph if !self.lists.is_empty() => self.is_spaced = true,
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) -> io::Result<()> {
        match tag {
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.text);
                self.separate()?;
                putln!(self.out, "{HEADING}{text}{HEADING:#}")?;
                self.is_first = level != HeadingLevel::H1;
            }
            TagEnd::Paragraph => self.paragraph()?,
            TagEnd::CodeBlock => self.code()?,
            TagEnd::Item => {
                self.paragraph()?;
                self.margin = self.margin.saturating_sub(2);
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Link => self.end_link(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                if let Some(row) = self.table.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.end_table()?,
            _ => {}
        }
        Ok(())
    }

    /// Writes the blank line between two blocks.
    fn separate(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_first) { Ok(()) } else { putln!(self.out) }
    }

    /// Begins an item of a list.
    fn item(&mut self) -> io::Result<()> {
        let number = self.lists.last_mut().and_then(Option::as_mut);
        let bullet = match number {
            Some(number) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            None => "- ".to_owned(),
        };
        if std::mem::take(&mut self.is_spaced) {
            self.separate()?;
        }
        put!(self.out, "{:width$}{bullet}", "", width = self.margin)?;
        // The text follows in the same line.
        self.is_first = true;
        self.margin += 2;
        Ok(())
    }

    /// Writes a paragraph, or the text of an item.
    fn paragraph(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return Ok(());
        }
        let is_item = self.is_first && !self.lists.is_empty();
        self.separate()?;
        if !is_item {
            put!(self.out, "{:width$}", "", width = self.margin)?;
        }
        self.out.put_lines(&wrapped(&text, self.margin))
    }

    fn code(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        self.separate()?;
        let width = self.margin + 4;
        text.lines().try_for_each(|line| putln!(self.out, "{:width$}{NAME}{line}{NAME:#}", ""))
    }

    /// Adds where a link leads.
    fn end_link(&mut self) {
        let Some(link) = self.link.take() else { return };
        let page = link.split('#').next().unwrap_or_default();
        if link.contains("://") {
            self.text.push_str(&format!(" ({link})"));
        } else if let Some(guide) = page.strip_suffix(".md").and_then(Guide::find) {
            self.text.push_str(&format!(" (`msipctl explain {}`)", guide.name));
        }
    }

    /// Writes a table: two columns next to each other, more as the fields of each row.
    fn end_table(&mut self) -> io::Result<()> {
        let table = std::mem::take(&mut self.table);
        let Some((head, rows)) = table.split_first() else { return Ok(()) };
        self.separate()?;
        let margin = self.margin + 2;
        let first = |row: &Vec<String>| row.first().map_or(0, |cell| cell.chars().count());
        let width = rows.iter().map(first).filter(|width| *width <= MAX_FIRST_COLUMN).max();
        let width = width.unwrap_or_default();
        for (index, row) in rows.iter().enumerate() {
            let Some((name, cells)) = row.split_first() else { continue };
            match cells {
                [cell] if name.chars().count() <= width => {
                    put!(self.out, "{:margin$}{NAME}{name:width$}{NAME:#}  ", "")?;
                    self.out.put_lines(&wrapped(cell, margin + width + 2))?;
                }
                [cell] => {
                    putln!(self.out, "{:margin$}{NAME}{name}{NAME:#}", "")?;
                    put!(self.out, "{:width$}", "", width = margin + width + 2)?;
                    self.out.put_lines(&wrapped(cell, margin + width + 2))?;
                }
                _ => {
                    if index > 0 {
                        putln!(self.out)?;
                    }
                    putln!(self.out, "{:margin$}{NAME}{name}{NAME:#}", "")?;
                    for (title, cell) in head.iter().skip(1).zip(cells) {
                        let text = format!("{title}: {cell}");
                        if !cell.is_empty() {
                            put!(self.out, "{:width$}", "", width = margin + 2)?;
                            self.out.put_lines(&wrapped(&text, margin + 4))?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guides::GUIDES;

    fn rendered(markdown: &str) -> String {
        let mut written = Vec::new();
        write(markdown, &mut Screen::new(&mut written).with_styles(false)).unwrap();
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn blocks_are_set_for_a_terminal() {
        let markdown = "\
# Title

One `a|b`, **two**,
and [three](exit-codes.md#x), [four](https://example.com).

1. First
2. Second

   - Inner [text](cli.md)

```console
$ msipctl check
```

| Code | Meaning |
|---|---|
| 0 | success |
| 130 | interrupted |

| Key | Type | Since |
|---|---|---|
| `a` | text | |
| `b` | number | 3.20 |
";
        insta::assert_snapshot!(rendered(markdown), @"
        Title

        One `a|b`, two, and three (`msipctl explain exit-codes`), four (https://example.com).

        1. First

        2. Second
          - Inner text

            $ msipctl check

          0    success
          130  interrupted

          `a`
            Type: text

          `b`
            Type: number
            Since: 3.20
        ");
    }

    #[test]
    fn every_guide_is_rendered_without_markup() {
        for guide in GUIDES {
            let text = rendered(guide.text());
            assert!(text.starts_with(guide.title()), "{}: {text}", guide.name);
            for line in text.lines().filter(|line| !line.starts_with("    ")) {
                let is_markup = line.contains("](") || line.starts_with(['|', '#']);
                assert!(!is_markup, "{}: {line}", guide.name);
            }
        }
    }
}
