//! What redaction costs, in milliseconds a megabyte: on a clean log, on a dirty one, on a stream, and on every mark repeated.
//! It needs no harness: the mean over about a second is printed.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::{
    fmt::Write as _,
    hint::black_box,
    time::{Duration, Instant},
};

use kubemedic_engine::redaction::{Redactor, stream::StreamRedactor};

/// How large the texts are, in bytes.
const TEXT_BYTES: usize = 2_000_000;

/// How large the texts of repeated marks are, in bytes.
const MARK_BYTES: usize = 250_000;

/// How long one measurement takes.
const PATIENCE: Duration = Duration::from_millis(800);

fn main() {
    let clean = log(|_| None);
    let dirty = log(|line| (line % 10 == 0).then(|| secret(line)));
    report("clean log", &clean, redact);
    report("clean log as a stream", &clean, stream);
    report("log with a secret in every tenth line", &dirty, redact);
    let marks = MARKS.iter().map(|mark| {
        let text = mark.repeat(MARK_BYTES / mark.len());
        (milliseconds_a_megabyte(&text, redact), *mark)
    });
    let mut marks: Vec<(f64, &str)> = marks.collect();
    marks.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("\nmarks repeated without end, the slowest first");
    for (cost, mark) in marks {
        println!("{cost:9.2} ms/MB  {mark:?}");
    }
}

/// Marks that set rules off, and beginnings of secrets that are none.
const MARKS: &[&str] = &[
    "token=",
    "token:",
    "token: ",
    "key=",
    "key ",
    "password: ",
    "secret ",
    "Secret\" ",
    "kind: Secret\n",
    "{\"kind\":\"Secret\",",
    "data:\n",
    "auth ",
    "Authorization: ",
    "Cookie: ",
    "eyJ",
    "eyJ.eyJ.",
    "xoxb-",
    "ghp_",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "://",
    "://a:",
    " -u",
    "curl -u",
    "mysql ",
    "mysql -p ",
    " -p",
    "4 ",
    "4111111111111112 ",
    "4111-1111-1111-1112 ",
    "bearer ",
    "-us",
    "Q~",
    ":A",
    "sk-",
    "s.",
    "b_",
    "SK",
    "/api/webhooks/",
    "- name: DB_PASSWORD\n",
    "<redacted:token:1>",
    "<token>",
    "token: ${A}",
    "sig=",
    "AKIA",
    "{",
    "\"",
];

fn redact(text: &str) {
    black_box(Redactor::new().redact(text));
}

fn stream(text: &str) {
    let (mut stream, mut out) = (StreamRedactor::new(), String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((piece, behind)) = rest
        .split_at_checked(65_536.min(rest.len()))
        .filter(|_| !rest.is_empty())
    {
        stream.push(piece, &mut out);
        rest = behind;
    }
    stream.finish(&mut out);
    black_box(out);
}

fn report(name: &str, text: &str, run: impl Fn(&str)) {
    println!("{:9.2} ms/MB  {name}", milliseconds_a_megabyte(text, run));
}

#[expect(clippy::cast_precision_loss, reason = "sizes of a few megabytes")]
fn milliseconds_a_megabyte(text: &str, run: impl Fn(&str)) -> f64 {
    let (began, mut runs) = (Instant::now(), 0_u32);
    let started = spent(began);
    while runs == 0 || began.elapsed() < PATIENCE {
        run(text);
        runs += 1;
    }
    let used = spent(began).saturating_sub(started) / runs;
    used.as_secs_f64() * 1e9 / text.len() as f64
}

/// Time of the processor that this process has used, where Linux tells it; else time that passed. On a loaded machine the
/// two differ by far.
fn spent(began: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let used = told.and_then(|text| text.split(' ').next()?.parse().ok());
    used.map_or_else(|| began.elapsed(), Duration::from_nanos)
}

/// A mixed log of a cluster, with what the function adds behind some lines.
fn log(added: impl Fn(usize) -> Option<String>) -> String {
    let mut text = String::with_capacity(TEXT_BYTES + 1000);
    let mut line = 0;
    while text.len() < TEXT_BYTES {
        let number = line * 7919 % 99_991;
        let stamp = format!(
            "2025-06-05T17:{:02}:{:02}.{:03}Z",
            line / 60 % 60,
            line % 60,
            number % 1000
        );
        let _ = match line % 5 {
            0 => write!(
                text,
                "{stamp} INFO [main] com.example.Orders: order {number} placed by user {} in {}ms",
                number / 3,
                number % 900
            ),
            1 => write!(
                text,
                "{{\"level\":\"info\",\"ts\":\"{stamp}\",\"msg\":\"request finished\",\"path\":\"/api/v1/items/{number}\",\"status\":200}}"
            ),
            2 => write!(
                text,
                "time=\"{stamp}\" level=warn msg=\"retrieved {} pods\" namespace=shop took=97ms",
                number % 800
            ),
            3 => write!(
                text,
                "10.1.5.{} - - [05/Jun/2025:17:43:36 +0000] \"GET /client/{number} HTTP/1.1\" 200 70964 \"-\" \"Mozilla/5.0\"",
                number % 250
            ),
            _ => write!(
                text,
                "I0605 17:00:00.013000    4601 pod_workers.go:1300] \"Syncing pod\" pod=\"shop/web-{number:08x}\" uid=\"be3edc0a1ef2{number:04x}\""
            ),
        };
        if let Some(added) = added(line) {
            text.push(' ');
            text.push_str(&added);
        }
        text.push('\n');
        line += 1;
    }
    text
}

/// A made-up secret, each of another form than the one before.
fn secret(line: usize) -> String {
    match line / 10 % 4 {
        0 => format!("DB_PASSWORD=hunter{line}"),
        1 => format!("dial postgres://app:pw{line}@db:5432/shop"),
        2 => format!("Authorization: Bearer q7Rf2LxV9bTn4KdZ8mWc{line}"),
        _ => format!("\"apiKey\":\"q7Rf2LxV9bTn4KdZ8mWc{line}\""),
    }
}
