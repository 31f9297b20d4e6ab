//! What holds for every input: the same answer twice, bounded time, bounded output, sound commands, no lost line.

use std::fs;

use kubemedic_engine::{
    analysis,
    intake::{self, Intake},
    learning::Ledger,
    monitoring::{self, Monitoring},
    policy,
    redaction::Redactor,
    remediation, review,
};
use kubemedic_model::{command::Risk, diagnosis::Diagnosis, evidence_object::WorkflowInput, plan::Plan};

/// The most processor time that reading, diagnosing and planning 64 KiB may take in a debug build, in seconds.
const MAX_SECONDS: f64 = 2.0;
/// The contract's limits of what people see (CONTRACT.md section 4).
const MAX_SENTENCE_CHARS: usize = 240;
const MAX_SUMMARY_CHARS: usize = 600;
const MAX_OBJECTS: usize = 5;
/// No finding, quote or text may grow out of its input: so many times its bytes, and a fixed share for our own sentences.
const MAX_GROWTH: usize = 40;
const OWN_BYTES: usize = 256 * 1024;
/// What one entry takes in the form in which it is measured here, without its text.
const ENTRY_BYTES: usize = 600;

/// All that the engine says of an input.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) intake: Intake,
    pub(super) monitoring: Monitoring,
    pub(super) diagnosis: Diagnosis,
    pub(super) plans: Vec<Plan>,
}

pub(super) fn answer(input: &WorkflowInput) -> Answer {
    let intake = intake::read(input);
    let monitoring = monitoring::monitor(&intake);
    let diagnosis = analysis::diagnose(&intake, &monitoring);
    let plans = remediation::plan(&diagnosis, &intake.snapshot, &Ledger::new());
    Answer {
        intake,
        monitoring,
        diagnosis,
        plans,
    }
}

/// The processor time of this thread in seconds, which a busy machine does not change; 0 where the system does not tell.
fn processor_seconds() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|word| word.parse::<f64>().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}

/// Does a piece of work within its time.
pub(super) fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = processor_seconds();
    let done = work();
    let took = processor_seconds() - before;
    assert!(took <= MAX_SECONDS, "{what} took {took:.1} s");
    done
}

/// Everything that must hold for bytes that somebody posts.
pub(super) fn hold_for(bytes: &[u8]) {
    let text = timed("decoding", || intake::decode(bytes).into_owned());
    assert!(text.len() <= bytes.len() * 3, "decoding tripled the text");
    let records = timed("reading log lines", || intake::log_records(&text));
    assert!(records.len() <= text.lines().count(), "more records than lines");
    for record in &records {
        assert!(record.line >= 1, "lines count from 1");
    }
    redaction_holds(&text);
    answer_holds(&WorkflowInput::Text(text.clone()), text.len());
    if let Ok(evidence) = timed("reading evidence", || intake::parse_evidence_object(&text)) {
        answer_holds(&WorkflowInput::Evidence(Box::new(evidence)), text.len());
    }
    let _ = intake::looks_like_evidence_object(&text);
}

/// The same answer twice, bounded, with sound plans.
pub(super) fn answer_holds(input: &WorkflowInput, bytes: usize) {
    let first = timed("an answer", || answer(input));
    let second = answer(input);
    assert_eq!(first, second, "the same input gave two answers");
    bounded(&first, bytes);
    for plan in &first.plans {
        plan_is_sound(plan, &first);
    }
}

fn bounded(answer: &Answer, bytes: usize) {
    let Answer {
        intake,
        monitoring,
        diagnosis,
        plans,
    } = answer;
    let causes = diagnosis.root_causes.iter().chain(&diagnosis.alternatives);
    for cause in causes {
        assert!(
            cause.sentence.chars().count() <= MAX_SENTENCE_CHARS,
            "{}",
            cause.sentence
        );
    }
    assert!(
        diagnosis.summary.chars().count() <= MAX_SUMMARY_CHARS,
        "{}",
        diagnosis.summary
    );
    assert!(diagnosis.objects.len() <= MAX_OBJECTS, "{:?}", diagnosis.objects);
    assert!(
        intake.records.len() as u64 <= intake.lines,
        "more records than lines"
    );
    let shown = [
        ("records", format!("{:?}", intake.records).len()),
        ("objects", format!("{:?}", intake.snapshot).len()),
        ("findings", format!("{monitoring:?}").len()),
        ("the diagnosis", format!("{diagnosis:?}").len()),
        ("plans", format!("{plans:?}").len()),
    ];
    for (what, size) in shown {
        let most = bytes * MAX_GROWTH + intake.records.len() * ENTRY_BYTES + OWN_BYTES;
        assert!(size <= most, "{what} of {bytes} bytes have {size}");
    }
}

/// No plan holds a command that the policy forbids or reads otherwise, nor anything that the review complains of.
fn plan_is_sound(plan: &Plan, answer: &Answer) {
    for (_, planned) in plan.commands() {
        for command in [Some(&planned.command), planned.rollback.as_ref()]
            .into_iter()
            .flatten()
        {
            let line = command.to_string();
            assert_eq!(policy::parse(&line).as_ref(), Ok(command), "{line}");
            assert_ne!(
                policy::assess(command).risk,
                Risk::Forbidden,
                "{line}: {}",
                policy::assess(command).reason
            );
        }
    }
    let remarks = review::lint_against(plan, &answer.diagnosis, &answer.intake.snapshot);
    assert_eq!(remarks, [], "{plan:?}");
}

/// Redaction keeps the lines, is done after once, and is quick.
pub(super) fn redaction_holds(text: &str) {
    let once = timed("redaction", || Redactor::new().redact(text).into_owned());
    let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    assert_eq!(lines(&once), lines(text), "redaction changed the number of lines");
    let twice = Redactor::new().redact(&once).into_owned();
    assert_eq!(twice, once, "redacting the redacted text changed it");
}
