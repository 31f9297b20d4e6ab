//! Plays the benchmark's worlds with a learner of another program, over standard input and output: a JSON object a line, one
//! answer for each question but `hear` and `result`. This program starts no process; whoever compares starts both (`bench/learn_vw.py`).
//!
//! | question | answer |
//! |---|---|
//! | `{"ask":"begin","setting","seed","tasks"}`: forget everything; tasks to warm up on, with the knowledge base's opinion | `{}` |
//! | `{"ask":"choose","task","draw"}`: propose; `draw` is uniform in 0..1 | `{"arm","probability"}` |
//! | `{"ask":"score","tasks"}`: judged without learning | `{"scores"}`: a list for each task, a number for each candidate |
//! | `{"ask":"hear","task","arm","probability","heard"}` | nothing |
//! | `{"result"}`: the figures, at the end | nothing |

use std::{
    io::{self, BufRead, Read, Write},
    sync::Arc,
};

use anyhow::{Context, anyhow, ensure};
use serde_json::{Map, Value, json};

use super::report;
use crate::learn_bench::{
    figures::Row,
    operators::{Feedback, Heard, Reason},
    play::{Played, play},
    policies::{Choice, Policy},
    random::Stream,
    roster::Setting,
    world::{ARMS, Candidate, ESCALATE, Task, World},
};

/// The longest answer, in bytes.
const MAX_ANSWER: u64 = 1 << 20;
/// How many tasks a learner may warm up on.
const WARM_UP: usize = 1000;
/// What is played.
const SETTINGS: [(&str, Setting); 2] = [("peer", Setting::Plain), ("peer_shift", Setting::Shift)];

/// Plays all seeds and prints the figures.
///
/// # Errors
/// When an answer does not come or is no answer.
pub(super) fn run(seeds: &[u64], rounds: u32) -> anyhow::Result<()> {
    let mut peer = Peer {
        input: io::stdin().lock(),
        output: io::stdout().lock(),
        broken: None,
    };
    let mut policies = Map::new();
    for (name, setting) in SETTINGS {
        let mut games: Vec<Played> = Vec::new();
        for seed in seeds {
            peer.begin(name, *seed)?;
            games.push(play(&setting.scenario(rounds), *seed, &mut peer));
            if let Some(problem) = peer.broken.take() {
                return Err(problem);
            }
        }
        policies.insert(name.to_owned(), report::policy(&Row::of(name, &games)));
    }
    peer.write(&json!({"result": {"seeds": seeds, "rounds": rounds, "policies": policies}}))
}

/// The other program. After the first problem it is asked nothing more.
struct Peer<I, O> {
    input: I,
    output: O,
    broken: Option<anyhow::Error>,
}

impl<I: BufRead, O: Write> Peer<I, O> {
    fn begin(&mut self, setting: &str, seed: u64) -> anyhow::Result<()> {
        let world = World::new(seed);
        let mut stream = Stream::named(seed, "warm-up", 0);
        let tasks: Vec<Value> = (0..WARM_UP)
            .map(|_| task_json(&world.task(world.incident(&mut stream))))
            .collect();
        self.ask(&json!({"ask": "begin", "setting": setting, "seed": seed, "tasks": tasks}))?;
        Ok(())
    }

    fn write(&mut self, line: &Value) -> anyhow::Result<()> {
        writeln!(self.output, "{line}")?;
        Ok(self.output.flush()?)
    }

    fn ask(&mut self, question: &Value) -> anyhow::Result<Value> {
        self.write(question)?;
        let mut answer = String::new();
        self.input.by_ref().take(MAX_ANSWER).read_line(&mut answer)?;
        ensure!(!answer.is_empty(), "the peer ended before the benchmark did");
        serde_json::from_str(&answer).context("the peer's answer is no JSON object on one line")
    }

    /// An answer, or nothing once something went wrong.
    fn told<T>(&mut self, question: &Value, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        if self.broken.is_some() {
            return None;
        }
        let answer = self.ask(question).and_then(|answer| {
            read(&answer).ok_or_else(|| anyhow!("the peer's answer to '{}' is not usable", question["ask"]))
        });
        answer.map_err(|problem| self.broken = Some(problem)).ok()
    }
}

