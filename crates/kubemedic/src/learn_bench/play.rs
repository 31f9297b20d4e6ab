//! One game: a policy proposes in one world for so many rounds, hears delayed answers, and is judged exactly on
//! incidents that it never meets. It aggregates nothing over seeds.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    operators::{Crowd, Feedback, Heard, Proposal, answers},
    policies::{Policy, ranked},
    random::Stream,
    world::{ESCALATE, Task, World},
};

/// How many unmet incidents a policy is judged on.
const HELD_OUT: usize = 100;
/// A point of the regret curve every so many rounds.
pub const REGRET_STEP: u32 = 20;
/// Another arm that scores this much makes a first place of `escalate` a failure.
const WORTH_TRYING: f64 = 0.3;

/// What is played.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// How many proposals.
    pub rounds: u32,
    /// Before which round people and software change.
    pub shift_at: Option<u32>,
    /// The people.
    pub crowd: Crowd,
    /// After how many rounds the policy is judged.
    pub checkpoints: BTreeSet<u32>,
}

impl Scenario {
    /// Honest people, no shift.
    pub fn plain(rounds: u32, checkpoints: BTreeSet<u32>) -> Self {
        Self {
            rounds,
            shift_at: None,
            crowd: Crowd::default(),
            checkpoints,
        }
    }
}

/// How good a policy's first pick is on unmet incidents; means over them, without sampling noise.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Judged {
    /// The value of the first picks over the value of the best ones.
    pub value: f64,
    /// P(approved) of the first pick.
    pub approve_rate: f64,
    /// P(resolved | executed) of the first pick.
    pub fix_rate: f64,
    /// How often the best strategy is among the first three.
    pub best_in_three: f64,
    /// How often `escalate` is first though another arm scores well.
    pub idle: f64,
}

/// One decision with what came of it, for off-policy estimates.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// What was to decide.
    pub task: Arc<Task>,
    /// What was proposed.
    pub arm: usize,
    /// With which probability.
    pub probability: f64,
    /// The policy's own scores then, one for each candidate.
    pub scores: Vec<f64>,
    /// Approved and resolved.
    pub success: bool,
}

/// What came of a game.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Played {
    /// The sum over rounds of the best value less the proposal's value.
    pub regret: f64,
    /// That sum after each [`REGRET_STEP`] rounds.
    pub regrets: Vec<f64>,
    /// The share of proposals that were approved.
    pub approved: f64,
    /// The judgements by round.
    pub judged: BTreeMap<u32, Judged>,
    /// Every decision.
    pub log: Vec<Logged>,
}

/// Plays one game.
pub fn play(scenario: &Scenario, seed: u64, policy: &mut dyn Policy) -> Played {
    let mut world = World::new(seed);
    let mut incidents = Stream::named(seed, "incidents", 0);
    let mut unmet = Stream::named(seed, "held-out", 0);
    let held_out: Vec<Arc<Task>> = (0..HELD_OUT)
        .map(|_| world.incident(&mut unmet))
        .map(|incident| world.task(incident))
        .collect();
    let mut waiting: BTreeMap<(u32, usize), Feedback> = BTreeMap::new();
    let mut numbered = 0;
    let mut played = Played::default();
    for round in 0..=scenario.rounds {
        if scenario.shift_at == Some(round) {
            world = world.shifted();
        }
        hear(&mut waiting, round, policy);
        if scenario.checkpoints.contains(&round) {
            played
                .judged
                .insert(round, judge(&world, &held_out, round, policy));
        }
        if round > 0 && round % REGRET_STEP == 0 {
            played.regrets.push(played.regret);
        }
        if round == scenario.rounds {
            break;
        }
        let task = world.task(world.incident(&mut incidents));
        let proposal = propose(seed, round, task, policy, &mut played);
        played.regret += world.best(&proposal.task).1 - world.value(&proposal.task.incident, proposal.arm);
        for feedback in answers(&world, scenario.crowd, seed, proposal) {
            record(&mut played, &feedback);
            waiting.insert((feedback.due, numbered), feedback);
            numbered += 1;
        }
    }
    played.approved /= f64::from(scenario.rounds.max(1));
    played
}

/// Tells the policy what is due.
fn hear(waiting: &mut BTreeMap<(u32, usize), Feedback>, round: u32, policy: &mut dyn Policy) {
    while let Some(first) = waiting.first_entry().filter(|it| it.key().0 <= round) {
        policy.hear(&first.remove());
    }
}

fn propose(seed: u64, round: u32, task: Arc<Task>, policy: &mut dyn Policy, played: &mut Played) -> Proposal {
    let draw = Stream::named(seed, "choice", u64::from(round)).uniform();
    let choice = policy.choose(round, &task, draw);
    let scores = policy.logged_scores(round, &task);
    played.log.push(Logged {
        task: Arc::clone(&task),
        arm: choice.arm,
        probability: choice.probability,
        scores,
        success: false,
    });
    Proposal {
        round,
        task,
        arm: choice.arm,
        probability: choice.probability,
    }
}

/// Notes what came of the newest decision.
fn record(played: &mut Played, feedback: &Feedback) {
    match feedback.heard {
        Heard::Decision { approved: true, .. } => played.approved += 1.0,
        Heard::Success(true) => {
            if let Some(logged) = played.log.last_mut() {
                logged.success = true;
            }
        }
        _ => {}
    }
}

/// Judges the policy's order on unmet incidents.
fn judge(world: &World, held_out: &[Arc<Task>], round: u32, policy: &mut dyn Policy) -> Judged {
    let (mut sum, mut best_value) = (Judged::default(), 0.0);
    let all = policy.score_all(round, held_out);
    for (task, scores) in held_out.iter().zip(all) {
        let order = ranked(task, &scores);
        let Some(&(first, _)) = order.first() else {
            continue;
        };
        let (best, value) = world.best(task);
        best_value += value;
        sum.value += world.value(&task.incident, first);
        sum.approve_rate += world.approved(&task.incident, first);
        sum.fix_rate += world.resolves(&task.incident, first);
        sum.best_in_three += share(order.iter().take(3).any(|(arm, _)| *arm == best));
        let promising = order
            .iter()
            .any(|(arm, score)| *arm != ESCALATE && *score > WORTH_TRYING);
        sum.idle += share(first == ESCALATE && promising);
    }
    #[expect(clippy::cast_precision_loss, reason = "a hundred incidents")]
    let count = held_out.len().max(1) as f64;
    Judged {
        value: sum.value / best_value,
        approve_rate: sum.approve_rate / count,
        fix_rate: sum.fix_rate / count,
        best_in_three: sum.best_in_three / count,
        idle: sum.idle / count,
    }
}

fn share(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}
