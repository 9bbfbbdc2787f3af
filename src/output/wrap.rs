//! Wraps text for terminals.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, fill};

/// The maximum width of text, in characters.
const WIDTH: usize = 96;

/// Wraps a text at its spaces. All lines but the first are indented.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let options = Options::new(WIDTH)
        .initial_indent(&margin)
        .subsequent_indent(&margin)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let filled = fill(text, options);
    filled.strip_prefix(&margin).unwrap_or(&filled).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_at_spaces_without_loss() {
        let text = "word ".repeat(50);
        let set = wrapped(text.trim_end(), 4);
        assert!(set.lines().count() > 2);
        assert!(set.lines().skip(1).all(|line| line.starts_with("    word")));
        assert!(set.lines().all(|line| line.len() <= WIDTH));
        assert_eq!(set.split_whitespace().count(), 50);
        let long = "x".repeat(2 * WIDTH);
        assert_eq!(wrapped(&format!("a {long} b"), 0), format!("a\n{long}\nb"));
    }
}
