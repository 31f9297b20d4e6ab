//! The time and memory of folding a million decisions with what was said of them, and the time of choosing examples beside a
//! new decision then. Run: `cargo bench -p kubemedic-engine --bench learning -- [DECISIONS]`; 1,000,000 without a number.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measurement reads the clock, prints, and may fail"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use kubemedic_engine::learning::Ledger;
use kubemedic_model::{
    approval::ApprovalStatus,
    class::FailureClass,
    feedback::{ApprovalReport, FeedbackEvent, Proposal, Proposed, RecordedFeedback},
    id::{ApprovalId, FeedbackId},
    learning::{
        Blast, Candidate, Context, Contribution, Decided, Decision, Head, PolicyVersion, RejectReason,
        ScoredArm, Tier, Window,
    },
    outcome::Outcome,
    plan::Strategy,
};

const DECISIONS: usize = 1_000_000;
const SELECTIONS: usize = 5_000;
/// Distinct templates, and those of one incident.
const TEMPLATES: u64 = 5_000;
const SYMPTOMS: usize = 6;
const FIRST_SECOND: i64 = 1_700_000_000;
const SECONDS_APART: i64 = 20;

const SUBJECTS: [&str; 25] = [
    "checkout",
    "ledger",
    "inventory",
    "gateway",
    "billing",
    "search",
    "session",
    "mailer",
    "scheduler",
    "replica",
    "broker",
    "exporter",
    "ingress",
    "webhook",
    "operator",
    "cache",
    "database",
    "registry",
    "volume",
    "certificate",
    "token",
    "queue",
    "consumer",
    "planner",
    "resolver",
];
const FAILURES: [&str; 20] = [
    "connection refused",
    "context deadline exceeded",
    "no such host",
    "out of memory",
    "permission denied",
    "certificate has expired",
    "no space left on device",
    "manifest unknown",
    "readiness probe failed",
    "too many open files",
    "connection reset by peer",
    "null pointer dereference",
    "deadlock detected",
    "quota exceeded",
    "unauthorized request",
    "read only file system",
    "leader election lost",
    "checksum does not match",
    "port already in use",
    "broken pipe",
];
const ACTIONS: [&str; 10] = [
    "opening stream",
    "loading configuration",
    "writing batch",
    "pulling image",
    "mounting volume",
    "parsing response",
    "renewing lease",
    "committing transaction",
    "resolving endpoint",
    "starting worker",
];

/// A source of numbers that is the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// A log template with about ten words, one of them rare.
fn template(number: u64) -> String {
    let at = |by: u64, of: u64| usize::try_from(number / by % of).unwrap();
    let rare: String = (0..3)
        .map(|place| ["zan", "mor", "tel", "vik", "dru", "pos", "gal", "fen"][at(8_u64.pow(place), 8)])
        .collect();
    format!(
        "{} <*>: {} while {} for {rare}{} of {} after <*> attempts",
        SUBJECTS[at(1, 25)],
        FAILURES[at(25, 20)],
        ACTIONS[at(500, 10)],
        ["Handler", "Service", "Client"][at(3, 3)],
        SUBJECTS[at(7, 25)],
    )
}

/// What happens: decisions with what is said of them.
struct World {
    numbers: Numbers,
    templates: Vec<String>,
}

impl World {
    fn new() -> Self {
        Self {
            numbers: Numbers(7),
            templates: (0..TEMPLATES).map(template).collect(),
        }
    }

    /// Six templates; the first ones are seen far more often than the last ones.
    fn symptoms(&mut self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        while found.len() < SYMPTOMS {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
            let place = (self.numbers.share().powi(3) * TEMPLATES as f64) as usize;
            if !found.contains(&self.templates[place]) {
                found.push(self.templates[place].clone());
            }
        }
        found
    }

    fn context(&mut self, class: FailureClass, symptoms: &[String]) -> Context {
        let mut telling: Vec<&str> = symptoms.iter().take(3).map(String::as_str).collect();
        telling.sort_unstable();
        let digest = blake3::hash(telling.join("\n").as_bytes()).to_hex();
        Context {
            class: class.id().to_owned(),
            signature: digest.chars().take(12).collect(),
            kind: self
                .numbers
                .pick(&["Deployment", "StatefulSet", "Job", "Node"])
                .to_owned(),
            tier: self.numbers.pick(&[Tier::Prod, Tier::Staging, Tier::Dev]),
            team: format!("team{}", self.numbers.below(23)),
            cluster: format!("cluster{}", self.numbers.below(5)),
            recent_change: self.numbers.below(2) == 0,
            window: self.numbers.pick(&[Window::Business, Window::Quiet]),
            blast: Blast::Few,
        }
    }

