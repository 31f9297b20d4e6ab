//! The engine alone against engine and model on the same cases: what the model gained and lost, and what that cost.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use kubemedic_model::{
    consultation::{Consultation, ConsultationOutcome},
    usage::ModelSpending,
};
use serde_json::{Value, json};

use super::{
    Scored,
    figures::{Figures, Outcome, Tally},
};
use crate::{commands::verify::models::dollars, consulting, page::markup::Markup};

/// A case with the model's help.
pub(super) struct WithModel {
    /// The contract's `got`.
    pub(super) got: Value,
    pub(super) outcome: Outcome,
    pub(super) consultations: Vec<Consultation>,
    pub(super) spent: ModelSpending,
}

/// What the model changed over all cases.
pub(super) struct Compared<'a> {
    engine: Tally,
    figures: Figures,
    /// Models that answered.
    models: BTreeSet<&'a str>,
    /// Cases that only the model got right.
    gained: Vec<&'a str>,
    /// Cases that only the engine alone got right.
    lost: Vec<&'a str>,
    consultations: usize,
    from_cache: usize,
    /// Why the engine's answer stood, and how often.
    not_used: BTreeMap<&'a str, usize>,
    dropped: usize,
    disagreements: usize,
    spent: ModelSpending,
}

impl<'a> Compared<'a> {
    /// The comparison; `None` where no model was asked.
    pub(super) fn of(results: &'a [Scored], engine: &Figures) -> Option<Self> {
        let pairs: Vec<(&Scored, &WithModel)> = results
            .iter()
            .filter_map(|it| Some((it, it.with_model.as_ref()?)))
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let ids = |alone: bool, helped: bool| {
            let found = pairs
                .iter()
                .filter(|(it, with)| it.outcome.correct == alone && with.outcome.correct == helped);
            found.map(|(it, _)| it.id.as_str()).collect()
        };
        let outcomes: Vec<Outcome> = pairs.iter().map(|(_, with)| with.outcome.clone()).collect();
        let mut compared = Self {
            engine: engine.all,
            figures: Figures::of(&outcomes),
            models: BTreeSet::new(),
            gained: ids(false, true),
            lost: ids(true, false),
            consultations: 0,
            from_cache: 0,
            not_used: BTreeMap::new(),
            dropped: 0,
            disagreements: 0,
            spent: ModelSpending::default(),
        };
        for (_, with) in pairs {
            compared.spent = compared.spent.plus(with.spent);
            with.consultations.iter().for_each(|it| compared.add(it));
        }
        Some(compared)
    }

    fn add(&mut self, consultation: &'a Consultation) {
        self.consultations += 1;
        self.dropped += consultation.dropped.len();
        self.disagreements += usize::from(consultation.disagreement.is_some());
        match &consultation.outcome {
            ConsultationOutcome::Used { model, from_cache } => {
                self.models.insert(model);
                self.from_cache += usize::from(*from_cache);
            }
            ConsultationOutcome::NotUsed { reason } => *self.not_used.entry(reason).or_default() += 1,
        }
    }

    /// The fields of `model` in the JSON.
    pub(super) fn to_json(&self) -> Value {
        let not_used: usize = self.not_used.values().sum();
        json!({
            "models": self.models,
            "cases": self.figures.all.cases,
            "correct": self.figures.all.correct,
            "accuracy": self.figures.all.share(),
            "engine": {"correct": self.engine.correct, "accuracy": self.engine.share()},
            "gained": self.gained,
            "lost": self.lost,
            "consultations": self.consultations,
            "from_cache": self.from_cache,
            "not_used": not_used,
            "not_used_reasons": self.not_used,
            "dropped_claims": self.dropped,
            "disagreements": self.disagreements,
            "brier": self.figures.brier,
            "innocent": {"cases": self.figures.innocent, "false_alarms": self.figures.false_alarms,
                "state_changing_commands": self.figures.changes_on_innocent},
            "spending": consulting::spending(&self.spent),
            "milliseconds": {"median": self.figures.median, "p95": self.figures.p95, "max": self.figures.slowest},
        })
    }

    /// The same for people.
    pub(super) fn for_people(&self) -> String {
        let mut page = String::new();
        let models: Vec<&str> = self.models.iter().copied().collect();
        let _ = writeln!(page, "\nwith a language model ({})", models.join(", "));
        for (name, tally) in [
            ("engine alone", self.engine),
            ("engine and model", self.figures.all),
        ] {
            let (correct, cases, share) = (tally.correct, tally.cases, tally.share() * 100.0);
            let _ = writeln!(page, "{name:<20} {correct} of {cases} right ({share:.1} %)");
        }
        for (word, ids) in [("gained", &self.gained), ("lost", &self.lost)] {
            let _ = writeln!(page, "{word:<20} {}{}", ids.len(), list(ids));
        }
        for (reason, count) in &self.not_used {
            let _ = writeln!(page, "engine alone, {count} times: {reason}");
        }
        let _ = writeln!(
            page,
            "{} consultations ({} from the cache), {} refused claims, {} disagreements, {} false alarms",
            self.consultations, self.from_cache, self.dropped, self.disagreements, self.figures.false_alarms
        );
        let _ = writeln!(
            page,
            "{} calls, {} tokens in, {} out, ${}; a case: median {:.0} ms, p95 {:.0} ms",
            self.spent.calls,
            self.spent.usage.input_tokens,
            self.spent.usage.output_tokens,
            dollars(self.spent.micro_dollars),
            self.figures.median,
            self.figures.p95
        );
        page
    }

    /// A section of the page.
    pub(super) fn section(&self) -> Markup {
        let mut section = Markup::new();
        section.raw("<h2>With a language model</h2><div class=\"card wide\"><pre>");
        section.text(self.for_people().trim_start());
        section.raw("</pre></div>");
        section
    }
}

fn list(ids: &[&str]) -> String {
    if ids.is_empty() {
        return String::new();
    }
    format!(": {}", ids.join(", "))
}
