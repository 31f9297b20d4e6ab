//! What each stage of `logs parse` costs per line, for each family of formats: `cargo bench -p kubemedic-engine`.
//! The whole command is measured by `bench/logs_parse.sh`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::{fmt::Write, hint::black_box, time::Instant};

use kubemedic_engine::{
    intake::{json_text::write_string, stream::LogStream},
    monitoring::Templates,
    redaction::stream::StreamRedactor,
};

/// Lines of each text.
const LINES: u32 = 40_000;
/// The best of so many runs counts: whatever else the machine does only adds.
const RUNS: u32 = 7;
/// The size of the pieces, as the command reads them.
const PIECE_BYTES: usize = 512 * 1024;

/// A line by its number.
type Family = (&'static str, fn(u32, &mut String));

fn main() {
    let families: [Family; 6] = [
        ("json", json),
        ("klog", klog),
        ("logfmt", logfmt),
        ("words", words),
        ("access", access),
        ("cri", cri),
    ];
    println!("ns a line   read   read+string   read+templates   redact");
    for (name, line) in families {
        let mut text = String::new();
        for number in 0..LINES {
            line(number, &mut text);
            text.push('\n');
        }
        println!(
            "{name:9} {:6.0} {:13.0} {:16.0} {:8.0}",
            best(|| read(&text)),
            best(|| strings(&text)),
            best(|| templates(&text)),
            best(|| redact(&text))
        );
    }
}

/// Nanoseconds a line.
#[expect(clippy::disallowed_methods, reason = "a bench measures time at the edge")]
fn best(mut run: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        run();
        least = least.min(start.elapsed().as_secs_f64());
    }
    least * 1e9 / f64::from(LINES)
}

/// The text in pieces that end anywhere.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn read(text: &str) {
    let mut stream = LogStream::new();
    for piece in pieces(text) {
        stream.push(piece, &mut |record| {
            black_box(record.message.len());
        });
    }
}

fn strings(text: &str) {
    let (mut stream, mut out) = (LogStream::new(), Vec::new());
    for piece in pieces(text) {
        stream.push(piece, &mut |record| write_string(&mut out, &record.message));
        black_box(&out);
        out.clear();
    }
}

fn templates(text: &str) {
    let (mut stream, mut templates) = (LogStream::new(), Templates::new());
    for piece in pieces(text) {
        stream.push(piece, &mut |record| {
            black_box(templates.add(&record.message).0);
        });
    }
}

fn redact(text: &str) {
    let (mut redactor, mut out) = (StreamRedactor::new(), String::new());
    for piece in pieces(text) {
        redactor.push(piece, &mut out);
        black_box(&out);
        out.clear();
    }
}

fn json(number: u32, out: &mut String) {
    let _ = write!(
        out,
        r#"{{"level":"info","ts":"2026-03-04T09:08:07.{:03}Z","logger":"gateway","msg":"request served","path":"/api/v2/basket/{number}","status":200,"duration_ms":{}}}"#,
        number % 1000,
        number % 700
    );
}

fn klog(number: u32, out: &mut String) {
    let _ = write!(
        out,
        r#"I0304 09:08:07.{:06}    4601 reconciler.go:224] "Volume mounted for pod" pod="bank/ledger-{number}" took="{}ms""#,
        number % 1_000_000,
        number % 900
    );
}

fn logfmt(number: u32, out: &mut String) {
    let _ = write!(
        out,
        r#"time="2026-03-04T09:08:07.{:03}Z" level=info msg="compacted {number} blocks" tenant=t{} took={}ms"#,
        number % 1000,
        number % 40,
        number % 900
    );
}

fn words(number: u32, out: &mut String) {
    let _ = write!(
        out,
        "2026-03-04T09:08:07.{:03}Z WARN [worker-{}] queue.Consumer: message {number} handled after {} retries",
        number % 1000,
        number % 8,
        number % 5
    );
}

fn access(number: u32, out: &mut String) {
    let _ = write!(
        out,
        r#"10.9.{}.7 - - [04/Mar/2026:09:08:07 +0000] "GET /shop/item/{number} HTTP/1.1" 200 {} "-" "Mozilla/5.0""#,
        number % 256,
        number % 9000
    );
}

fn cri(number: u32, out: &mut String) {
    let _ = write!(out, "2026-03-04T09:08:07.{:09}Z stdout F ", number % 1000);
    words(number, out);
}
