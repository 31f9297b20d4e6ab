//! The worlds are what they were, nobody is better than the best, and what is learnt is better than what is not.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    figures::Figures,
    operators::{Crowd, Feedback, Heard, Proposal, answers},
    play::{Scenario, play},
    policies::{Choice, Policy},
    random::Stream,
    roster::{Entry, ROWS, Setting, play_all},
    world::{ARMS, ESCALATE, Task, World},
};

/// An answer to the first incident of a world.
pub(crate) fn any_feedback() -> Feedback {
    let world = World::new(1);
    let task = world.task(world.incident(&mut Stream::named(1, "incidents", 0)));
    let proposal = Proposal {
        round: 0,
        task,
        arm: ESCALATE,
        probability: 1.0,
    };
    let all = answers(&world, Crowd::default(), 1, proposal);
    all.into_iter().next().unwrap()
}

/// FNV-1a of the bits of numbers.
fn digest(numbers: impl IntoIterator<Item = f64>) -> u64 {
    let bytes = numbers
        .into_iter()
        .flat_map(|number| number.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// True probabilities on a hundred incidents, and every answer to a proposal of each candidate.
fn seen(world: &World, seed: u64) -> Vec<f64> {
    let mut numbers = Vec::new();
    let mut incidents = Stream::named(seed, "incidents", 0);
    for round in 0..100 {
        let task = world.task(world.incident(&mut incidents));
        for candidate in &task.candidates {
            numbers.extend([candidate.score(), world.value(&task.incident, candidate.arm)]);
            let proposal = Proposal {
                round,
                task: Arc::clone(&task),
                arm: candidate.arm,
                probability: 1.0,
            };
            for feedback in answers(world, Crowd::default(), seed, proposal) {
                numbers.push(f64::from(feedback.due));
                numbers.push(match feedback.heard {
                    Heard::Decision { approved, .. } => f64::from(u8::from(approved)),
                    Heard::Outcome { resolved } => f64::from(u8::from(resolved)),
                    Heard::Success(success) => f64::from(u8::from(success)),
                    Heard::Rating(rating) => f64::from(rating),
                });
            }
        }
    }
    numbers
}

#[test]
fn a_world_is_the_same_on_every_machine() {
    let world = World::new(0);
    let digests = [&world, &world.shifted()].map(|world| digest(seen(world, 0)));
    assert_eq!(
        digests,
        [13_546_851_129_421_761_762, 18_327_361_699_919_375_229],
        "before and after the shift"
    );
}

#[test]
fn the_draws_have_their_distributions() {
    let mut stream = Stream::named(3, "draws", 0);
    let mut mean = |draw: &mut dyn FnMut(&mut Stream) -> f64| -> f64 {
        (0..20_000).map(|_| draw(&mut stream)).sum::<f64>() / 20_000.0
    };
    let close = |measured: f64, wanted: f64| assert!((measured - wanted).abs() < 0.03, "{measured} {wanted}");
    close(mean(&mut |it| it.uniform()), 0.5);
    close(mean(&mut |it| it.normal(1.0, 0.5)), 1.0);
    close(mean(&mut |it| (it.normal(1.0, 0.5) - 1.0).powi(2)), 0.25);
    close(mean(&mut |it| it.exponential(0.7)), 0.7);
    close(mean(&mut |it| it.gamma_below_one(0.6)), 0.6);
    close(
        mean(&mut |it| f64::from(u8::from(it.weighted(&[1.0, 3.0]) == 1))),
        0.75,
    );
}

/// Knows the world.
struct Oracle(World);

impl Policy for Oracle {
    fn scores(&mut self, _round: u32, task: &Task) -> Vec<f64> {
        let value = |it: &super::world::Candidate| self.0.value(&task.incident, it.arm);
        task.candidates.iter().map(value).collect()
    }
}

/// Proposes what it was told.
struct Stubborn(usize);

impl Policy for Stubborn {
    fn scores(&mut self, _round: u32, task: &Task) -> Vec<f64> {
        let wanted = |it: &super::world::Candidate| f64::from(u8::from(it.arm == self.0));
        task.candidates.iter().map(wanted).collect()
    }
}

#[test]
fn who_knows_the_world_regrets_nothing_and_everybody_else_does() {
    let scenario = Scenario::plain(60, BTreeSet::from([0, 60]));
    for seed in [0, 1] {
        let oracle = play(&scenario, seed, &mut Oracle(World::new(seed)));
        assert!(oracle.regret.abs() < 1e-12, "{}", oracle.regret);
        assert!((oracle.judged[&60].value - 1.0).abs() < 1e-12);
        for (name, player, _) in ROWS {
            let played = play(&scenario, seed, player.policy(seed).as_mut());
            let rising = played.regrets.windows(2).all(|pair| pair[0] <= pair[1]);
            assert!(played.regret > 0.0 && rising, "{name}");
            assert!(played.judged.values().all(|it| it.value < 1.0), "{name}");
        }
    }
}

#[test]
fn approval_is_no_success() {
    let scenario = Scenario::plain(300, BTreeSet::from([300]));
    let idle = play(&scenario, 0, &mut Stubborn(ESCALATE));
    let judged = idle.judged[&300];
    assert!((judged.approve_rate - 0.93).abs() < 1e-9, "{judged:?}");
    assert!(judged.fix_rate < 0.12, "{judged:?}");
    assert!(idle.approved > 0.85, "{}", idle.approved);
}

#[test]
fn a_policy_hears_of_each_proposal_when_it_is_due_and_only_then() {
    #[derive(Default)]
    struct Listener {
        now: u32,
        decisions: usize,
    }
    impl Policy for Listener {
        fn scores(&mut self, round: u32, task: &Task) -> Vec<f64> {
            self.now = round;
            vec![1.0; task.candidates.len()]
        }
        fn choose(&mut self, round: u32, task: &Task, _draw: f64) -> Choice {
            self.now = round;
            Choice {
                arm: task.candidates[0].arm,
                probability: 1.0,
            }
        }
        fn hear(&mut self, feedback: &Feedback) {
            assert!(feedback.due > feedback.proposal.round && feedback.due <= self.now + 1);
            self.decisions += usize::from(matches!(feedback.heard, Heard::Decision { .. }));
        }
    }
    let mut listener = Listener::default();
    play(&Scenario::plain(300, BTreeSet::new()), 4, &mut listener);
    assert!(
        (280..=300).contains(&listener.decisions),
        "{}",
        listener.decisions
    );
}

#[test]
fn malicious_raters_answer_the_contrary_and_only_honest_ones_name_what_is_better() {
    let world = World::new(2);
    let task = world.task(world.incident(&mut Stream::named(2, "incidents", 0)));
    let decisions = |crowd: Crowd| -> Vec<(bool, Option<usize>)> {
        let all = (0..400).flat_map(|round| {
            let proposal = Proposal {
                round,
                task: Arc::clone(&task),
                arm: task.candidates[0].arm,
                probability: 1.0,
            };
            answers(&world, crowd, 2, proposal)
        });
        all.filter_map(|it| match it.heard {
            Heard::Decision {
                approved, preferred, ..
            } => Some((approved, preferred)),
            _ => None,
        })
        .collect()
    };
    let honest = decisions(Crowd::default());
    let all_lie = decisions(Crowd {
        malicious: 1.0,
        corrections: 1.0,
    });
    assert!(honest.iter().zip(&all_lie).all(|(a, b)| a.0 != b.0));
    assert!(all_lie.iter().all(|it| it.1.is_none()));
    let helpful = decisions(Crowd {
        malicious: 0.0,
        corrections: 1.0,
    });
    let best = world.best(&task).0;
    assert!(
        helpful
            .iter()
            .all(|(approved, preferred)| *preferred == (!approved).then_some(best))
    );
}

/// These rows of the report.
fn rows(names: &[&str]) -> Vec<Entry> {
    ROWS.into_iter().filter(|row| names.contains(&row.0)).collect()
}

#[test]
fn what_is_learnt_beats_what_is_not() {
    let at_most = [
        ("untaught", 0.9),
        ("original_same_class", 0.8),
        ("original_global", 0.7),
        ("epsilon_greedy", 0.85),
        ("linucb", 0.85),
        ("approval_only", 0.45),
    ];
    let mut names = at_most.map(|it| it.0).to_vec();
    names.push("learned");
    let (seeds, rounds) = ([0, 1, 2], 200);
    let figures = Figures::of(
        &seeds,
        rounds,
        &play_all(&rows(&names), &seeds, rounds, 2, &|| {}),
    );
    for (over, at_most) in at_most {
        let ratio = figures.ratio("learned", over).unwrap();
        assert!(ratio < at_most, "learned over {over}: {ratio}");
    }
    let error = figures.estimate_error().unwrap();
    assert!(error < 0.1, "the doubly robust estimate is off by {error}");
    let idle = figures.row("approval_only").unwrap().end();
    assert!(idle.approve_rate > 0.85 && idle.fix_rate < 0.2, "{idle:?}");
}

#[test]
fn threads_change_nothing() {
    let rows = rows(&["untaught", "original_global", "learned"]);
    let play = |threads| play_all(&rows, &[7, 8], 40, threads, &|| {});
    assert_eq!(play(1), play(3));
}

#[test]
fn the_shift_hurts_and_is_learnt() {
    let scenario = Setting::Shift.scenario(1000);
    assert_eq!((scenario.rounds, scenario.shift_at), (1600, Some(800)));
    assert!(scenario.checkpoints.contains(&1200));
    let (before, after) = (World::new(5), World::new(5).shifted());
    let mut unmet = Stream::named(5, "held-out", 0);
    let tasks: Vec<_> = (0..50)
        .map(|_| before.task(before.incident(&mut unmet)))
        .collect();
    let moved = tasks
        .iter()
        .filter(|task| before.best(task).0 != after.best(task).0);
    assert!(moved.count() >= 5);
    assert_eq!(ARMS[ESCALATE].name, "escalate");
}
