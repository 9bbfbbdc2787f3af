//! The output of a run: data to stdout in one of the formats, messages to stderr.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use annotate_snippets::{Level, Renderer};
use serde_json::{Value, json};

use super::document::{Document, indented, line};
use super::engine_line::EngineLine;
use super::findings::{Drawing, renderer};
use super::found::Found;
use super::json::{Rendered, SCHEMA_VERSION, TOOL, last_line, with_head};
use super::progress::Progress;
use super::report::Report;
use super::screen::{CHANGED, DIM, ERROR, NAME, Screen, json_shown};
use super::{github, junit, markdown, sarif};
use crate::error::{CliError, SourceError};
use crate::exit::Exit;
use crate::flags::Format;
use msipctl_core::apply;
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::locate;

/// The maximum number of files that the human format lists one by one, unless `--verbose` asks for all.
const MAX_LISTED: usize = 10;

/// The output of a run.
pub(crate) struct Output {
    format: Format,
    stdout: io::BufWriter<Box<dyn Write>>,
    /// Whether the text keeps its styles.
    has_styles: bool,
    failed: Option<io::Error>,
    /// The JSON document that was started.
    document: Option<Document>,
    progress: Progress,
    /// The file that gets the output instead of stdout.
    file: Option<(PathBuf, Buffer)>,
    /// The line that an engine gets instead of the output and all messages.
    line: Option<EngineLine>,
}

