//! `kubemedic logs parse` and `kubemedic logs redact`. Both read, redact and write piece by piece, so that memory does not
//! grow with the input.

mod wire;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use indicatif::{ProgressBar, ProgressStyle};
use kubemedic_engine::{
    intake::stream::{Decoder, LogStream, Record},
    monitoring::Templates,
    redaction::{Redactor, stream::StreamRedactor},
};

use crate::{
    cli::{Logs, LogsInput},
    input::pieces::Pieces,
    redaction_rules,
};
use wire::Writer;

/// Runs the command. A reader that has gone (`| head`) is no error.
///
/// # Errors
/// When the input cannot be read or the output cannot be written.
pub fn run(command: &Logs) -> anyhow::Result<ExitCode> {
    let result = match command {
        Logs::Parse(arguments) => flow(arguments, &mut Parsing::default()),
        Logs::Redact(arguments) => flow(arguments, &mut Redacting::default()),
    };
    match result {
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}

/// What is made of redacted text.
trait Stage {
    /// Takes a piece and leaves what is ready in the buffer.
    fn push(&mut self, redacted: &str);
    /// Takes the end.
    fn finish(&mut self);
    /// What is ready.
    fn ready(&mut self) -> &mut Vec<u8>;
    /// How many lines were read.
    fn lines(&self) -> u64;
}

/// Pieces in, redacted, through a stage, out.
fn flow(arguments: &LogsInput, stage: &mut impl Stage) -> anyhow::Result<()> {
    let rules = redaction_rules::of_command(arguments.rules.as_deref())?;
    let mut redactor = StreamRedactor::with(Redactor::with_rules(rules));
    let mut pieces = Pieces::open(&arguments.input.file)?;
    let mut decoder = Decoder::new();
    let (mut redacted, mut stdout) = (String::new(), io::stdout().lock());
    let progress = progress();
    while let Some(bytes) = pieces.next()? {
        redacted.clear();
        redactor.push(&decoder.decode(bytes), &mut redacted);
        stage.push(&redacted);
        stdout.write_all(stage.ready())?;
        stage.ready().clear();
        progress.inc(bytes.len() as u64);
        if !progress.is_hidden() {
            progress.set_message(format!("{} lines", stage.lines()));
        }
    }
    redacted.clear();
    redactor.finish(&mut redacted);
    stage.push(&redacted);
    stage.finish();
    stdout.write_all(stage.ready())?;
    stdout.flush()?;
    progress.finish_and_clear();
    Ok(())
}

/// How far it is, where somebody watches: drawn on standard error, and not where that is no terminal.
fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("{bytes} ({bytes_per_sec}), {msg}");
    match style {
        Ok(style) if !io::stdout().is_terminal() => ProgressBar::new_spinner().with_style(style),
        _ => ProgressBar::hidden(),
    }
}

/// One JSON line for each record.
#[derive(Debug, Default)]
struct Parsing {
    stream: LogStream,
    templates: Templates,
    writer: Writer,
}

impl Stage for Parsing {
    fn push(&mut self, redacted: &str) {
        let (templates, writer) = (&mut self.templates, &mut self.writer);
        self.stream
            .push(redacted, &mut |record| write(templates, writer, &record));
    }

    fn finish(&mut self) {
        let (templates, writer) = (&mut self.templates, &mut self.writer);
        let stream = std::mem::take(&mut self.stream);
        stream.finish(&mut |record| write(templates, writer, &record));
    }

    fn ready(&mut self) -> &mut Vec<u8> {
        &mut self.writer.out
    }

    fn lines(&self) -> u64 {
        self.stream.lines()
    }
}

fn write(templates: &mut Templates, writer: &mut Writer, record: &Record<'_>) {
    let (id, template) = templates.add(&record.message);
    writer.record(record, id, template);
}

/// The text itself.
#[derive(Debug, Default)]
struct Redacting {
    out: Vec<u8>,
    lines: u64,
}

impl Stage for Redacting {
    fn push(&mut self, redacted: &str) {
        self.out.extend_from_slice(redacted.as_bytes());
        self.lines += memchr::memchr_iter(b'\n', redacted.as_bytes()).count() as u64;
    }

    fn finish(&mut self) {}

    fn ready(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    fn lines(&self) -> u64 {
        self.lines
    }
}
