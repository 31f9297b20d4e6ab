//! Who plays what: every policy and scenario of the benchmark by name, and the games played on threads.
//! How figures come out of games is `figures`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    thread,
};

use kubemedic_engine::learning::ranker::Hyper;

use super::{
    play::{Played, Scenario, play},
    policies::{EpsilonGreedy, Examples, Learned, LinUcb, Policy, Scope, Untaught},
};

/// A policy of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Player {
    /// The knowledge base alone.
    Untaught,
    /// The original's examples, of the same class.
    OriginalSameClass,
    /// The original's examples, the best of all.
    OriginalGlobal,
    /// A table of class and arm.
    EpsilonGreedy,
    /// LinUCB with the knowledge base as a feature.
    LinUcb,
    /// The engine's ranker, ordered by approval alone.
    ApprovalOnly,
    /// The engine's ranker that never explores.
    Greedy,
    /// The engine's ranker as the product runs it.
    Learned,
    /// The engine's ranker, deaf to reasons.
    WithoutReasons,
    /// The engine's ranker that believes every rater alike.
    WithoutTrust,
}

impl Player {
    /// A new one.
    pub fn policy(self, seed: u64) -> Box<dyn Policy> {
        let learned = |hyper| Learned::new(hyper, seed);
        match self {
            Self::Untaught => Box::new(Untaught),
            Self::OriginalSameClass => Box::new(Examples::new(Scope::SameClass)),
            Self::OriginalGlobal => Box::new(Examples::new(Scope::Global)),
            Self::EpsilonGreedy => Box::new(EpsilonGreedy::default()),
            Self::LinUcb => Box::new(LinUcb::new()),
            Self::ApprovalOnly => Box::new(learned(Hyper::default()).by_approval()),
            Self::Greedy => Box::new(learned(Hyper {
                exploration: 0.0,
                floor: 0.0,
                ..Hyper::default()
            })),
            Self::Learned => Box::new(learned(Hyper::default())),
            Self::WithoutReasons => Box::new(learned(Hyper::default()).without_reasons()),
            Self::WithoutTrust => Box::new(learned(Hyper {
                trust: false,
                ..Hyper::default()
            })),
        }
    }
}

/// What is played beside honest people in a world that stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Honest people, no change.
    Plain,
    /// A quarter of the honest rejections name the best strategy.
    Corrections,
    /// One rater in ten says the contrary of what they think.
    Malicious,
    /// People and software change.
    Shift,
}

impl Setting {
    /// What is played, for so many rounds where nothing changes. With a change there are 8 rounds for each 5.
    pub fn scenario(self, rounds: u32) -> Scenario {
        let mut scenario = Scenario::plain(rounds, checkpoints(rounds));
        match self {
            Self::Plain => {}
            Self::Corrections => scenario.crowd.corrections = 0.25,
            Self::Malicious => scenario.crowd.malicious = 0.1,
            Self::Shift => {
                let all = rounds + rounds * 3 / 5;
                scenario = Scenario::plain(all, checkpoints(all));
                let shift = shift_at(rounds);
                scenario.shift_at = Some(shift);
                scenario.checkpoints.extend([
                    shift.saturating_sub(1),
                    shift,
                    shift + rounds / 5,
                    recovered_at(rounds),
                ]);
            }
        }
        scenario
    }
}

/// The round of the change, of a benchmark of so many rounds.
pub fn shift_at(rounds: u32) -> u32 {
    rounds * 4 / 5
}

/// The round at which recovery is judged: 400 rounds after the change, of 1,000.
pub fn recovered_at(rounds: u32) -> u32 {
    shift_at(rounds) + rounds * 2 / 5
}

/// The rounds at which the report quotes values: 50, 500, 1,000, every hundredth and some early ones.
fn checkpoints(rounds: u32) -> BTreeSet<u32> {
    let mut all = BTreeSet::from([0, 25, 50, 150, rounds]);
    all.extend((100..=rounds).step_by(100));
    all.retain(|round| *round <= rounds);
    all
}

/// A row of the report: its name, who plays, and what.
pub type Entry = (&'static str, Player, Setting);

/// The rows, in the report's order.
pub const ROWS: [Entry; 15] = [
    ("untaught", Player::Untaught, Setting::Plain),
    ("original_same_class", Player::OriginalSameClass, Setting::Plain),
    ("original_global", Player::OriginalGlobal, Setting::Plain),
    ("epsilon_greedy", Player::EpsilonGreedy, Setting::Plain),
    ("linucb", Player::LinUcb, Setting::Plain),
    ("approval_only", Player::ApprovalOnly, Setting::Plain),
    ("greedy", Player::Greedy, Setting::Plain),
    ("learned", Player::Learned, Setting::Plain),
    ("learned_without_reasons", Player::WithoutReasons, Setting::Plain),
    ("learned_corrections", Player::Learned, Setting::Corrections),
    ("learned_malicious", Player::Learned, Setting::Malicious),
    (
        "malicious_without_trust",
        Player::WithoutTrust,
        Setting::Malicious,
    ),
    ("learned_shift", Player::Learned, Setting::Shift),
    ("untaught_shift", Player::Untaught, Setting::Shift),
    ("linucb_shift", Player::LinUcb, Setting::Shift),
];

/// The games of each row, one for each seed, in the order of the seeds.
pub type Games = BTreeMap<&'static str, Vec<Played>>;

/// Plays these rows on every seed, on so many threads. `done` hears of each finished game. Threads change nothing in the
/// result.
pub fn play_all(
    rows: &[Entry],
    seeds: &[u64],
    rounds: u32,
    threads: usize,
    done: &(dyn Fn() + Sync),
) -> Games {
    let mut jobs: Vec<(usize, Entry, u64)> = Vec::new();
    for (place, seed) in seeds.iter().enumerate() {
        jobs.extend(rows.iter().map(|row| (place, *row, *seed)));
    }
    let jobs = Mutex::new(jobs);
    let finished: Mutex<BTreeMap<(&'static str, usize), Played>> = Mutex::default();
    let work = || {
        while let Some((place, (name, player, setting), seed)) = pop(&jobs) {
            let played = play(&setting.scenario(rounds), seed, player.policy(seed).as_mut());
            let mut finished = finished.lock().unwrap_or_else(PoisonError::into_inner);
            finished.insert((name, place), played);
            drop(finished);
            done();
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    let mut games = Games::new();
    for ((name, _), played) in finished.into_inner().unwrap_or_else(PoisonError::into_inner) {
        games.entry(name).or_default().push(played);
    }
    games
}

fn pop<T>(jobs: &Mutex<Vec<T>>) -> Option<T> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).pop()
}