    fn decision(&mut self, class: FailureClass) -> Decision {
        let symptoms = self.symptoms();
        let context = self.context(class, &symptoms);
        let first = self.numbers.below(8);
        let arms = (0..8)
            .map(|place| self.arm(&context, (first + place) % 8, place))
            .collect();
        Decision {
            context,
            arms,
            policy: PolicyVersion {
                algorithm: "two-head-adf-probit".to_owned(),
                version: 1,
                hyper_hash: "0123456789abcdef".to_owned(),
            },
            state_hash: "0123456789abcdef".repeat(4),
            log_offset: 0,
            symptoms,
        }
    }

    fn arm(&mut self, context: &Context, number: u64, place: u64) -> ScoredArm {
        let arm = Strategy::ALL[usize::try_from(number).unwrap()];
        let (p_approve, p_resolve) = (0.3 + 0.6 * self.numbers.share(), 0.2 + 0.6 * self.numbers.share());
        let contribution = |head, feature: String| Contribution {
            head,
            feature,
            value: p_approve - 0.5,
            learnt: p_resolve - 0.5,
            sd: 0.3,
            n: 7,
        };
        ScoredArm {
            candidate: Candidate {
                arm,
                risk: [0.1, 0.3, 0.6][usize::try_from(number % 3).unwrap()],
                disruptive: number.is_multiple_of(2),
                kb_approve: 0.6,
                kb_resolve: 0.5 / (1.0 + place as f64),
            },
            p_approve,
            p_resolve,
            sd_approve: 0.1,
            sd_resolve: 0.1,
            score: p_approve * p_resolve,
            propensity: if place == 0 { 0.9 } else { 0.1 / 7.0 },
            n_approve: 10,
            n_outcome: 5,
            contributions: vec![
                contribution(Head::Approve, format!("team {} x {}", context.team, arm.as_str())),
                contribution(
                    Head::Approve,
                    format!("class {} x {}", context.class, arm.as_str()),
                ),
                contribution(
                    Head::Resolve,
                    format!("signature {} x {}", context.signature, arm.as_str()),
                ),
            ],
        }
    }

    /// A decision, its approval and, for about half, what came of it.
    fn events(&mut self, number: usize) -> Vec<FeedbackEvent> {
        let class = self.numbers.pick(&FailureClass::ALL[..24]);
        let decision = self.decision(class);
        let chosen = decision.arms[0].candidate.arm;
        let feedback_id = FeedbackId::new(format!("fb-{:016x}-{number:08}", self.numbers.next())).unwrap();
        let approval_id = ApprovalId::new(format!("ap-{:016x}-{number:08}", self.numbers.next())).unwrap();
        let mut events = vec![
            FeedbackEvent::Proposed(Proposed {
                feedback_id: feedback_id.clone(),
                workflow_id: format!("0192d0a0-0000-7000-8000-{number:012x}").parse().unwrap(),
                input_data: format!("{} in {}", decision.symptoms[0], decision.context.team),
                output_data: format!("{} for {}", chosen.as_str(), class.id()),
                proposals: vec![Proposal {
                    class,
                    strategy: chosen,
                    position: 0,
                }],
            }),
            FeedbackEvent::Decided(Box::new(Decided {
                feedback_id: feedback_id.clone(),
                position: 0,
                decision,
                chosen,
                chosen_propensity: Some(0.9),
                examples_shown: Vec::new(),
                lessons_shown: Vec::new(),
                llm: None,
            })),
            FeedbackEvent::Submitted {
                feedback_id: feedback_id.clone(),
                approval_id: approval_id.clone(),
                position: 0,
            },
        ];
        let approved = self.numbers.below(100) < 68;
        events.push(FeedbackEvent::Approval(self.report(approval_id, approved)));
        if approved && self.numbers.below(100) < 74 {
            let outcome = self
                .numbers
                .pick(&[Outcome::Resolved, Outcome::Resolved, Outcome::Unchanged]);
            events.push(FeedbackEvent::Outcome {
                feedback_id,
                outcome,
                observed_at: None,
                is_provisional: false,
            });
        }
        events
    }

