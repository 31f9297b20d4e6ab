//! `kubemedic logs parse` and `kubemedic logs redact`. Both read, redact and write piece by piece, so that memory does not
//! grow with the input.

mod wire;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use kubemedic_engine::{
    intake::stream::{LogStream, Record},
    monitoring::Templates,
    redaction::{Redactor, stream::StreamRedactor},
};

use crate::{
    cli::{Logs, LogsInput},
    input::texts::Texts,
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
}

/// Text in, redacted, through a stage, out.
fn flow(arguments: &LogsInput, stage: &mut impl Stage) -> anyhow::Result<()> {
    let rules = redaction_rules::of_command(arguments.rules.as_deref())?;
    let mut redactor = StreamRedactor::with(Redactor::with_rules(rules));
    let mut texts = Texts::open(&arguments.input.file)?;
    let (mut redacted, mut stdout) = (String::new(), io::stdout().lock());
    if !stdout.is_terminal() {
        texts.show_progress();
    }
    while let Some(text) = texts.next()? {
        redacted.clear();
        redactor.push(&text, &mut redacted);
        stage.push(&redacted);
        stdout.write_all(stage.ready())?;
        stage.ready().clear();
    }
    redacted.clear();
    redactor.finish(&mut redacted);
    stage.push(&redacted);
    stage.finish();
    stdout.write_all(stage.ready())?;
    stdout.flush()?;
    Ok(())
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
}

fn write(templates: &mut Templates, writer: &mut Writer, record: &Record<'_>) {
    let (id, template) = templates.add(&record.message);
    writer.record(record, id, template);
}

/// The text itself.
#[derive(Debug, Default)]
struct Redacting {
    out: Vec<u8>,
}

impl Stage for Redacting {
    fn push(&mut self, redacted: &str) {
        self.out.extend_from_slice(redacted.as_bytes());
    }

    fn finish(&mut self) {}

    fn ready(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }
}
