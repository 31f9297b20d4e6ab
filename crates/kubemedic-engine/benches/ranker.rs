//! The ranker's time for a decision over eight candidates, and for folding labels. Run: `cargo bench -p kubemedic-engine --bench ranker`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a measurement reads the clock, prints, and may fail"
)]

use std::{hint::black_box, time::Instant};

use jiff::Timestamp;
use kubemedic_engine::learning::ranker::{Candidate, Context, Head, Hyper, Label, Ranker, Signal, Tier};
use kubemedic_model::plan::Strategy;

fn context(number: usize) -> Context {
    Context {
        class: format!("class{}", number % 12),
        signature: format!("signature{}", number % 240),
        kind: format!("kind{}", number % 4),
        tier: [Tier::Prod, Tier::Staging, Tier::Dev][number % 3],
        team: format!("team{}", number % 23),
        cluster: format!("cluster{}", number % 5),
        recent_change: number.is_multiple_of(2),
        ..Context::default()
    }
}

fn main() {
    let arms: Vec<Candidate> = Strategy::ALL
        .iter()
        .take(8)
        .enumerate()
        .map(|(place, arm)| Candidate {
            arm: *arm,
            risk: [0.1, 0.3, 0.6][place % 3],
            disruptive: place % 2 == 0,
            kb_approve: 0.6,
            kb_resolve: [0.5, 0.4, 0.3, 0.2][place % 4],
        })
        .collect();
    let mut ranker = Ranker::new(Hyper::default());
    let labels = 1_500_000;
    let begin = Instant::now();
    for number in 0..labels {
        let is_approval = number % 3 != 0;
        let label = Label {
            head: if is_approval { Head::Approve } else { Head::Resolve },
            y: f64::from(u8::from((number * 7) % 11 > 4)),
            weight: 1.0,
            at: Timestamp::from_second(1_700_000_000 + i64::try_from(number).unwrap() * 10).unwrap(),
            signal: if is_approval {
                Signal::Approval
            } else {
                Signal::Outcome
            },
            rater: is_approval.then(|| format!("rater{}", number % 40)),
        };
        ranker.learn(&context(number), &arms[number % 8], &label);
    }
    println!(
        "{labels} labels: {:.2} s, {} features",
        begin.elapsed().as_secs_f64(),
        ranker.learnt_features()
    );
    let mut times: Vec<f64> = (0..20_000)
        .map(|number| {
            let context = Context {
                tier: Tier::Dev,
                ..context(number)
            };
            let begin = Instant::now();
            black_box(ranker.choose(&context, &arms, "decision", number as u64));
            begin.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "decision over 8 arms: p50 {:.1} us, p99 {:.1} us",
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
    println!("state hash {}", ranker.state_hash());
}