/// Output that is saved to a file at the end.
#[derive(Clone, Default)]
struct Buffer(Rc<RefCell<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output {
    pub(crate) fn new(format: Format) -> Self {
        let is_for_people = !matches!(format, Format::Json | Format::Ndjson);
        let choice = anstream::AutoStream::choice(&io::stdout());
        let has_styles = is_for_people && choice != anstream::ColorChoice::Never;
        let stdout = io::BufWriter::new(stdout(has_styles));
        let progress = Progress::default();
        Self {
            format,
            stdout,
            has_styles,
            failed: None,
            document: None,
            progress,
            file: None,
            line: None,
        }
    }

    /// Returns the output for an engine: one line, and no messages. A report goes only to a file.
    pub(crate) fn for_engine(format: Format, line: EngineLine) -> Self {
        let stdout: io::BufWriter<Box<dyn Write>> = io::BufWriter::new(Box::new(io::sink()));
        Self { stdout, has_styles: false, line: Some(line), ..Self::new(format) }
    }

    /// Returns the line for an engine, to add facts.
    pub(crate) fn line(&mut self) -> Option<&mut EngineLine> {
        self.line.as_mut()
    }

    /// Counts a file that failed in the line for an engine.
    pub(crate) fn count_failed(&mut self, error: &CliError) {
        if let Some(line) = &mut self.line {
            line.add_failed(error);
        }
    }

    /// Prints the line for an engine after the command, and returns the exit code; `None` if no engine runs the command.
    pub(crate) fn end_line(&mut self, done: &Result<Exit, CliError>) -> Option<Exit> {
        let line = self.line.as_mut()?;
        match done {
            Err(error) => line.fail(error),
            Ok(Exit::Interrupted) => line.interrupt(),
            Ok(_) => {}
        }
        let (text, exit) = line.end();
        // If stdout is closed, there is nowhere to report that.
        let _ = io::stdout().write_all(text.as_bytes());
        Some(exit)
    }

    /// Sends the output from now on to a file, without styles. [`Self::save`] writes it.
    ///
    /// # Errors
    ///
    /// If the file is one of the files that the command works on, which the output would replace.
    pub(crate) fn write_to(&mut self, path: &Path, targets: &Targets) -> Result<(), CliError> {
        if replaces_target(path, targets) {
            let message = "the report would replace one of the files that it covers";
            return Err(CliError::usage(message).at(path).hint("choose another name with `-o`"));
        }
        self.write_to_file(path);
        Ok(())
    }

    /// Sends the output from now on to a file that the command doesn't read. [`Self::save`] writes it.
    pub(crate) fn write_to_file(&mut self, path: &Path) {
        let buffer = Buffer::default();
        self.stdout = io::BufWriter::new(Box::new(buffer.clone()));
        self.has_styles = false;
        self.file = Some((path.to_owned(), buffer));
    }

    /// Writes the output to the file of [`Self::write_to`], in one step.
    pub(crate) fn save(&mut self, command: &str) -> Result<(), CliError> {
        let flushed = self.stdout.flush();
        self.remember(flushed);
        match self.file.take() {
            Some((path, buffer)) => Ok(apply::write_file(&path, &buffer.0.borrow(), command)?),
            None => Ok(()),
        }
    }

    /// Returns whether the output goes to a file.
    pub(crate) fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// Drops the output for a file, which stays as it is. Returns the path.
    pub(crate) fn discard(&mut self) -> Option<PathBuf> {
        self.file.take().map(|(path, _)| path)
    }

    /// Prints a report in one piece.
    pub(crate) fn report<R: Report>(&mut self, report: &R) {
        let exact = report.exact_report().filter(|_| !io::stdout().is_terminal());
        let written = match (self.format, exact) {
            (Format::Human, Some(exact)) => return self.raw(&exact),
            (Format::Human, None) => report.human_end(&mut self.screen()),
            (Format::Json, _) => self.json(report),
            (Format::Ndjson, _) => self.ndjson(report),
            (format, _) => match report.found() {
                Some(found) => write_found(format, &mut self.stdout, &found),
                None => report.human_end(&mut self.screen()),
            },
        };
        self.remember(written);
    }

    /// Prints a row of a report at once. A run has one such report.
    pub(crate) fn row<R: Report>(&mut self, report: &mut R, row: R::Row) {
        self.rendered_row(report, Rendered::new(row, self.format));
    }

    /// Prints a row that is rendered already, like [`Self::row`].
    pub(crate) fn rendered_row<R: Report>(
        &mut self,
        report: &mut R,
        Rendered { row, json }: Rendered<R::Row>,
    ) {
        self.progress.clone().aside_of_rows(|| self.print_row(report, &row, json));
        report.count(&row);
        if let Some(line) = &mut self.line {
            report.add_to_line(&row, line);
        }
        if self.format.is_for_findings() {
            report.keep(row, self.format);
        }
    }

    fn print_row<R: Report>(&mut self, report: &R, row: &R::Row, json: io::Result<String>) {
        let exact = || report.exact(row).filter(|_| !io::stdout().is_terminal());
        let written = match self.format {
            Format::Human => match exact() {
                Some(exact) => {
                    self.raw(&exact);
                    Ok(())
                }
                None => report.human_row(row, &mut self.screen()),
            },
            Format::Json | Format::Ndjson => json.and_then(|json| self.entry(report, json)),
            _ => Ok(()),
        };
        self.remember(written);
        self.hand_on();
    }

    /// Prints the row of a file that failed.
    pub(crate) fn failed_row<R: Report>(&mut self, report: &R, path: &Path, error: &CliError) {
        self.progress.clone().aside_of_rows(|| {
            let written = match self.format {
                Format::Human => report.human_failed(path, error, &mut self.screen()),
                Format::Json | Format::Ndjson => match report.failed(path, error) {
                    Some(entry) => {
                        let json = Rendered::new(entry, self.format).json;
                        json.and_then(|json| self.entry(report, json))
                    }
                    None => return,
                },
                _ => return,
            };
            self.remember(written);
            self.hand_on();
        });
    }

    /// Shows the progress of a run over a number of files. The workers count them.
    pub(crate) fn begin_progress(&mut self, files: usize) -> Progress {
        if self.line.is_none() {
            self.progress = Progress::over(files);
        }
        self.progress.clone()
    }

    /// Hides the progress.
    pub(crate) fn end_progress(&mut self) {
        self.progress.end();
        self.progress = Progress::default();
    }

    /// Prints what follows the last row of a report.
    pub(crate) fn end<R: Report>(&mut self, report: &R) {
        let written = match self.format {
            Format::Human => report.human_end(&mut self.screen()),
            Format::Json => self.json_end(report),
            Format::Ndjson => {
                let last = last_line(report.others(), report.summary());
                self.json_line(&last)
            }
            Format::Html => report.page(&mut self.stdout),
            format => match report.found() {
                Some(found) => write_found(format, &mut self.stdout, &found),
                None => Ok(()),
            },
        };
        self.remember(written);
    }

    /// Returns whether people see each of a number of files, and not only what many have in common.
    pub(crate) fn lists_each(&self, files: usize) -> bool {
        files <= MAX_LISTED || log::max_level() != log::LevelFilter::Off
    }

    /// Returns whether stdout was closed, so that further output is lost.
    pub(crate) fn is_closed(&self) -> bool {
        self.failed.is_some()
    }

    /// Changes the format, before anything is printed.
    pub(crate) fn set_format(&mut self, format: Format) {
        self.format = format;
        self.has_styles = false;
    }

    /// Returns the format.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Prints bytes that msipctl generated about itself: completions, man pages, and schemas.
    pub(crate) fn generated(&mut self, bytes: &[u8]) {
        self.raw(bytes);
    }

    /// Prints log lines for a management tool on stderr, unchanged.
    pub(crate) fn log_lines(&mut self, lines: &[u8]) {
        // If stderr is closed, nobody reads it.
        let _ = self.progress.aside(|| io::stderr().write_all(lines));
    }

    /// Prints bytes unchanged, for pipes.
    fn raw(&mut self, bytes: &[u8]) {
        // The writer that removes colors would also remove parts of a value.
        let flushed = self.stdout.flush();
        self.remember(flushed);
        self.remember(io::stdout().write_all(bytes));
    }

    /// Prints an error on stderr.
    pub(crate) fn error(&mut self, error: &CliError) {
        if self.line.is_some() {
            return;
        }
        match self.format {
            Format::Json | Format::Ndjson => {
                let sources: Vec<_> = error.sources().iter().map(source_error).collect();
                let mut document = json!({
                    "schema_version": SCHEMA_VERSION,
                    "tool": TOOL,
                    "error": {
                        "kind": error.kind(),
                        "message": error.to_string(),
                        "path": error.path().map(|path| path.to_string_lossy()),
                        "hint": error.hint_text(),
                    },
                });
                if !sources.is_empty() {
                    document["error"]["errors"] = json!(sources);
                }
                let text = document.to_string();
                // If stderr is closed, there is nowhere to report that.
                let _ =
                    self.progress.aside(|| writeln!(anstream::stderr(), "{}", json_shown(&text)));
            }
            _ => {
                let sources = error.sources();
                for source in sources {
                    self.source_error(source);
                    if sources.len() > 1 {
                        self.talk(format_args!(""));
                    }
                }
                // The only error was drawn.
                if sources.len() == 1 {
                    return;
                }
                self.talk(format_args!("{ERROR}error:{ERROR:#} {error}"));
                self.hint(error.hint_text());
            }
        }
    }

    /// Prints an error in a file that users write on stderr, with its line if that can be shown.
    fn source_error(&self, error: &SourceError) {
        let SourceError { path, line, column, message, excerpt, hint, correction } = error;
        let Some((text, marked)) = excerpt else {
            // An error about the file as a whole, such as a missing one, has no line.
            let at = if (*line, *column) == (1, 1) {
                String::new()
            } else {
                format!(":{line}:{column}")
            };
            self.talk(format_args!("{ERROR}error:{ERROR:#} {path}{at}: {message}"));
            self.hint(hint.as_deref());
            return;
        };
        // The corrected line contains the name that the hint suggests.
        let suggested = |it: &str| {
            let name = it.strip_prefix("did you mean `").and_then(|it| it.strip_suffix("`?"));
            name.zip(correction.as_ref()).is_some_and(|(name, line)| line.contains(name))
        };
        let hint = hint.as_deref().filter(|it| !suggested(it));
        let correction = correction.as_ref().map(|line| format!("write `{line}`"));
        let helps: Vec<_> = hint.into_iter().chain(correction.as_deref()).collect();
        let drawing = Drawing {
            level: Level::ERROR,
            rule: None,
            message,
            path,
            line: *line,
            text,
            marked: marked.clone(),
            helps: &helps,
        };
        let drawing = drawing.draw(&renderer(true));
        self.progress.aside(|| print_drawing(&drawing));
    }

    fn hint(&self, hint: Option<&str>) {
        if let Some(hint) = hint {
            self.talk(format_args!("{NAME}hint:{NAME:#} {hint}"));
        }
    }

    /// Prints a note on stderr.
    pub(crate) fn note(&mut self, text: &str) {
        self.talk(format_args!("{NAME}note:{NAME:#} {text}"));
    }

    /// Prints a warning on stderr.
    pub(crate) fn warning(&mut self, text: &str) {
        self.talk(format_args!("{CHANGED}warning:{CHANGED:#} {text}"));
    }

    fn talk(&self, text: fmt::Arguments<'_>) {
        if self.line.is_some() {
            return;
        }
        self.progress.aside(|| print_stderr(text));
    }

    /// Prints the next step after a report, on terminals only.
    pub(crate) fn next_step(&mut self, text: &str) {
        if self.format == Format::Human && self.file.is_none() && io::stdout().is_terminal() {
            let written = putln!(self.screen(), "{DIM}{text}{DIM:#}");
            self.remember(written);
        }
    }

    /// Flushes the output, and returns the first error of all writes.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let flushed = self.stdout.flush();
        self.remember(flushed);
        self.failed.take().map_or(Ok(()), Err)
    }

    fn remember(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }

    /// Writes an entry of a report, which is rendered in the format.
    fn entry<R: Report>(&mut self, report: &R, mut entry: String) -> io::Result<()> {
        if self.format == Format::Ndjson {
            // One write with the line feed, so that a long entry takes one system call.
            entry.push('\n');
            return self.stdout.write_all(entry.as_bytes());
        }
        let mut document = self.json_begun(report)?;
        document.entry(&mut self.stdout, &entry)?;
        self.document = Some(document);
        Ok(())
    }

    /// Takes the JSON document of a report, and starts it if necessary.
    fn json_begun<R: Report>(&mut self, report: &R) -> io::Result<Document> {
        match self.document.take() {
            Some(document) => Ok(document),
            None => {
                let others = with_head(report.others(), None);
                Document::begin(&mut self.stdout, R::LIST, &others)
            }
        }
    }

    fn json_end<R: Report>(&mut self, report: &R) -> io::Result<()> {
        let others = with_head(report.others(), report.summary());
        self.json_begun(report)?.end(&mut self.stdout, &others)
    }

    /// Flushes the output, except for a JSON document, which is useless before its end.
    fn hand_on(&mut self) {
        if self.format != Format::Json {
            let flushed = self.stdout.flush();
            self.remember(flushed);
        }
    }

    fn json<R: Report>(&mut self, report: &R) -> io::Result<()> {
        let others = with_head(report.others(), report.summary());
        let mut document = Document::begin(&mut self.stdout, R::LIST, &others)?;
        for entry in report.entries() {
            document.entry(&mut self.stdout, &indented(&entry, Document::ENTRY_LEVEL)?)?;
        }
        document.end(&mut self.stdout, &others)
    }

    fn ndjson<R: Report>(&mut self, report: &R) -> io::Result<()> {
        for entry in report.entries() {
            self.json_line(&entry)?;
        }
        self.json_line(&last_line(report.others(), report.summary()))
    }

    fn json_line(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.stdout, "{}", line(value)?)
    }

    /// Returns whether the format lists all rules: for an audit, the keys and hooks of the policy.
    pub(crate) fn lists_rules(&self) -> bool {
        self.format.is_for_findings() && self.format != Format::Html
    }

    /// Returns the renderer of findings; `None` if the format doesn't draw them.
    pub(crate) fn renderer(&self) -> Option<Renderer> {
        (self.format == Format::Human).then(|| renderer(self.has_styles))
    }

    /// Returns the screen for people.
    fn screen(&mut self) -> Screen<'_> {
        Screen::new(&mut self.stdout).with_styles(self.has_styles)
    }
}