    fn report(&mut self, approval_id: ApprovalId, approved: bool) -> ApprovalReport {
        let commands = u32::try_from(1 + self.numbers.below(4)).unwrap();
        let status = if approved {
            ApprovalStatus::Approved
        } else {
            ApprovalStatus::Rejected
        };
        ApprovalReport {
            approval_id,
            status,
            approved_count: Some(if approved { commands } else { 0 }),
            rejected_count: Some(if approved { 0 } else { commands }),
            approved_changes: None,
            rejected_changes: None,
            rejection_reason: (!approved).then(|| "this would interrupt customers".to_owned()),
            command_reasons: Vec::new(),
            approver: Some(format!("rater{}", self.numbers.below(40))),
            occurred_at: None,
            reason_kind: (!approved).then(|| self.numbers.pick(&RejectReason::ALL)),
            prefer: None,
            edited: None,
        }
    }
}

fn at(number: usize) -> Timestamp {
    let seconds = i64::try_from(number).unwrap() * SECONDS_APART;
    Timestamp::from_second(FIRST_SECOND + seconds).unwrap()
}

/// What an event is, for the table of times.
fn kind(event: &FeedbackEvent) -> usize {
    match event {
        FeedbackEvent::Proposed(_) => 0,
        FeedbackEvent::Decided(_) => 1,
        FeedbackEvent::Submitted { .. } => 2,
        FeedbackEvent::Approval(_) => 3,
        _ => 4,
    }
}

fn fold(world: &mut World, decisions: usize) -> Ledger {
    let mut ledger = Ledger::new();
    let mut times = [Duration::ZERO; 5];
    let mut counts = [0_usize; 5];
    let mut sequence = 0;
    for number in 0..decisions {
        for event in world.events(number) {
            sequence += 1;
            let event = RecordedFeedback {
                sequence,
                recorded_at: at(number),
                event,
            };
            let begin = Instant::now();
            ledger.apply(&event);
            times[kind(&event.event)] += begin.elapsed();
            counts[kind(&event.event)] += 1;
        }
    }
    let all: Duration = times.iter().sum();
    println!(
        "fold of {decisions} decisions, {} labels or more: {:.2} s, {} cases",
        counts[3] + counts[4],
        all.as_secs_f64(),
        ledger.cases().len()
    );
    for (place, name) in ["proposed", "decided", "submitted", "approval", "outcome"]
        .iter()
        .enumerate()
    {
        let seconds = times[place].as_secs_f64();
        println!(
            "  {name}: {seconds:.2} s, {:.2} us each",
            seconds * 1e6 / counts[place].max(1) as f64
        );
    }
    ledger
}

fn select(world: &mut World, ledger: &Ledger, decisions: usize) {
    let mut shown = 0;
    let mut times: Vec<f64> = (0..SELECTIONS)
        .map(|_| {
            let class = world.numbers.pick(&FailureClass::ALL[..24]);
            let decision = world.decision(class);
            let begin = Instant::now();
            let found = black_box(
                ledger
                    .cases()
                    .experience(&decision, ledger.ranker(), at(decisions)),
            );
            let time = begin.elapsed().as_secs_f64() * 1e6;
            shown += found.examples_shown().len();
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{SELECTIONS} example selections: p50 {:.0} us, p99 {:.0} us, max {:.0} us, {:.2} examples each",
        times[SELECTIONS / 2],
        times[SELECTIONS * 99 / 100],
        times[SELECTIONS - 1],
        f64::from(u32::try_from(shown).unwrap()) / SELECTIONS as f64
    );
}

/// The greatest resident memory of this process so far, where the system tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not told".to_owned(), |it| it.trim().to_owned())
}

fn main() {
    let told = std::env::args().skip(1).find_map(|it| it.parse().ok());
    let decisions = told.unwrap_or(DECISIONS);
    let mut world = World::new();
    let ledger = fold(&mut world, decisions);
    println!("peak memory: {}", peak_memory());
    select(&mut world, &ledger, decisions);
}
