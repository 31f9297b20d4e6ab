//! One examination as a part of a page: hypotheses, causal graph, evidence.
//! `eval` puts it into the card of a wrong case, `diagnose` makes a page of it.

use kubemedic_model::{
    diagnosis::explanation::{Claim, Explanation, Outcome},
    evidence::Evidence,
    plan::Plan,
};

use super::{
    graph::{self, Wanted},
    markup::{Markup, shortened},
};
use crate::{examination::Examination, explanation};

/// The most hypotheses in the table.
const MAX_ROWS: usize = 20;
/// The longest quote, in characters.
const MAX_QUOTE: usize = 300;

/// A page for one diagnosis.
pub fn page(examination: &Examination) -> Markup {
    let diagnosis = &examination.diagnosis;
    let mut page = Markup::new();
    page.within("<h1>", explanation::title(diagnosis.verdict), "</h1>");
    let class = diagnosis.failure_class().map_or("", |class| class.title());
    page.within("<p class=\"soft\">", class, ", ");
    page.number(diagnosis.confidence.get() * 100.0, 0)
        .raw(" % sure</p>");
    page.within("<div class=\"card\"><p>", &diagnosis.summary, "</p></div>");
    page.append(&inside(examination, Wanted::default()));
    for plan in &examination.plans {
        page.append(&steps(plan));
    }
    page
}

/// Hypotheses, graph and evidence.
pub fn inside(examination: &Examination, wanted: Wanted<'_>) -> Markup {
    let explained = &examination.diagnosis.explanation;
    let mut page = Markup::new();
    if explained.claims.is_empty() {
        page.raw("<p class=\"soft\">Nothing was claimed.</p>");
        return page;
    }
    page.raw("<h3>Why</h3><ul>");
    for reason in explanation::reasons(&examination.diagnosis) {
        page.within("<li>", &reason, "</li>");
    }
    page.raw("</ul><h3>Hypotheses</h3><div class=\"wide\">");
    page.append(&hypotheses(explained, wanted));
    page.raw("</div><h3>Causal graph</h3>").append(&key());
    page.raw("<div class=\"wide\">")
        .append(&graph::draw(explained, wanted))
        .raw("</div>");
    page.append(&evidence(&examination.diagnosis.evidence));
    page
}

fn key() -> Markup {
    let mut key = Markup::new();
    key.raw("<div class=\"key\"><span class=\"cause\">■ cause</span><span class=\"effect\">■ effect</span>")
        .raw("<span class=\"alternative\">■ alternative</span><span class=\"healed\">■ what was expected</span>")
        .raw("<span>— proven</span><span>- - possible</span></div>");
    key
}

fn hypotheses(explained: &Explanation, wanted: Wanted<'_>) -> Markup {
    let mut table = Markup::new();
    table.raw("<table><tr><th></th><th>cause</th><th>became</th><th>rests on</th><th class=\"n\">likelihood</th><th class=\"n\">strength</th>");
    table.raw("<th class=\"n\">+state</th><th class=\"n\">+effects</th><th class=\"n\">score</th><th>claimed by</th><th>shown by</th></tr>");
    for claim in explained.claims.iter().take(MAX_ROWS) {
        row(&mut table, claim, wanted.is_claim(claim));
    }
    table.raw("</table>");
    table
}

fn row(table: &mut Markup, claim: &Claim, wanted: bool) {
    table.within("<tr><td>", &claim.id.to_string(), "</td><td><b>");
    table
        .text(claim.cause.as_deref().unwrap_or(claim.class.id()))
        .raw("</b>");
    if wanted {
        table.raw(" <span class=\"tag good\">expected</span>");
    }
    table.within(
        "<br><span class=\"soft\">",
        &claim.sentence,
        "</span></td><td><span class=\"tag ",
    );
    table
        .raw(claim.outcome.as_str())
        .raw("\">")
        .raw(claim.outcome.as_str());
    table.within("</span></td><td>", claim.ground.as_str(), "</td>");
    let score = claim.score;
    for part in [
        score.likelihood,
        score.strength,
        score.state_bonus,
        score.effects_bonus,
        score.total,
    ] {
        table.raw("<td class=\"n\">");
        if claim.outcome != Outcome::Healed {
            table.number(part, 2);
        }
        table.raw("</td>");
    }
    let cited: Vec<String> = claim.evidence.iter().map(ToString::to_string).collect();
    table.within("<td>", &claim.rules.join(", "), "</td><td>");
    table.text(&cited.join(" ")).raw("</td></tr>");
}

fn evidence(evidence: &[Evidence]) -> Markup {
    let mut list = Markup::new();
    if evidence.is_empty() {
        return list;
    }
    list.raw("<h3>Evidence</h3><div class=\"wide\"><table>");
    for it in evidence {
        list.within("<tr><td>", &it.id.to_string(), "</td><td class=\"soft\">");
        list.text(explanation::kind(it.kind)).raw("</td><td><code>");
        list.text(&shortened(&it.quote, MAX_QUOTE));
        list.within(
            "</code></td><td class=\"soft\">",
            &explanation::place(it),
            "</td></tr>",
        );
    }
    list.raw("</table></div>");
    list
}

fn steps(plan: &Plan) -> Markup {
    let mut list = Markup::new();
    list.raw("<h2>Plan</h2><div class=\"card wide\"><table>");
    for (phase, command) in plan.commands() {
        list.within("<tr><td>", phase.as_str(), "</td><td>");
        list.text(command.risk.safety_level().unwrap_or("FORBIDDEN"))
            .raw("</td><td><code>");
        list.text(&command.command.to_string())
            .raw("</code><br><span class=\"soft\">");
        list.text(&command.explanation).raw("</span></td></tr>");
    }
    for step in &plan.manual_steps {
        list.within("<tr><td>by hand</td><td></td><td>", step, "</td></tr>");
    }
    list.raw("</table></div>");
    list
}