/// Writes findings in a format for findings only.
fn write_found(format: Format, out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    match format {
        // Other functions write these formats.
        Format::Human | Format::Json | Format::Ndjson | Format::Html => Ok(()),
        Format::Sarif => sarif::write(out, found),
        Format::Junit => junit::write(out, found),
        Format::Github => github::write(out, found),
        Format::Markdown => markdown::write(out, found),
    }
}

/// Returns standard output. Styles need a console that understands them, or a translation for one that doesn't.
fn stdout(has_styles: bool) -> Box<dyn Write> {
    match has_styles {
        true => Box::new(anstream::stdout()),
        false => Box::new(io::stdout()),
    }
}

/// Returns an error in a file that users write, as JSON.
fn source_error(error: &SourceError) -> Value {
    json!({
        "path": error.path,
        "line": error.line,
        "column": error.column,
        "message": error.message,
        "hint": error.hint,
        "correction": error.correction,
    })
}

/// Writes a drawing on stderr.
fn print_drawing(drawing: &str) {
    let mut stderr = anstream::stderr();
    let mut lines = Vec::new();
    let drawn = Screen::new(&mut lines).put_drawing(drawing);
    let _ = drawn.and_then(|()| stderr.write_all(&lines)).and_then(|()| stderr.write_all(b"\n"));
}

/// Returns whether a file that msipctl writes would replace one of the files that it works on.
pub(crate) fn replaces_target(path: &Path, targets: &Targets) -> bool {
    let is_same = |target: &Target| {
        let names = target.path().file_name().zip(path.file_name());
        names.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
            && locate::same_file(target.path(), path)
    };
    targets.list().iter().any(is_same)
}

/// Writes a line to stderr, and ignores errors: there is nowhere to report them.
pub(crate) fn print_stderr(text: fmt::Arguments<'_>) {
    let mut stderr = anstream::stderr();
    let mut line = Vec::new();
    let formatted = Screen::new(&mut line).put_line(text);
    let _ = formatted.and_then(|()| stderr.write_all(&line));
}