impl<I: BufRead, O: Write> Policy for Peer<I, O> {
    fn scores(&mut self, round: u32, task: &Task) -> Vec<f64> {
        let all = self.score_all(round, &[Arc::new(task.clone())]);
        all.into_iter().next().unwrap_or_default()
    }

    fn score_all(&mut self, _round: u32, tasks: &[Arc<Task>]) -> Vec<Vec<f64>> {
        let read = |answer: &Value| {
            let all = answer.get("scores")?.as_array()?;
            let numbers = |(scores, task): (&Value, &Arc<Task>)| {
                let scores: Option<Vec<f64>> = scores.as_array()?.iter().map(Value::as_f64).collect();
                scores.filter(|scores| scores.len() == task.candidates.len())
            };
            let read: Option<Vec<Vec<f64>>> = all.iter().zip(tasks).map(numbers).collect();
            read.filter(|read| read.len() == tasks.len())
        };
        let shown: Vec<Value> = tasks.iter().map(|task| task_json(task)).collect();
        self.told(&json!({"ask": "score", "tasks": shown}), read)
            .unwrap_or_default()
    }

    fn choose(&mut self, _round: u32, task: &Task, draw: f64) -> Choice {
        let read = |answer: &Value| {
            let name = answer.get("arm")?.as_str()?;
            let arm = ARMS.iter().position(|arm| arm.name == name)?;
            let probability = answer.get("probability")?.as_f64()?;
            let usable = task.candidate(arm).is_some() && probability > 0.0 && probability <= 1.0;
            usable.then_some(Choice { arm, probability })
        };
        let question = json!({"ask": "choose", "task": task_json(task), "draw": draw});
        self.told(&question, read).unwrap_or(Choice {
            arm: ESCALATE,
            probability: 1.0,
        })
    }

    fn hear(&mut self, feedback: &Feedback) {
        let proposal = &feedback.proposal;
        let question = json!({
            "ask": "hear",
            "task": task_json(&proposal.task),
            "arm": arm_name(proposal.arm),
            "probability": proposal.probability,
            "heard": heard_json(&feedback.heard),
        });
        if self.broken.is_none()
            && let Err(problem) = self.write(&question)
        {
            self.broken = Some(problem);
        }
    }
}

fn arm_name(arm: usize) -> &'static str {
    ARMS.get(arm).map_or("escalate", |it| it.name)
}

fn task_json(task: &Task) -> Value {
    let incident = &task.incident;
    let candidate = |it: &Candidate| {
        let arm = ARMS.get(it.arm);
        json!({
            "arm": arm_name(it.arm),
            "risk": arm.map(|arm| arm.risk),
            "disruptive": arm.map(|arm| arm.disruptive),
            "resolves": it.resolves,
            "approved": it.approved,
        })
    };
    json!({
        "family": incident.family,
        "class": incident.class,
        "kind": incident.kind,
        "tier": incident.tier,
        "team": incident.team,
        "cluster": incident.cluster,
        "recent_change": incident.recent_change,
        "business_hours": incident.business_hours,
        "single_replica": incident.single_replica,
        "candidates": task.candidates.iter().map(candidate).collect::<Vec<_>>(),
    })
}

fn heard_json(heard: &Heard) -> Value {
    match heard {
        Heard::Decision {
            approved,
            reason,
            preferred,
        } => json!({
            "decision": approved,
            "reason": reason.map(|reason| match reason {
                Reason::Ineffective => "ineffective",
                Reason::TooRisky => "too_risky",
            }),
            "preferred": preferred.map(arm_name),
        }),
        Heard::Outcome { resolved } => json!({"outcome": resolved}),
        Heard::Success(success) => json!({"success": success}),
        Heard::Rating(rating) => json!({"rating": rating}),
    }
}

#[cfg(test)]
mod tests;
